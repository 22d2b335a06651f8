import * as z from 'zod';

import { useCase } from '../useCase.ts';
import { byteCount, contentHash, id, relpath, rootName, timeMs } from '../values.ts';

export const trashEntrySchema = z.object({
  /** Names the entry in its root's trash; stable. */
  id: z.string().min(1).max(40_000),
  root: rootName,
  /** Where it lay. */
  path: relpath,
  size: byteCount,
  mtimeMs: timeMs,
  trashedAt: timeMs,
  /** The apply that put it there, where the store still knows it. */
  job: id.optional(),
  blake3: contentHash.optional(),
  /** Whether, as far as is known, no other file of any root holds its content verified. */
  lastCopy: z.boolean(),
});
export type TrashEntry = z.infer<typeof trashEntrySchema>;

export const trashList = useCase({
  name: 'trash.list',
  version: 1,
  kind: 'query',
  summary: 'What lies in the trash of a root, or of all that are mounted, newest first.',
  input: z.strictObject({
    root: rootName.optional(),
    /** Only what has this in its path, whatever its case. */
    text: z.string().max(1_000).optional(),
    /** Looks at the disk first; without it what is known is given at once, and the disk looked at afterwards. */
    fresh: z.boolean().optional(),
    offset: z.int().nonnegative().default(0),
    limit: z.int().min(1).max(2_000).default(200),
  }),
  output: z.object({ total: z.int(), bytes: byteCount, items: z.array(trashEntrySchema) }),
});

export const trashRestore = useCase({
  name: 'trash.restore',
  version: 1,
  kind: 'command',
  summary: 'Queues that these go back to where they lay. What has their place by now stays, and is told.',
  input: z.strictObject({ root: rootName, ids: z.array(z.string().min(1)).min(1).max(100_000) }),
  output: z.object({ job: id }),
});

export const trashPurge = useCase({
  name: 'trash.purge',
  version: 1,
  kind: 'command',
  summary:
    'Queues that these, or all that lie there for so many days, are removed for good. The last verified copy of a content stays unless it is named.',
  input: z.strictObject({
    root: rootName,
    ids: z.array(z.string().min(1)).max(100_000).optional(),
    olderThanDays: z.int().nonnegative().optional(),
    /** Of the entries, those whose content the person lets go though it is the last copy. */
    lastCopies: z.array(z.string().min(1)).max(1_000).optional(),
  }),
  output: z.object({ job: id }),
});
