import type { Pick } from '../../src/protocol/studioValues.ts';

/** What a key does in the gallery, as a function of data. */
export type GalleryAction =
  | { readonly kind: 'go'; readonly to: number; readonly extend: boolean }
  | { readonly kind: 'pick'; readonly pick: Pick }
  | { readonly kind: 'rate'; readonly rating: number }
  | { readonly kind: 'open' | 'zoom' | 'back' | 'undo' | 'mark' | 'markAll' | 'details' | 'menu' }
  /** Shows another part of an image that is larger than the view; in steps. */
  | { readonly kind: 'pan'; readonly x: number; readonly y: number }
  | { readonly kind: 'size'; readonly step: 1 | -1 };

export interface GalleryKey {
  readonly key: string;
  readonly shiftKey: boolean;
  /** Ctrl, or Cmd on a Mac. */
  readonly modKey: boolean;
  readonly altKey: boolean;
}

export interface GalleryPlace {
  readonly mode: 'grid' | 'single';
  readonly active: number;
  readonly total: number;
  readonly columns: number;
  /** Rows that fit the window. */
  readonly pageRows: number;
}

const PICK_KEYS: Readonly<Record<string, Pick>> = { p: 'picked', x: 'rejected', u: 'none' };

export function galleryAction(pressed: GalleryKey, place: GalleryPlace): GalleryAction | undefined {
  const { key, shiftKey, modKey, altKey } = pressed;
  if (altKey) return undefined;
  const letter = key.toLowerCase();
  if (modKey) return letter === 'home' || letter === 'end' ? move(pressed, place) : commandOf(letter, shiftKey);
  const pick = PICK_KEYS[letter];
  if (pick !== undefined) return { kind: 'pick', pick };
  if (/^[0-5]$/.test(key)) return { kind: 'rate', rating: Number(key) };
  switch (letter) {
    case 'z':
      return { kind: 'zoom' };
    case 'i':
      return { kind: 'details' };
    case 'escape':
      return { kind: 'back' };
    case 'contextmenu':
      return { kind: 'menu' };
    case 'f10':
      return shiftKey ? { kind: 'menu' } : undefined;
    default:
      return place.mode === 'single' ? inSingleView(pressed, place) : inGrid(pressed, place);
  }
}

function commandOf(letter: string, shiftKey: boolean): GalleryAction | undefined {
  if (shiftKey) return undefined;
  if (letter === 'a') return { kind: 'markAll' };
  return letter === 'z' ? { kind: 'undo' } : undefined;
}

function inGrid(pressed: GalleryKey, place: GalleryPlace): GalleryAction | undefined {
  switch (pressed.key) {
    case 'Enter':
      return { kind: 'open' };
    case ' ':
      return { kind: 'mark' };
    case '+':
    case '=':
      return { kind: 'size', step: 1 };
    case '-':
      return { kind: 'size', step: -1 };
    default:
      return move(pressed, place);
  }
}

function inSingleView(pressed: GalleryKey, place: GalleryPlace): GalleryAction | undefined {
  const { key, shiftKey } = pressed;
  if (shiftKey) {
    const pan = PANS[key];
    if (pan !== undefined) return { kind: 'pan', ...pan };
  }
  const step = SINGLE_STEPS[key];
  if (step === undefined) return move(pressed, place);
  return { kind: 'go', to: within(place, place.active + step), extend: false };
}

const PANS: Readonly<Record<string, { readonly x: number; readonly y: number }>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

const SINGLE_STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowUp: -1,
  PageUp: -1,
  ArrowRight: 1,
  ArrowDown: 1,
  PageDown: 1,
  ' ': 1,
};

function move({ key, shiftKey }: GalleryKey, place: GalleryPlace): GalleryAction | undefined {
  const to = target(key, place);
  if (to === undefined) return undefined;
  return { kind: 'go', to: within(place, to), extend: shiftKey && place.mode === 'grid' };
}

function target(key: string, { active, total, columns, pageRows }: GalleryPlace): number | undefined {
  const lastRow = Math.floor((total - 1) / columns);
  const row = Math.floor(active / columns);
  // From above a last row that is not full, down leads to its end; in the last row, nowhere.
  const down = (rows: number): number => {
    const to = Math.min(row + rows, lastRow);
    return to === row ? active : Math.min(total - 1, active + (to - row) * columns);
  };
  const up = (rows: number): number => active - Math.min(row, rows) * columns;
  switch (key) {
    case 'ArrowLeft':
      return active - 1;
    case 'ArrowRight':
      return active + 1;
    case 'ArrowUp':
      return up(1);
    case 'ArrowDown':
      return down(1);
    case 'PageUp':
      return up(pageRows);
    case 'PageDown':
      return down(pageRows);
    case 'Home':
      return 0;
    case 'End':
      return total - 1;
    default:
      return undefined;
  }
}

function within({ total }: GalleryPlace, index: number): number {
  return Math.max(0, Math.min(total - 1, index));
}
