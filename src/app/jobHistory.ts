import type { Core } from './core.ts';
import type { Implementations } from './implementations.ts';
import { requireJob } from './requireJob.ts';

/** What was noted of jobs, and how fast they were. */
export function jobHistoryUseCases(core: Core): Pick<Implementations, 'jobs.log' | 'jobs.speed'> {
  const { jobHistory } = core.store;
  return {
    'jobs.log': ({ id, after, limit }) => {
      requireJob(core, id);
      return { lines: jobHistory.lines(id, { after, limit }) };
    },
    'jobs.speed': ({ id }) => {
      requireJob(core, id);
      return { samples: jobHistory.samples(id) };
    },
  };
}
