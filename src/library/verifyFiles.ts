import * as z from 'zod';

import { untilAborted } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { canceledError, type LakesideError, toLakesideError } from '../base/errors.ts';
import { type Problem, type Progress, type VerifyReport, verifyReportSchema } from '../protocol/values.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { FileRow, FileStore, KnownHash } from '../store/fileStore.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { RottenFile, VerifiedStore } from '../store/verifiedStore.ts';
import type { Hold } from './hold.ts';
import type { IoPool } from './ioPool.ts';
import { requireMounted } from './probeRoot.ts';
import { readAgain, type Verdict } from './readAgain.ts';
import { pagesToVerify, sumToVerify, type VerifyCursor, type VerifySelection } from './verifySelection.ts';

export interface VerifyOptions {
  readonly root: RootRow;
  readonly files: FileStore;
  readonly verified: VerifiedStore;
  readonly pool: IoPool;
  readonly selection: VerifySelection;
  /** Key of the job, by which it goes on where it was. */
  readonly jobKey: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly hold: Hold;
  readonly onProgress: (progress: Progress) => void;
  /** Whether this process still has the job: nothing is recorded where it has not. */
  readonly isHeld: () => boolean;
}

/** Files read one after the other in a thread; a cursor goes on by so many. */
const MAX_FILES_A_BATCH = 50;
const MAX_BYTES_A_BATCH = 8 * 1024 * 1024;
const RECORD_EVERY_MS = 1_000;
const PROGRESS_EVERY_MS = 100;
const MAX_PROBLEMS = 1_000;

/** Kept beside the cursor's relpath. */
const keptSchema = z.object({
  report: verifyReportSchema,
  part: z.int(),
  doneItems: z.int(),
  doneBytes: z.int(),
});

interface Batch {
  readonly files: readonly KnownHash[];
  readonly cursor: VerifyCursor;
  verdicts: readonly Verdict[] | undefined;
}

/**
 * Reads hashed files of a root again and compares them with their hashes. What is found is recorded as it goes, with how
 * far it is: run again under the same job it goes on from there. No hash is ever changed.
 * @throws LakesideError ROOT_NOT_MOUNTED (retryable); CANCELED
 */
export async function verifyFiles(options: VerifyOptions): Promise<VerifyReport> {
  const { root, clock, signal } = options;
  await untilAborted(requireMounted(root, clock), signal, `Verifying ${root.name}`);
  return new VerifyRun(options).run();
}

class VerifyRun {
  readonly #options: VerifyOptions;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #report: VerifyReport;
  readonly #startedAt: number;
  readonly #msBefore: number;
  /** In the order of the selection: the cursor passes what is finished without a gap. */
  #batches: Batch[] = [];
  #cursor: VerifyCursor;
  #rotten: RottenFile[] = [];
  #well: string[] = [];
  #failure: LakesideError | undefined;
  #total = { files: 0, bytes: 0, unhashed: 0 };
  /** Of batches that are not finished. */
  #runningBytes = 0;
  #doneItems: number;
  #doneBytes: number;
  #recordedAt: number;
  #progressAt = 0;

  constructor(options: VerifyOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
    this.#recordedAt = this.#startedAt;
    const before = options.verified.cursor(options.jobKey);
    const kept = keptSchema.safeParse(before?.report).data;
    this.#report = kept?.report ?? emptyReport(options.root.name);
    this.#msBefore = this.#report.ms;
    this.#cursor = { part: kept?.part ?? 0, after: kept === undefined ? '' : (before?.after ?? '') };
    this.#doneItems = kept?.doneItems ?? 0;
    this.#doneBytes = kept?.doneBytes ?? 0;
  }

