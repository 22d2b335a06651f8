import type { Job } from '../protocol/values.ts';
import type { Holds } from '../store/queueStore.ts';

/** A job in the queue that is not claimed, since everything or its kind is paused, says so. */
export function withHold(job: Job, holds: Holds): Job {
  if (job.status !== 'queued') return job;
  if (holds.all) return { ...job, waitingFor: 'The queue is paused.' };
  if (job.kind !== 'group' && holds.kinds.includes(job.kind))
    return { ...job, waitingFor: 'Jobs of its kind are paused.' };
  return job;
}

/** Whether it goes on only when something else happens first: a root comes back, or a person resumes it. */
export function isHeldUp({ status, waitingFor }: Job): boolean {
  return status === 'waiting' || status === 'paused' || (status === 'queued' && waitingFor !== undefined);
}
