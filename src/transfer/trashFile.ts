import { LakesideError } from '../base/errors.ts';
import type { ExpectedFile } from '../protocol/planFile.ts';
import { patiently } from './patientFiles.ts';
import { isTaken, placeFile } from './placeFile.ts';
import { describeDifference, matches, SkipStep } from './stepProblem.ts';
import type { Workplace } from './transferPlace.ts';

/**
 * Moves a file of the target root into the trash of this run; with the trash turned off, removes it, if that is allowed.
 * What was moved is looked at again afterwards, so that a file that came in its place in the last instant goes back.
 * @throws SkipStep TARGET_CHANGED, DELETE_NOT_ALLOWED; else by errno
 */
export function trashFile(work: Workplace, relpath: string, expected: ExpectedFile): void {
  requireRemovable(work, relpath);
  const trashed = moveToTrash(work, relpath, relpath);
  const stat = work.to.lstat(trashed);
  if (stat !== undefined && !matches(stat, expected, work.place.toStepMs)) {
    putBack(work, trashed, relpath);
    throw targetChanged(work, relpath, describeDifference(stat, expected));
  }
  if (!work.place.trashEnabled) removeForGood(work, trashed);
}

/** Throws DELETE_NOT_ALLOWED where removing or replacing a file would lose it. */
export function requireRemovable(work: Workplace, relpath: string): void {
  const { trashEnabled, allowDelete, toRoot } = work.place;
  if (trashEnabled || allowDelete) return;
  throw new SkipStep(
    'DELETE_NOT_ALLOWED',
    `${relpath} in ${toRoot} would be lost: the trash is turned off, and this root does not allow deleting. Turn the trash on, or allow deleting.`,
  );
}

/** Renames `current` (a relpath of the target root, or one in its aside folder) into the trash as `relpath`. */
export function moveToTrash(work: Workplace, current: string, relpath: string): string {
  const { files, to } = work;
  const wanted = work.trashPath(relpath);
  to.makeParents(wanted);
  let trashed = wanted;
  // Taken where one run trashes the same path twice, or where the file system folds two names into one.
  for (let copy = 2; to.lstat(trashed) !== undefined; copy++) trashed = `${wanted} (${copy})`;
  patiently(files, () => files.rename(to.path(current), to.path(trashed)));
  to.mustFlush(current);
  to.mustFlush(trashed);
  return trashed;
}

/** Gives a file that was moved away its place again, unless somebody took it: then says where the file is kept. */
export function putBack(work: Workplace, current: string, relpath: string): void {
  try {
    work.to.makeParents(relpath);
    placeFile(work.files, work.to.path(current), work.to.path(relpath));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new LakesideError(
      isTaken(error) ? 'TARGET_EXISTS' : 'PUT_BACK_FAILED',
      'infra',
      `${relpath} could not be put back into its place in ${work.place.toRoot}. It is kept as ${work.to.path(current)}.`,
      { context: { path: relpath }, cause: error },
    );
  }
  work.to.mustFlush(current);
  work.to.mustFlush(relpath);
}

function removeForGood(work: Workplace, relpath: string): void {
  patiently(work.files, () => work.files.unlink(work.to.path(relpath)));
  work.to.removeEmptyAbove(relpath);
}

export function targetChanged(work: Workplace, relpath: string, difference: string): SkipStep {
  return new SkipStep(
    'TARGET_CHANGED',
    `${relpath} in ${work.place.toRoot} changed since the plan was made: ${difference}. Scan, and make a new plan.`,
  );
}
