import * as z from 'zod';

import { useCase } from '../useCase.ts';
import { byteCount, id, relpath, rootName, timeMs } from '../values.ts';

export const partialsList = useCase({
  name: 'partials.list',
  version: 1,
  kind: 'query',
  summary: 'Half-copied files below the mounted roots, and whether a job will still go on with them.',
  input: z.strictObject({
    root: rootName.optional(),
    /** Looks into every folder, for small ones too; without it only those that can be gone on with are known, at once. */
    search: z.boolean().default(false),
  }),
  output: z.object({
    partials: z.array(
      z.object({
        root: rootName,
        path: relpath,
        size: byteCount,
        mtimeMs: timeMs,
        /** The job that goes on with it; absent: nobody will. */
        job: id.optional(),
      }),
    ),
  }),
});

export const partialsRemove = useCase({
  name: 'partials.remove',
  version: 1,
  kind: 'command',
  summary: 'Removes half-copied files that no job will go on with.',
  input: z.strictObject({ root: rootName, paths: z.array(relpath).min(1).max(10_000) }),
  output: z.object({ removed: z.int(), bytes: byteCount }),
});
