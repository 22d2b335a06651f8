import { type Clock, systemClock } from '../base/clock.ts';
import { type Disposable, DisposableStore } from '../base/disposables.ts';

/** Runs a task soon after it is asked for, and not again within `intervalMs` however often it is asked for. */
export class Throttle implements Disposable {
  readonly #task: () => void;
  readonly #intervalMs: number;
  readonly #delayMs: number;
  readonly #clock: Clock;
  readonly #owned = new DisposableStore();
  #timer: Disposable | undefined;
  #pending = false;
  #lastRun = -Infinity;

  /** @param delayMs gathers a burst before the first run */
  constructor(task: () => void, intervalMs: number, clock: Clock = systemClock, delayMs = 0) {
    this.#task = task;
    this.#intervalMs = intervalMs;
    this.#delayMs = delayMs;
    this.#clock = clock;
  }

  ask(): void {
    if (this.#pending || this.#owned.isDisposed) return;
    this.#pending = true;
    const wait = Math.max(this.#delayMs, this.#lastRun + this.#intervalMs - this.#clock.now());
    this.#timer?.dispose();
    this.#timer = this.#clock.after(wait, () => {
      this.#pending = false;
      this.#lastRun = this.#clock.now();
      this.#task();
    });
  }

  dispose(): void {
    this.#owned.dispose();
    this.#timer?.dispose();
  }
}
