import type { ReactElement } from 'react';

import type { LakesideError } from '../../src/base/errors.ts';
import { Button } from './controls.tsx';
import { Icon } from './icon.tsx';

export interface NoticeProps {
  readonly kind: 'warning' | 'error';
  readonly text?: string;
  readonly error?: Pick<LakesideError, 'message' | 'code'>;
  readonly action?: { readonly label: string; readonly onClick: () => void };
  readonly onDismiss?: () => void;
}

/** A sentence the person should read, where they are looking. */
export function Notice({ kind, text, error, action, onDismiss }: NoticeProps): ReactElement {
  return (
    <div className={`notice notice-${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      <Icon name={kind} />
      <p>
        {error?.message ?? text} {error !== undefined && <code>{error.code}</code>}
      </p>
      {action !== undefined && <Button onClick={action.onClick}>{action.label}</Button>}
      {onDismiss !== undefined && (
        <Button appearance="icon" aria-label="Dismiss" onClick={onDismiss}>
          <Icon name="close" />
        </Button>
      )}
    </div>
  );
}
