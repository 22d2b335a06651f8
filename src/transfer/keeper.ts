import { errnoOf } from '../base/errors.ts';
import type { TaskContext } from '../library/hashFile.ts';
import type { Keeper } from '../store/keeperStore.ts';
import { hashWholeFile } from './copyFile.ts';
import type { FileLayer, FileStat } from './fileLayer.ts';
import { nativePath } from './transferPaths.ts';
import { matches, SkipStep } from './stepProblem.ts';
import type { Workplace } from './transferPlace.ts';

/**
 * Throws LAST_COPY unless one of the files that keep the content of `leaving` stands where and as it is known: the last look
 * before something is removed for good. The same file under another path keeps nothing. `read`: it is read, too, since an
 * index can be wrong.
 */
export function requireKeeper(
  files: FileLayer,
  keepers: readonly Keeper[],
  leaving: FileStat,
  path: string,
  read?: TaskContext,
): void {
  // Nothing is lost with a file that holds nothing.
  if (leaving.size === 0 || keepers.some((keeper) => stands(files, keeper, leaving, read))) return;
  throw lastCopy(path);
}

/** As `requireKeeper`, where nothing goes to the trash; null: the person lets it go whoever keeps its content. */
export function requireKept(
  work: Workplace,
  keepers: readonly Keeper[] | null | undefined,
  leaving: FileStat,
  path: string,
  read?: TaskContext,
): void {
  if (!work.place.trashEnabled && keepers !== null) requireKeeper(work.files, keepers ?? [], leaving, path, read);
}

function stands(files: FileLayer, keeper: Keeper, leaving: FileStat, read: TaskContext | undefined): boolean {
  try {
    const path = nativePath(keeper.root, keeper.path, files.windows);
    const stat = files.lstat(path);
    if (!matches(stat, keeper, keeper.stepMs) || stat?.id === leaving.id) return false;
    // What is read here is no progress of the work, which counts files.
    const control = read === undefined ? undefined : { ...read, report: () => undefined };
    return control === undefined || hashWholeFile(files, path, keeper.size, control)?.blake3 === keeper.blake3;
  } catch (error) {
    // What cannot be looked at cannot be relied on.
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

export function lastCopy(path: string): SkipStep {
  return new SkipStep(
    'LAST_COPY',
    `${path} is the last copy of its content that is known to be whole, and would be removed for good. It stays unless you allow that for this file by name.`,
  );
}
