import { join } from 'node:path';

import { appendLines } from '../base/appendFile.ts';
import { removeLeftTemporaries } from '../base/binaryFile.ts';
import type { Clock } from '../base/clock.ts';
import { canceledError } from '../base/errors.ts';
import { writeStreamAtomic } from '../base/writeStreamAtomic.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { FileStore, KnownHash } from '../store/fileStore.ts';
import type { HashJournal, HashJournalStore } from '../store/hashJournalStore.ts';
import type { RootRow } from '../store/rootStore.ts';
import { hashesFolder, isHashesFolderLinked, journalName, openJournal } from './hashJournalFiles.ts';
import { hashesHeader, hashLine } from './hashLine.ts';
import { probeRoot } from './probeRoot.ts';
import { isStoreOnlyRoot } from './rootMarker.ts';

export interface WriteHashesOptions {
  readonly root: RootRow;
  readonly files: FileStore;
  readonly journals: HashJournalStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Names this process in the lease. */
  readonly owner: string;
  readonly newId: () => string;
  /** Called now and then while it goes on. */
  readonly onStep?: (() => void) | undefined;
}

/** `busy`: another process of the data dir is at it. `away`: not mounted. `read-only`: made up for when it can be written. */
export type WrittenHashes = 'written' | 'nothing' | 'busy' | 'away' | 'read-only';

const LEASE_MS = 60_000;
const ROWS_A_STEP = 1_000;
/** One write: as much as local file systems append in one piece. */
const MAX_WRITE_BYTES = 64 * 1024;
/** Fewer lines are never worth writing the file anew. */
const LINES_WORTH_COMPACTING = 50_000;

/**
 * Writes beside a mounted, writable root the hashes that are not there yet: as further lines of the one file that only
 * this data dir writes, or as a new file where there is none or where more than half of it is of no use any more.
 * @throws LakesideError CANCELED, or by errno when the folder cannot be written; what is not written stays due
 */
export async function writeHashes(options: WriteHashesOptions): Promise<WrittenHashes> {
  const { root, journals, clock, owner } = options;
  if (!journals.isDue(root.key)) return 'nothing';
  const probe = await probeRoot(root, clock);
  if (!probe.mounted) return 'away';
  const { name } = await retryWhileBusy(() => journals.journal(root.key, journalName(options.newId())), clock);
  if (!(await renewLease(options))) return 'busy';
  try {
    if (probe.readOnly || isStoreOnlyRoot(root.id) || (await isHashesFolderLinked(root.path))) {
      await forgetDue(options, journals.lastDue(root.key));
      await retryWhileBusy(() => journals.postpone(root.key), clock);
      return 'read-only';
    }
    let compact = isMostlyOld(options, journals.journal(root.key, name));
    for (let rewrites = 0; ;) {
      const step = await writeSome(options, name, compact);
      compact = false;
      // Once is enough: a file that is no good even then is left until the next time.
      if (step === 'rewritten') rewrites++;
      if (step === 'all' || rewrites > 1) break;
      options.onStep?.();
      if (options.signal.aborted) throw canceledError(`Writing the hashes of ${root.name}`);
      if (!(await renewLease(options))) return 'busy';
    }
    return 'written';
  } finally {
    await retryWhileBusy(() => journals.release(root.key, owner), clock);
  }
}

async function writeSome(
  options: WriteHashesOptions,
  firstName: string,
  compact: boolean,
): Promise<'all' | 'some' | 'rewritten'> {
  const { root, journals, clock } = options;
  const journal = journals.journal(root.key, firstName);
  const generation = await generationOf(root, journal.name);
  if (journal.generation === null || generation === undefined || compact) {
    await rewrite(options, journal.name);
    return 'rewritten';
  }
  // Not the file that we wrote (a copied data dir writes it, too): it is left to be read.
  if (generation !== journal.generation) {
    await rewrite(options, journalName(options.newId()));
    return 'rewritten';
  }
  const { hashes, lastKey } = journals.due(root.key, ROWS_A_STEP);
  if (lastKey === undefined) return 'all';
  if (hashes.length > 0) await appendLines(join(hashesFolder(root.path), journal.name), textsOf(hashes));
  // Written anew meanwhile: the lines are lost with the old file, and stay due.
  if ((await generationOf(root, journal.name)) !== generation) return 'some';
  await retryWhileBusy(() => journals.appended(root.key, lastKey, hashes.length), clock);
  return 'some';
}

function isMostlyOld({ root, files }: WriteHashesOptions, { lines }: HashJournal): boolean {
  if (lines < LINES_WORTH_COMPACTING) return false;
  const { files: all, unhashed } = files.totals(root.key);
  return lines > 2 * (all - unhashed);
}

/** The whole index, as a new file; a crash leaves the old one. */
async function rewrite(options: WriteHashesOptions, name: string): Promise<void> {
  const { root, journals, clock } = options;
  const generation = options.newId();
  const lastDue = journals.lastDue(root.key);
  const path = join(hashesFolder(root.path), name);
  const written = { lines: 0 };
  await removeLeftTemporaries(hashesFolder(root.path), name);
  await writeStreamAtomic(path, wholeText(options, generation, written));
  await retryWhileBusy(() => journals.rewritten(root.key, { name, generation, lines: written.lines }), clock);
  await forgetDue(options, lastDue);
}

function* wholeText(options: WriteHashesOptions, generation: string, written: { lines: number }): Generator<string> {
  const { root, files, signal } = options;
  yield hashesHeader(generation);
  for (let after = ''; ;) {
    if (signal.aborted) throw canceledError(`Writing the hashes of ${root.name}`);
    const page = files.hashed(root.key, { after, limit: ROWS_A_STEP });
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.relpath;
    written.lines += page.length;
    options.onStep?.();
    yield page.map(hashLine).join('');
  }
}

async function forgetDue({ root, journals, clock }: WriteHashesOptions, lastKey: number): Promise<void> {
  while (await retryWhileBusy(() => journals.forgetDue(root.key, lastKey), clock));
}

async function generationOf(root: RootRow, name: string): Promise<string | undefined> {
  const journal = await openJournal(root.path, name);
  await journal?.close();
  return journal?.generation;
}

function renewLease({ root, journals, clock, owner }: WriteHashesOptions): Promise<boolean> {
  return retryWhileBusy(() => journals.lease(root.key, owner, clock.now(), clock.now() + LEASE_MS), clock);
}

/** Whole lines, gathered into few writes. */
function textsOf(hashes: readonly KnownHash[]): string[] {
  const texts: string[] = [];
  let text = '';
  let bytes = 0;
  for (const line of hashes.map(hashLine)) {
    const more = Buffer.byteLength(line);
    if (bytes > 0 && bytes + more > MAX_WRITE_BYTES) {
      texts.push(text);
      text = '';
      bytes = 0;
    }
    text += line;
    bytes += more;
  }
  return text === '' ? texts : [...texts, text];
}
