import type { ReactElement, ReactNode } from 'react';

import { formatCount } from '../../src/base/format.ts';

export interface BlockProps {
  readonly title: string;
  readonly count?: number;
  /** The most that `count` can be: there may be more then. */
  readonly most?: number;
  readonly children: ReactNode;
}

/** A titled part of the overview. */
export function Block({ title, count, most, children }: BlockProps): ReactElement {
  return (
    <section className="block" aria-label={title}>
      <h2>
        {title}{' '}
        {count !== undefined && count > 0 && (
          <span className="block-count figure">
            {formatCount(count)}
            {count === most && '+'}
          </span>
        )}
      </h2>
      {children}
    </section>
  );
}
