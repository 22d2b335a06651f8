import { errnoOf } from '../base/errors.ts';
import { describeRelpathProblem, relpathProblem } from '../base/relpath.ts';
import type { TaskContext } from '../library/hashFile.ts';
import type { Keeper } from '../store/keeperStore.ts';
import { requireKeeper } from './keeper.ts';
import { patiently } from './patientFiles.ts';
import { isTaken, placeFile } from './placeFile.ts';
import type { IndexChange } from './stepOutcome.ts';
import { matches, SkipStep, stepEnd } from './stepProblem.ts';
import { parseTrashFolderName, TRASH_FOLDER, trashPath } from './transferPaths.ts';
import type { Workplace } from './transferPlace.ts';

/** A file in the trash, as the disk has it. */
export interface TrashedFile {
  /** Below its folder in the trash: where it lay in the root. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
}

/** A file in the trash that something is to be done with. */
export interface TrashItem extends TrashedFile {
  readonly folder: string;
  /** Hexadecimal; null: not known. */
  readonly blake3: string | null;
}

/** `keepers`: who else holds its content; null: it may go, whether somebody does or not. */
export type PurgeItem = TrashItem & { readonly keepers: readonly Keeper[] | null };

/** `gone`: it was no longer in the trash. `kept`: it stays there, and `code` and `reason` say why. */
export interface TrashOutcome {
  readonly folder: string;
  readonly path: string;
  readonly status: 'done' | 'gone' | 'kept' | 'canceled';
  readonly code?: string;
  readonly reason?: string;
  readonly changes: readonly IndexChange[];
}

/** The folders in the trash of the target root, each with the time it was begun. */
export function listTrashFolders(work: Workplace): { readonly name: string; readonly startedAtMs: number }[] {
  const { to, files } = work;
  to.requirePrivateFolder();
  if (to.lstat(TRASH_FOLDER)?.kind !== 'folder') return [];
  return files.list(to.path(TRASH_FOLDER)).flatMap((name) => {
    const stat = to.lstat(`${TRASH_FOLDER}/${name}`);
    if (stat?.kind !== 'folder' || !name.isWellFormed() || name.includes('\uFFFD')) return [];
    return [{ name, startedAtMs: parseTrashFolderName(name)?.startedAtMs ?? stat.mtimeMs }];
  });
}

/** All files in one folder of the trash. Links are not followed; names that are not Unicode cannot be addressed. */
export function listTrashed(work: Workplace, folder: string, control: TaskContext): TrashedFile[] {
  const { to } = work;
  const found: TrashedFile[] = [];
  const walk = (prefix: string): void => {
    for (const name of namesIn(work, trashPath(folder, prefix).replace(/\/$/, ''))) {
      if (control.aborted() || name.includes('\uFFFD') || !name.isWellFormed()) continue;
      const path = prefix === '' ? name : `${prefix}/${name}`;
      const stat = to.lstat(trashPath(folder, path));
      if (stat?.kind === 'folder') walk(path);
      else if (stat?.kind === 'file') found.push({ path, size: stat.size, mtimeMs: stat.mtimeMs });
    }
  };
  walk('');
  return found;
}

/** Nothing where the folder went away meanwhile. */
function namesIn({ to, files }: Workplace, relpath: string): string[] {
  try {
    return files.list(to.path(relpath));
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return [];
  }
}

/** Gives a file its old place again, if nobody has it by now. */
export function restoreTrashed(work: Workplace, item: TrashItem, control: TaskContext): TrashOutcome {
  return outcomeOf(item, 'restore', control, () => {
    const { to, files } = work;
    const trashed = trashPath(item.folder, item.path);
    requireUsable(item.path, files.windows);
    const stat = to.hasParents(trashed) ? to.lstat(trashed) : undefined;
    const current = to.hasParents(item.path) ? to.lstat(item.path) : undefined;
    if (stat === undefined) {
      // An earlier try brought it back and did not live to record it.
      const back = matches(current, item, work.place.toStepMs);
      to.removeEmptyAbove(trashed, TRASH_FOLDER);
      return { status: back ? 'done' : 'gone', changes: [...(back ? [arrival(item)] : []), departure(item)] };
    }
    requireUnchanged(work, item);
    // An earlier try stopped between giving it its name and taking the one in the trash away.
    if (current?.id === stat.id && stat.links > 1) patiently(files, () => files.unlink(to.path(trashed)));
    else giveBack(work, trashed, item.path);
    to.mustFlush(trashed);
    to.mustFlush(item.path);
    to.removeEmptyAbove(trashed, TRASH_FOLDER);
    return { status: 'done', changes: [arrival(item), departure(item)] };
  });
}

function giveBack({ to, files, place }: Workplace, trashed: string, path: string): void {
  try {
    to.withParents(path, () => placeFile(files, to.path(trashed), to.path(path)));
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new SkipStep(
      'TARGET_EXISTS',
      `${path} in ${place.toRoot} is taken by now, and is not overwritten. Move that file away, then restore again.`,
    );
  }
}

/** Removes a file of the trash for good, unless it is the last to hold its content. */
export function purgeTrashed(work: Workplace, item: PurgeItem, control: TaskContext): TrashOutcome {
  return outcomeOf(item, 'remove', control, () => {
    const { to, files } = work;
    const trashed = trashPath(item.folder, item.path);
    const stat = to.hasParents(trashed) ? to.lstat(trashed) : undefined;
    if (stat === undefined) {
      to.removeEmptyAbove(trashed, TRASH_FOLDER);
      return { status: 'gone', changes: [departure(item)] };
    }
    requireUnchanged(work, item);
    if (item.keepers !== null) requireKeeper(files, item.keepers, stat, item.path, control);
    patiently(files, () => files.unlink(to.path(trashed)));
    to.removeEmptyAbove(trashed, TRASH_FOLDER);
    return { status: 'done', changes: [departure(item)] };
  });
}

function outcomeOf(
  item: TrashItem,
  action: string,
  control: TaskContext,
  act: () => Pick<TrashOutcome, 'status' | 'changes'>,
): TrashOutcome {
  const { folder, path } = item;
  if (control.aborted()) return { folder, path, status: 'canceled', changes: [] };
  try {
    return { folder, path, ...act() };
  } catch (error) {
    const { status, code, reason } = stepEnd(error, action, path);
    return { folder, path, status: status === 'canceled' ? 'canceled' : 'kept', code, reason, changes: [] };
  }
}

/** Other machines and people put things into the trash, too. */
function requireUsable(path: string, windows: boolean): void {
  const problem = relpathProblem(path, { windows });
  if (problem === undefined) return;
  throw new SkipStep('UNSAFE_PATH', `${JSON.stringify(path)} ${describeRelpathProblem(problem)}, and is not restored.`);
}

function requireUnchanged(work: Workplace, item: TrashItem): void {
  const trashed = trashPath(item.folder, item.path);
  if (matches(work.to.lstat(trashed), item, work.place.toStepMs)) return;
  throw new SkipStep(
    'TARGET_CHANGED',
    `${item.path} changed in the trash of ${work.place.toRoot} since it was listed. Look at the trash again.`,
  );
}

function departure({ folder, path }: TrashItem): IndexChange {
  return { root: 'to', kind: 'untrash', folder, path };
}

function arrival({ path, size, mtimeMs, blake3 }: TrashItem): IndexChange {
  return { root: 'to', kind: 'put', path, size, mtimeMs, blake3 };
}
