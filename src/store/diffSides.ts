/** Which of the table's two roots holds a path. */
export const SIDE = { both: 0, first: 1, second: 2 } as const;
export type OneSide = typeof SIDE.first | typeof SIDE.second;

export function columns(side: OneSide): 'first' | 'second' {
  return side === SIDE.first ? 'first' : 'second';
}
