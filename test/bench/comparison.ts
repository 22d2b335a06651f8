import { findProgram } from '../../scripts/setUp.mjs';
import { backFreeMemory, median, type Program, settleDisk, timedProcess } from './timedProcess.ts';

/** One piece of work, done by us and by a public tool. */
export interface Comparison {
  readonly key: string;
  /** The work in words, as the table shows it. */
  readonly work: string;
  /** The tool on PATH that does the same. */
  readonly peer: string;
  /** The tool with its arguments, as the table shows it. */
  readonly against: string;
  /** The largest accepted ratio of our time to the tool's. */
  readonly limit: number;
  /** Bytes that a run writes, and so new pages that the system has to find for it. */
  readonly writes?: number;
  /** Makes ready what one run of ours needs, untimed. */
  prepareOurs(): Program;
  prepareTheirs(): Program;
}

/** What a process of either side takes for itself. */
const PROCESS_BYTES = 512 * 1024 ** 2;

export type Measurement =
  | { readonly state: 'measured'; readonly oursMs: readonly number[]; readonly theirsMs: readonly number[] }
  | { readonly state: 'peer missing' }
  | { readonly state: 'failed'; readonly reason: string };

export interface Result {
  readonly comparison: Pick<Comparison, 'key' | 'work' | 'peer' | 'against' | 'limit'>;
  readonly measurement: Measurement;
}

/** Runs both in turn (A B A B …) after one warm-up each, whole process against whole process. */
export async function measure(comparison: Comparison, runs: number): Promise<Result> {
  return { comparison, measurement: await measurementOf(comparison, runs) };
}

async function measurementOf(comparison: Comparison, runs: number): Promise<Measurement> {
  if (findProgram(comparison.peer) === undefined) return { state: 'peer missing' };
  const oursMs: number[] = [];
  const theirsMs: number[] = [];
  const timed = async (prepare: () => Program): Promise<number> => {
    const program = prepare();
    settleDisk();
    backFreeMemory(PROCESS_BYTES + (comparison.writes ?? 0));
    return timedProcess(program);
  };
  try {
    for (let run = 0; run <= runs; run++) {
      const ours = await timed(() => comparison.prepareOurs());
      const theirs = await timed(() => comparison.prepareTheirs());
      if (run === 0) continue;
      oursMs.push(ours);
      theirsMs.push(theirs);
    }
  } catch (error) {
    return { state: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
  return { state: 'measured', oursMs, theirsMs };
}

/** Our time over the tool's, of the medians; undefined where nothing was measured. */
export function ratioOf({ measurement }: Result): number | undefined {
  if (measurement.state !== 'measured') return undefined;
  return median(measurement.oursMs) / median(measurement.theirsMs);
}

/** Nothing passes by not having run. */
export function isWithinLimit(result: Result): boolean {
  const ratio = ratioOf(result);
  return ratio !== undefined && ratio <= result.comparison.limit;
}
