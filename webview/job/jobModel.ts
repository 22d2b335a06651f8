import { formatBytes, formatCount, formatDuration, formatQuantity } from '../../src/base/format.ts';
import { rateOf, type RateSample, timeLeftMs } from '../../src/base/rate.ts';
import {
  hashReportSchema,
  isOver,
  type Job,
  type JobState,
  type LiveProgress,
  type Problem,
  scanReportSchema,
} from '../../src/protocol/values.ts';
import { countsBytes } from '../../src/protocol/progressMeasure.ts';
import { resultWords } from '../../src/protocol/resultWords.ts';
import { formatRate } from '../shared/formatting.ts';

/** What the Job panel shows and says, as functions of data. */

const STATE_WORDS: Readonly<Record<JobState, string>> = {
  queued: 'In the queue',
  waiting: 'Waiting',
  paused: 'Paused',
  running: 'Running',
  succeeded: 'Done',
  failed: 'Failed',
  canceled: 'Canceled',
};

export function stateWords({ status, pausing, canceling }: Job): string {
  if (canceling === true) return 'Canceling…';
  return pausing === true ? 'Pausing…' : STATE_WORDS[status];
}

/** What may be done to a job as it stands. */
export interface JobActions {
  readonly pause: boolean;
  readonly resume: boolean;
  readonly cancel: boolean;
  readonly retry: boolean;
  /** Before or behind the others. */
  readonly move: boolean;
  readonly undo: boolean;
}

export function jobActions({ status, kind, pausing, canceling, parts }: Job): JobActions {
  // It is on its way out; whatever else is asked would come too late.
  if (canceling === true) {
    return { pause: false, resume: false, cancel: false, retry: false, move: false, undo: false };
  }
  return {
    pause: !isOver(status) && status !== 'paused' && pausing !== true,
    resume: status === 'paused' || pausing === true,
    cancel: !isOver(status),
    retry: status === 'failed' || status === 'canceled',
    move: (status === 'queued' || status === 'waiting') && parts === undefined,
    undo: kind === 'apply' && isOver(status),
  };
}

/** What there is to add to how it stands, as a sentence; nothing where its state says it all. */
export function stateSentence(job: Job): string {
  if (job.canceling === true) return 'It stops at the next safe moment. What is finished stays.';
  if (job.pausing === true) return 'It stops where it can go on later.';
  switch (job.status) {
    case 'waiting':
      return job.waitingFor ?? '';
    case 'queued':
      return job.waitingFor ?? 'Waiting for its turn.';
    case 'paused':
      return 'What is done stays done.';
    case 'failed':
      return job.error?.message ?? 'Failed.';
    case 'canceled':
      return 'What was finished stays.';
    case 'succeeded':
      return resultWords(job) ?? '';
    case 'running':
      return '';
  }
}

/** 0 to 1; undefined where the end is not known. */
export function progressShare(progress: LiveProgress | null): number | undefined {
  if (progress === null) return undefined;
  if (progress.share !== undefined) return progress.share;
  const [done, total] =
    (progress.totalBytes ?? 0) > 0
      ? [progress.doneBytes, progress.totalBytes]
      : [progress.doneItems, progress.totalItems];
  return total === null || total === 0 ? undefined : Math.min(1, done / total);
}

/** `1.2 GB of 4.0 GB`, `12 of 40 files`, `210 MB/s`, `8 s left`: what is known of it. */
export function progressFigures(job: Job, progress: LiveProgress | null, samples: readonly RateSample[]): string[] {
  if (progress === null) return [];
  const { doneBytes, totalBytes, doneItems, totalItems } = progress;
  const item = job.kind === 'generate' ? 'image' : 'file';
  const hasBytes = countsBytes(progress);
  const rate = job.status === 'running' ? rateOf(samples) : undefined;
  const left = hasBytes ? timeLeftMs(doneBytes, totalBytes, rate) : timeLeftMs(doneItems, totalItems, rate);
  return [
    ...(hasBytes ? [`${formatBytes(doneBytes)} of ${formatBytes(totalBytes ?? 0)}`] : []),
    totalItems === null
      ? formatQuantity(doneItems, item)
      : `${formatCount(doneItems)} of ${formatQuantity(totalItems, item)}`,
    ...(rate === undefined || rate <= 0 ? [] : [hasBytes ? formatRate(rate) : `${formatCount(Math.round(rate))}/s`]),
    ...(left === undefined ? [] : [`${formatDuration(left)} left`]),
  ];
}

/** What could not be read, or what was found: of scans and hashes. */
export function problemsOf({ result }: Job): readonly Problem[] {
  return scanReportSchema.safeParse(result).data?.problems ?? hashReportSchema.safeParse(result).data?.problems ?? [];
}

/** `2 h 5 min`, from its start to its end or to now. */
export function tookWords({ startedAt, finishedAt }: Job, nowMs: number): string | undefined {
  return startedAt === null ? undefined : formatDuration(Math.max(0, (finishedAt ?? nowMs) - startedAt));
}
