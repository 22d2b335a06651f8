import { LakesideError } from '../base/errors.ts';
import { isOver, type Job } from '../protocol/values.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import { cancelJob } from './cancelJob.ts';
import type { Core } from './core.ts';
import { isHeldUp, withHold } from './heldJobs.ts';
import type { Implementations } from './implementations.ts';
import { requireJob, wrongState } from './requireJob.ts';

export function jobUseCases(
  core: Core,
): Pick<Implementations, 'jobs.list' | 'jobs.get' | 'jobs.wait' | 'jobs.cancel' | 'jobs.clear'> {
  const { store, clock } = core;

  const get = (id: string): Job => withHold(requireJob(core, id), store.queue.holds());

  return {
    'jobs.list': ({ states, parent, limit }) => {
      const paused = store.queue.holds();
      const jobs = parent === undefined ? store.jobs.list({ states, limit }) : store.jobs.parts(parent).slice(0, limit);
      const listed = states === undefined ? jobs : jobs.filter(({ status }) => states.includes(status));
      return { jobs: listed.map((job) => withHold(job, paused)), counts: store.jobs.counts(), paused };
    },
    'jobs.get': ({ id }) => ({ job: get(id) }),
    'jobs.wait': async ({ ids, timeoutMs }, { signal }) => {
      const settled = (job: Job): boolean => isOver(job.status) || isHeldUp(job);
      const look = (): Job[] => ids.map(get);
      const over = await core.until(() => look().every(settled), timeoutMs, signal);
      return { over, jobs: look() };
    },
    'jobs.cancel': ({ id, keepPartials = false }) => {
      get(id);
      if (!cancelJob(core, id, { keepPartials })) throw wrongState(get(id), 'canceled');
      return { job: get(id) };
    },
    'jobs.clear': async ({ id }) => {
      if (id !== undefined && !isOver(get(id).status)) {
        throw new LakesideError('JOB_STATE', 'validation', 'This job is not over. Cancel it first.');
      }
      let removed = 0;
      for (let more = true; more;) {
        const step = await retryWhileBusy(() => store.jobs.clearSome({ id }), clock);
        removed += step.removed;
        more = step.more;
      }
      core.changed('jobs');
      return { removed };
    },
  };
}
