import { formatDuration, formatQuantity } from '../../src/base/format.ts';
import type { Run, RunState } from '../../src/protocol/studioValues.ts';
import type { LiveProgress } from '../../src/protocol/values.ts';
import type { IconName } from './icon.tsx';

/** How runs stand, the same words and signs in every panel. */
export const RUN_WORDS: Readonly<Record<RunState, string>> = {
  queued: 'Queued',
  waiting: 'Waiting',
  running: 'Running',
  succeeded: 'Done',
  failed: 'Failed',
  canceled: 'Canceled',
};

export const RUN_ICONS: Readonly<Record<RunState, IconName>> = {
  queued: 'clock',
  waiting: 'clock',
  running: 'loading',
  succeeded: 'pass',
  failed: 'error',
  canceled: 'skip',
};

export function isActive({ status }: Pick<Run, 'status'>): boolean {
  return status === 'queued' || status === 'waiting' || status === 'running';
}

/** How a run stands, in a few words: `2 of 4 images`, `4 images in 12 s`. */
export function runSentence(run: Run, now: number): string {
  const { status, count, images, startedAt, finishedAt } = run;
  switch (status) {
    case 'queued':
      return `${formatQuantity(count, 'image')}, waiting for its turn`;
    case 'waiting':
      return run.waitingFor ?? `${formatQuantity(count, 'image')}, waiting`;
    case 'running': {
      const since = startedAt === null ? '' : `, ${formatDuration(Math.max(1_000, now - startedAt))}`;
      return `${images} of ${formatQuantity(count, 'image')}${since}`;
    }
    case 'succeeded': {
      const took = startedAt === null || finishedAt === null ? '' : ` in ${formatDuration(finishedAt - startedAt)}`;
      return `${formatQuantity(images, 'image')}${took}`;
    }
    case 'failed':
    case 'canceled':
      return images === 0 ? 'No image was kept' : `${images} of ${formatQuantity(count, 'image')} kept`;
  }
}

/** From 0 to 1, by what is said, else by bytes where there are any; undefined while nobody can say. */
export function progressShare(progress: LiveProgress | null | undefined): number | undefined {
  if (progress === null || progress === undefined) return undefined;
  const { doneBytes, totalBytes, doneItems, totalItems, share } = progress;
  if (share !== undefined) return share;
  if (totalBytes !== null && totalBytes > 0) return Math.min(1, doneBytes / totalBytes);
  if (totalItems !== null && totalItems > 0) return Math.min(1, doneItems / totalItems);
  return undefined;
}
