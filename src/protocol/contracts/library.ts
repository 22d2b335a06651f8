import * as z from 'zod';

import { useCase } from '../useCase.ts';
import {
  byteCount,
  contentHash,
  diffCountsSchema,
  diffItemSchema,
  diffStateSchema,
  durationMs,
  folderPath,
  id,
  problemSchema,
  relpath,
  rootName,
  timeMs,
} from '../values.ts';

export const libraryScan = useCase({
  name: 'library.scan',
  version: 1,
  kind: 'command',
  summary:
    'Queues a scan of the named roots (all, if none is named); with `hash`, a hash of what is unhashed after it.',
  input: z.strictObject({ roots: z.array(rootName).optional(), hash: z.boolean().optional() }),
  output: z.object({ jobs: z.array(z.object({ root: rootName, job: id })) }),
});

export const libraryHash = useCase({
  name: 'library.hash',
  version: 1,
  kind: 'command',
  summary: 'Queues the hashing of a root: of the given files and folders, or of all that has no hash yet.',
  input: z.strictObject({ root: rootName, paths: z.array(relpath).max(10_000).optional() }),
  output: z.object({ job: id }),
});

export const libraryVerify = useCase({
  name: 'library.verify',
  version: 1,
  kind: 'command',
  summary:
    'Queues that hashed files of a root are read again and compared with their hashes: all, the given ones, or a random sample. What differs though its size and time do not is bit rot, and named.',
  input: z.strictObject({
    root: rootName,
    paths: z.array(relpath).max(10_000).optional(),
    /** So many per cent of the files, chosen by chance. */
    samplePercent: z.number().positive().max(100).optional(),
  }),
  output: z.object({ job: id }),
});

export const libraryRotten = useCase({
  name: 'library.rotten',
  version: 1,
  kind: 'query',
  summary:
    'Files that were found damaged when they were read again: size and time are those of their hash, the content is not. By root and path.',
  input: z.strictObject({
    root: rootName,
    after: relpath.optional(),
    limit: z.int().min(1).max(10_000).default(1_000),
  }),
  output: z.object({
    files: z.array(
      z.object({
        path: relpath,
        size: byteCount,
        mtimeMs: timeMs,
        /** BLAKE3 it was hashed with, and the one it has now. */
        expected: contentHash,
        found: contentHash,
        foundAt: timeMs,
        /** Where the index knows the content to be as well, and not damaged. */
        copies: z.array(z.object({ root: rootName, path: relpath })),
      }),
    ),
    /** `after` of the next page. */
    next: relpath.optional(),
  }),
});

export const libraryImportHashes = useCase({
  name: 'library.importHashes',
  version: 1,
  kind: 'command',
  summary:
    'Takes the hashes of a `b3sum` listing made on the machine of the root itself, for files that are not newer than the listing.',
  input: z.strictObject({
    root: rootName,
    /** Absolute path of the listing. */
    file: z.string().min(1),
    /** What its paths begin with before they go on as in the root; found out where it is left out. */
    prefix: z.string().min(1).optional(),
  }),
  output: z.object({
    imported: z.int(),
    /** Files whose hash was known, and is the same. */
    known: z.int(),
    /** The first thousand. */
    problems: z.array(problemSchema),
  }),
});

export const libraryHashes = useCase({
  name: 'library.hashes',
  version: 1,
  kind: 'query',
  summary: 'A page of the files of a root by path, each with its BLAKE3, or null where it is not known.',
  input: z.strictObject({
    root: rootName,
    after: relpath.optional(),
    limit: z.int().min(1).max(50_000).default(10_000),
  }),
  output: z.object({
    files: z.array(z.object({ path: relpath, size: byteCount, mtimeMs: timeMs, blake3: contentHash.nullable() })),
    /** Pass as `after` for the next page; absent on the last. */
    next: relpath.optional(),
  }),
});

export const libraryLook = useCase({
  name: 'library.look',
  version: 1,
  kind: 'command',
  summary: 'Looks at folders of a root again, because something said they may have changed.',
  input: z.strictObject({ root: rootName, folders: z.array(folderPath).min(1).max(10_000) }),
  output: z.object({ added: z.int(), changed: z.int(), removed: z.int() }),
});

const pair = { from: rootName, to: rootName };

export const libraryDiff = useCase({
  name: 'library.diff',
  version: 1,
  kind: 'query',
  summary:
    'How *to* differs from *from*, read from the index. `content` first hashes (as a job, awaited) what only content can decide.',
  input: z.strictObject({
    ...pair,
    content: z.boolean().optional(),
    /** First hashes (as a job, awaited) files of one size and name that only one root has, to find those that moved. */
    findMoves: z.boolean().optional(),
    /** Lists `equal` items too. */
    all: z.boolean().optional(),
    /** At most so many items; counts are always whole. */
    limit: z.int().min(0).optional(),
    /** Only items after this path: the last of the page before. */
    after: z.string().optional(),
  }),
  output: z.object({ counts: diffCountsSchema, items: z.array(diffItemSchema), ms: durationMs }),
});

export const stateCounts = z.object({ missing: z.int(), extra: z.int(), different: z.int(), moved: z.int() });

export const libraryFolder = useCase({
  name: 'library.folder',
  version: 1,
  kind: 'query',
  summary:
    'What a folder of a root holds, folders first, by name; with `compareTo`, the state of each against the other root, and what only the other root has.',
  input: z.strictObject({
    root: rootName,
    folder: folderPath.default(''),
    compareTo: rootName.optional(),
    /** Lists what only the other root has, too. */
    absent: z.boolean().default(false),
    offset: z.int().nonnegative().default(0),
    limit: z.int().min(1).max(5_000).default(1_000),
  }),
  output: z.object({
    total: z.int(),
    entries: z.array(
      z.discriminatedUnion('type', [
        z.object({
          type: z.literal('folder'),
          name: z.string(),
          path: relpath,
          files: z.int(),
          bytes: byteCount,
          /** Differences below it; `missing` counts what only the other root has. */
          states: stateCounts.optional(),
          /** True when the folder exists in the other root only. */
          absent: z.boolean(),
        }),
        z.object({
          type: z.literal('file'),
          name: z.string(),
          path: relpath,
          size: byteCount,
          mtimeMs: timeMs,
          blake3: contentHash.nullable(),
          /** `missing`: only the other root has it; `extra`: only this one does. */
          state: diffStateSchema.optional(),
          /** For `moved`: its name in the other root. */
          movedFrom: relpath.optional(),
          absent: z.boolean(),
        }),
      ]),
    ),
  }),
});
export type FolderEntry = z.infer<typeof libraryFolder.output>['entries'][number];
