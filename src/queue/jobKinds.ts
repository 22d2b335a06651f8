import * as z from 'zod';

import { selectionSchema } from '../protocol/planFile.ts';
import { runSnapshotSchema } from '../protocol/studioValues.ts';
import {
  generateReportSchema,
  hashReportSchema,
  applySummarySchema,
  id,
  relpath,
  scanReportSchema,
  timeMs,
  trashReportSchema,
  verifyReportSchema,
  type WorkKind,
} from '../protocol/values.ts';

/** The snapshot each kind of job carries, and what it leaves behind. Roots are named by id, so renames do no harm. */
export const JOB_PAYLOADS = {
  scan: z.strictObject({ root: id, hash: z.boolean() }),
  hash: z.discriminatedUnion('scope', [
    z.strictObject({ scope: z.literal('unhashed'), root: id }),
    z.strictObject({ scope: z.literal('paths'), root: id, paths: z.array(relpath) }),
    /** What a comparison by content of these two needs to know. */
    z.strictObject({ scope: z.literal('content'), from: id, to: id }),
    /** What must be known to tell which files of these two moved. */
    z.strictObject({ scope: z.literal('moves'), from: id, to: id, select: selectionSchema.optional() }),
  ]),
  verify: z.strictObject({
    root: id,
    /** Files and folders; without it the whole root. */
    paths: z.array(relpath).optional(),
    samplePercent: z.number().positive().max(100).optional(),
    /** Decides by chance which files a sample takes, the same ones when the job goes on later. */
    seed: z.string(),
  }),
  apply: z.strictObject({ plan: id }),
  trash: z.discriminatedUnion('action', [
    /** `ids`: as `trash.list` gives them. */
    z.strictObject({ action: z.literal('restore'), root: id, ids: z.array(z.string()) }),
    z.strictObject({
      action: z.literal('purge'),
      root: id,
      /** Absent: all. */
      ids: z.array(z.string()).optional(),
      /** Only what came into the trash before this time. */
      before: timeMs.optional(),
      lastCopies: z.array(z.string()),
    }),
  ]),
  generate: runSnapshotSchema,
} as const satisfies Record<WorkKind, z.ZodType>;

export const JOB_RESULTS = {
  scan: scanReportSchema,
  hash: hashReportSchema,
  verify: verifyReportSchema,
  apply: applySummarySchema,
  trash: trashReportSchema,
  generate: generateReportSchema,
} as const satisfies Record<WorkKind, z.ZodType>;

export type JobPayload<K extends WorkKind> = z.output<(typeof JOB_PAYLOADS)[K]>;
export type JobResult<K extends WorkKind> = z.output<(typeof JOB_RESULTS)[K]>;

/**
 * Jobs of one lane share its concurrency, so that a long hash does not keep a copy waiting. `hash` is what a person or a
 * plan waits for, `background` the hashing of all that has no hash, `verify` the reading again of what has one.
 */
export const LANES = ['scan', 'hash', 'background', 'verify', 'transfer', 'trash', 'generate'] as const;
export type Lane = (typeof LANES)[number];

const LANE_OF: Readonly<Record<WorkKind, Lane>> = {
  scan: 'scan',
  hash: 'hash',
  verify: 'verify',
  apply: 'transfer',
  trash: 'trash',
  generate: 'generate',
};

export function laneOf<K extends WorkKind>(kind: K, payload: JobPayload<K>): Lane {
  return 'scope' in payload && payload.scope === 'unhashed' ? 'background' : LANE_OF[kind];
}

export function laneLimits(queueConcurrency: number): Readonly<Record<Lane, number>> {
  return { scan: 2, hash: 1, background: 1, verify: 1, transfer: queueConcurrency, trash: 1, generate: 2 };
}

/** Hashes for which nobody waits stand still while jobs of these lanes run, in whichever process of the data dir. */
export const LANES_BEFORE: Readonly<Record<'asked' | 'background' | 'verify', readonly Lane[]>> = {
  asked: ['transfer'],
  background: ['transfer', 'hash'],
  verify: ['transfer', 'hash', 'background'],
};
