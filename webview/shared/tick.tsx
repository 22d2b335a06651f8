import type { MouseEvent, ReactElement } from 'react';

import { Icon } from './icon.tsx';

export type TickState = 'on' | 'off' | 'mixed';

export interface TickProps {
  readonly state: TickState;
  readonly label: string;
  readonly disabled?: boolean;
  readonly title?: string | undefined;
  /** -1 inside a grid, whose rows take the keyboard. */
  readonly tabIndex: 0 | -1;
  readonly onToggle: (event: MouseEvent) => void;
}

const ARIA_CHECKED = { on: 'true', off: 'false', mixed: 'mixed' } as const;

/** A checkbox light enough for every row of a long grid; the toolkit's costs a shadow tree each. */
export function Tick({ state, label, disabled = false, title, tabIndex, onToggle }: TickProps): ReactElement {
  return (
    <button
      type="button"
      className={`tick tick-${state}`}
      role="checkbox"
      aria-checked={ARIA_CHECKED[state]}
      aria-label={label}
      aria-disabled={disabled}
      title={title}
      tabIndex={tabIndex}
      onClick={(event) => {
        event.stopPropagation();
        if (!disabled) onToggle(event);
      }}
    >
      {state !== 'off' && <Icon name={state === 'on' ? 'check' : 'dash'} />}
    </button>
  );
}
