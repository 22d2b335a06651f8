import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';

const QUIET_MS = 250;
const LONGEST_MS = 1_000;

/** Gathers names until none came for 250 ms, or for a second, then gives them at once. */
export class BurstGatherer implements Disposable {
  readonly #clock: Clock;
  readonly #onBurst: (names: ReadonlySet<string>) => void;
  #names = new Set<string>();
  #quiet: Disposable | undefined;
  #longest: Disposable | undefined;

  constructor(clock: Clock, onBurst: (names: ReadonlySet<string>) => void) {
    this.#clock = clock;
    this.#onBurst = onBurst;
  }

  add(name: string): void {
    this.#names.add(name);
    this.#quiet?.dispose();
    this.#quiet = this.#clock.after(QUIET_MS, () => this.#flush());
    this.#longest ??= this.#clock.after(LONGEST_MS, () => this.#flush());
  }

  dispose(): void {
    this.#quiet?.dispose();
    this.#longest?.dispose();
    this.#longest = undefined;
  }

  #flush(): void {
    this.dispose();
    const names = this.#names;
    this.#names = new Set();
    this.#onBurst(names);
  }
}
