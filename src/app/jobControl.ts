import { LakesideError } from '../base/errors.ts';
import type { Job } from '../protocol/values.ts';
import { type JobEvent, nextState } from '../queue/jobStates.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { Core } from './core.ts';
import type { Implementations } from './implementations.ts';
import { noteJob } from './noteJob.ts';
import { requireTrusted } from './refuseUntrusted.ts';
import { requireJob, wrongState } from './requireJob.ts';

/** Holding jobs back and letting them go, their order, trying again. A group is asked by its parts. */
export function jobControlUseCases(
  core: Core,
): Pick<Implementations, 'jobs.pause' | 'jobs.resume' | 'jobs.move' | 'jobs.retry' | 'jobs.group'> {
  const { store, clock } = core;
  const write = <T>(run: () => T): Promise<T> => retryWhileBusy(run, clock);

  /** The job itself, or the parts of a group. */
  function each(id: string): Job[] {
    const job = requireJob(core, id);
    return job.kind === 'group' ? store.jobs.parts(id) : [job];
  }

  /** Moves a job that nobody holds; false where its state does not allow it. */
  async function move({ id, status }: Job, event: JobEvent): Promise<boolean> {
    const to = nextState(status, event);
    return to !== undefined && (await write(() => store.jobs.transition(id, status, { status: to, now: clock.now() })));
  }

  async function pause(job: Job): Promise<boolean> {
    // Asked twice it is paused all the same.
    if (job.pausing === true) return true;
    const paused =
      job.status === 'running' ? await write(() => store.queue.askPause(job.id, true)) : await move(job, 'pause');
    if (paused) noteJob(core, job.id, job.status === 'running' ? 'Asked to pause' : 'Paused');
    return paused;
  }

  async function resume(job: Job): Promise<boolean> {
    // One that has not stopped yet goes on, or is queued when it has.
    const resumed =
      job.status === 'running' ? await write(() => store.queue.askPause(job.id, false)) : await move(job, 'resume');
    if (resumed) noteJob(core, job.id, 'Resumed');
    return resumed;
  }

  async function count(jobs: readonly Job[], act: (job: Job) => Promise<boolean>): Promise<number> {
    let done = 0;
    for (const job of jobs) if (await act(job)) done++;
    return done;
  }

  function tell(): void {
    core.changed('jobs');
    core.queue.poke();
  }

  return {
    'jobs.pause': async (held) => {
      let paused: number;
      if (held.what === 'job') {
        paused = await count(each(held.id), pause);
        if (paused === 0) throw wrongState(requireJob(core, held.id), 'paused');
      } else {
        paused = await write(() => store.queue.hold(held.what === 'kind' ? held.kind : undefined, clock.now()));
      }
      tell();
      return { paused };
    },
    'jobs.resume': async (held) => {
      let resumed = 0;
      if (held.what === 'job') {
        resumed = await count(each(held.id), resume);
        if (resumed === 0) throw wrongState(requireJob(core, held.id), 'resumed');
      } else {
        const kind = held.what === 'kind' ? held.kind : undefined;
        await write(() => store.queue.lift(kind));
        for (;;) {
          const ids = await write(() => store.queue.resumeSome(kind, clock.now()));
          if (ids.length === 0) break;
          resumed += ids.length;
          for (const id of ids) noteJob(core, id, 'Resumed');
        }
      }
      tell();
      return { resumed };
    },
    'jobs.move': async ({ id, to }) => {
      const job = requireJob(core, id);
      if (!(await write(() => store.jobs.move(id, to)))) throw wrongState(job, 'moved');
      noteJob(core, id, to === 'first' ? 'Put first' : 'Put last');
      tell();
      return { job: requireJob(core, id) };
    },
    'jobs.retry': async ({ id }) => {
      const jobs = each(id);
      if (jobs.some(({ kind }) => kind === 'apply')) requireTrusted(core, 'nothing is applied');
      const retried = await count(jobs, async (job) => {
        const done = await move(job, 'retry');
        if (done) noteJob(core, job.id, 'Tried again');
        return done;
      });
      if (retried === 0) throw wrongState(requireJob(core, id), 'retried');
      tell();
      return { job: requireJob(core, id) };
    },
    'jobs.group': async ({ title, ids }) => {
      for (const id of ids) requireJob(core, id);
      const group = await core.group(title, ids);
      if (group === undefined) {
        throw new LakesideError(
          'NOTHING_TO_GROUP',
          'validation',
          'Fewer than two of these jobs can be put together: the others are part of something already.',
        );
      }
      return { job: group };
    },
  };
}
