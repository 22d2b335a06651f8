import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { createEngine, type Engine } from '../../src/engine.ts';
import type { UseCaseOutput } from '../../src/protocol/useCases.ts';
import type { Job } from '../../src/protocol/values.ts';

/** A file time well in the past, so that hashes are trusted at once. */
export const OLD_MS = 1_600_000_000_000;

/** Engines of one suite, closed after each test. Call it inside `describe`. */
export function engines(): (dataDir: string, options?: { readonly watch?: boolean }) => Promise<Engine> {
  const open: Engine[] = [];
  afterEach(async () => {
    for (const engine of open.splice(0)) await engine.close();
  });
  return async (dataDir, { watch = false } = {}) => {
    const engine = await createEngine({ dataDir, version: '0.0.0-test', runQueue: true, watch });
    open.push(engine);
    return engine;
  };
}

/** Writes a file under a folder with an old time (or the given one). */
export function put(folder: string, relpath: string, text: string, mtimeMs = OLD_MS): void {
  const path = join(folder, relpath);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  utimesSync(path, mtimeMs / 1_000, mtimeMs / 1_000);
}

export function exists(folder: string, relpath: string): boolean {
  return statSync(join(folder, relpath), { throwIfNoEntry: false }) !== undefined;
}

/** Waits until the jobs are over, and gives them. */
export async function over(engine: Engine, ids: readonly string[]): Promise<Job[]> {
  for (;;) {
    const { over: settled, jobs } = await engine.call('jobs.wait', { ids: [...ids] });
    if (settled) return jobs;
  }
}

export async function scan(engine: Engine, options: { hash?: boolean } = {}): Promise<Job[]> {
  const { jobs } = await engine.call('library.scan', options);
  return over(
    engine,
    jobs.map(({ job }) => job),
  );
}

export async function apply(
  engine: Engine,
  plan: string,
): Promise<{ job: Job; result: UseCaseOutput<'plans.result'> }> {
  const { job: id } = await engine.call('plans.apply', { plan });
  const [job] = await over(engine, [id]);
  if (job === undefined) throw new Error('the job is gone');
  return { job, result: await engine.call('plans.result', { job: id }) };
}
