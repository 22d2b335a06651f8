/** What a key does in the grid of steps, as a function of data. */
export type GridAction =
  | { readonly kind: 'go'; readonly to: number; readonly extend: boolean }
  | { readonly kind: 'toggle' }
  | { readonly kind: 'tickAll'; readonly ticked: boolean }
  /** Which side of a conflict stays: of the selected rows, or of all that is shown. */
  | { readonly kind: 'keep'; readonly side: 'from' | 'to' | 'none'; readonly all: boolean }
  | { readonly kind: 'details' }
  | { readonly kind: 'escape' };

export interface GridKey {
  readonly key: string;
  /** The key's place, whatever it writes: with Shift a digit writes something else on every keyboard. */
  readonly code: string;
  readonly shiftKey: boolean;
  /** Ctrl, or Cmd on a Mac. */
  readonly modKey: boolean;
}

export interface GridPlace {
  readonly active: number;
  readonly total: number;
  /** Rows that fit the window. */
  readonly pageRows: number;
}

const SIDES: Readonly<Record<string, 'from' | 'to' | 'none'>> = {
  Digit1: 'from',
  Numpad1: 'from',
  Digit2: 'to',
  Numpad2: 'to',
  Digit0: 'none',
  Numpad0: 'none',
};

export function gridAction({ key, code, shiftKey, modKey }: GridKey, place: GridPlace): GridAction | undefined {
  const { active, total, pageRows } = place;
  const go = (to: number): GridAction => ({
    kind: 'go',
    to: Math.max(0, Math.min(total - 1, to)),
    extend: shiftKey,
  });
  if (modKey) {
    switch (key.toLowerCase()) {
      case 'a':
        return { kind: 'tickAll', ticked: !shiftKey };
      case 'home':
        return go(0);
      case 'end':
        return go(total - 1);
      default:
        return undefined;
    }
  }
  const side = SIDES[code];
  if (side !== undefined) return { kind: 'keep', side, all: shiftKey };
  switch (key) {
    case 'ArrowDown':
      return go(active + 1);
    case 'ArrowUp':
      return go(active - 1);
    case 'PageDown':
      return go(active + Math.max(1, pageRows - 1));
    case 'PageUp':
      return go(active - Math.max(1, pageRows - 1));
    case 'Home':
      return go(0);
    case 'End':
      return go(total - 1);
    case ' ':
      return { kind: 'toggle' };
    case 'a':
      return { kind: 'tickAll', ticked: true };
    case 'A':
      return { kind: 'tickAll', ticked: false };
    case 'Enter':
      return { kind: 'details' };
    case 'Escape':
      return { kind: 'escape' };
    default:
      return undefined;
  }
}
