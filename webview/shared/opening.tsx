import type { ReactElement } from 'react';

import { Icon } from './icon.tsx';
import { Notice, type NoticeProps } from './notice.tsx';

export interface OpeningProps {
  /** What goes on: `Opening the plan…` */
  readonly text: string;
  /** Why there is nothing to show; undefined while it is on its way. */
  readonly error: NoticeProps['error'] | undefined;
  readonly onRetry: () => void;
}

/** A panel that has nothing to show yet, or could not be opened. */
export function Opening({ text, error, onRetry }: OpeningProps): ReactElement {
  return (
    <main className="centered" aria-busy={error === undefined}>
      {error === undefined ? (
        <>
          <Icon name="loading" />
          <p className="dim" role="status">
            {text}
          </p>
        </>
      ) : (
        <Notice kind="error" error={error} action={{ label: 'Try again', onClick: onRetry }} />
      )}
    </main>
  );
}
