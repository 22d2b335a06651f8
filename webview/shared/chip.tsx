import type { ReactElement, ReactNode } from 'react';

export interface ChipProps {
  readonly pressed: boolean;
  readonly disabled?: boolean;
  readonly className?: string;
  readonly title?: string | undefined;
  readonly onPress: () => void;
  readonly children: ReactNode;
}

/** A small button that stays pressed: one choice of a filter. */
export function Chip({ pressed, disabled = false, className = '', title, onPress, children }: ChipProps): ReactElement {
  return (
    <button
      type="button"
      className={`chip ${className}`}
      aria-pressed={pressed}
      disabled={disabled}
      title={title}
      onClick={onPress}
    >
      {children}
    </button>
  );
}
