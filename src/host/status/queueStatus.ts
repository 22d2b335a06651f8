import { formatCount, formatQuantity } from '../../base/format.ts';
import type { JobKind } from '../../protocol/values.ts';
import type { HeldJobs, JobWithRate } from '../jobsModel.ts';
import { ITEM_OF, progressPercent, progressWords } from '../trees/jobView.ts';

/** What the status bar shows; undefined hides it. */
export interface QueueStatus {
  /** With `$(icon)`. */
  readonly text: string;
  readonly tooltip: string;
  readonly tone: 'calm' | 'warning';
}

const DOING: Readonly<Record<JobKind, string>> = {
  scan: 'Scanning',
  hash: 'Hashing',
  verify: 'Verifying',
  apply: 'Applying',
  trash: 'Working in the trash',
  generate: 'Generating',
  group: 'Working',
};

/** Kinds of jobs, as people name them. */
export const HELD_WORDS: Readonly<Record<HeldJobs['kinds'][number], string>> = {
  scan: 'scans',
  hash: 'hashes',
  verify: 'verifications',
  apply: 'transfers',
  trash: 'work in the trash',
  generate: 'images',
};

/** What is held back in every window; undefined when nothing is. */
export function heldSentence({ all, kinds }: HeldJobs): string | undefined {
  if (all) return 'All jobs are paused, in every window.';
  return kinds.length === 0
    ? undefined
    : `Paused in every window: ${kinds.map((kind) => HELD_WORDS[kind]).join(', ')}.`;
}

/** What the queue is doing, in the room of a status bar; nothing when it is idle and all went well. */
export function queueStatus(all: readonly JobWithRate[], held?: HeldJobs): QueueStatus | undefined {
  // A group is told of by its parts.
  const jobs = all.filter(({ job }) => job.kind !== 'group');
  const running = jobs.filter(({ job }) => job.status === 'running');
  const waiting = jobs.filter(({ job }) => ['queued', 'waiting', 'paused'].includes(job.status));
  const failed = jobs.filter(({ job }) => job.status === 'failed');
  const tooltip = [
    held === undefined ? undefined : heldSentence(held),
    ...running.map((item) => `${item.job.title}: ${progressWords(item)}`),
    waiting.length === 0 ? undefined : `${formatQuantity(waiting.length, 'job')} waiting`,
    failed.length === 0 ? undefined : `${formatQuantity(failed.length, 'job')} failed`,
    'Click to show the jobs',
  ]
    .filter((line) => line !== undefined)
    .join('\n');
  if (held?.all === true) {
    const left = running.length + waiting.length;
    const text = left === 0 ? 'Lakeside is paused' : `${formatQuantity(left, 'job')} paused`;
    return { text: `$(debug-pause) ${text}`, tooltip, tone: 'calm' };
  }
  // The oldest one is what the person asked for first.
  const first = running.at(-1);
  if (first !== undefined) {
    const more = running.length + waiting.length - 1;
    const text = `$(sync~spin) ${doingWords(first)}${more > 0 ? ` (+${formatCount(more)})` : ''}`;
    return { text, tooltip, tone: 'calm' };
  }
  if (failed.length > 0)
    return { text: `$(warning) ${formatQuantity(failed.length, 'job')} failed`, tooltip, tone: 'warning' };
  const paused = waiting.filter(({ job }) => job.status === 'paused');
  if (paused.length > 0 && paused.length === waiting.length)
    return { text: `$(debug-pause) ${formatQuantity(paused.length, 'job')} paused`, tooltip, tone: 'calm' };
  if (waiting.length > 0)
    return { text: `$(watch) ${formatQuantity(waiting.length, 'job')} waiting`, tooltip, tone: 'calm' };
  return undefined;
}

/** `Applying 3 of 12 · 45 %`, `Scanning 12,034 files`. */
function doingWords({ job }: JobWithRate): string {
  const doing = DOING[job.kind];
  const { progress } = job;
  if (progress === null) return `${doing}…`;
  const items =
    progress.totalItems === null
      ? formatQuantity(progress.doneItems, ITEM_OF[job.kind])
      : `${formatCount(progress.doneItems)} of ${formatCount(progress.totalItems)}`;
  const percent = progressPercent(job);
  return percent === undefined ? `${doing} ${items}` : `${doing} ${items} · ${percent} %`;
}
