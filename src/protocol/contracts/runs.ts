import * as z from 'zod';

import { generationSchema, runImageSchema, runSchema, runSnapshotSchema, runStateSchema } from '../studioValues.ts';
import { useCase } from '../useCase.ts';
import { id } from '../values.ts';

export const runsGenerate = useCase({
  name: 'runs.generate',
  version: 1,
  kind: 'command',
  summary: 'Queues a run of a work item. What the provider will be told is decided now and kept.',
  input: z.strictObject({ item: id, generation: generationSchema }),
  output: z.object({ run: id, job: id }),
});

export const runsAgain = useCase({
  name: 'runs.again',
  version: 1,
  kind: 'query',
  summary: 'What to generate with to get an image, or the images of a run, again.',
  input: z.strictObject({ run: id.optional(), image: id.optional() }),
  output: z.object({ item: id, generation: generationSchema }),
});

export const runsList = useCase({
  name: 'runs.list',
  version: 1,
  kind: 'query',
  summary: 'Runs, newest first, with those that wait in the queue: of a work item, a project, or all.',
  input: z.strictObject({
    item: id.optional(),
    project: id.optional(),
    states: z.array(runStateSchema).optional(),
    limit: z.int().min(1).max(1_000).default(100),
  }),
  output: z.object({ runs: z.array(runSchema) }),
});

export const runsGet = useCase({
  name: 'runs.get',
  version: 1,
  kind: 'query',
  summary: 'A run with its images and all it was made with.',
  input: z.strictObject({ id }),
  output: z.object({ run: runSchema, snapshot: runSnapshotSchema, images: z.array(runImageSchema) }),
});
