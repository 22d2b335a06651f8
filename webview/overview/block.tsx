import type { ReactElement, ReactNode } from 'react';

import { formatCount } from '../../src/base/format.ts';

export interface BlockProps {
  readonly title: string;
  readonly count?: number;
  readonly children: ReactNode;
}

/** A titled part of the overview. */
export function Block({ title, count, children }: BlockProps): ReactElement {
  return (
    <section className="block" aria-label={title}>
      <h2>
        {title} {count !== undefined && count > 0 && <span className="block-count figure">{formatCount(count)}</span>}
      </h2>
      {children}
    </section>
  );
}