  async run(): Promise<VerifyReport> {
    const { root, files, selection, signal } = this.#options;
    const onAbort = (): void => this.#stop.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      this.#total = sumToVerify(files, root.key, selection);
      this.#report.unhashed = this.#total.unhashed;
      this.#tell();
      for (const page of pagesToVerify(files, root.key, selection, this.#cursor)) await this.#verifyPage(page);
      while (this.#running.size > 0) {
        await Promise.race(this.#running);
        await this.#recordSometimes();
      }
      this.#requireGoing();
      this.#tell(true);
      return this.#report;
    } finally {
      this.#stop.abort();
      await Promise.allSettled(this.#running);
      // What is done stays done, however it ends.
      await this.#record();
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #verifyPage({ part, rows }: { readonly part: number; readonly rows: readonly FileRow[] }): Promise<void> {
    this.#requireGoing();
    const known = rows.filter((row): row is KnownHash => row.blake3 !== null);
    for (const files of batchesInOrder(known)) {
      while (this.#running.size > this.#options.pool.size) await Promise.race(this.#running);
      await this.#recordSometimes();
      this.#requireGoing();
      const batch: Batch = { files, cursor: { part, after: files.at(-1)?.relpath ?? '' }, verdicts: undefined };
      this.#batches.push(batch);
      const task = this.#verifyBatch(batch)
        .catch((error: unknown) => {
          this.#failure ??= toLakesideError(error);
          this.#stop.abort();
        })
        .finally(() => this.#running.delete(task));
      this.#running.add(task);
    }
  }

  async #verifyBatch(batch: Batch): Promise<void> {
    const { root, pool, clock, hold } = this.#options;
    let reported = 0;
    const verdicts = await readAgain({
      root,
      files: batch.files,
      pool,
      hold,
      signal: this.#stop.signal,
      onBytes: (bytes) => {
        reported += bytes;
        this.#runningBytes += bytes;
        this.#tell();
      },
    });
    // Many files failing at once are most likely one drive gone.
    if (verdicts.some(({ is }) => is === 'unreadable')) await requireMounted(root, clock);
    this.#runningBytes -= reported;
    batch.verdicts = verdicts;
    this.#advance();
    this.#tell();
  }

  /** Takes in the batches that are finished, in their order. */
  #advance(): void {
    for (let batch = this.#batches[0]; batch?.verdicts !== undefined; batch = this.#batches[0]) {
      for (const [index, verdict] of batch.verdicts.entries()) {
        const file = batch.files[index];
        if (file !== undefined) this.#take(file, verdict);
      }
      this.#cursor = batch.cursor;
      this.#batches.shift();
    }
  }

  #take(file: KnownHash, verdict: Verdict): void {
    const { relpath, size, mtimeMs, blake3: expected } = file;
    this.#doneItems++;
    this.#doneBytes += size;
    switch (verdict.is) {
      case 'well':
        this.#report.verified++;
        this.#report.verifiedBytes += size;
        this.#well.push(relpath);
        return;
      case 'changed':
        this.#report.changed++;
        return;
      case 'unreadable':
        this.#addProblem(verdict.problem);
        return;
      case 'rotten':
        this.#report.rotten++;
        this.#addProblem(verdict.problem);
        this.#rotten.push({
          relpath,
          size,
          mtimeMs,
          expected,
          found: verdict.found,
          foundAt: this.#options.clock.now(),
        });
    }
  }

  #addProblem(problem: Problem): void {
    if (this.#report.problems.length < MAX_PROBLEMS) this.#report.problems.push(problem);
  }

  async #recordSometimes(): Promise<void> {
    if (this.#options.clock.now() - this.#recordedAt >= RECORD_EVERY_MS) await this.#record();
  }

  async #record(): Promise<void> {
    const { root, verified, jobKey, clock, isHeld } = this.#options;
    if (!isHeld()) return;
    this.#recordedAt = clock.now();
    this.#report.ms = this.#msBefore + clock.now() - this.#startedAt;
    const [rotten, well] = [this.#rotten, this.#well];
    this.#rotten = [];
    this.#well = [];
    const kept: z.infer<typeof keptSchema> = {
      report: this.#report,
      part: this.#cursor.part,
      doneItems: this.#doneItems,
      doneBytes: this.#doneBytes,
    };
    await retryWhileBusy(
      () => verified.record(root.key, { jobKey, after: this.#cursor.after, report: kept, rotten, well }),
      clock,
    );
  }

  #requireGoing(): void {
    if (this.#options.signal.aborted) throw canceledError(`Verifying ${this.#options.root.name}`);
    if (this.#failure !== undefined) throw this.#failure;
  }

  #tell(last = false): void {
    const now = this.#options.clock.now();
    if (!last && now - this.#progressAt < PROGRESS_EVERY_MS) return;
    this.#progressAt = now;
    const doneBytes = this.#doneBytes + Math.max(0, this.#runningBytes);
    this.#options.onProgress({
      doneItems: this.#doneItems,
      totalItems: last ? this.#doneItems : Math.max(this.#total.files, this.#doneItems),
      doneBytes,
      totalBytes: last ? doneBytes : Math.max(this.#total.bytes, doneBytes),
    });
  }
}

function emptyReport(name: string): VerifyReport {
  return { name, verified: 0, verifiedBytes: 0, rotten: 0, changed: 0, unhashed: 0, problems: [], ms: 0 };
}

/** Portions for the threads that keep their order. */
function batchesInOrder(files: readonly KnownHash[]): KnownHash[][] {
  const batches: KnownHash[][] = [];
  let bytes = 0;
  for (const file of files) {
    const batch = batches.at(-1);
    if (batch === undefined || batch.length === MAX_FILES_A_BATCH || bytes + file.size > MAX_BYTES_A_BATCH) {
      batches.push([file]);
      bytes = 0;
    } else batch.push(file);
    bytes += file.size;
  }
  return batches;
}
