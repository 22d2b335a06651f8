import type { Clock } from '../../src/base/clock.ts';
import type { Disposable } from '../../src/base/disposables.ts';

/** Hints come in bursts. */
const GATHER_MS = 120;

/** Fetches what is shown: one fetch at a time, and what is asked meanwhile is one more after it. */
export class Refresher implements Disposable {
  readonly #clock: Clock;
  readonly #fetch: () => Promise<void>;
  #running: Promise<void> | undefined;
  #asked = 0;
  #gathering: Disposable | undefined;
  #disposed = false;

  /** @param fetch must not reject */
  constructor(clock: Clock, fetch: () => Promise<void>) {
    this.#clock = clock;
    this.#fetch = fetch;
  }

  /** Resolves when what was there at this call has been fetched. */
  now(): Promise<void> {
    this.#asked++;
    this.#running ??= this.#fetchUntilCurrent().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
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
  }

  async #fetchUntilCurrent(): Promise<void> {
    for (let served = -1; served !== this.#asked && !this.#disposed;) {
      served = this.#asked;
      await this.#fetch();
    }
  }
}
