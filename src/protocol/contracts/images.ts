import * as z from 'zod';

import { errorShapeSchema } from '../apiResponse.ts';
import {
  generationDataSchema,
  pickSchema,
  rating,
  runImageSchema,
  runSchema,
  runSnapshotSchema,
} from '../studioValues.ts';
import { useCase } from '../useCase.ts';
import { id, timeMs } from '../values.ts';

const scope = {
  /** At most one of these; none: everything. */
  run: id.optional(),
  item: id.optional(),
  project: id.optional(),
};

export const imagesPage = useCase({
  name: 'images.page',
  version: 1,
  kind: 'query',
  summary:
    'A page of images, newest first: of a run, a work item, a project or everything; filtered by pick and rating.',
  input: z.strictObject({
    ...scope,
    picks: z.array(pickSchema).optional(),
    minRating: rating.default(0),
    offset: z.int().nonnegative().default(0),
    limit: z.int().min(1).max(1_000).default(200),
  }),
  output: z.object({
    /** Images that the filter lets through. */
    total: z.int(),
    images: z.array(runImageSchema),
  }),
});

export const imagesScope = useCase({
  name: 'images.scope',
  version: 1,
  kind: 'query',
  summary: 'What a gallery of these images is called, and how many there are by pick.',
  input: z.strictObject(scope),
  output: z.object({
    /** `Summer menu › Poster › run of 14:05`, in parts. */
    path: z.array(z.string()),
    total: z.int(),
    picked: z.int(),
    rejected: z.int(),
  }),
});

export const imagesGet = useCase({
  name: 'images.get',
  version: 1,
  kind: 'query',
  summary: 'An image with its run and all it was made with.',
  input: z.strictObject({ id }),
  output: z.object({ image: runImageSchema, run: runSchema, snapshot: runSnapshotSchema }),
});

export const imagesJudge = useCase({
  name: 'images.judge',
  version: 1,
  kind: 'command',
  summary: 'Rates images, picks them or rejects them. Gives how they were before, so that it can be undone.',
  input: z.strictObject({
    images: z.array(id).min(1).max(10_000),
    rating: rating.optional(),
    pick: pickSchema.optional(),
  }),
  output: z.object({
    images: z.array(runImageSchema),
    before: z.array(z.object({ id, rating, pick: pickSchema })),
  }),
});

export const imagesThumbnails = useCase({
  name: 'images.thumbnails',
  version: 1,
  kind: 'query',
  summary: 'Thumbnails of images, made where there is none yet. The paths are files under the data dir.',
  input: z.strictObject({
    images: z.array(id).min(1).max(200),
    /** Longer side in pixels. */
    size: z.union([z.literal(256), z.literal(512)]).default(256),
  }),
  output: z.object({
    thumbnails: z.array(z.object({ id, path: z.string().optional(), error: errorShapeSchema.optional() })),
  }),
});

export const imagesRead = useCase({
  name: 'images.read',
  version: 1,
  kind: 'query',
  summary: 'What a PNG, JPEG or WebP file says about how it was made: ComfyUI, A1111, InvokeAI, SwarmUI, Lakeside.',
  input: z.strictObject({
    /** Absolute path. */
    path: z.string().min(1),
  }),
  output: z.object({ data: generationDataSchema }),
});

export const imagesConvert = useCase({
  name: 'images.convert',
  version: 1,
  kind: 'command',
  summary: 'Converts image files, keeping what they say about how they were made. Overwrites only with `force`.',
  input: z.strictObject({
    /** Absolute paths. */
    files: z.array(z.string().min(1)).min(1).max(10_000),
    to: z.enum(['webp', 'png', 'jpeg', 'avif']),
    quality: z.int().min(1).max(100).optional(),
    /** Pixels; the height follows. Never enlarges. */
    width: z.int().min(1).max(65_535).optional(),
    /** Absolute path of a folder; without it beside each file. */
    out: z.string().min(1).optional(),
    strip: z.boolean().default(false),
    force: z.boolean().default(false),
  }),
  output: z.object({
    files: z.array(
      z.object({
        from: z.string(),
        status: z.enum(['done', 'skipped', 'failed']),
        to: z.string().optional(),
        width: z.int().optional(),
        height: z.int().optional(),
        bytes: z.int().optional(),
        code: z.string().optional(),
        reason: z.string().optional(),
      }),
    ),
  }),
});

export const auditsList = useCase({
  name: 'audits.list',
  version: 1,
  kind: 'query',
  summary: 'Who did what to a thing, newest first.',
  input: z.strictObject({
    subject: z.string().min(1).max(50),
    id,
    limit: z.int().min(1).max(1_000).default(100),
  }),
  output: z.object({
    audits: z.array(
      z.object({
        at: timeMs,
        user: z.string(),
        action: z.string(),
        before: z.unknown().optional(),
        after: z.unknown().optional(),
      }),
    ),
  }),
});
