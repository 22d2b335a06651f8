import type { TaskContext } from '../library/hashFile.ts';
import type { ExpectedFile } from '../protocol/planFile.ts';
import { checkTarget } from './commitFile.ts';
import type { StepWork } from './copyStep.ts';
import type { Keeper } from '../store/keeperStore.ts';
import { requireKept } from './keeper.ts';
import { FileInPlace } from './rootFolders.ts';
import type { Workplace } from './transferPlace.ts';
import { trashFile } from './trashFile.ts';

export interface DeleteItem {
  readonly step: number;
  readonly path: string;
  readonly expected: ExpectedFile;
  /** Where it would be lost: who else keeps its content; null: nobody has to. */
  readonly keepers?: readonly Keeper[] | null | undefined;
}

/**
 * One delete step: the file goes to the trash; the folders above it that this emptied are removed.
 * @param top folders above this one stay: something is about to come into them
 * @throws SkipStep TARGET_CHANGED, TARGET_EXISTS, UNSAFE_PATH, DELETE_NOT_ALLOWED; else by errno
 */
export function deleteStep(work: Workplace, item: DeleteItem, control: TaskContext, top?: string): StepWork {
  const { to } = work;
  const found = parentsThere(work, item.path) ? to.lstat(item.path) : undefined;
  // Where a folder has come in its place, the file is gone.
  const current = found?.kind === 'folder' ? undefined : found;
  const changes = [{ root: 'to', kind: 'remove', path: item.path }] as const;
  if (current !== undefined) {
    checkTarget(work, item.path, current, item.expected);
    requireKept(work, item.keepers, current, item.path, control);
    trashFile(work, item.path, item.expected);
  }
  to.removeEmptyAbove(item.path, top);
  return { status: current === undefined ? 'already' : 'done', bytes: 0, changes };
}

function parentsThere(work: Workplace, relpath: string): boolean {
  try {
    return work.to.hasParents(relpath);
  } catch (error) {
    // Where a file has the name of its folder, the file to delete cannot be.
    if (error instanceof FileInPlace) return false;
    throw error;
  }
}
