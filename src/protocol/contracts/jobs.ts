import * as z from 'zod';

import { useCase } from '../useCase.ts';
import { byteCount, id, jobSchema, jobStateSchema, timeMs, workKindSchema } from '../values.ts';

export const jobsList = useCase({
  name: 'jobs.list',
  version: 1,
  kind: 'query',
  summary: 'Jobs, newest first.',
  input: z.strictObject({
    states: z.array(jobStateSchema).optional(),
    /** Only the parts of this group, oldest first. */
    parent: id.optional(),
    limit: z.int().min(1).max(1_000).default(200),
  }),
  output: z.object({
    jobs: z.array(jobSchema),
    counts: z.record(jobStateSchema, z.int()),
    /** What is held back for all windows, whatever is added. */
    paused: z.object({ all: z.boolean(), kinds: z.array(workKindSchema) }).optional(),
  }),
});

/** One job, all of a kind, or everything. */
const held = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('job'), id }),
  z.strictObject({ what: z.literal('kind'), kind: workKindSchema }),
  z.strictObject({ what: z.literal('all') }),
]);

export const jobsPause = useCase({
  name: 'jobs.pause',
  version: 1,
  kind: 'command',
  summary:
    'Holds back one job, all of a kind, or everything, in every window, until it is resumed. What runs stops where it can go on later.',
  input: held,
  /** How many jobs this keeps from going on. */
  output: z.object({ paused: z.int() }),
});

export const jobsResume = useCase({
  name: 'jobs.resume',
  version: 1,
  kind: 'command',
  summary: 'Lets go on what was paused; for a kind, or everything, also jobs that were paused one by one.',
  input: held,
  /** How many jobs are in the queue again. */
  output: z.object({ resumed: z.int() }),
});

export const jobsMove = useCase({
  name: 'jobs.move',
  version: 1,
  kind: 'command',
  summary: 'Moves a job that does not run before or behind the others of its kind of work that do not.',
  input: z.strictObject({ id, to: z.enum(['first', 'last']) }),
  output: z.object({ job: jobSchema }),
});

export const jobsGroup = useCase({
  name: 'jobs.group',
  version: 1,
  kind: 'command',
  summary:
    'Puts jobs that were asked for together under one parent, which has their states and progress and by which all of them are paused, canceled and retried.',
  input: z.strictObject({ title: z.string().min(1).max(200), ids: z.array(id).min(2).max(1_000) }),
  output: z.object({ job: jobSchema }),
});

export const jobsLog = useCase({
  name: 'jobs.log',
  version: 1,
  kind: 'query',
  summary: 'What was noted of a job, oldest first; without `after` the newest of it.',
  input: z.strictObject({
    id,
    /** Only lines after this number. */
    after: z.int().nonnegative().optional(),
    limit: z.int().min(1).max(5_000).default(1_000),
  }),
  output: z.object({
    lines: z.array(
      z.object({ line: z.int(), at: timeMs, level: z.enum(['info', 'warn', 'error']), message: z.string() }),
    ),
  }),
});

export const jobsSpeed = useCase({
  name: 'jobs.speed',
  version: 1,
  kind: 'query',
  summary: 'How far a job was at times while it ran, oldest first: enough for a graph of its speed.',
  input: z.strictObject({ id }),
  output: z.object({ samples: z.array(z.object({ at: timeMs, doneBytes: byteCount, doneItems: z.int() })) }),
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
  summary: 'Cancels a job. What it finished stays; nothing half-done is left behind, unless it shall be gone on with.',
  input: z.strictObject({
    id,
    /** Large files that a running apply has copied in part stay, for who applies the plan again. */
    keepPartials: z.boolean().optional(),
  }),
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
