import * as z from 'zod';

import { id, jobKindSchema, jobStateSchema, progressSchema } from './values.ts';

export const CHANGE_TOPICS = ['roots', 'files', 'jobs', 'plans'] as const;

/** Something under these topics is different; fetch what you show again. */
export const changedEvent = z.object({ topics: z.array(z.enum(CHANGE_TOPICS)) });
export type Changed = z.infer<typeof changedEvent>;

/** How far a job is; at most ten a second per job. */
export const progressEvent = z.object({
  job: id,
  kind: jobKindSchema,
  title: z.string(),
  status: jobStateSchema,
  progress: progressSchema,
});
export type JobProgress = z.infer<typeof progressEvent>;
