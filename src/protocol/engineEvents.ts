import * as z from 'zod';

import { id, jobKindSchema, jobStateSchema, liveProgressSchema } from './values.ts';

/** `studio`: users, brands, projects, work items, instructions, workflows. */
export const CHANGE_TOPICS = ['roots', 'files', 'trash', 'jobs', 'plans', 'studio', 'runs', 'images'] as const;

/** Something under these topics is different; fetch what you show again. */
export const changedEvent = z.object({ topics: z.array(z.enum(CHANGE_TOPICS)) });
export type Changed = z.infer<typeof changedEvent>;

/** How far a job is; at most ten a second per job. */
export const progressEvent = z.object({
  job: id,
  kind: jobKindSchema,
  title: z.string(),
  status: jobStateSchema,
  progress: liveProgressSchema,
});
export type JobProgress = z.infer<typeof progressEvent>;

/** A small picture of what is being made; each replaces the one before of the same part. */
export const previewEvent = z.object({
  job: id,
  run: id,
  item: id,
  /** From 1. */
  part: z.int(),
  /** Absolute path of a file under the data dir's `previews/`; gone when the run has ended. */
  path: z.string(),
});
export type Preview = z.infer<typeof previewEvent>;
