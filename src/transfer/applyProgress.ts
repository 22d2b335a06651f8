import type { Clock } from '../base/clock.ts';
import type { Progress } from '../protocol/values.ts';

const SHOW_EVERY_MS = 100;

export interface ApplyTotals {
  readonly items: number;
  readonly doneItems: number;
  readonly bytes: number;
  readonly doneBytes: number;
}

/** How far an apply is: what is recorded, with the bytes of copies that are still on their way. */
export class ApplyProgress {
  readonly #clock: Clock;
  readonly #onProgress: (progress: Progress) => void;
  #totals = { items: 0, doneItems: 0, bytes: 0, doneBytes: 0 };
  #inFlightBytes = 0;
  /** Copied by this run itself, once or again. */
  #movedBytes = 0;
  #shownAt = -Infinity;

  /** @param onProgress told ten times a second at most */
  constructor(clock: Clock, onProgress: (progress: Progress) => void) {
    this.#clock = clock;
    this.#onProgress = onProgress;
  }

  setTotals(totals: ApplyTotals): void {
    this.#totals = { ...totals };
    this.#showSometimes();
  }

  /** Bytes of copies that are not recorded yet; `moved`: those that were copied just now. */
  addInFlight(bytes: number, moved: number): void {
    this.#inFlightBytes += bytes;
    this.#movedBytes += moved;
    this.#showSometimes();
  }

  /** What these copies come to is recorded, or given up. */
  landed(bytes: number): void {
    this.#inFlightBytes -= bytes;
  }

  done(items: number, bytes: number): void {
    this.#totals.doneItems += items;
    this.#totals.doneBytes += bytes;
    this.#showSometimes();
  }

  show(): void {
    this.#shownAt = this.#clock.now();
    const { items, doneItems, bytes, doneBytes } = this.#totals;
    this.#onProgress({
      doneItems,
      totalItems: items,
      doneBytes: Math.max(0, Math.min(bytes, doneBytes + this.#inFlightBytes)),
      totalBytes: bytes,
      movedBytes: this.#movedBytes,
    });
  }

  #showSometimes(): void {
    if (this.#clock.now() - this.#shownAt >= SHOW_EVERY_MS) this.show();
  }
}
