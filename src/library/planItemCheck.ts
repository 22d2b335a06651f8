import type { PlanHeader, PlanItem } from '../protocol/planFile.ts';

type PlanKind = PlanHeader['kind'];

/** Whether a step says all that its operation needs in a plan of this kind, and nothing that has no meaning there. */
export function isCompleteItem(item: PlanItem, kind: PlanKind): boolean {
  const { op, path, movedFrom, fromPath, trashed, direction, expect } = item;
  const undo = kind === 'undo';
  // The file of the side that the step changes, and that of the other.
  const [changed, other] = direction === 'reverse' ? [expect.from, expect.to] : [expect.to, expect.from];
  if (!directionFits(item, kind)) return false;
  if (fromPath !== undefined && (fromPath === path || !(kind === 'evict' || undo))) return false;
  switch (op) {
    case 'copy':
      return movedFrom === undefined && other !== null;
    case 'move':
      if (movedFrom === undefined || changed === null) return false;
      // Out of the trash a file comes back to its own name; and what is taken back has no counterpart in *from*.
      return trashed === undefined ? movedFrom !== path && (undo || other !== null) : undo && movedFrom === path;
    case 'delete':
      if (movedFrom !== undefined || changed === null) return false;
      return kind === 'evict' ? isKept(item) : other === null;
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
