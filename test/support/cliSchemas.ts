import * as z from 'zod';

/** The shapes of the command line's documents (docs/cli.md), strict: a field more is a finding. */

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const state = z.strictObject({ size: z.int(), mtimeMs: z.int(), blake3: hash.optional() });

export const errorDocument = z.strictObject({
  error: z.strictObject({
    code: z.string().regex(/^[A-Z][A-Z0-9_]+$/),
    category: z.enum(['validation', 'provider', 'infra', 'policy', 'unknown']),
    message: z.string().min(1),
  }),
});

export const rootsDocument = z.strictObject({
  roots: z.array(
    z.strictObject({
      name: z.string(),
      id: z.string(),
      path: z.string(),
      allowDelete: z.boolean(),
      mounted: z.boolean(),
      files: z.int(),
      bytes: z.int(),
    }),
  ),
});

export const scanDocument = z.strictObject({
  roots: z.array(
    z.strictObject({
      name: z.string(),
      files: z.int(),
      bytes: z.int(),
      added: z.int(),
      changed: z.int(),
      removed: z.int(),
      hashed: z.int(),
      hashedBytes: z.int(),
      problems: z.array(z.strictObject({ path: z.string(), code: z.string(), message: z.string() })),
      ms: z.number(),
    }),
  ),
});

export const hashesDocument = z.strictObject({
  files: z.array(z.strictObject({ path: z.string(), size: z.int(), mtimeMs: z.int(), blake3: hash.nullable() })),
});

export const diffDocument = z.strictObject({
  counts: z.strictObject({
    equal: z.int(),
    missing: z.int(),
    extra: z.int(),
    different: z.int(),
    moved: z.int(),
  }),
  items: z.array(
    z.strictObject({
      state: z.enum(['equal', 'missing', 'extra', 'different', 'moved']),
      path: z.string(),
      movedFrom: z.string().optional(),
      from: state.optional(),
      to: state.optional(),
    }),
  ),
  ms: z.number(),
});

const total = z.strictObject({ count: z.int(), bytes: z.int() });
const planRoot = z.strictObject({ root: z.string(), id: z.string() });

export const planHeaderDocument = z.strictObject({
  format: z.literal('lakeside-plan'),
  version: z.literal(1),
  kind: z.enum(['mirror', 'update', 'both', 'evict', 'undo']),
  from: planRoot,
  to: planRoot,
  options: z.strictObject({
    delete: z.boolean().optional(),
    content: z.boolean().optional(),
    undoes: z.string().optional(),
    findMoves: z.boolean().optional(),
    select: z
      .strictObject({
        folders: z.array(z.string()).optional(),
        globs: z.array(z.string()).optional(),
        minSize: z.int().optional(),
        maxSize: z.int().optional(),
      })
      .optional(),
    evict: z
      .strictObject({
        freeBytes: z.int().optional(),
        minSize: z.int().optional(),
        olderThanDays: z.int().optional(),
        unusedForDays: z.int().optional(),
        order: z.enum(['largest', 'oldest', 'unused']),
      })
      .optional(),
  }),
  summary: z.strictObject({ copy: total, move: total, delete: total, conflict: total.optional() }),
  seal: hash,
});

export const planDocument = planHeaderDocument.extend({
  items: z.array(
    z.strictObject({
      op: z.enum(['copy', 'move', 'delete']),
      path: z.string(),
      movedFrom: z.string().optional(),
      fromPath: z.string().optional(),
      direction: z.enum(['reverse', 'undecided']).optional(),
      trashed: z.string().optional(),
      expect: z.strictObject({ from: state.nullable(), to: state.nullable() }),
    }),
  ),
});

export const applyDocument = z.strictObject({
  done: z.int(),
  already: z.int(),
  skipped: z.int(),
  failed: z.int(),
  bytes: z.int(),
  ms: z.number(),
  items: z.array(
    z.strictObject({
      op: z.enum(['copy', 'move', 'delete']),
      path: z.string(),
      status: z.enum(['pending', 'running', 'done', 'already', 'skipped', 'failed', 'canceled']),
      code: z.string().optional(),
      reason: z.string().optional(),
    }),
  ),
});

export const jobsDocument = z.strictObject({
  jobs: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.enum(['scan', 'hash', 'apply', 'group']),
      status: z.enum(['queued', 'waiting', 'paused', 'running', 'succeeded', 'failed', 'canceled']),
      attempts: z.int(),
      progress: z
        .strictObject({
          text: z.string().optional(),
          doneItems: z.int(),
          totalItems: z.int().nullable(),
          doneBytes: z.int(),
          totalBytes: z.int().nullable(),
          movedBytes: z.int().optional(),
        })
        .nullable(),
      error: z.strictObject({ code: z.string(), category: z.string(), message: z.string() }).optional(),
    }),
  ),
  paused: z.strictObject({ all: z.boolean(), kinds: z.array(z.string()) }).optional(),
});

export const logDocument = z.strictObject({
  lines: z.array(
    z.strictObject({ line: z.int(), at: z.int(), level: z.enum(['info', 'warn', 'error']), message: z.string() }),
  ),
});

const brand = z.strictObject({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  voice: z.string(),
  projects: z.int(),
  archived: z.boolean(),
});
export const brandDocument = z.strictObject({ brand });
export const brandsDocument = z.strictObject({ brands: z.array(brand) });

const project = z.strictObject({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  brand: z.string(),
  currency: z.string(),
  imagesFolder: z.string(),
  items: z.int(),
  images: z.int(),
  archived: z.boolean(),
});
export const projectDocument = z.strictObject({ project });
export const projectsDocument = z.strictObject({ projects: z.array(project) });

const item = z.strictObject({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  project: z.string(),
  brief: z.string(),
  runs: z.int(),
  images: z.int(),
  picked: z.int(),
  archived: z.boolean(),
});
export const itemDocument = z.strictObject({ item });
export const itemsDocument = z.strictObject({ items: z.array(item) });

export const convertDocument = z.strictObject({
  files: z.array(
    z.strictObject({
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
  ms: z.int(),
});

const problem = z.strictObject({ path: z.string(), code: z.string(), message: z.string().min(1) });

export const trashDocument = z.strictObject({
  total: z.int(),
  bytes: z.int(),
  items: z.array(
    z.strictObject({
      id: z.string(),
      root: z.string(),
      path: z.string(),
      size: z.int(),
      mtimeMs: z.int(),
      trashedAt: z.int(),
      job: z.string().optional(),
      blake3: hash.optional(),
      lastCopy: z.boolean(),
    }),
  ),
});

export const trashReportDocument = z.strictObject({
  done: z.int(),
  kept: z.int(),
  bytes: z.int(),
  problems: z.array(problem),
  ms: z.number(),
});

export const partialsDocument = z.strictObject({
  partials: z.array(
    z.strictObject({
      root: z.string(),
      path: z.string(),
      size: z.int(),
      mtimeMs: z.int(),
      job: z.string().optional(),
    }),
  ),
});

export const removedPartialsDocument = z.strictObject({ removed: z.int(), bytes: z.int() });
