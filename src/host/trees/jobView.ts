import { formatBytes, formatCount, formatDuration, formatQuantity } from '../../base/format.ts';
import { timeLeftMs } from '../../base/rate.ts';
import {
  isOver,
  type Job,
  type LiveProgress,
  type JobKind,
  type JobState,
  scanReportSchema,
} from '../../protocol/values.ts';
import { hasFindings, resultWords } from '../../protocol/resultWords.ts';
import type { JobWithRate } from '../jobsModel.ts';
import { countsBytes } from '../../protocol/progressMeasure.ts';
import { formatTime, type ViewIcon } from './modelView.ts';

export const JOB_GROUPS = ['running', 'waiting', 'failed', 'done'] as const;
export type JobGroup = (typeof JOB_GROUPS)[number];

const GROUP_OF: Readonly<Record<JobState, JobGroup>> = {
  running: 'running',
  queued: 'waiting',
  waiting: 'waiting',
  paused: 'waiting',
  failed: 'failed',
  succeeded: 'done',
  canceled: 'done',
};
const GROUP_LABELS: Readonly<Record<JobGroup, string>> = {
  running: 'Running',
  waiting: 'Waiting',
  failed: 'Failed',
  done: 'Done',
};

/** The groups that hold a job, in their order, each newest first. Parts stand below the job they are of. */
export function groupJobs(jobs: readonly JobWithRate[]): { group: JobGroup; label: string; jobs: JobWithRate[] }[] {
  const listed = new Set(jobs.map(({ job }) => job.id));
  const top = jobs.filter(({ job }) => job.parent === undefined || !listed.has(job.parent));
  return JOB_GROUPS.map((group) => ({
    group,
    label: GROUP_LABELS[group],
    jobs: top.filter(({ job }) => GROUP_OF[job.status] === group),
  })).filter((each) => each.jobs.length > 0);
}

/** A row of the Jobs tree, ready for the editor. */
export interface JobRow {
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  readonly icon: ViewIcon;
  readonly context: string;
  /** It is made of other jobs, which stand below it. */
  readonly hasParts: boolean;
}

export function jobRow(item: JobWithRate): JobRow {
  const { job } = item;
  const description = describeJob(item);
  return {
    label: job.title,
    description,
    tooltip: jobTooltip(item, description),
    icon: jobIcon(job),
    context: `;job;${GROUP_OF[job.status]};${job.status};${job.kind};${abilities(job)}`,
    hasParts: job.parts !== undefined,
  };
}

/** What may be done to it, as words for the `when` clauses of package.json. */
function abilities(job: Job): string {
  const can = {
    pausable: !isOver(job.status) && job.status !== 'paused' && job.pausing !== true,
    resumable: job.status === 'paused' || job.pausing === true,
    movable: job.status === 'queued' || job.status === 'waiting' || job.status === 'paused',
    undoable: job.kind === 'apply' && isOver(job.status),
  };
  return Object.entries(can)
    .filter(([, may]) => may)
    .map(([word]) => `${word};`)
    .join('');
}

function describeJob(item: JobWithRate): string {
  const { job } = item;
  if (job.canceling === true) return 'canceling…';
  if (job.pausing === true) return 'pausing…';
  switch (job.status) {
    case 'running':
      return progressWords(item);
    case 'queued':
      return job.waitingFor ?? 'in the queue';
    case 'waiting':
      return job.waitingFor ?? 'waiting';
    case 'paused': {
      const percent = progressPercent(job);
      return percent === undefined ? 'paused' : `paused at ${percent} %`;
    }
    case 'failed':
      return job.error?.message ?? 'failed';
    case 'canceled':
      return 'canceled';
    case 'succeeded':
      return resultWords(job) ?? 'done';
  }
}

/** What the items of a job's progress are. */
export const ITEM_OF: Readonly<Record<JobKind, string>> = {
  scan: 'file',
  hash: 'file',
  verify: 'file',
  apply: 'file',
  trash: 'file',
  generate: 'image',
  group: 'item',
};

/** `45 % · 1.20 GB of 2.70 GB · 210 MB/s · 8 s left`, or `12,034 files` where the end is not known. */
export function progressWords(item: JobWithRate): string {
  const { job, rate } = item;
  const { progress } = job;
  if (progress === null) return 'starting';
  const percent = progressPercent(job);
  const done = countsBytes(progress)
    ? `${formatBytes(progress.doneBytes)} of ${formatBytes(progress.totalBytes ?? 0)}`
    : progress.totalItems === null
      ? formatQuantity(progress.doneItems, ITEM_OF[job.kind])
      : `${formatCount(progress.doneItems)} of ${formatQuantity(progress.totalItems, ITEM_OF[job.kind])}`;
  const speed = rate === undefined || rate <= 0 ? undefined : rate;
  return [
    percent === undefined ? undefined : `${percent} %`,
    done,
    speed !== undefined && countsBytes(progress) ? `${formatBytes(Math.round(speed))}/s` : undefined,
    timeLeft(item),
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

/** 0 to 100, rounded down so that 100 means finished; undefined where the end is not known. */
export function progressPercent({ progress }: { readonly progress: LiveProgress | null }): number | undefined {
  if (progress === null) return undefined;
  if (progress.share !== undefined) return Math.floor(progress.share * 100);
  const [done, total] = countsBytes(progress)
    ? [progress.doneBytes, progress.totalBytes]
    : [progress.doneItems, progress.totalItems];
  if (total === null || total === 0) return undefined;
  return Math.min(100, Math.floor((done / total) * 100));
}

function timeLeft({ job: { progress }, rate }: JobWithRate): string | undefined {
  if (progress === null) return undefined;
  const [done, total] = countsBytes(progress)
    ? [progress.doneBytes, progress.totalBytes]
    : [progress.doneItems, progress.totalItems];
  const left = timeLeftMs(done, total, rate);
  return left === undefined || left === 0 ? undefined : `${formatDuration(left)} left`;
}

function jobTooltip({ job }: JobWithRate, description: string): string {
  const result = scanReportSchema.pick({ problems: true }).safeParse(job.result).data;
  const problems = (result?.problems ?? []).slice(0, 5).map(({ message }) => `• ${message}`);
  return [
    job.title,
    job.progress?.text,
    job.status === 'failed' && job.error !== undefined ? `${job.error.message} (${job.error.code})` : description,
    ...problems,
    job.attempts > 1 ? `Attempt ${job.attempts}` : undefined,
    job.startedAt === null ? `Queued ${formatTime(job.createdAt)}` : `Started ${formatTime(job.startedAt)}`,
    job.finishedAt === null || job.startedAt === null
      ? undefined
      : `Took ${formatDuration(job.finishedAt - job.startedAt)}`,
  ]
    .filter((line) => line !== undefined && line !== '')
    .join('\n');
}

function jobIcon(job: Job): ViewIcon {
  switch (job.status) {
    case 'running':
      return { id: 'sync~spin' };
    case 'queued':
      return { id: 'clock' };
    case 'waiting':
      return { id: 'watch' };
    case 'paused':
      return { id: 'debug-pause' };
    case 'failed':
      return { id: 'error', color: 'list.errorForeground' };
    case 'canceled':
      return { id: 'circle-slash', color: 'disabledForeground' };
    case 'succeeded':
      return hasFindings(job)
        ? { id: 'warning', color: 'list.warningForeground' }
        : { id: 'pass', color: 'testing.iconPassed' };
  }
}
