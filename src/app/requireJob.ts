import { LakesideError } from '../base/errors.ts';
import type { Job } from '../protocol/values.ts';
import type { Core } from './core.ts';

/** Throws JOB_NOT_FOUND. */
export function requireJob({ store }: Core, id: string): Job {
  const job = store.jobs.get(id);
  if (job !== undefined) return job;
  throw new LakesideError('JOB_NOT_FOUND', 'validation', `There is no job ${id}. It may have been cleared.`);
}

/** Why a job cannot be what was asked: `Scan lake cannot be paused: it is over.` */
export function wrongState(job: Job, verb: string): LakesideError {
  return new LakesideError('JOB_STATE', 'validation', `${job.title} cannot be ${verb}: it is ${job.status}.`);
}
