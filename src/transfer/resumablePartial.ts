import { randomBytes } from 'node:crypto';

import { errnoOf, LakesideError } from '../base/errors.ts';
import { joinRelpath } from '../base/relpath.ts';
import type { Blake3Hash } from '../library/blake3.ts';
import type { TaskContext } from '../library/hashFile.ts';
import type { ExpectedFile } from '../protocol/planFile.ts';
import { type CopyTarget, removePartial } from './copyTarget.ts';
import type { FileStat } from './fileLayer.ts';
import { findJournals, type FoundJournal, removeUnfinished, TEMPORARY } from './journalFolder.ts';
import { patiently } from './patientFiles.ts';
import { thisHolder } from './partialHolders.ts';
import { isTaken, placeFile } from './placeFile.ts';
import { recoverPrefix } from './recoverPrefix.ts';
import { formatJournal, HASH_LINE_BYTES, type JournalHeader, journalName, RELEASED_LINE } from './transferJournal.ts';
import { type CopyKey, copyKey, PARTIALS_FOLDER, resumablePartial } from './transferPaths.ts';
import type { Workplace } from './transferPlace.ts';

/** After a pause this long, another machine may have taken the partial over. */
const HELD_FOR_MS = 10_000;
/** A power cut loses at most so much of the journal. */
const JOURNAL_FLUSH_MS = 1_000;

/**
 * A partial with a journal. Whoever copies the same state of a file to the same place finds it by its name, takes it over
 * if nobody writes it any more, and goes on behind the last chunk that is proven to be in it.
 */
export class ResumablePartial implements CopyTarget {
  readonly relpath: string;
  readonly path: string;
  readonly file: number;
  readonly chunkBytes: number;
  readonly #work: Workplace;
  readonly #journal: string;
  readonly #journalFile: number;
  readonly #headerBytes: number;
  readonly #readsPartial: boolean;
  #hashes: readonly string[];
  #newHashes: string[] = [];
  #journalBytes: number;
  #journalFlushedAt: number;
  #heldAt: number;
  #open = true;

