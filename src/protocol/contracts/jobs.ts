import * as z from 'zod';

import { useCase } from '../useCase.ts';
import { id, jobSchema, jobStateSchema } from '../values.ts';

export const jobsList = useCase({
  name: 'jobs.list',
  version: 1,
  kind: 'query',
  summary: 'Jobs, newest first.',
  input: z.strictObject({
    states: z.array(jobStateSchema).optional(),
    limit: z.int().min(1).max(1_000).default(200),
  }),
  output: z.object({ jobs: z.array(jobSchema), counts: z.record(jobStateSchema, z.int()) }),
});

export const jobsGet = useCase({
  name: 'jobs.get',
  version: 1,
  kind: 'query',
  summary: 'One job.',
  input: z.strictObject({ id }),
  output: z.object({ job: jobSchema }),
});

export const jobsWait = useCase({
  name: 'jobs.wait',
  version: 1,
  kind: 'query',
  summary: 'Answers when all the named jobs are over, or after `timeoutMs` with how they stand.',
  input: z.strictObject({ ids: z.array(id).min(1).max(1_000), timeoutMs: z.int().min(0).max(25_000).default(20_000) }),
  output: z.object({ over: z.boolean(), jobs: z.array(jobSchema) }),
});

export const jobsCancel = useCase({
  name: 'jobs.cancel',
  version: 1,
  kind: 'command',
  summary: 'Cancels a job. What it finished stays; nothing half-done is left behind.',
  input: z.strictObject({ id }),
  output: z.object({ job: jobSchema }),
});

export const jobsRetry = useCase({
  name: 'jobs.retry',
  version: 1,
  kind: 'command',
  summary: 'Queues a failed or canceled job again.',
  input: z.strictObject({ id }),
  output: z.object({ job: jobSchema }),
});

export const jobsClear = useCase({
  name: 'jobs.clear',
  version: 1,
  kind: 'command',
  summary: 'Removes one job, or all, that are over from the history.',
  input: z.strictObject({ id: id.optional() }),
  output: z.object({ removed: z.int() }),
});
