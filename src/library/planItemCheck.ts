import type { PlanHeader, PlanItem } from '../protocol/planFile.ts';

type PlanKind = PlanHeader['kind'];

/** Whether a step says all that its operation needs in a plan of this kind, and nothing that has no meaning there. */
export function isCompleteItem(item: PlanItem, kind: PlanKind): boolean {
  const { op, path, movedFrom, fromPath, trashed, direction, expect } = item;
  const undo = kind === 'undo';
  if (!directionFits(item, kind)) return false;
  if (fromPath !== undefined && (fromPath === path || !(kind === 'evict' || undo))) return false;
  switch (op) {
    case 'copy':
      return movedFrom === undefined && (direction === 'reverse' ? expect.to : expect.from) !== null;
    case 'move':
      if (movedFrom === undefined || expect.to === null) return false;
      // Out of the trash a file comes back to its own name; and what is taken back has no counterpart in *from*.
      return trashed === undefined ? movedFrom !== path && (undo || expect.from !== null) : undo;
    case 'delete':
      if (movedFrom !== undefined || expect.to === null) return false;
      return kind === 'evict' ? isKept(item) : expect.from === null;
  }
}

/** Only plans that change both roots know a way back, and only what both roots hold can be in conflict. */
function directionFits({ op, direction, expect }: PlanItem, kind: PlanKind): boolean {
  if (direction === undefined) return true;
  if (direction === 'undecided')
    return kind === 'both' && op !== 'delete' && expect.from !== null && expect.to !== null;
  return kind === 'undo' || (kind === 'both' && op !== 'delete');
}

/** A file is evicted only where the other root's is known to have the same content. */
function isKept({ expect: { from, to } }: PlanItem): boolean {
  return from?.blake3 !== undefined && from.blake3 === to?.blake3 && from.size === to.size;
}
