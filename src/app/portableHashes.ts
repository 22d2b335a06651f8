import type { Clock } from '../base/clock.ts';
import { isCanceled, toLakesideError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { takeHashes } from '../library/takeHashes.ts';
import { writeHashes } from '../library/writeHashes.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { Store } from '../store/store.ts';

export interface PortableHashesOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
}

/** While much is hashed it is written beside the root so often, for other machines and for a crash of this one. */
const WRITE_EVERY_MS = 10_000;
/** A drive that hangs for so long is not waited for: what is due stays due. */
const STALLED_MS = 15_000;
const BUSY_PAUSE_MS = 250;
const BUSY_TRIES = 20;

/**
 * The hashes beside the roots, for the jobs of this engine. Nothing fails because of them: what cannot be read or written
 * is logged, and tried again with the next job.
 */
export class PortableHashes {
  readonly #options: PortableHashesOptions;
  readonly #owner: string;
  readonly #closing = new AbortController();
  readonly #writing = new Map<number, Promise<void>>();
  readonly #writtenAt = new Map<number, number>();
  #stepAt = 0;

  constructor(options: PortableHashesOptions) {
    this.#options = options;
    this.#owner = options.newId();
  }

  /** Takes for files of the index what lies beside the root. `again`: files of it are new or changed. */
  async take(root: RootRow, again: boolean, signal: AbortSignal): Promise<number> {
    const { store, clock } = this.#options;
    try {
      const { taken, damagedLines, unreadable } = await takeHashes({
        root,
        files: store.files,
        journals: store.hashJournals,
        clock,
        signal,
        again,
      });
      if (damagedLines + unreadable > 0) {
        this.#warn(`Some of the hashes beside ${root.name} cannot be read and are left out.`, {
          damagedLines,
          unreadable,
        });
      }
      return taken;
    } catch (error) {
      if (isCanceled(error)) throw error;
      this.#warn(`The hashes beside ${root.name} cannot be read.`, { reason: toLakesideError(error).message });
      return 0;
    }
  }

  /** Writes what is due for a root, if that was not done just now; returns at once. */
  writeSometimes(root: RootRow): void {
    const now = this.#options.clock.now();
    const writtenAt = this.#writtenAt.get(root.key);
    if (writtenAt === undefined) this.#writtenAt.set(root.key, now);
    else if (now - writtenAt >= WRITE_EVERY_MS) void this.#write(root);
  }

  /** Writes what is due for a root; settles when it is written, or when that takes unduly long. */
  async write(root: RootRow, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#closing.signal.aborted) return;
    const waiting = Promise.withResolvers<undefined>();
    this.#stepAt = this.#options.clock.now();
    const look = (): void => {
      if (signal.aborted || this.#options.clock.now() - this.#stepAt >= STALLED_MS) waiting.resolve(undefined);
      else timer = this.#options.clock.after(BUSY_PAUSE_MS, look);
    };
    let timer = this.#options.clock.after(BUSY_PAUSE_MS, look);
    try {
      await Promise.race([this.#write(root), waiting.promise]);
    } finally {
      timer.dispose();
    }
  }

  /** Stops between two writes. Nothing is lost: what is due stays due. */
  async close(): Promise<void> {
    this.#closing.abort();
    const late = Promise.withResolvers<undefined>();
    const timer = this.#options.clock.after(STALLED_MS / 10, () => late.resolve(undefined));
    await Promise.race([Promise.all(this.#writing.values()), late.promise]);
    timer.dispose();
  }

  #write(root: RootRow): Promise<void> {
    const writing = this.#writing.get(root.key) ?? this.#writeNow(root).finally(() => this.#writing.delete(root.key));
    this.#writing.set(root.key, writing);
    return writing;
  }

  async #writeNow(root: RootRow): Promise<void> {
    const { store, clock, newId } = this.#options;
    this.#writtenAt.set(root.key, clock.now());
    try {
      for (let tries = 0; tries < BUSY_TRIES; tries++) {
        const written = await writeHashes({
          root,
          files: store.files,
          journals: store.hashJournals,
          clock,
          signal: this.#closing.signal,
          owner: this.#owner,
          newId,
          onStep: () => (this.#stepAt = clock.now()),
        });
        if (written !== 'busy' || this.#closing.signal.aborted) return;
        await new Promise<void>((resolve) => clock.after(BUSY_PAUSE_MS, resolve));
      }
    } catch (error) {
      if (isCanceled(error)) return;
      this.#warn(`The hashes of ${root.name} cannot be written beside it.`, { reason: toLakesideError(error).message });
    } finally {
      this.#writtenAt.set(root.key, clock.now());
    }
  }

  #warn(message: string, data: Readonly<Record<string, unknown>>): void {
    this.#options.log.write({ level: 'warn', message, data });
  }
}
