import * as z from 'zod';

import { runImageSchema, runSchema } from '../studioValues.ts';
import { useCase } from '../useCase.ts';
import { jobSchema, rootSchema } from '../values.ts';

/** The longest a list of the answer gets; one that is as long may go on. */
export const OVERVIEW_LIMITS = { jobs: 50, runs: 12, failures: 10, toPick: 10, images: 24 } as const;

export const overviewGet = useCase({
  name: 'overview.get',
  version: 1,
  kind: 'query',
  summary: 'What runs, the last runs, what failed, what waits for a pick, and the health of the roots, in one answer.',
  input: z.strictObject({}),
  output: z.object({
    /** Jobs of any kind that run or wait. */
    jobs: z.array(jobSchema),
    runs: z.array(runSchema),
    failures: z.array(runSchema),
    /** Runs with images that are neither picked nor rejected, newest first. */
    toPick: z.array(runSchema),
    latest: z.array(runImageSchema),
    roots: z.array(rootSchema),
    counts: z.object({ brands: z.int(), projects: z.int(), items: z.int(), runs: z.int(), images: z.int() }),
  }),
});
