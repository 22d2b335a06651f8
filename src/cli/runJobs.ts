import { setTimeout as delay } from 'node:timers/promises';

import { canceledError, LakesideError } from '../base/errors.ts';
import { formatBytes, formatCount } from '../base/format.ts';
import type { Job, JobKind, Progress } from '../protocol/values.ts';
import { type Paused, SHORT_ID } from './jobsPrinting.ts';
import { printable } from './table.ts';
import type { Session } from './session.ts';

/** How often a job of another process is asked how far it is. */
const LOOK_MS = 1_000;
const WAIT_LOOK_MS = 200;
/** How long a canceled job gets to put its tools away before the command ends without it. */
const CANCEL_MS = 20_000;

/** A job as a command leaves it. */
export type LeftJob = Job & {
  /** What `jobs resume` takes to let it go on, where it is paused. */
  readonly resumeWith?: string;
  /** It was taken out of the queue, since it had not begun. */
  readonly takenOut?: boolean;
};

/**
 * Waits until the jobs are over, showing how far they are. Ctrl-C cancels them and waits for their ends.
 * @returns each job as it ended. One that is paused stays in the queue. One that has to wait (its root is not mounted), or
 * has not begun since the queue is paused, is not left there to start by surprise; it is returned as it waited, with the
 * reason
 * @param options `patienceMs`: how long one may wait, since another process may be able to run it
 */
export async function finishJobs(
  session: Session,
  ids: readonly string[],
  { patienceMs = 0 }: { readonly patienceMs?: number } = {},
): Promise<LeftJob[]> {
  const { call, signal } = session;
  if (ids.length === 0) return [];
  const progress = showProgress(session);
  const start = Date.now();
  try {
    for (;;) {
      const { over, jobs } = await call('jobs.wait', { ids: [...ids], timeoutMs: LOOK_MS }, { signal });
      if (over && jobs.some(isHeldUp) && Date.now() - start < patienceMs) {
        await delay(WAIT_LOOK_MS, undefined, { signal });
      } else if (over) {
        return await leaveHeldUp(session, jobs);
      }
      showRunning(session, jobs);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    return await endJobs(session, ids);
  } finally {
    progress.dispose();
    session.terminal.clearProgress();
  }
}

/** Waits until each job is over or has to wait. Ctrl-C rejects, and leaves them to the queue. */
export async function watchJobs(session: Session, ids: readonly string[]): Promise<void> {
  const { call, signal } = session;
  const progress = showProgress(session);
  try {
    for (;;) {
      const { over, jobs } = await call('jobs.wait', { ids: [...ids], timeoutMs: LOOK_MS }, { signal });
      if (over) return;
      showRunning(session, jobs);
    }
  } finally {
    progress.dispose();
    session.terminal.clearProgress();
  }
}

/** Whether it goes on only when a root comes back, or somebody resumes it. */
export function isHeldUp({ status, waitingFor }: Job): boolean {
  return status === 'waiting' || status === 'paused' || (status === 'queued' && waitingFor !== undefined);
}

/** Shows the progress of whatever runs in this process. */
export function showProgress({ onProgress, terminal }: Session): { dispose(): void } {
  return onProgress(({ kind, title, progress }) => terminal.progress(progressLine(title, progress, kind)));
}

/** Why a job did not succeed, as an error; undefined when it did. */
export function jobProblem(job: LeftJob): LakesideError | undefined {
  if (job.status === 'succeeded') return undefined;
  if (job.status === 'canceled') return canceledError(job.title);
  if (job.error !== undefined) return LakesideError.fromShape(job.error);
  if (job.status !== 'waiting') return new LakesideError('JOB_PAUSED', 'policy', pausedSentence(job));
  return new LakesideError('ROOT_NOT_MOUNTED', 'infra', job.waitingFor ?? `${job.title} has to wait.`, {
    retryable: true,
  });
}

/** `Hash lake: 3 of 10 files, 1.2 GB of 8.0 GB (15 %), checkpoints/a.safetensors` */
export function progressLine(title: string, progress: Progress, kind?: JobKind): string {
  const { doneItems, totalItems, doneBytes, totalBytes, text } = progress;
  const things = kind === 'generate' ? 'images' : 'files';
  const parts = [
    totalItems === null
      ? `${formatCount(doneItems)} ${things}`
      : `${formatCount(doneItems)} of ${formatCount(totalItems)} ${things}`,
  ];
  if (totalBytes !== null && totalBytes > 0) {
    const percent = Math.floor((100 * doneBytes) / totalBytes);
    parts.push(`${formatBytes(doneBytes)} of ${formatBytes(totalBytes)} (${percent} %)`);
  } else if (doneBytes > 0) parts.push(formatBytes(doneBytes));
  if (text !== undefined) parts.push(printable(text));
  return `${title}: ${parts.join(', ')}`;
}

async function endJobs(session: Session, ids: readonly string[]): Promise<Job[]> {
  const { call, terminal } = session;
  terminal.progress('Stopping …');
  const asked = await call('jobs.wait', { ids: [...ids], timeoutMs: 0 });
  await cancelJobs(session, asked.jobs);
  const { jobs } = await call('jobs.wait', { ids: [...ids], timeoutMs: CANCEL_MS });
  return jobs;
}

/** What was asked for and is paused goes on when it is resumed; an apply even if it has not begun. */
async function leaveHeldUp(session: Session, jobs: readonly Job[]): Promise<LeftJob[]> {
  const held = jobs.filter(isHeldUp);
  if (held.length === 0) return [...jobs];
  const { paused = { all: false, kinds: [] } } = await session.call('jobs.list', { limit: 1 });
  const stays = ({ kind, status, startedAt }: Job): boolean =>
    status === 'paused' || (status === 'queued' && (kind === 'apply' || startedAt !== null));
  await cancelJobs(
    session,
    held.filter((job) => !stays(job)),
  );
  return jobs.map((job) =>
    isHeldUp(job) && job.status !== 'waiting'
      ? { ...job, resumeWith: resumeWith(job, paused), takenOut: !stays(job) }
      : job,
  );
}

/** Resuming one job does not let it go on while its kind, or everything, is held back. */
function resumeWith({ id, kind }: Job, { all, kinds }: NonNullable<Paused>): string {
  if (all) return '--all';
  return kinds.some((held) => held === kind) ? `--kind ${kind}` : id.slice(0, SHORT_ID);
}

function pausedSentence({ title, waitingFor = 'It is paused.', resumeWith: which, takenOut = false }: LeftJob): string {
  const resume = `lakeside jobs resume ${which ?? ''}`.trimEnd();
  return takenOut
    ? `${title} did not begin. ${waitingFor} First: ${resume}, then try again.`
    : `${title} is paused, and stays in the queue. To go on: ${resume}, then the same command again, or lakeside jobs run. Where VS Code is open, it goes on there.`;
}

async function cancelJobs({ call }: Session, jobs: readonly Job[]): Promise<void> {
  for (const { id } of jobs) {
    try {
      await call('jobs.cancel', { id, keepPartials: true });
    } catch (error) {
      // It ended in the meantime, which is as good.
      if (!(error instanceof LakesideError && error.code === 'JOB_STATE')) throw error;
    }
  }
}

/** A job that another process runs tells only through the database. */
function showRunning({ terminal }: Session, jobs: readonly Job[]): void {
  const running = jobs.find(({ status, progress }) => status === 'running' && progress !== null);
  if (running?.progress) terminal.progress(progressLine(running.title, running.progress, running.kind));
  else if (jobs.every(({ status }) => status === 'queued')) terminal.progress('Waiting for earlier jobs …');
}
