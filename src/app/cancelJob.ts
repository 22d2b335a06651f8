import { nextState } from '../queue/jobStates.ts';
import { endCanceledRun } from './settleRuns.ts';
import type { Core } from './core.ts';
import { noteJob } from './noteJob.ts';

/**
 * Cancels a job in whatever state it is, a group by its parts; false when it is over already. A running one ends when its
 * handler notices.
 */
export function cancelJob(core: Core, id: string, options: { readonly keepPartials?: boolean } = {}): boolean {
  const { jobs } = core.store;
  const job = jobs.get(id);
  if (job === undefined) return false;
  if (job.kind === 'group') {
    // Each of them, whatever the ones before have come to.
    return jobs.parts(id).filter((part) => cancelJob(core, part.id, options)).length > 0;
  }
  if (job.status === 'running') {
    jobs.askCancel(id, options);
    noteJob(core, id, 'Canceled');
    core.queue.poke();
    core.changed('jobs');
    return true;
  }
  const to = nextState(job.status, 'cancel');
  const canceled = to !== undefined && jobs.transition(id, job.status, { status: to, now: core.clock.now() });
  if (!canceled) return false;
  noteJob(core, id, 'Canceled');
  core.changed('jobs');
  const run = core.store.runJobs.get(id);
  if (run !== undefined) endCanceledRun(core, run);
  return true;
}