  private constructor(work: Workplace, taken: TakenJournal, partial: OpenPartial) {
    this.#work = work;
    this.relpath = partial.relpath;
    this.path = work.to.path(partial.relpath);
    this.file = partial.file;
    this.chunkBytes = work.place.chunkBytes;
    this.#journal = taken.path;
    this.#journalFile = taken.file;
    this.#headerBytes = taken.headerBytes;
    this.#hashes = taken.hashes;
    this.#readsPartial = taken.readsPartial;
    this.#journalBytes = taken.headerBytes + taken.hashes.length * HASH_LINE_BYTES;
    this.#heldAt = this.#journalFlushedAt = work.files.now();
    const there = Math.floor(partial.bytes / this.chunkBytes);
    if (there < this.#hashes.length) this.#cutJournal(there);
  }

  /**
   * Takes the partial of this copy: the one that is left of an earlier attempt, or a new one. Undefined while somebody else
   * writes it; then this copy needs one of its own.
   * @param source the source as it is now
   */
  static take(
    work: Workplace,
    relpath: string,
    expected: ExpectedFile,
    source: FileStat,
  ): ResumablePartial | undefined {
    const key = copyKey(relpath, expected);
    let found: FoundJournal | undefined;
    for (const journal of findJournals(work, key.place)) {
      if (journal.key.state === key.state) found = journal;
      // The source was in another state when that was begun: nobody will go on with it.
      else if (journal.holder === 'gone') removeLeft(work, journal);
    }
    if (found !== undefined && found.holder !== 'gone') return undefined;
    const taken = takeJournal(work, relpath, key, expected, source, found);
    if (taken === undefined) return undefined;
    return closingOnError(work, taken.file, () => {
      const partial = openPartial(work, resumablePartial(relpath, key), taken.hashes.length > 0);
      return closingOnError(work, partial.file, () => new ResumablePartial(work, taken, partial));
    });
  }

  /**
   * What the journal lists is read back and compared; the first chunk that does not match cuts off there, in the partial and
   * in the journal. Where the source certainly is what it was, the partial is read, so that a source on the network is not
   * read twice; if the target is on the network and the source is not, or if only size and time speak for the source, the
   * source is read instead. The read-back at the end looks at the whole partial in any case.
   */
  recover(source: number, control: TaskContext): { readonly position: number; readonly hash: Blake3Hash } {
    const { files } = this.#work;
    const claimed = this.#hashes.length * this.chunkBytes;
    if (claimed > 0) control.report(claimed, 'before');
    const tolerant = this.#readsPartial;
    const side = tolerant ? this.file : source;
    const { chunks, hash } = recoverPrefix(files, side, this.#hashes, this.chunkBytes, { tolerant, control });
    const position = chunks * this.chunkBytes;
    if (position < claimed) control.report(position - claimed, 'before');
    if (files.stat(this.file).size > position) files.truncate(this.file, position);
    if (chunks < this.#hashes.length) this.#cutJournal(chunks);
    return { position, hash };
  }

  keepHold(): void {
    if (this.#work.files.now() - this.#heldAt > HELD_FOR_MS) this.requireHeld();
  }

  requireHeld(): void {
    if (!this.#isHeld()) {
      throw new LakesideError(
        'PARTIAL_TAKEN_OVER',
        'infra',
        `Another program goes on with the copy to ${this.path}. Apply again when it is done.`,
        { context: { path: this.path }, retryable: true },
      );
    }
    this.#heldAt = this.#work.files.now();
  }

  #isHeld(): boolean {
    return this.#work.to.lstat(this.#journal) !== undefined;
  }

  chunkWritten(hash: Blake3Hash): void {
    this.#newHashes.push(hash.peek().toString('hex'));
  }

  flushed(): void {
    if (this.#newHashes.length === 0) return;
    const { files } = this.#work;
    const now = files.now();
    this.requireHeld();
    this.#append(this.#newHashes.map((hash) => `${hash}\n`).join(''));
    this.#newHashes = [];
    if (now - this.#journalFlushedAt < JOURNAL_FLUSH_MS) return;
    files.flush(this.#journalFile);
    this.#journalFlushedAt = now;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#work.files.close(this.file);
  }

  abandon(keep: boolean): void {
    const { files, to } = this.#work;
    try {
      this.close();
      if (keep) this.#append(RELEASED_LINE);
    } catch (error) {
      // The drive may be gone, which is why the copy ended. The holder's end then says the same.
      if (errnoOf(error) === undefined) throw error;
    } finally {
      files.close(this.#journalFile);
    }
    if (keep || !this.#isHeld()) return;
    removePartial(files, this.path);
    removePartial(files, to.path(this.#journal));
  }

  placed(): void {
    this.#work.files.close(this.#journalFile);
    removePartial(this.#work.files, this.#work.to.path(this.#journal));
  }

  #append(text: string): void {
    const bytes = Buffer.from(text);
    writeAll(this.#work, this.#journalFile, bytes, this.#journalBytes);
    this.#journalBytes += bytes.byteLength;
  }

  #cutJournal(chunks: number): void {
    this.#hashes = this.#hashes.slice(0, chunks);
    this.#journalBytes = this.#headerBytes + chunks * HASH_LINE_BYTES;
    this.#work.files.truncate(this.#journalFile, this.#journalBytes);
  }
}

interface TakenJournal {
  /** Relpath. */
  readonly path: string;
  readonly file: number;
  readonly headerBytes: number;
  readonly hashes: readonly string[];
  readonly readsPartial: boolean;
}

/** Makes the next generation of the journal, and with it the partial this run's. Undefined where another was quicker. */
function takeJournal(
  work: Workplace,
  relpath: string,
  key: CopyKey,
  expected: ExpectedFile,
  source: FileStat,
  found: FoundJournal | undefined,
): TakenJournal | undefined {
  const { files, place, to } = work;
  const header: JournalHeader = {
    format: 'lakeside-journal',
    version: 1,
    path: relpath,
    chunkBytes: place.chunkBytes,
    source: { root: place.fromId, size: expected.size, mtimeMs: expected.mtimeMs, changedMs: source.changedMs },
    holder: thisHolder(place.names.run),
    plan: place.names.tag,
  };
  const before = found?.journal;
  const hashes = before?.header.chunkBytes === place.chunkBytes ? before.hashes : [];
  const sameSource = before?.header.source.root === place.fromId && before.header.source.changedMs === source.changedMs;
  const path = joinRelpath(PARTIALS_FOLDER, journalName(key, (found?.generation ?? 0) + 1));
  const headerBytes = Buffer.byteLength(formatJournal(header, []));
  const file = to.withParents(path, () => createWhole(work, path, formatJournal(header, hashes)));
  if (file === undefined) return undefined;
  for (const old of found?.files ?? []) removePartial(files, to.path(old));
  return { path, file, headerBytes, hashes, readsPartial: sameSource && (place.network.from || !place.network.to) };
}

/** Makes a journal that is whole or not there, and leaves it open. Undefined where its name is taken. */
function createWhole(work: Workplace, relpath: string, text: string): number | undefined {
  const { files, to } = work;
  const temporary = to.path(`${relpath}.${randomBytes(4).toString('hex')}${TEMPORARY}`);
  const file = files.create(temporary);
  try {
    closingOnError(work, file, () => {
      writeAll(work, file, Buffer.from(text), 0);
      files.flush(file);
    });
    // A file that is open cannot be renamed everywhere.
    files.close(file);
    placeFile(files, temporary, to.path(relpath));
  } catch (error) {
    removePartial(files, temporary);
    if (isTaken(error)) return undefined;
    throw error;
  }
  return files.openToWrite(to.path(relpath));
}

/** What is left open cannot be removed everywhere. */
function closingOnError<T>({ files }: Workplace, file: number, act: () => T): T {
  try {
    return act();
  } catch (error) {
    files.close(file);
    throw error;
  }
}

interface OpenPartial {
  readonly relpath: string;
  readonly file: number;
  /** How much of an earlier attempt is in it. */
  readonly bytes: number;
}

function openPartial(work: Workplace, relpath: string, goesOn: boolean): OpenPartial {
  const { files } = work;
  const path = work.to.path(relpath);
  const stat = files.lstat(path);
  // With a second name it has its place already: what is written to it would be written to a file of the person's.
  if (goesOn && stat?.kind === 'file' && stat.links === 1) {
    return { relpath, file: files.openToWrite(path), bytes: stat.size };
  }
  if (stat !== undefined) patiently(files, () => files.unlink(path));
  return { relpath, file: files.create(path), bytes: 0 };
}

function removeLeft(work: Workplace, { journal, key, files }: FoundJournal): void {
  const partial = journal === undefined ? undefined : resumablePartial(journal.header.path, key);
  // A link leads out of the root.
  if (partial !== undefined && !work.to.hasLinkAbove(partial)) removePartial(work.files, work.to.path(partial));
  for (const file of files) removePartial(work.files, work.to.path(file));
}

/** Removes what no copy can go on with: a journal without its partial, and a partial that has its place already. */
export function tidyJournals(work: Workplace): void {
  removeUnfinished(work);
  for (const found of findJournals(work)) {
    if (found.holder !== 'gone') continue;
    const path = found.journal?.header.path;
    const stat = path === undefined ? undefined : work.to.lstat(resumablePartial(path, found.key));
    if (stat?.kind !== 'file' || stat.links > 1) removeLeft(work, found);
  }
}

/** Removes what runs of this plan have left: it was canceled, and is not gone on with. */
export function discardPartials(work: Workplace): void {
  for (const found of findJournals(work)) {
    if (found.holder === 'gone' && found.journal?.header.plan === work.place.names.tag) removeLeft(work, found);
  }
}

/** Removes what attempts to copy to this place have left, unless somebody still writes it. */
export function removeLeftOf(work: Workplace, relpath: string): void {
  for (const found of findJournals(work, copyKey(relpath, { size: 0, mtimeMs: 0 }).place)) {
    if (found.holder === 'gone') removeLeft(work, found);
  }
}

function writeAll(work: Workplace, file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.byteLength;) {
    done += work.files.write(file, bytes.subarray(done), position + done);
  }
}
