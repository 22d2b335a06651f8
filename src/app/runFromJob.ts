import type { Run, RunState } from '../protocol/studioValues.ts';
import type { RunJob } from '../store/runJobs.ts';

const PROMPT_LENGTH = 2_000;

/** How a run stands that has not begun, or goes on. */
export function runState({ status }: Pick<RunJob, 'status'>): RunState {
  return status === 'paused' ? 'waiting' : status;
}

/** A run that has not begun: all there is of it is its job. */
export function runFromJob(job: RunJob): Run {
  const { snapshot, waitingFor } = job;
  const status = runState(job);
  return {
    id: snapshot.run,
    job: job.id,
    status,
    ...(status === 'waiting' && waitingFor !== null ? { waitingFor } : {}),
    item: snapshot.item,
    project: snapshot.project,
    provider: snapshot.provider.name,
    prompt: snapshot.generation.prompt.slice(0, PROMPT_LENGTH),
    count: snapshot.generation.count,
    images: 0,
    unpicked: 0,
    createdBy: snapshot.user.name,
    createdAt: job.createdAt,
    startedAt: null,
    finishedAt: null,
  };
}
