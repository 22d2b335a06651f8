import { join } from 'node:path';
import * as z from 'zod';

import { errorShapeSchema } from '../protocol/apiResponse.ts';
import type { Run, RunImage, RunState } from '../protocol/studioValues.ts';
import { type JobState, jobStateSchema } from '../protocol/values.ts';

/** A prompt may be as long as a book; of a list a person reads the beginning, and the snapshot has all. */
const PROMPT_LENGTH = 2_000;

export const RUN_COLUMNS = `run.id, run.job_id AS job, run.status AS stored, job.status AS jobStatus,
  job.waiting_for AS waitingFor, job.error AS jobError, item.id AS itemId, item.slug AS itemSlug, item.name AS itemName,
  project.id AS projectId, project.slug AS projectSlug, project.name AS projectName, run.provider,
  substr(json_extract(run.request, '$.generation.prompt'), 1, ${PROMPT_LENGTH}) AS prompt,
  json_extract(run.request, '$.generation.count') AS count, run.image_count AS images,
  (SELECT count(*) FROM run_images WHERE run_id = run.id AND pick = 'none') AS unpicked, run.error,
  maker.name AS createdBy, run.created_at AS createdAt, run.started_at AS startedAt, run.finished_at AS finishedAt`;
/** CROSS: the runs lead, by an index in the order of their times; few users or projects must not tempt it to begin there. */
export const RUN_TABLES = `runs AS run CROSS JOIN work_items AS item ON item.id = run.work_item_id
  CROSS JOIN projects AS project ON project.id = item.project_id CROSS JOIN users AS maker ON maker.id = run.created_by
  LEFT JOIN jobs AS job ON job.id = run.job_id`;

const rawRunSchema = z.object({
  id: z.string(),
  job: z.string(),
  stored: z.enum(['running', 'succeeded', 'failed', 'canceled']),
  jobStatus: jobStateSchema.nullable(),
  waitingFor: z.string().nullable(),
  jobError: z.string().nullable(),
  itemId: z.string(),
  itemSlug: z.string(),
  itemName: z.string(),
  projectId: z.string(),
  projectSlug: z.string(),
  projectName: z.string(),
  provider: z.string(),
  prompt: z.string(),
  count: z.int(),
  images: z.int(),
  unpicked: z.int(),
  error: z.string().nullable(),
  createdBy: z.string(),
  createdAt: z.int(),
  startedAt: z.int(),
  finishedAt: z.int().nullable(),
});

export function toRun(raw: unknown): Run {
  const { stored, jobStatus, waitingFor, jobError, itemId, itemSlug, itemName, ...rest } = rawRunSchema.parse(raw);
  const { projectId, projectSlug, projectName, error: ownError, ...run } = rest;
  const status = runState(stored, jobStatus ?? undefined);
  const error = ownError ?? (status === 'failed' || status === 'queued' ? jobError : null);
  return {
    ...run,
    status,
    ...(status !== 'waiting' || waitingFor === null ? {} : { waitingFor }),
    item: { id: itemId, slug: itemSlug, name: itemName },
    project: { id: projectId, slug: projectSlug, name: projectName },
    ...(error === null ? {} : { error: errorShapeSchema.parse(JSON.parse(error)) }),
  };
}

/**
 * How a run stands: while its job is active as the job does, then as the run was left. The job alone knows that it was
 * put back into the queue, and for a moment that it is over.
 * @param job undefined where it has been cleared, or was never there
 */
export function runState(stored: 'running' | 'succeeded' | 'failed' | 'canceled', job: JobState | undefined): RunState {
  if (job === 'queued' || job === 'running') return job;
  if (job === 'waiting' || job === 'paused') return 'waiting';
  if (stored !== 'running') return stored;
  return job ?? 'failed';
}

export const IMAGE_COLUMNS = `image.id, image.run_id AS run, image.work_item_id AS item, image.project_id AS project,
  run.folder, image.file, image.stage, image.variant, image.n, image.mime, image.width, image.height, image.bytes,
  lower(hex(image.blake3)) AS blake3, image.seed, image.model, image.rating, image.pick, image.created_at AS createdAt`;
export const IMAGE_TABLES = 'run_images AS image JOIN runs AS run ON run.id = image.run_id';

export type RawImage = Omit<RunImage, 'path'> & { readonly folder: string; readonly file: string };

export function toImage({ folder, file, ...image }: RawImage): RunImage {
  return { ...image, path: join(folder, file) };
}
