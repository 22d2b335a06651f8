import { untilAborted } from '../base/abort.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { canceledError, type LakesideError, toLakesideError } from '../base/errors.ts';
import type { HashReport, Problem, Progress } from '../protocol/values.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { FileChange, FileStore } from '../store/fileStore.ts';
import type { RootRow } from '../store/rootStore.ts';
import { batchForHashing, pagesToHash, type HashSelection, sumToHash } from './hashSelection.ts';
import { isYoung, YOUNG_MS } from './hashTrust.ts';
import type { Hold } from './hold.ts';
import type { IoPool } from './ioPool.ts';
import type { HashOutcome } from './ioTasks.ts';
import { absolutePath } from './pathRules.ts';
import { requireMounted } from './probeRoot.ts';

export interface HashOptions {
  readonly root: RootRow;
  readonly store: FileStore;
  readonly pool: IoPool;
  readonly selection: HashSelection;
  readonly signal: AbortSignal;
  /** At most ten times a second. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly clock?: Clock | undefined;
  /** Lets it stand still while something more urgent goes on. */
  readonly hold?: Hold | undefined;
}

/** Hashes are recorded together: each lands anywhere in the index by content, so small transactions write far more. */
const HASHES_A_WRITE = 1_000;
const WRITE_EVERY_MS = 1_000;
/** A file still young after so many rounds is being written all the time. */
const MAX_YOUNG_ROUNDS = 5;
const PROGRESS_EVERY_MS = 100;

/**
 * Hashes the selected files that have no trusted hash, and records the hashes as it goes: what is done stays done.
 * Young files are hashed at the end, once they are old enough. Files that vanished or cannot be read are problems.
 * @throws LakesideError ROOT_NOT_MOUNTED (retryable), UNC_HOST_NOT_ALLOWED; CANCELED
 */
export async function hashFiles(options: HashOptions): Promise<HashReport> {
  const clock = options.clock ?? systemClock;
  await untilAborted(requireMounted(options.root, clock), options.signal, `Hashing ${options.root.name}`);
  return new HashRun(options, clock).run();
}

class HashRun {
  readonly #options: HashOptions;
  readonly #clock: Clock;
  readonly #problems: Problem[] = [];
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #failure: LakesideError | undefined;
  #young: FileChange[] = [];
  #hashed = 0;
  #hashedBytes = 0;
  #doneItems = 0;
  #doneBytes = 0;
  #total = { files: 0, bytes: 0 };
  #progressAt = 0;
  #changed: FileChange[] = [];
  #hashes: (FileChange & { readonly blake3: Buffer })[] = [];
  #writtenAt: number;

  constructor(options: HashOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#writtenAt = clock.now();
  }

  async run(): Promise<HashReport> {
    const { root, store, selection, signal } = this.#options;
    const startedAt = this.#clock.now();
    const onAbort = (): void => this.#stop.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      this.#total = sumToHash(store, root.key, selection);
      this.#report();
      for (const page of pagesToHash(store, root.key, selection)) await this.#hashPage(page);
      await this.#settled();
      await this.#hashYoung();
      this.#report(true);
    } finally {
      this.#stop.abort();
      await Promise.allSettled(this.#running);
      await this.#write();
      signal.removeEventListener('abort', onAbort);
    }
    return {
      hashed: this.#hashed,
      hashedBytes: this.#hashedBytes,
      problems: this.#problems,
      ms: this.#clock.now() - startedAt,
    };
  }

