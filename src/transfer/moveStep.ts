import { foldName } from '../base/relpath.ts';
import type { TaskContext } from '../library/hashFile.ts';
import type { ExpectedFile } from '../protocol/planFile.ts';
import { commitFile, discardAside, recoverAside, setAside } from './commitFile.ts';
import { hashWholeFile } from './copyFile.ts';
import type { StepWork } from './copyStep.ts';
import type { MoveAction } from './moveOrder.ts';
import { isTaken, placeFile } from './placeFile.ts';
import { FileInPlace } from './rootFolders.ts';
import type { IndexChange } from './stepOutcome.ts';
import { describeDifference, matches, SkipStep } from './stepProblem.ts';
import { TRASH_FOLDER } from './transferPaths.ts';
import { targetChanged } from './trashFile.ts';
import type { Workplace } from './transferPlace.ts';

export interface MoveItem {
  readonly action: MoveAction;
  /** The file that is moved. */
  readonly expected: ExpectedFile;
  /** Trusted hash of the index for it. */
  readonly known?: string;
  /** It comes out of the trash: from this folder there, and its path in it. */
  readonly trashed?: { readonly folder: string; readonly path: string };
  /** What is at the new path, and makes way into the trash. */
  readonly makesWay?: ExpectedFile;
}

export type MoveWork = StepWork | { readonly status: 'lifted'; readonly changes: readonly IndexChange[] };

/**
 * One action of a move step; the file keeps its content and time, so there is nothing to verify. Never overwrites.
 * @throws SkipStep TARGET_MISSING, TARGET_CHANGED, TARGET_EXISTS, UNSAFE_PATH; else by errno
 */
export function moveStep(work: Workplace, item: MoveItem, lifted: Set<string>, control: TaskContext): MoveWork {
  const { move, kind } = item.action;
  // `aside` is what an earlier run lifted, `lifted` what this one did.
  if (work.aside.has(move.from) || lifted.has(move.from)) {
    if (kind !== 'lift') return placeLifted(work, item, lifted);
    const changes = leftEarlier(work, item);
    work.to.removeEmptyAbove(move.from);
    return { status: 'lifted', changes };
  }
  const found = findSource(work, item, control);
  if (found === 'already') {
    // An earlier run set aside what made way, and stopped before it was in the trash.
    if (item.makesWay !== undefined && work.aside.has(move.to)) discardAside(work, move.to);
    return { status: 'already', bytes: 0, changes: [...leftEarlier(work, item), ...arrival(item)] };
  }
  if (kind === 'lift') {
    setAside(work, move.from);
    lifted.add(move.from);
    // A folder whose case changes with its files must go before it can come back.
    work.to.removeEmptyAbove(move.from);
    return { status: 'lifted', changes: [departure(item)] };
  }
  if (item.makesWay === undefined) rename(work, move.from, move.to);
  else {
    if (!hasParents(work, move.to) || work.to.lstat(move.to) === undefined) recoverAside(work, move.to, item.makesWay);
    commitFile(work, move.from, move.to, item.makesWay);
  }
  work.to.mustFlush(move.from);
  if (item.trashed !== undefined) work.to.removeEmptyAbove(move.from, TRASH_FOLDER);
  return { status: 'done', bytes: 0, changes: [departure(item), ...arrival(item)] };
}

function placeLifted(work: Workplace, item: MoveItem, lifted: Set<string>): StepWork {
  const { move } = item.action;
  const aside = work.asidePath(move.from);
  const stat = work.to.lstat(aside);
  if (stat === undefined) throw missing(work, move.from);
  if (!matches(stat, item.expected, work.place.toStepMs)) {
    throw targetChanged(work, move.from, describeDifference(stat, item.expected));
  }
  const arrived = hasParents(work, move.to) ? work.to.lstat(move.to) : undefined;
  // An earlier run stopped between giving the file its new name and taking the one aside away.
  if (arrived?.id === stat.id && stat.links > 1) work.files.unlink(work.to.path(aside));
  else rename(work, aside, move.to);
  lifted.delete(move.from);
  work.to.removeEmptyAbove(aside);
  return { status: 'done', bytes: 0, changes: arrival(item) };
}

