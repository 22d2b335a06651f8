import type { UseCaseOutput } from '../../src/protocol/useCases.ts';

export type SpeedSample = UseCaseOutput<'jobs.speed'>['samples'][number];

/** How fast a job was, ready to be drawn: x and y from 0 to 1, y up. */
export interface SpeedCurve {
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** What y = 1 stands for, per second. */
  readonly peak: number;
  readonly average: number;
  /** What is counted: bytes, or items where it moves no bytes. */
  readonly unit: 'bytes' | 'items';
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly endMs: number;
}

/** More points than this nobody can tell apart. */
const POINTS = 160;

/** The curve of a job's speed; undefined until there are two moments to compare. */
export function speedCurve(samples: readonly SpeedSample[]): SpeedCurve | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.at - first.at < 1_000) return undefined;
  // The last attempt may have moved nothing.
  const unit = samples.some(({ doneBytes }) => doneBytes > 0) ? 'bytes' : 'items';
  const doneOf = (sample: SpeedSample): number => (unit === 'bytes' ? sample.doneBytes : sample.doneItems);
  const span = last.at - first.at;
  const count = Math.max(2, Math.min(POINTS, samples.length - 1));
  const rates: number[] = [];
  for (let index = 0; index < count; index++) {
    const [from, to] = [first.at + (span * index) / count, first.at + (span * (index + 1)) / count];
    // A job that starts over counts from nothing again: that is no speed.
    rates.push(Math.max(0, doneAt(samples, doneOf, to) - doneAt(samples, doneOf, from)) / ((to - from) / 1_000));
  }
  const peak = Math.max(...rates);
  if (peak === 0) return undefined;
  const points = rates.map((rate, index) => ({ x: (index + 0.5) / count, y: rate / peak }));
  // Of each attempt by itself, for the same reason.
  const done = samples.reduce((sum, sample, index) => {
    const before = samples[index - 1];
    return before === undefined ? sum : sum + Math.max(0, doneOf(sample) - doneOf(before));
  }, 0);
  const average = done / (span / 1_000);
  return { points, peak, average, unit, startMs: first.at, endMs: last.at };
}

/** How much was done at a time, between two samples in proportion. */
function doneAt(samples: readonly SpeedSample[], doneOf: (sample: SpeedSample) => number, at: number): number {
  let low = 0;
  let high = samples.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.at ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  const after = samples[low];
  const before = samples[low - 1];
  if (after === undefined) return 0;
  if (before === undefined || after.at <= before.at) return doneOf(after);
  const share = Math.min(1, Math.max(0, (at - before.at) / (after.at - before.at)));
  return doneOf(before) + (doneOf(after) - doneOf(before)) * share;
}

/** An SVG path of the curve, and of the area under it. */
export function curvePaths(
  { points }: SpeedCurve,
  width: number,
  height: number,
): { readonly line: string; readonly area: string } {
  const place = ({ x, y }: { x: number; y: number }): string => `${round(x * width)} ${round((1 - y) * height)}`;
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return { line: '', area: '' };
  const inner = points.map(place).join(' L');
  const line = `M0 ${round((1 - first.y) * height)} L${inner} L${width} ${round((1 - last.y) * height)}`;
  return { line, area: `${line} L${width} ${height} L0 ${height} Z` };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
