import type { IndexChange } from './stepOutcome.ts';
import type { Workplace } from './transferPlace.ts';

/** What came into the trash since it was last taken, or left it. */
export function takeTrashed(work: Workplace): IndexChange[] {
  return work.trashed.splice(0);
}

/** The changes of a step with what came into the trash meanwhile, and where it lies. */
export function withTrashed(
  work: Workplace,
  path: string,
  changes: readonly IndexChange[],
): { readonly trashed?: string; readonly changes: readonly IndexChange[] } {
  const all = [...takeTrashed(work), ...changes];
  const trashed = all.findLast((change) => change.kind === 'trash' && change.path === path);
  return { changes: all, ...(trashed?.kind === 'trash' ? { trashed: trashed.folder } : {}) };
}
