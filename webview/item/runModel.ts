import { formatDuration, formatQuantity } from '../../src/base/format.ts';
import type { Run, RunState } from '../../src/protocol/studioValues.ts';
import type { Progress } from '../../src/protocol/values.ts';

export interface PartPreview {
  /** From 1. */
  readonly part: number;
  readonly uri: string;
}

/** Images of a run that are shown beside it; the gallery has the rest. */
export const SHOWN_IMAGES = 8;

export const RUN_WORDS: Readonly<Record<RunState, string>> = {
  queued: 'Queued',
  waiting: 'Waiting',
  running: 'Running',
  succeeded: 'Done',
  failed: 'Failed',
  canceled: 'Canceled',
};

export function isActive({ status }: Pick<Run, 'status'>): boolean {
  return status === 'queued' || status === 'waiting' || status === 'running';
}

/** Previews that are left after so many more images have come: the earliest parts are done. */
export function afterImages(previews: readonly PartPreview[], more: number): readonly PartPreview[] {
  return more <= 0 ? previews : previews.toSorted((a, b) => a.part - b.part).slice(more);
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

/** From 0 to 1; undefined while nobody can say. */
export function progressShare(progress: Progress | undefined): number | undefined {
  if (progress?.totalItems === undefined || progress.totalItems === null || progress.totalItems === 0) return undefined;
  return Math.min(1, progress.doneItems / progress.totalItems);
}
