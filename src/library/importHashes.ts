import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';

import type { Clock } from '../base/clock.ts';
import { canceledError, fileError, LakesideError } from '../base/errors.ts';
import type { Problem } from '../protocol/values.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { FileStore, KnownHash } from '../store/fileStore.ts';
import type { RootRow } from '../store/rootStore.ts';
import { type ListedHash, listingPrefix, parseListedHash } from './b3sumListing.ts';
import { YOUNG_MS } from './hashTrust.ts';

export interface ImportHashesOptions {
  readonly root: RootRow;
  readonly files: FileStore;
  /** Absolute path of the listing. */
  readonly file: string;
  /** What its paths begin with; found out where it is not given. */
  readonly prefix?: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface ImportedHashes {
  readonly imported: number;
  readonly known: number;
  /** The first thousand. */
  readonly problems: Problem[];
}

const LINES_AT_ONCE = 1_000;
const LINES_TO_FIND_PREFIX = 2_000;
const MAX_PROBLEMS = 1_000;
/** No listing of a library; a file that is given by mistake. */
const MAX_LISTING_BYTES = 2 * 1024 * 1024 * 1024;

/**
 * Takes the hashes of a listing for files of the index that have none and were last modified before it was begun. The
 * index must be younger than the listing: scan first.
 * @throws LakesideError LISTING_UNREADABLE, CANCELED, or by errno
 */
export async function importHashes(options: ImportHashesOptions): Promise<ImportedHashes> {
  const run = new ImportRun(options, await listingTime(options.file));
  let waiting: ListedHash[] = [];
  let lines = 0;
  for await (const line of createInterface({ input: createReadStream(options.file), crlfDelay: Infinity })) {
    lines++;
    if (line === '') continue;
    const listed = parseListedHash(line);
    if (listed === undefined) run.addProblem('', 'LINE_UNREADABLE', `Line ${lines} is not one of b3sum.`);
    else waiting.push(listed);
    if (waiting.length < (run.hasPrefix ? LINES_AT_ONCE : LINES_TO_FIND_PREFIX)) continue;
    await run.take(waiting);
    waiting = [];
  }
  await run.take(waiting);
  return run.result();
}

/** When the listing was begun, as far as its times say: what is newer may be other than it was listed. */
async function listingTime(file: string): Promise<number> {
  try {
    const { birthtimeMs, mtimeMs, size, isFile } = await describe(file);
    if (isFile && size <= MAX_LISTING_BYTES) return birthtimeMs > 0 && birthtimeMs < mtimeMs ? birthtimeMs : mtimeMs;
  } catch (error) {
    throw fileError('read', file, error);
  }
  throw new LakesideError(
    'LISTING_UNREADABLE',
    'validation',
    `${file} is not a listing of b3sum. Name the right file.`,
    {
      context: { path: file },
    },
  );
}

async function describe(
  file: string,
): Promise<{ birthtimeMs: number; mtimeMs: number; size: number; isFile: boolean }> {
  const stats = await stat(file);
  const { birthtimeMs, mtimeMs, size } = stats;
  return { birthtimeMs, mtimeMs, size, isFile: stats.isFile() };
}

class ImportRun {
  readonly #options: ImportHashesOptions;
  readonly #listedAt: number;
  readonly #problems: Problem[] = [];
  /** Relpaths that got their hash from this listing. */
  readonly #taken = new Set<string>();
  #prefix: string | undefined;
  #moreProblems = 0;
  #known = 0;

  constructor(options: ImportHashesOptions, listedAt: number) {
    this.#options = options;
    this.#listedAt = listedAt;
    if (options.prefix !== undefined) this.#prefix = options.prefix.replace(/\/*$/, '/');
  }

  get hasPrefix(): boolean {
    return this.#prefix !== undefined;
  }

  addProblem(path: string, code: string, message: string): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ path, code, message });
    else this.#moreProblems++;
  }

  result(): ImportedHashes {
    const more = { path: '', code: 'MORE_PROBLEMS', message: `There are ${this.#moreProblems} more problems.` };
    return {
      imported: this.#taken.size,
      known: this.#known,
      problems: this.#moreProblems === 0 ? this.#problems : [...this.#problems, more],
    };
  }

  async take(listed: readonly ListedHash[]): Promise<void> {
    const { root, files, clock, signal } = this.#options;
    if (signal.aborted) throw canceledError(`Importing hashes of ${root.name}`);
    this.#prefix ??= listingPrefix(
      listed.map(({ path }) => path),
      (relpath) => files.get(root.key, relpath) !== undefined,
    );
    const hashes = new Map<string, KnownHash>();
    for (const line of listed) this.#decide(line, hashes);
    await retryWhileBusy(() => files.setHashes(root.key, [...hashes.values()]), clock);
  }

  #decide({ path, blake3 }: ListedHash, hashes: Map<string, KnownHash>): void {
    const { root, files } = this.#options;
    const prefix = this.#prefix ?? '';
    const relpath = path.startsWith(prefix) ? path.slice(prefix.length) : path;
    const row = path.startsWith(prefix) ? files.get(root.key, relpath) : undefined;
    if (row === undefined) {
      this.addProblem(path, 'NOT_IN_ROOT', `${path} is not a file of ${root.name} that is known.`);
      return;
    }
    const known = hashes.get(relpath)?.blake3 ?? row.blake3;
    if (known?.toString('hex') === blake3) {
      if (!this.#taken.has(relpath)) this.#known++;
      return;
    }
    if (known !== null) {
      if (this.#taken.has(relpath)) this.#giveUp(row.relpath, hashes);
      else {
        const message = `${relpath} is known to have another hash than the listing says. Verify it.`;
        this.addProblem(relpath, 'HASH_DIFFERS', message);
      }
      return;
    }
    if (row.mtimeMs + YOUNG_MS > this.#listedAt) {
      this.addProblem(
        relpath,
        'NEWER_THAN_LISTING',
        `${relpath} was modified when or after the listing was made. Hash now (\`scan --hash\`) reads it.`,
      );
      return;
    }
    hashes.set(relpath, { ...row, blake3: Buffer.from(blake3, 'hex') });
    this.#taken.add(relpath);
  }

  /** Listed twice, with different hashes: neither is believed. */
  #giveUp(relpath: string, hashes: Map<string, KnownHash>): void {
    const { root, files } = this.#options;
    const row = files.get(root.key, relpath);
    hashes.delete(relpath);
    this.#taken.delete(relpath);
    if (row !== undefined) files.put(root.key, { ...row, blake3: null });
    this.addProblem(relpath, 'LISTED_TWICE', `${relpath} is listed twice, with different hashes.`);
  }
}
