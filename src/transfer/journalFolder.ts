import { joinRelpath, relpathProblem } from '../base/relpath.ts';
import { errnoOf } from '../base/errors.ts';
import { removePartial } from './copyTarget.ts';
import type { FileLayer } from './fileLayer.ts';
import { type HolderState, holderState, thisHolder } from './partialHolders.ts';
import { isJournalOf, type Journal, parseJournal, parseJournalName } from './transferJournal.ts';
import type { RootFolders } from './rootFolders.ts';
import { type CopyKey, PARTIALS_FOLDER, type RunNames } from './transferPaths.ts';

/** As much of a workplace as journals need. */
export interface JournalPlace {
  readonly files: FileLayer;
  readonly to: RootFolders;
  readonly place: { readonly names: RunNames; readonly liveRuns: readonly string[] };
}

/** A journal as it lies in the root: the newest generation of its key. */
export interface FoundJournal {
  readonly key: CopyKey;
  readonly generation: number;
  /** Relpaths of all generations, this one included. */
  readonly files: readonly string[];
  /** Undefined where it cannot be read as one. */
  readonly journal: Journal | undefined;
  readonly holder: HolderState;
}

/** A holder of another machine that has not written for so long does not run any more. */
const ABANDONED_MS = 60 * 60 * 1_000;
/** Making one takes milliseconds. */
const MAKING_MS = 60_000;
/** How the name of a journal ends until it is whole. */
export const TEMPORARY = '.tmp';
/** More than a terabyte has; what is larger is no journal of ours. */
const MOST_JOURNAL_BYTES = 16 * 1024 * 1024;

/** The journals in a root, or those of one place. */
export function findJournals(work: JournalPlace, place?: string): FoundJournal[] {
  const byKey = new Map<string, { key: CopyKey; generation: number; files: string[]; newest: string }>();
  for (const name of journalNames(work)) {
    const parsed = parseJournalName(name);
    if (parsed === undefined || (place !== undefined && parsed.key.place !== place)) continue;
    const { key, generation } = parsed;
    const id = key.place + key.state;
    const path = joinRelpath(PARTIALS_FOLDER, name);
    const known = byKey.get(id);
    if (known === undefined) byKey.set(id, { key, generation, files: [path], newest: path });
    else {
      known.files.push(path);
      if (generation > known.generation) Object.assign(known, { generation, newest: path });
    }
  }
  return [...byKey.values()].map(({ key, generation, files, newest }) => {
    const journal = readJournal(work, newest, key);
    return { key, generation, files, journal, holder: judgeHolder(work, newest, journal) };
  });
}

function journalNames(work: JournalPlace): string[] {
  try {
    return work.files.list(work.to.path(PARTIALS_FOLDER));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}

/** Removes journals that were being made when their maker ended. */
export function removeUnfinished(work: JournalPlace): void {
  for (const name of journalNames(work)) {
    const parsed = name.endsWith(TEMPORARY) ? parseJournalName(name.slice(0, name.indexOf('.journal') + 8)) : undefined;
    if (parsed === undefined) continue;
    const path = joinRelpath(PARTIALS_FOLDER, name);
    const journal = readJournal(work, path, parsed.key);
    const state = judgeHolder(work, path, journal, journal === undefined ? MAKING_MS : ABANDONED_MS);
    if (state === 'gone') removePartial(work.files, work.to.path(path));
  }
}

function readJournal(work: JournalPlace, relpath: string, key: CopyKey): Journal | undefined {
  try {
    const journal = parseJournal(readText(work.files, work.to.path(relpath)));
    if (journal === undefined || !isJournalOf(journal, key)) return undefined;
    // Anybody may write into a shared root: nothing outside it is touched because of that.
    const isInside = relpathProblem(journal.header.path, { windows: work.files.windows }) === undefined;
    return isInside ? journal : undefined;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    // Gone meanwhile, or unreadable: nothing is known of its partial, which is then begun anew.
    return undefined;
  }
}

function readText(files: FileLayer, path: string): string {
  const file = files.openToRead(path);
  try {
    const { size } = files.stat(file);
    if (size > MOST_JOURNAL_BYTES) return '';
    const bytes = Buffer.alloc(size);
    let read = 0;
    while (read < size) {
      const count = files.read(file, bytes.subarray(read), read);
      if (count === 0) break;
      read += count;
    }
    return bytes.toString('utf8', 0, read);
  } finally {
    files.close(file);
  }
}

function judgeHolder(
  work: JournalPlace,
  relpath: string,
  journal: Journal | undefined,
  abandonedMs = ABANDONED_MS,
): HolderState {
  const { names, liveRuns } = work.place;
  const state = journal === undefined ? 'unknown' : journal.released ? 'gone' : holderOf(journal);
  if (state !== 'unknown') return state;
  const stat = work.to.lstat(relpath);
  return stat !== undefined && work.files.now() - stat.changedMs < abandonedMs ? 'unknown' : 'gone';

  function holderOf({ header }: Journal): HolderState {
    return holderState(header.holder, thisHolder(names.run), liveRuns);
  }
}
