/** How much of something was done at a time: bytes, or files. */
export interface RateSample {
  /** Milliseconds, not before those of the sample before. */
  readonly atMs: number;
  readonly done: number;
}

/** Long enough to smooth a burst, short enough to notice a stall. */
const WINDOW_MS = 10_000;
/** Less than this is too short to say anything. */
const MIN_SPAN_MS = 1_000;

/** The samples of the last ten seconds, with the new one. A count that fell (a job that starts over) starts afresh. */
export function addSample(samples: readonly RateSample[], sample: RateSample): readonly RateSample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.done < last.done) return [sample];
  const all = [...samples, sample];
  // The newest sample outside the window is kept: the window begins there.
  const first = all.findLastIndex(({ atMs }) => sample.atMs - atMs >= WINDOW_MS);
  return first > 0 ? all.slice(first) : all;
}

/** How fast it goes, per second; undefined until the samples span a second. */
export function rateOf(samples: readonly RateSample[]): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.atMs - first.atMs < MIN_SPAN_MS) return undefined;
  return ((last.done - first.done) * 1_000) / (last.atMs - first.atMs);
}

/** Milliseconds until all is done at this rate; undefined when nobody can say. */
export function timeLeftMs(done: number, total: number | null, rate: number | undefined): number | undefined {
  if (total === null || rate === undefined || rate <= 0) return undefined;
  return (Math.max(0, total - done) / rate) * 1_000;
}
