import type { Engine } from '../../src/engine.ts';
import type { UseCaseInput, UseCaseOutput } from '../../src/protocol/useCases.ts';
import type { Job } from '../../src/protocol/values.ts';
import { over } from './engineOn.ts';

export type Generating = Omit<UseCaseInput<'runs.generate'>['generation'], 'provider'> & { provider?: string };

/** A work item to generate for. */
export async function workItem(engine: Engine, project = 'Summer menu', item = 'Poster'): Promise<string> {
  return (await engine.call('items.ensure', { project, item })).item.id;
}

/** Queues a run; by default a small draft. */
export async function generate(engine: Engine, item: string, generation: Generating = {}): Promise<string> {
  const { run } = await engine.call('runs.generate', {
    item,
    generation: { provider: 'draft', values: { width: 64, height: 64 }, ...generation },
  });
  return run;
}

export interface EndedRun extends UseCaseOutput<'runs.get'> {
  readonly job: Job;
}

/** Waits until the run's job is over, and gives both. */
export async function ended(engine: Engine, run: string): Promise<EndedRun> {
  const [job] = await over(engine, [run]);
  if (job === undefined) throw new Error('the job is gone');
  return { ...(await engine.call('runs.get', { id: run })), job };
}
