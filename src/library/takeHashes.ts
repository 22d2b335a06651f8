import type { Clock } from '../base/clock.ts';
import { canceledError } from '../base/errors.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { FileRow, FileStore, KnownHash } from '../store/fileStore.ts';
import type { HashJournalStore } from '../store/hashJournalStore.ts';
import type { RootRow } from '../store/rootStore.ts';
import { listJournals, type OpenJournal, openJournal } from './hashJournalFiles.ts';

export interface TakeHashesOptions {
  readonly root: RootRow;
  readonly files: FileStore;
  readonly journals: HashJournalStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The index has files that are new or changed: what was read before may be about them. */
  readonly again: boolean;
}

export interface TakenHashes {
  readonly taken: number;
  readonly damagedLines: number;
  /** Files there that no version of ours wrote, or a later one. */
  readonly unreadable: number;
}

/** With more files that have no hash all lines are looked up; with fewer only theirs are. */
const MAX_WANTED = 100_000;
const FILES_A_PAGE = 10_000;

/**
 * Takes the hashes that lie beside a root for files of the index that have none: from the lines that are about a file of
 * that size and time. What was read before is not read again. Whatever the files hold, it does no harm.
 * @throws LakesideError CANCELED; what the system says when the folder cannot be read
 */
export async function takeHashes(options: TakeHashesOptions): Promise<TakenHashes> {
  const { root, files, journals, clock, signal } = options;
  const total = { taken: 0, damagedLines: 0, unreadable: 0 };
  const names = await listJournals(root.path);
  if (names.length === 0) return total;
  if (options.again) await retryWhileBusy(() => journals.readAgain(root.key), clock);
  const readTo = journals.readTo(root.key);
  const own = journals.ownGeneration(root.key);
  let wanted: ((relpath: string) => boolean) | undefined;
  for (const name of names) {
    if (signal.aborted) throw canceledError(`Reading the hashes of ${root.name}`);
    const journal = await openJournal(root.path, name);
    if (journal === undefined) {
      total.unreadable++;
      continue;
    }
    try {
      const known = readTo.get(name);
      const from = known?.generation === journal.generation ? known.offset : 0;
      if (journal.generation === own || from >= journal.size) continue;
      if (wanted === undefined) {
        // Nothing lacks a hash: whatever was added there can wait until something does.
        if (files.unhashed(root.key, { limit: 1 }).length === 0) return total;
        wanted = wantedFiles(files, root.key);
      }
      await takeFrom(options, name, journal, from, wanted, total);
    } finally {
      await journal.close();
    }
  }
  return total;
}

async function takeFrom(
  { root, files, journals, clock, signal }: TakeHashesOptions,
  name: string,
  journal: OpenJournal,
  from: number,
  wanted: (relpath: string) => boolean,
  total: { taken: number; damagedLines: number },
): Promise<void> {
  for await (const { lines, damaged, offset } of journal.parts(from, wanted)) {
    if (signal.aborted) throw canceledError(`Reading the hashes of ${root.name}`);
    total.damagedLines += damaged;
    const taken = lines.flatMap((line) => {
      const row = files.get(root.key, line.relpath);
      return row !== undefined && isAbout(line, row, root.mtimeStepMs) ? [{ ...row, blake3: line.blake3 }] : [];
    });
    await retryWhileBusy(() => {
      if (taken.length > 0) total.taken += files.setHashes(root.key, taken, { written: true });
      journals.setReadTo(root.key, name, journal.generation, offset);
    }, clock);
  }
}

/** Whether a line is about the state of the file that the index has. Only hashes that could be trusted were written. */
function isAbout(line: KnownHash, row: FileRow, mtimeStepMs: number): boolean {
  return (
    row.blake3 === null && row.size === line.size && Math.abs(row.mtimeMs - line.mtimeMs) < Math.max(1, mtimeStepMs)
  );
}

/** Files that lack a hash. */
function wantedFiles(files: FileStore, rootKey: number): (relpath: string) => boolean {
  const relpaths = new Set<string>();
  for (let after: string | undefined; ;) {
    const page = files.unhashed(rootKey, { limit: FILES_A_PAGE, ...(after === undefined ? {} : { after }) });
    for (const { relpath } of page) relpaths.add(relpath);
    after = page.at(-1)?.relpath;
    if (after === undefined) return (relpath) => relpaths.has(relpath);
    if (relpaths.size >= MAX_WANTED) return () => true;
  }
}
