import * as z from 'zod';

import { byteCount, contentHash, id, planOpSchema, relpath, rootName, timeMs } from './values.ts';

/**
 * A plan file: a reviewed list of steps with the state each expects at both ends.
 * One item a line, sorted by path; `seal` is the BLAKE3 of the RFC 8785 form without `seal`.
 */
export const PLAN_FORMAT = 'lakeside-plan';
export const PLAN_VERSION = 1;
export const PLAN_SUFFIX = '.lakeplan.json';

export const PLAN_KINDS = ['mirror', 'copy', 'update', 'both', 'evict', 'undo'] as const;
export const planKindSchema = z.enum(PLAN_KINDS);

export const planRootSchema = z.strictObject({ root: rootName, id });
export const planTotalSchema = z.strictObject({ count: z.int().nonnegative(), bytes: byteCount });
export const planSummarySchema = z.strictObject({
  copy: planTotalSchema,
  move: planTotalSchema,
  delete: planTotalSchema,
  /** Steps whose direction is not decided; absent in plans that know none. */
  conflict: planTotalSchema.optional(),
});
export type PlanSummary = z.infer<typeof planSummarySchema>;

/** Which files of a root a plan is about: those that every given rule lets through. */
export const selectionSchema = z.strictObject({
  /** Top folders, as `loras`, and folders at any depth. */
  folders: z.array(relpath).max(1_000).optional(),
  /** Of the whole path below the root, as the setting `ignore` has them; one that fits is enough. */
  globs: z.array(z.string().min(1).max(1_000)).max(100).optional(),
  /** Bytes. */
  minSize: byteCount.optional(),
  maxSize: byteCount.optional(),
});
export type Selection = z.infer<typeof selectionSchema>;

/** What an evict plan takes: the rules a file must pass, the order they are taken in, and when it is enough. */
export const evictRulesSchema = z.strictObject({
  /** Bytes that shall be free afterwards; without it all that pass are taken. */
  freeBytes: byteCount.optional(),
  minSize: byteCount.optional(),
  /** Days since it was last modified. */
  olderThanDays: z.int().nonnegative().optional(),
  /** Days since it was last read, as far as the file system notes that. */
  unusedForDays: z.int().nonnegative().optional(),
  order: z.enum(['largest', 'oldest', 'unused']).default('largest'),
});
export type EvictRules = z.output<typeof evictRulesSchema>;

export const planOptionsSchema = z.strictObject({
  delete: z.boolean().optional(),
  content: z.boolean().optional(),
  /** Files of one size and name were hashed before, to find those that moved. */
  findMoves: z.boolean().optional(),
  select: selectionSchema.optional(),
  evict: evictRulesSchema.optional(),
  /** `undo`: the apply job that is taken back. */
  undoes: id.optional(),
});
export type PlanOptions = z.infer<typeof planOptionsSchema>;

const expectedFileSchema = z.strictObject({ size: byteCount, mtimeMs: timeMs, blake3: contentHash.optional() });
export type ExpectedFile = z.infer<typeof expectedFileSchema>;

/**
 * `copy`: from/path → to/path; `expect.to` is what is replaced, or null.
 * `move`: within *to*, movedFrom → path; `expect.to` is the file at movedFrom, `expect.from` the one at from/path.
 * `delete`: to/path; `expect.from` is null. In an evict plan it is the file of *from* that holds the same content.
 *
 * With `direction: 'reverse'` the roots change places, and the expectations keep their sides. `copy`: to/path → from/path.
 * `move`: within *from*, path → movedFrom, which is the name in *to*.
 */
export const planItemSchema = z.strictObject({
  op: planOpSchema,
  path: relpath,
  movedFrom: relpath.optional(),
  /** The name in *from*, where it is not `path`: of a copy's source, or of the file that an evict plan relies on. */
  fromPath: relpath.optional(),
  /**
   * Of plans both ways. `undecided`: a conflict (a copy: both sides hold the path, and not the same; a move: one content
   * has two names); nothing is done until the person says which side shall stay.
   */
  direction: z.enum(['reverse', 'undecided']).optional(),
  /** A move out of the trash of *to*: the folder there that `movedFrom` lies in. */
  trashed: z.string().min(1).max(255).optional(),
  /** The person said, of this file by name, that the last copy of its content may go. */
  lastCopy: z.literal(true).optional(),
  expect: z.strictObject({ from: expectedFileSchema.nullable(), to: expectedFileSchema.nullable() }),
});
export type PlanItem = z.infer<typeof planItemSchema>;

/** Everything but the items. */
export const planHeaderSchema = z.strictObject({
  format: z.literal(PLAN_FORMAT),
  version: z.literal(PLAN_VERSION),
  kind: planKindSchema,
  from: planRootSchema,
  to: planRootSchema,
  options: planOptionsSchema,
  summary: planSummarySchema,
  seal: contentHash,
});
export type PlanHeader = z.infer<typeof planHeaderSchema>;
