import { LakesideError } from '../base/errors.ts';
import { isOver, type Job } from '../protocol/values.ts';
import { type JobEvent, nextState } from '../queue/jobStates.ts';
import { cancelJob } from './cancelJob.ts';
import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';
import { requireTrusted } from './refuseUntrusted.ts';

export function jobUseCases(
  core: Core,
): Omit<AreaImplementations<'jobs'>, 'jobs.pause' | 'jobs.resume' | 'jobs.move' | 'jobs.log' | 'jobs.speed'> {
  const { store } = core;

  function get(id: string): Job {
    const job = store.jobs.get(id);
    if (job === undefined) {
      throw new LakesideError('JOB_NOT_FOUND', 'validation', `There is no job ${id}. It may have been cleared.`);
    }
    return job;
  }

  /** Moves a job nobody holds; says so when its state does not allow it. */
  function move(id: string, event: JobEvent, verb: string): Job {
    const job = get(id);
    const to = nextState(job.status, event);
    if (to === undefined || !store.jobs.transition(id, job.status, { status: to, now: core.clock.now() })) {
      throw wrongState(get(id), verb);
    }
    core.changed('jobs');
    core.queue.poke();
    return get(id);
  }

  return {
    'jobs.list': ({ states, limit }) => ({ jobs: store.jobs.list({ states, limit }), counts: store.jobs.counts() }),
    'jobs.get': ({ id }) => ({ job: get(id) }),
    'jobs.wait': async ({ ids, timeoutMs }, { signal }) => {
      const settled = (job: Job): boolean => isOver(job.status) || job.status === 'waiting' || job.status === 'paused';
      const look = (): Job[] => ids.map(get);
      const over = await core.until(() => look().every(settled), timeoutMs, signal);
      return { over, jobs: look() };
    },
    'jobs.cancel': ({ id }) => {
      get(id);
      if (!cancelJob(core, id)) throw wrongState(get(id), 'canceled');
      return { job: get(id) };
    },
    'jobs.retry': ({ id }) => {
      if (get(id).kind === 'apply') requireTrusted(core, 'nothing is applied');
      return { job: move(id, 'retry', 'retried') };
    },
    'jobs.clear': ({ id }) => {
      if (id !== undefined && !isOver(get(id).status)) {
        throw new LakesideError('JOB_STATE', 'validation', 'This job is not over. Cancel it first.');
      }
      const removed = store.jobs.clear(id);
      core.changed('jobs');
      return { removed };
    },
  };
}

function wrongState(job: Job, verb: string): LakesideError {
  return new LakesideError('JOB_STATE', 'validation', `${job.title} cannot be ${verb}: it is ${job.status}.`);
}
