import { formatBytes, formatCount, formatQuantity } from '../../src/base/format.ts';
import type { Run, RunImage } from '../../src/protocol/studioValues.ts';
import type { Job, LiveProgress, Root } from '../../src/protocol/values.ts';
import { formatWhen } from '../shared/formatting.ts';
import type { Overview } from './overviewRemote.ts';

/** Tiles of the latest images, and of each run that waits for a pick. */
export const LATEST_IMAGES = 12;
export const IMAGES_TO_PICK = 5;

export interface Step {
  readonly done: boolean;
  readonly title: string;
}

/** Nothing was made yet: the person is led to the first image. */
export function isUntouched({ counts }: Overview): boolean {
  return counts.runs === 0 && counts.images === 0;
}

/** `2 brands, 5 projects, 12 work items, 84 runs, 1,204 images` */
export function countsSentence({ counts }: Overview): string {
  return [
    formatQuantity(counts.brands, 'brand'),
    formatQuantity(counts.projects, 'project'),
    formatQuantity(counts.items, 'work item'),
    formatQuantity(counts.runs, 'run'),
    formatQuantity(counts.images, 'image'),
  ].join(', ');
}

/** Jobs that stand by themselves: what a group is made of is told by the group. */
export function topJobs({ jobs }: Pick<Overview, 'jobs'>): readonly Job[] {
  const listed = new Set(jobs.map(({ id }) => id));
  return jobs.filter(({ parent }) => parent === undefined || !listed.has(parent));
}

/** What a job does just now, or what it waits for. */
export function jobSentence(job: Job, progress: LiveProgress | null): string {
  const { status, parts } = job;
  if (status === 'running') {
    const { over, total } = parts ?? { over: 0, total: 0 };
    return progress?.text ?? (total === 0 ? '' : `${formatCount(over)} of ${formatQuantity(total, 'part')} done`);
  }
  return status === 'paused' ? 'Paused. What is done stays done.' : (job.waitingFor ?? 'Waiting for its turn.');
}

/** Images of a run among the latest, in the order they were made. */
export function imagesOfRun({ latest }: Overview, run: string): readonly RunImage[] {
  return latest.filter((image) => image.run === run).toReversed();
}

/** Each image that a tile is drawn for. */
export function shownImages(overview: Overview): readonly RunImage[] {
  const shown = new Map(overview.latest.slice(0, LATEST_IMAGES).map((image) => [image.id, image]));
  for (const { id } of [...overview.toPick, ...overview.runs]) {
    for (const image of imagesOfRun(overview, id).slice(0, IMAGES_TO_PICK)) shown.set(image.id, image);
  }
  return [...shown.values()];
}

/** Finished runs that are told of nowhere else: those that failed have a place of their own. */
export function lastRuns({ runs }: Overview): readonly Run[] {
  return runs.filter(({ status }) => status === 'succeeded' || status === 'canceled');
}

export function toPickSentence({ unpicked, images }: Run): string {
  return unpicked === images
    ? formatQuantity(images, 'image')
    : `${formatCount(unpicked)} of ${formatQuantity(images, 'image')}`;
}

/** `1,204 files, 1.2 TB, scanned 14:05` */
export function rootSentence({ files, bytes, scannedAt }: Root, now: number): string {
  if (scannedAt === null) return 'Not scanned yet';
  return `${formatQuantity(files, 'file')}, ${formatBytes(bytes)}, scanned ${formatWhen(scannedAt, now)}`;
}
