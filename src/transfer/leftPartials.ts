import { type Dirent, readdirSync } from 'node:fs';

import { errnoOf, LakesideError } from '../base/errors.ts';
import { isPartialName } from '../base/partialName.ts';
import { baseName, joinRelpath, parentFolder, PRIVATE_FOLDER, relpathProblem } from '../base/relpath.ts';
import type { TaskContext } from '../library/hashFile.ts';
import { diskFiles, type FileLayer } from './fileLayer.ts';
import { findJournals, type FoundJournal } from './journalFolder.ts';
import { RootFolders } from './rootFolders.ts';
import { parsePartialName, resumablePartial } from './transferPaths.ts';

/** A half-copied file in a root. */
export interface LeftPartial {
  /** Its own relpath. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  /** Relpath of the file it becomes, where that is known. */
  readonly target?: string;
  /** 8 digits of the seal of the plan that wrote it, where that is known. */
  readonly plan?: string;
  /** Somebody may be writing it now. */
  readonly held: boolean;
}

export interface PartialsTasks {
  partials: {
    readonly input: {
      /** Absolute. */
      readonly root: string;
      /** Where those without a journal are looked for: in every folder, or at these relpaths. */
      readonly search: 'everywhere' | readonly string[];
      readonly liveRuns: readonly string[];
    };
    readonly output: readonly LeftPartial[];
  };
  removePartials: {
    readonly input: { readonly root: string; readonly paths: readonly string[]; readonly liveRuns: readonly string[] };
    readonly output: { readonly removed: number; readonly bytes: number };
  };
}

type Input<K extends keyof PartialsTasks> = PartialsTasks[K]['input'];
type Output<K extends keyof PartialsTasks> = PartialsTasks[K]['output'];

export function listPartials(
  { root, search, liveRuns }: Input<'partials'>,
  control: TaskContext,
  files: FileLayer = diskFiles,
): Output<'partials'> {
  const to = new RootFolders(files, root);
  const found = new Map<string, LeftPartial>();
  for (const journal of journalsIn(files, to, liveRuns)) {
    const left = leftOf(to, journal);
    if (left !== undefined) found.set(left.path, left);
  }
  const others =
    search === 'everywhere' ? partialsBelow(to, '', control) : search.filter((path) => isPartialPath(files, path));
  for (const path of others) {
    const stat = found.has(path) || !to.hasParents(path) ? undefined : to.lstat(path);
    if (stat?.kind !== 'file') continue;
    const plan = parsePartialName(baseName(path))?.tag;
    const { size, mtimeMs } = stat;
    found.set(path, { path, size, mtimeMs, held: false, ...(plan === undefined ? {} : { plan }) });
  }
  return [...found.values()];
}

/**
 * Removes partials with their journals; what is gone counts as not removed.
 * @throws LakesideError NOT_A_PARTIAL, PARTIAL_IN_USE; nothing was removed then
 */
export function removePartials(
  { root, paths, liveRuns }: Input<'removePartials'>,
  control: TaskContext,
  files: FileLayer = diskFiles,
): Output<'removePartials'> {
  const to = new RootFolders(files, root);
  to.requirePrivateFolder();
  const journals = new Map(
    journalsIn(files, to, liveRuns).map((journal) => [leftOf(to, journal)?.path, journal] as const),
  );
  for (const path of paths) {
    requirePartial(files, path);
    if (journals.get(path)?.holder !== undefined && journals.get(path)?.holder !== 'gone') throw inUse(path);
  }
  let removed = 0;
  let bytes = 0;
  for (const path of paths) {
    if (control.aborted()) break;
    const stat = to.hasParents(path) ? to.lstat(path) : undefined;
    if (stat?.kind === 'file') {
      files.unlink(to.path(path));
      removed += 1;
      bytes += stat.size;
    }
    for (const file of journals.get(path)?.files ?? []) files.unlink(to.path(file));
  }
  return { removed, bytes };
}

function journalsIn(files: FileLayer, to: RootFolders, liveRuns: readonly string[]): FoundJournal[] {
  return findJournals({ files, to, place: { names: { tag: '', run: '' }, liveRuns } });
}

function leftOf(to: RootFolders, { journal, key, holder }: FoundJournal): LeftPartial | undefined {
  if (journal === undefined) return undefined;
  const { path: target, plan } = journal.header;
  const path = resumablePartial(target, key);
  const stat = to.lstat(path);
  if (stat?.kind !== 'file') return undefined;
  return { path, size: stat.size, mtimeMs: stat.mtimeMs, target, plan, held: holder !== 'gone' };
}

/** Every partial below a folder; links are not followed, folders that cannot be read are left out. */
function* partialsBelow(to: RootFolders, folder: string, control: TaskContext): Generator<string> {
  if (control.aborted()) return;
  for (const entry of entriesOf(folder === '' ? to.root : to.path(folder))) {
    const path = joinRelpath(folder, entry.name);
    if (entry.isDirectory()) {
      if (path !== PRIVATE_FOLDER) yield* partialsBelow(to, path, control);
    } else if (entry.isFile() && isPartialName(entry.name)) yield path;
  }
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return [];
  }
}

function isPartialPath(files: FileLayer, path: string): boolean {
  const problem = relpathProblem(path, { windows: files.windows });
  return problem === undefined && isPartialName(baseName(path)) && parentFolder(path) !== PRIVATE_FOLDER;
}

function requirePartial(files: FileLayer, path: string): void {
  if (isPartialPath(files, path)) return;
  throw new LakesideError('NOT_A_PARTIAL', 'validation', `${path} is not a half-copied file of Lakeside, and stays.`, {
    context: { path },
  });
}

function inUse(path: string): LakesideError {
  return new LakesideError(
    'PARTIAL_IN_USE',
    'policy',
    `${path} is still being written, or was until a moment ago. Wait for the copy, or cancel it.`,
    { context: { path } },
  );
}
