import type { Clock } from '../../src/base/clock.ts';
import type { Disposable } from '../../src/base/disposables.ts';

/** Hints come in bursts. */
const GATHER_MS = 120;

/** Fetches what is shown: one fetch at a time, and what is asked meanwhile is one more after it. */
export class Refresher implements Disposable {
  readonly #clock: Clock;
  readonly #fetch: () => Promise<void>;
  /** Who waits for a fetch that began after they asked; rising. */
  #waiting: { readonly asked: number; readonly resolve: () => void }[] = [];
  #isRunning = false;
  #asked = 0;
  #gathering: Disposable | undefined;
  #disposed = false;

  /** @param fetch must not reject */
  constructor(clock: Clock, fetch: () => Promise<void>) {
    this.#clock = clock;
    this.#fetch = fetch;
  }

  /** Resolves when what was there at this call has been fetched, also while hints keep coming; at once when disposed. */
  now(): Promise<void> {
    if (this.#disposed) return Promise.resolve();
    this.#asked++;
    return new Promise((resolve) => {
      this.#waiting.push({ asked: this.#asked, resolve });
      if (!this.#isRunning) void this.#fetchUntilCurrent();
    });
  }

  /** After a moment, together with what else is asked for in it. */
  soon(): void {
    if (this.#disposed) return;
    this.#gathering ??= this.#clock.after(GATHER_MS, () => {
      this.#gathering = undefined;
      void this.now();
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.#gathering?.dispose();
    this.#settle(Infinity);
  }

  async #fetchUntilCurrent(): Promise<void> {
    this.#isRunning = true;
    for (let served = -1; served !== this.#asked && !this.#disposed;) {
      served = this.#asked;
      await this.#fetch();
      this.#settle(served);
    }
    this.#isRunning = false;
  }

  #settle(served: number): void {
    const settled = this.#waiting.filter(({ asked }) => asked <= served);
    this.#waiting = this.#waiting.filter(({ asked }) => asked > served);
    for (const { resolve } of settled) resolve();
  }
}
