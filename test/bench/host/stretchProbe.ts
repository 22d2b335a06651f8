import type { Stretch } from '../hostMeasurement.ts';

const EVERY_MS = 5;

/** Notes how long this thread ever kept a timer waiting, and how much of that it was itself at work. */
export class StretchProbe {
  readonly #timer: NodeJS.Timeout;
  #lastTime = performance.now();
  #lastWork = threadWorkMs();
  #longestWaitMs = 0;
  #longestWorkMs = 0;

  constructor() {
    this.#timer = setInterval(() => this.#tick(), EVERY_MS);
  }

  /** Ends the probe. A wait is longer than the work when the system gave the processor to others. */
  stop(): Stretch {
    this.#tick();
    clearInterval(this.#timer);
    return { longestWaitMs: this.#longestWaitMs, longestWorkMs: this.#longestWorkMs };
  }

  #tick(): void {
    const [time, work] = [performance.now(), threadWorkMs()];
    this.#longestWaitMs = Math.max(this.#longestWaitMs, time - this.#lastTime - EVERY_MS);
    this.#longestWorkMs = Math.max(this.#longestWorkMs, work - this.#lastWork);
    this.#lastTime = time;
    this.#lastWork = work;
  }
}

/** Milliseconds of processor time of this thread alone. */
function threadWorkMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
