import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { runScript } from './command.ts';
import type { Part, PartResult } from './runPart.ts';

const countsSchema = z.object({ passed: z.int(), failed: z.int(), pending: z.int() });

/** Most tests start threads and processes of their own. */
const MAX_JOBS = 4;

export interface MochaPartOptions {
  /** Only tests whose full title holds this text. */
  readonly grep?: string | undefined;
  /** Folder for V8's raw coverage of the tests, their child processes and worker threads. */
  readonly coverageDir?: string;
  /** Several files at once, each in a process; for tests that share nothing. */
  readonly parallel?: boolean;
  /** Longest time of one test; by default that of .mocharc.json. */
  readonly timeoutMs?: number;
}

/** The tests in test/<name>/, run by mocha from their TypeScript sources. */
export function mochaPart(name: string, options: MochaPartOptions = {}): Part {
  return { name, run: () => runMocha(name, options) };
}

async function runMocha(
  name: string,
  { grep, coverageDir, parallel, timeoutMs }: MochaPartOptions,
): Promise<PartResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lakeside-test-'));
  try {
    const resultFile = path.join(folder, 'result.json');
    const args = ['--reporter', 'scripts/test/countingReporter.cjs', `test/${name}/**/*.test.ts`];
    if (grep !== undefined) args.push('--fgrep', grep);
    if (parallel === true) args.push('--parallel', '--jobs', String(Math.min(MAX_JOBS, availableParallelism())));
    if (timeoutMs !== undefined) args.push('--timeout', String(timeoutMs));
    const code = await runScript('node_modules/mocha/bin/mocha.js', args, {
      LAKESIDE_TEST_RESULT: resultFile,
      ...(coverageDir === undefined ? {} : { NODE_V8_COVERAGE: coverageDir }),
    });
    const counts = await readCounts(resultFile);
    // A run that ended badly without a failed test (a crash, an unhandled rejection) is a failure all the same.
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readCounts(file: string): Promise<PartResult> {
  try {
    return countsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    console.error('mocha ended before it had counted its tests.');
    return { passed: 0, failed: 1, pending: 0 };
  }
}
