import { nextState } from '../queue/jobStates.ts';
import { endCanceledRun } from './settleRuns.ts';
import type { Core } from './core.ts';

/** Cancels a job in whatever state it is; false when it is over already. A running one ends when its handler notices. */
export function cancelJob(core: Core, id: string): boolean {
  const { jobs } = core.store;
  const job = jobs.get(id);
  if (job === undefined) return false;
  if (job.status === 'running') {
    jobs.askCancel(id);
    core.queue.cancelHere(id);
    core.changed('jobs');
    return true;
  }
  const to = nextState(job.status, 'cancel');
  const canceled = to !== undefined && jobs.transition(id, job.status, { status: to, now: core.clock.now() });
  if (!canceled) return false;
  core.changed('jobs');
  const run = core.store.runJobs.get(id);
  if (run !== undefined) endCanceledRun(core, run);
  return true;
}