/** `there`: the file is at its old path; `already`: at its new one. */
function findSource(work: Workplace, item: MoveItem, control: TaskContext): 'there' | 'already' {
  const { to, place } = work;
  const { move } = item.action;
  const source = hasParents(work, move.from) ? to.lstat(move.from) : undefined;
  const arrived = hasParents(work, move.to) ? to.lstat(move.to) : undefined;
  const isThere = matches(source, item.expected, place.toStepMs);
  const isArrived = matches(arrived, item.expected, place.toStepMs);
  if (isThere && isArrived) {
    if (finishLink(work, item, source?.id === arrived?.id && (source?.links ?? 0) > 1)) return 'already';
    return isSwapped(work, item, control) ? 'already' : 'there';
  }
  if (isThere) return 'there';
  if (isArrived) return 'already';
  if (source === undefined) throw missing(work, move.from);
  throw targetChanged(work, move.from, describeDifference(source, item.expected));
}

/** An earlier run stopped between giving the file its new name and taking the old one away. */
function finishLink(work: Workplace, item: MoveItem, sameFile: boolean): boolean {
  const { from, to } = item.action.move;
  if (!sameFile) return false;
  // Where the file system folds case, two spellings of the only name look the same; `place` deals with those.
  if (foldName(from) === foldName(to) && !(work.to.isSpelled(from) && work.to.isSpelled(to))) return false;
  work.files.unlink(work.to.path(from));
  work.to.mustFlush(from);
  return true;
}

/** Size and time fit at both paths, as in a swap of two such files: only content can say whether it was done. */
function isSwapped(work: Workplace, item: MoveItem, control: TaskContext): boolean {
  const { blake3, size } = item.expected;
  if (blake3 === undefined || foldName(item.action.move.from) === foldName(item.action.move.to)) return false;
  const hashAt = (relpath: string): string | undefined =>
    hashWholeFile(work.files, work.to.path(relpath), size, control)?.blake3;
  return hashAt(item.action.move.to) === blake3 && hashAt(item.action.move.from) !== blake3;
}

function hasParents(work: Workplace, relpath: string): boolean {
  try {
    return work.to.hasParents(relpath);
  } catch (error) {
    if (error instanceof FileInPlace) return false;
    throw error;
  }
}

function rename(work: Workplace, from: string, to: string): void {
  const folders = work.to;
  clearEmptyFolder(work, to);
  folders.makeParents(to);
  try {
    placeFile(work.files, folders.path(from), folders.path(to));
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new SkipStep(
      'TARGET_EXISTS',
      `${to} in ${work.place.toRoot} is taken, and is not overwritten. Scan, and make a new plan.`,
      folders.lstat(to)?.kind === 'folder' ? to : undefined,
    );
  }
  folders.mustFlush(to);
}

/** Moves may have emptied a folder that now makes way for a file of its name. */
function clearEmptyFolder(work: Workplace, relpath: string): void {
  if (work.to.lstat(relpath)?.kind !== 'folder') return;
  const empty = (folder: string): void => {
    for (const name of work.files.list(work.to.path(folder))) {
      if (work.to.lstat(`${folder}/${name}`)?.kind === 'folder') empty(`${folder}/${name}`);
    }
    work.to.removeIfEmpty(folder);
  };
  empty(relpath);
}

function departure({ action, trashed }: MoveItem): IndexChange {
  if (trashed !== undefined) return { root: 'to', kind: 'untrash', ...trashed };
  return { root: 'to', kind: 'remove', path: action.move.from };
}

/** An earlier run moved the file away and may not have lived to record it; by now another may have come in its place. */
function leftEarlier(work: Workplace, item: MoveItem): IndexChange[] {
  return work.to.isSpelled(item.action.move.from) ? [] : [departure(item)];
}

function arrival(item: MoveItem): IndexChange[] {
  const { size, mtimeMs, blake3 } = item.expected;
  return [{ root: 'to', kind: 'put', path: item.action.move.to, size, mtimeMs, blake3: blake3 ?? item.known ?? null }];
}

function missing(work: Workplace, relpath: string): SkipStep {
  return new SkipStep('TARGET_MISSING', `${relpath} is no longer in ${work.place.toRoot}. Scan, and make a new plan.`);
}
