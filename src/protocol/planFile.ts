import * as z from 'zod';

import { byteCount, contentHash, id, planOpSchema, relpath, rootName, timeMs } from './values.ts';

/**
 * A plan file: a reviewed list of steps with the state each expects at both ends.
 * One item a line, sorted by path; `seal` is the BLAKE3 of the RFC 8785 form without `seal`.
 */
export const PLAN_FORMAT = 'lakeside-plan';
export const PLAN_VERSION = 1;
export const PLAN_SUFFIX = '.lakeplan.json';

export const PLAN_KINDS = ['mirror', 'copy'] as const;
export const planKindSchema = z.enum(PLAN_KINDS);

export const planRootSchema = z.strictObject({ root: rootName, id });
export const planTotalSchema = z.strictObject({ count: z.int().nonnegative(), bytes: byteCount });
export const planSummarySchema = z.strictObject({
  copy: planTotalSchema,
  move: planTotalSchema,
  delete: planTotalSchema,
});
export type PlanSummary = z.infer<typeof planSummarySchema>;

export const planOptionsSchema = z.strictObject({
  delete: z.boolean().optional(),
  content: z.boolean().optional(),
});
export type PlanOptions = z.infer<typeof planOptionsSchema>;

const expectedFileSchema = z.strictObject({ size: byteCount, mtimeMs: timeMs, blake3: contentHash.optional() });
export type ExpectedFile = z.infer<typeof expectedFileSchema>;

/**
 * `copy`: from/path → to/path; `expect.to` is what is replaced, or null.
 * `move`: within *to*, movedFrom → path; `expect.to` is the file at movedFrom.
 * `delete`: to/path; `expect.from` is null.
 */
export const planItemSchema = z.strictObject({
  op: planOpSchema,
  path: relpath,
  movedFrom: relpath.optional(),
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