  /** Starts the hashing of these files; returns as soon as the next page may come. */
  async #hashPage(files: readonly FileChange[]): Promise<void> {
    const old: FileChange[] = [];
    for (const file of files) (isYoung(file.mtimeMs, this.#clock.now()) ? this.#young : old).push(file);
    for (const batch of batchForHashing(old)) {
      // One batch beyond the threads, so that none waits for the next message.
      while (this.#running.size > this.#options.pool.size) await Promise.race(this.#running);
      this.#requireGoing();
      const task = this.#hashBatch(batch)
        .catch((error: unknown) => {
          this.#failure ??= toLakesideError(error);
          this.#stop.abort();
        })
        .finally(() => this.#running.delete(task));
      this.#running.add(task);
    }
  }

  async #hashYoung(): Promise<void> {
    for (let round = 0; this.#young.length > 0 && round < MAX_YOUNG_ROUNDS; round++) {
      const files = this.#young;
      this.#young = [];
      const oldAt = Math.max(...files.map((file) => file.mtimeMs)) + YOUNG_MS;
      await this.#wait(oldAt - this.#clock.now());
      await this.#hashPage(files);
      await this.#settled();
    }
    for (const { relpath } of this.#young) {
      const message = `${absolutePath(this.#options.root.path, relpath)} is being written all the time. Hash it again when its program is done.`;
      this.#problems.push({ path: relpath, code: 'FILE_CHANGING', message });
    }
  }

  async #hashBatch(files: readonly FileChange[]): Promise<void> {
    const { root, pool } = this.#options;
    const begunAt = this.#clock.now();
    let reported = 0;
    const outcomes = await pool.run(
      'hash',
      { paths: files.map((file) => absolutePath(root.path, file.relpath)) },
      {
        signal: this.#stop.signal,
        repeatable: true,
        hold: this.#options.hold,
        onBytes: (bytes) => {
          reported += bytes;
          this.#doneBytes += bytes;
          this.#report();
        },
      },
    );
    this.#doneBytes -= reported;
    await this.#record(files, outcomes, begunAt);
    this.#report();
  }

  async #record(files: readonly FileChange[], outcomes: readonly HashOutcome[], begunAt: number): Promise<void> {
    const failed: Problem[] = [];
    for (const [index, { relpath, size, mtimeMs }] of files.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined || 'error' in outcome) {
        this.#doneItems++;
        this.#doneBytes += size;
        failed.push(problemOf(relpath, outcome?.error));
        continue;
      }
      const now = { relpath, size: outcome.file.size, mtimeMs: outcome.file.mtimeMs };
      // Modified since it was scanned: the index learns what it is now.
      if (now.size !== size || now.mtimeMs !== mtimeMs) this.#changed.push(now);
      if (isYoung(now.mtimeMs, begunAt)) {
        this.#young.push(now);
        this.#total.bytes += now.size - size;
        continue;
      }
      this.#doneItems++;
      this.#doneBytes += size;
      this.#hashed++;
      this.#hashedBytes += now.size;
      this.#hashes.push({ ...now, blake3: Buffer.from(outcome.file.blake3) });
    }
    if (failed.length > 0) {
      // Many files failing at once are most likely one drive gone.
      await requireMounted(this.#options.root, this.#clock);
      this.#problems.push(...failed);
    }
    const due = this.#clock.now() - this.#writtenAt >= WRITE_EVERY_MS;
    if (due || this.#hashes.length >= HASHES_A_WRITE) await this.#write();
  }

  async #write(): Promise<void> {
    const { root, store } = this.#options;
    const [changed, hashes] = [this.#changed, this.#hashes];
    this.#changed = [];
    this.#hashes = [];
    this.#writtenAt = this.#clock.now();
    await retryWhileBusy(() => {
      if (changed.length > 0) store.applyScan(root.key, changed, []);
      if (hashes.length > 0) store.setHashes(root.key, hashes);
    }, this.#clock);
  }

  async #settled(): Promise<void> {
    await Promise.all(this.#running);
    this.#requireGoing();
  }

  #requireGoing(): void {
    if (this.#options.signal.aborted) throw canceledError(this.#what());
    if (this.#failure !== undefined) throw this.#failure;
  }

  #what(): string {
    return `Hashing ${this.#options.root.name}`;
  }

  async #wait(ms: number): Promise<void> {
    if (ms <= 0) return;
    const { signal } = this.#stop;
    // Neither the clock nor an idle pool keeps the command line's process alive.
    const keepAlive = setInterval(() => undefined, 60_000);
    await new Promise<void>((resolve) => {
      const timer = this.#clock.after(ms, () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
      const onAbort = (): void => {
        timer.dispose();
        resolve();
      };
      signal.addEventListener('abort', onAbort, { once: true });
    });
    clearInterval(keepAlive);
    this.#requireGoing();
  }

  #report(last = false): void {
    const now = this.#clock.now();
    if (this.#options.onProgress === undefined) return;
    if (!last && now - this.#progressAt < PROGRESS_EVERY_MS) return;
    this.#progressAt = now;
    this.#options.onProgress({
      doneItems: this.#doneItems,
      totalItems: Math.max(this.#total.files, this.#doneItems),
      doneBytes: Math.max(0, this.#doneBytes),
      totalBytes: Math.max(this.#total.bytes, this.#doneBytes),
    });
  }
}

const GONE = new Set(['ENOENT', 'ENOTDIR']);

function problemOf(relpath: string, error: { readonly code: string; readonly message: string } | undefined): Problem {
  if (error === undefined) return { path: relpath, code: 'INTERNAL', message: `${relpath} was not hashed.` };
  return { path: relpath, code: GONE.has(error.code) ? 'FILE_GONE' : error.code, message: error.message };
}
