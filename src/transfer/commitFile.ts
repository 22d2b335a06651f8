import type { ExpectedFile } from '../protocol/planFile.ts';
import { errnoOf } from '../base/errors.ts';
import type { FileStat } from './fileLayer.ts';
import { patiently } from './patientFiles.ts';
import { isTaken, linkWhereKnown, placeFile } from './placeFile.ts';
import { requireTarget } from './rootSight.ts';
import { describeDifference, matches, SkipStep } from './stepProblem.ts';
import { moveToTrash, putBack, requireRemovable, targetChanged } from './trashFile.ts';
import type { Workplace } from './transferPlace.ts';

/**
 * Puts a verified partial in the place of its target.
 *
 * Where the file system has hard links, what it replaces first gets a second name in the aside folder and is looked at
 * there; then the partial is renamed over it, so that at no instant the place is empty. Elsewhere the old file is set
 * aside by a rename; a crash in between leaves it there, and the next apply puts it back first (`recoverAside`).
 * Once the new file stands, the old one goes from the aside folder into the trash. When the new file cannot be placed,
 * the old one has its place still, or again.
 *
 * @param partial its relpath; the folder is that of `relpath`
 * @param expected the state the target must be in; null: nothing is there
 * @throws SkipStep TARGET_EXISTS, TARGET_CHANGED, TARGET_MISSING, DELETE_NOT_ALLOWED; else by errno
 */
export function commitFile(work: Workplace, partial: string, relpath: string, expected: ExpectedFile | null): void {
  // The drive may have gone since the partial was begun, or another be in its place.
  requireTarget(work);
  if (expected === null) {
    place(work, partial, relpath);
    return;
  }
  checkTarget(work, relpath, work.to.lstat(relpath), expected);
  if (linkAside(work, relpath)) replaceLinked(work, partial, relpath, expected);
  else replaceMoved(work, partial, relpath, expected);
  discardAside(work, relpath, expected);
}

/** Gives the target a second name in the aside folder; false where the file system has no hard links. */
function linkAside(work: Workplace, relpath: string): boolean {
  const { files, to } = work;
  const aside = work.asidePath(relpath);
  const left = to.lstat(aside);
  if (left !== undefined) {
    // An earlier run stopped here: its second name of this very file serves again.
    if (left.id === to.lstat(relpath)?.id) return true;
    moveToTrash(work, aside, relpath);
  }
  const linked = to.withParents(aside, () => linkWhereKnown(files, to.path(relpath), to.path(aside)));
  if (linked) to.mustFlush(aside);
  return linked;
}

function replaceLinked(work: Workplace, partial: string, relpath: string, expected: ExpectedFile): void {
  const { files, to } = work;
  const aside = work.asidePath(relpath);
  try {
    const old = to.lstat(aside);
    if (old !== undefined && !matches(old, expected, work.place.toStepMs)) {
      throw targetChanged(work, relpath, describeDifference(old, expected));
    }
    // The last look: what came in its place since is not the file that was kept.
    if (to.lstat(relpath)?.id !== old?.id) {
      throw targetChanged(work, relpath, 'another file took its place just now');
    }
    patiently(files, () => files.rename(to.path(partial), to.path(relpath)));
  } catch (error) {
    removeSecondName(work, aside);
    throw error;
  }
  to.mustFlush(relpath);
}

/** Best effort: one that stays, because another program holds the file, is removed by this apply's end or the next. */
function removeSecondName({ files, to }: Workplace, aside: string): void {
  try {
    patiently(files, () => files.unlink(to.path(aside)));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

function replaceMoved(work: Workplace, partial: string, relpath: string, expected: ExpectedFile): void {
  const { to } = work;
  const aside = setAside(work, relpath);
  try {
    const moved = to.lstat(aside);
    if (moved !== undefined && !matches(moved, expected, work.place.toStepMs)) {
      throw targetChanged(work, relpath, describeDifference(moved, expected));
    }
    place(work, partial, relpath);
  } catch (error) {
    putBack(work, aside, relpath);
    throw error;
  }
}

/** Throws unless the target is as the plan expects it. */
export function checkTarget(
  work: Workplace,
  relpath: string,
  current: FileStat | undefined,
  expected: ExpectedFile | null,
): void {
  const root = work.place.toRoot;
  if (current?.kind === 'folder') {
    throw folderInPlace(work, relpath);
  }
  if (expected === null) {
    if (current === undefined) return;
    throw new SkipStep(
      'TARGET_EXISTS',
      `${relpath} appeared in ${root} since the plan was made, and is not overwritten. Scan, and make a new plan.`,
    );
  }
  if (current === undefined) {
    throw new SkipStep(
      'TARGET_MISSING',
      `${relpath} is no longer in ${root}, where the plan would replace it. Scan, and make a new plan.`,
    );
  }
  if (!matches(current, expected, work.place.toStepMs)) {
    throw targetChanged(work, relpath, describeDifference(current, expected));
  }
  requireRemovable(work, relpath);
}

function folderInPlace(work: Workplace, relpath: string): SkipStep {
  return new SkipStep(
    'TARGET_EXISTS',
    `A folder is in the place of ${relpath} in ${work.place.toRoot}. Move it away, or make a new plan.`,
    relpath,
  );
}

function place(work: Workplace, partial: string, relpath: string): void {
  const { files, to } = work;
  try {
    placeFile(files, to.path(partial), to.path(relpath));
  } catch (error) {
    if (!isTaken(error)) throw error;
    if (to.lstat(relpath)?.kind === 'folder') throw folderInPlace(work, relpath);
    throw new SkipStep(
      'TARGET_EXISTS',
      `${relpath} appeared in ${work.place.toRoot} while it was copied, and was not overwritten. Scan, and make a new plan.`,
    );
  }
  to.mustFlush(relpath);
}

/** An earlier run set the old file aside and stopped before the new one stood: the old one goes back into its empty place. */
export function recoverAside(work: Workplace, relpath: string, expected: ExpectedFile | null): FileStat | undefined {
  if (expected === null || !work.aside.has(relpath)) return undefined;
  const aside = work.asidePath(relpath);
  if (!matches(work.to.lstat(aside), expected, work.place.toStepMs)) return undefined;
  putBack(work, aside, relpath);
  return work.to.lstat(relpath);
}

/** Moves a file to where it waits for its place or for the trash. Returns its relpath there. */
export function setAside(work: Workplace, relpath: string): string {
  const { files, to } = work;
  const aside = work.asidePath(relpath);
  if (to.lstat(aside) !== undefined) moveToTrash(work, aside, relpath);
  to.withParents(aside, () => patiently(files, () => files.rename(to.path(relpath), to.path(aside))));
  to.mustFlush(relpath);
  return aside;
}

/**
 * The file set aside for a path is replaced: into the trash, or away where the trash is turned off. The folder it leaves
 * stays until the apply ends: another task may be about to set a file aside there.
 */
export function discardAside(work: Workplace, relpath: string, expected: ExpectedFile | null = null): void {
  const { files, place, to } = work;
  const aside = work.asidePath(relpath);
  try {
    if (place.trashEnabled || !place.allowDelete) moveToTrash(work, aside, relpath, expected);
    else patiently(files, () => files.unlink(to.path(aside)));
  } catch (error) {
    // The step itself is done. What stays aside goes to the trash when this apply ends, or with the next one.
    if (errnoOf(error) === undefined) throw error;
  }
}
