import { LakesideError } from '../base/errors.ts';
import type { ExpectedFile } from '../protocol/planFile.ts';
import type { FileStat } from './fileLayer.ts';
import { patiently } from './patientFiles.ts';
import { isTaken, placeFile } from './placeFile.ts';
import { FileInPlace } from './rootFolders.ts';
import { describeDifference, matches, SkipStep } from './stepProblem.ts';
import { trashPath } from './transferPaths.ts';
import type { Workplace } from './transferPlace.ts';

/**
 * Moves a file of the target root into the trash of this run; with the trash turned off, removes it, if that is allowed.
 * What was moved is looked at again afterwards, so that a file that came in its place in the last instant goes back.
 * @throws SkipStep TARGET_CHANGED, DELETE_NOT_ALLOWED; else by errno
 */
export function trashFile(work: Workplace, relpath: string, expected: ExpectedFile): void {
  requireRemovable(work, relpath);
  const folder = renameIntoTrash(work, relpath, relpath);
  const trashed = trashPath(folder, relpath);
  const stat = work.to.lstat(trashed);
  if (stat !== undefined && !matches(stat, expected, work.place.toStepMs)) {
    putBack(work, trashed, relpath);
    throw targetChanged(work, relpath, describeDifference(stat, expected));
  }
  if (work.place.trashEnabled) noteTrashed(work, folder, relpath, stat, expected);
  else removeForGood(work, trashed);
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

/**
 * Renames `current` (a relpath of the target root, or one in its aside folder) into the trash as `relpath`.
 * @param expected what it is, if it is what a plan took away
 */
export function moveToTrash(
  work: Workplace,
  current: string,
  relpath: string,
  expected: ExpectedFile | null = null,
): void {
  const folder = renameIntoTrash(work, current, relpath);
  noteTrashed(work, folder, relpath, work.to.lstat(trashPath(folder, relpath)), expected);
}

function noteTrashed(
  work: Workplace,
  folder: string,
  path: string,
  stat: FileStat | undefined,
  expected: ExpectedFile | null,
): void {
  if (stat === undefined) return;
  const { size, mtimeMs } = stat;
  // A scan that looks before this step is recorded finds the file gone, and takes the index's hash with it.
  const blake3 = expected !== null && matches(stat, expected, work.place.toStepMs) ? (expected.blake3 ?? null) : null;
  work.trashed.push({ root: 'to', kind: 'trash', folder, path, size, mtimeMs, blake3 });
}

/** Returns the folder in the trash; the file keeps its relpath below it, so that the disk alone tells where it lay. */
function renameIntoTrash(work: Workplace, current: string, relpath: string): string {
  const { files, to, place } = work;
  let folder = place.trashFolder;
  // Taken where one run trashes the same path twice, or a file and what later lay in a folder of its name.
  for (let next = 2; !isFree(work, folder, relpath); next++) folder = `${place.trashFolder}-${next}`;
  const trashed = trashPath(folder, relpath);
  to.withParents(trashed, () => patiently(files, () => files.rename(to.path(current), to.path(trashed))));
  to.mustFlush(current);
  to.mustFlush(trashed);
  return folder;
}

function isFree({ to }: Workplace, folder: string, relpath: string): boolean {
  const trashed = trashPath(folder, relpath);
  try {
    return !to.hasParents(trashed) || to.lstat(trashed) === undefined;
  } catch (error) {
    if (error instanceof FileInPlace && error.blockedAt?.startsWith(trashPath(folder, '')) === true) return false;
    throw error;
  }
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
