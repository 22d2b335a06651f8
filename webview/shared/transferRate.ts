export interface RateSample {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly doneBytes: number;
}

/** Long enough to smooth a burst, short enough to notice a stall. */
const WINDOW_MS = 10_000;
const MIN_SPAN_MS = 1_000;

/** The samples of the last ten seconds, with the new one. A count that fell (a retry) starts afresh. */
export function addSample(samples: readonly RateSample[], sample: RateSample): readonly RateSample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.doneBytes < last.doneBytes) return [sample];
  return [...samples.filter(({ atMs }) => sample.atMs - atMs <= WINDOW_MS), sample];
}

/** Bytes a second over the samples; undefined until they span a second. */
export function rateOf(samples: readonly RateSample[]): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.atMs - first.atMs < MIN_SPAN_MS) return undefined;
  return ((last.doneBytes - first.doneBytes) * 1_000) / (last.atMs - first.atMs);
}

/** Milliseconds until `totalBytes` are done; undefined when nobody can say. */
export function timeLeft(samples: readonly RateSample[], totalBytes: number | null): number | undefined {
  const rate = rateOf(samples);
  const done = samples.at(-1)?.doneBytes;
  if (rate === undefined || rate <= 0 || done === undefined || totalBytes === null) return undefined;
  return (Math.max(0, totalBytes - done) / rate) * 1_000;
}
