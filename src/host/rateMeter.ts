/** Only what happened in the last ten seconds says how fast it goes now. */
const WINDOW_MS = 10_000;
/** Less than this is too short to say anything. */
const MIN_SPAN_MS = 1_000;

/** How fast a count grows, from samples of it. */
export class RateMeter {
  #samples: { readonly time: number; readonly value: number }[] = [];

  /** @param time in ms, not before that of the last sample */
  add(time: number, value: number): void {
    const last = this.#samples.at(-1);
    // A job that starts over counts from the beginning.
    if (last !== undefined && value < last.value) this.#samples = [];
    this.#samples.push({ time, value });
    // The newest sample outside the window is kept: the window begins there.
    while (this.#samples.length > 2 && time - (this.#samples[1]?.time ?? time) >= WINDOW_MS) this.#samples.shift();
  }

  /** Per second; undefined while too little is known. */
  rate(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.time - first.time < MIN_SPAN_MS) return undefined;
    return ((last.value - first.value) * 1_000) / (last.time - first.time);
  }
}
