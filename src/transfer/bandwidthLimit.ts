import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { bandwidthAt, type BandwidthSetting, wallTime } from './bandwidth.ts';
import { Pacer } from './pacer.ts';

const LOOK_MS = 1_000;

export interface BandwidthLimitOptions {
  readonly clock: Clock;
  readonly setting: () => BandwidthSetting;
  /** How many processes of the data dir copy, this one included: each takes an equal share. */
  readonly processes: () => number;
  readonly pacer?: Pacer;
}

/**
 * This process's share of the limit of all copies on the data dir, kept at what settings and timetable say as long as
 * anything is copied.
 */
export class BandwidthLimit {
  readonly #options: BandwidthLimitOptions;
  readonly #pacer: Pacer;
  #followers = 0;
  #timer: Disposable | undefined;

  constructor(options: BandwidthLimitOptions) {
    this.#options = options;
    this.#pacer = options.pacer ?? new Pacer();
  }

  /** For the threads that copy. */
  get shared(): SharedArrayBuffer {
    return this.#pacer.shared;
  }

  /** Looks at the settings and the time now, and once a second until disposed. */
  follow(): Disposable {
    this.#followers += 1;
    this.#look();
    let followed = true;
    return {
      dispose: () => {
        if (!followed) return;
        followed = false;
        this.#followers -= 1;
        if (this.#followers === 0) this.#timer?.dispose();
      },
    };
  }

  #look(): void {
    this.#timer?.dispose();
    const { clock, setting, processes } = this.#options;
    const rate = bandwidthAt(setting(), wallTime(new Date(clock.now())));
    // A share of 0 would be no limit.
    this.#pacer.bytesPerSecond = rate === 0 ? 0 : Math.max(1, Math.floor(rate / Math.max(1, processes())));
    this.#timer = clock.after(LOOK_MS, () => this.#look());
  }
}
