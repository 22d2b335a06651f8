import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { bandwidthAt, type BandwidthSetting, wallTime } from './bandwidth.ts';
import { Pacer } from './pacer.ts';

const LOOK_MS = 1_000;

/** The limit of this process's copies, kept at what settings and timetable say as long as anything is copied. */
export class BandwidthLimit {
  readonly #pacer: Pacer;
  readonly #clock: Clock;
  readonly #setting: () => BandwidthSetting;
  #followers = 0;
  #timer: Disposable | undefined;

  constructor(clock: Clock, setting: () => BandwidthSetting, pacer = new Pacer()) {
    this.#clock = clock;
    this.#setting = setting;
    this.#pacer = pacer;
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
    this.#pacer.bytesPerSecond = bandwidthAt(this.#setting(), wallTime(new Date(this.#clock.now())));
    this.#timer = this.#clock.after(LOOK_MS, () => this.#look());
  }
}
