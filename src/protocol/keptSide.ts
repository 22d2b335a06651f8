import type { PlanItem } from './planFile.ts';

/** Which side of a conflict stays, or that nobody said so yet. */
export type KeptSide = 'from' | 'to' | 'none';

/**
 * Which of two differing files stays in a plan both ways, or (a move) which of two names of one content; undefined for a
 * step that is no conflict, since only one side has the file.
 */
export function keptSide({
  op,
  expect,
  direction,
}: Pick<PlanItem, 'op' | 'expect' | 'direction'>): KeptSide | undefined {
  if (op === 'delete' || expect.from === null || expect.to === null) return undefined;
  if (direction === 'undecided') return 'none';
  return direction === 'reverse' ? 'to' : 'from';
}
