import * as z from 'zod';

import { errorShapeSchema } from './apiResponse.ts';

/** Shapes that several contracts share. Sizes in bytes, times in whole milliseconds since the epoch. */

export const rootName = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,63}$/u,
    'A root name is 1 to 64 letters, digits, spaces, dots, dashes or underscores',
  );
export const relpath = z.string().min(1).max(32_767);
/** A folder under a root; `''` is the root itself. */
export const folderPath = z.string().max(32_767);
export const contentHash = z.string().regex(/^[0-9a-f]{64}$/, 'A BLAKE3 is 64 lower-case hexadecimal digits');
export const byteCount = z.int().nonnegative();
/** May be negative: files older than 1970 exist. */
export const timeMs = z.int();
export const durationMs = z.number().nonnegative();
export const id = z.string().min(1).max(64);

export const rootRole = z.enum(['local', 'lake', 'other']);

export const rootSchema = z.object({
  name: rootName,
  id,
  path: z.string(),
  role: rootRole,
  allowDelete: z.boolean(),
  network: z.boolean(),
  mounted: z.boolean(),
  /** Why it is not mounted, as a code and a sentence. */
  problem: errorShapeSchema.optional(),
  files: z.int(),
  bytes: byteCount,
  scannedAt: timeMs.nullable(),
  /** When all of it was last read again and compared with its hashes. */
  verifiedAt: timeMs.nullable().optional(),
  /** Files that were found to have another content than their hash says, though their size and time are the same. */
  rottenFiles: z.int().optional(),
  /** Files whose BLAKE3 is known. */
  hashedFiles: z.int().optional(),
  hashedBytes: byteCount.optional(),
  /** Of the file system it lies on; absent while it is not mounted or does not say. */
  freeBytes: byteCount.optional(),
  totalBytes: byteCount.optional(),
  /** It may be a source, and is known by the store alone. */
  readOnly: z.boolean().optional(),
  /** Who listens for changes: the engine, the editor (large roots), or nobody. An event is only a hint. */
  watcher: z.enum(['engine', 'host', 'none']),
});
export type Root = z.infer<typeof rootSchema>;

export const fileStateSchema = z.object({
  size: byteCount,
  mtimeMs: timeMs,
  blake3: contentHash.optional(),
});
export type FileState = z.infer<typeof fileStateSchema>;

export const DIFF_STATES = ['equal', 'missing', 'extra', 'different', 'moved'] as const;
export const diffStateSchema = z.enum(DIFF_STATES);
export type DiffState = z.infer<typeof diffStateSchema>;

export const diffCountsSchema = z.object({
  equal: z.int(),
  missing: z.int(),
  extra: z.int(),
  different: z.int(),
  moved: z.int(),
});
export type DiffCounts = z.infer<typeof diffCountsSchema>;

export const diffItemSchema = z.object({
  state: diffStateSchema,
  /** The name in *from*; for `extra` the name in *to*. */
  path: relpath,
  /** For `moved`: the name in *to*. */
  movedFrom: relpath.optional(),
  /** For `different`: the side that reading it again found damaged, where the other one is known to be whole. */
  damaged: z.enum(['from', 'to']).optional(),
  from: fileStateSchema.optional(),
  to: fileStateSchema.optional(),
});
export type DiffItem = z.infer<typeof diffItemSchema>;

export const problemSchema = z.object({ path: z.string(), code: z.string(), message: z.string() });
export type Problem = z.infer<typeof problemSchema>;

/** The kinds of jobs that somebody works on. */
export const WORK_KINDS = ['scan', 'hash', 'verify', 'apply', 'trash', 'generate'] as const;
export const workKindSchema = z.enum(WORK_KINDS);
export type WorkKind = z.infer<typeof workKindSchema>;
/** `group`: a parent of other jobs, without work of its own; its state and progress are those of its parts. */
export const JOB_KINDS = [...WORK_KINDS, 'group'] as const;
export const jobKindSchema = z.enum(JOB_KINDS);
export type JobKind = z.infer<typeof jobKindSchema>;

export const JOB_STATES = ['queued', 'waiting', 'paused', 'running', 'succeeded', 'failed', 'canceled'] as const;
export const jobStateSchema = z.enum(JOB_STATES);
export type JobState = z.infer<typeof jobStateSchema>;

/** Whether a job has come to an end: it may be cleared, or tried again. */
export function isOver(state: JobState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'canceled';
}

export const progressSchema = z.object({
  /** What is going on, in a few words; names the file at hand. */
  text: z.string().optional(),
  doneItems: z.int().nonnegative(),
  /** null while it is not known. */
  totalItems: z.int().nonnegative().nullable(),
  doneBytes: byteCount,
  totalBytes: byteCount.nullable(),
  /** Bytes that this attempt moved itself, where `doneBytes` counts what was there already too: speed is told by them. */
  movedBytes: byteCount.optional(),
});
export type Progress = z.infer<typeof progressSchema>;

/** Progress as it is told while the work goes on; what is kept of it is `progressSchema`. */
export const liveProgressSchema = progressSchema.extend({
  /** How far all of it is, from 0 to 1, where whole items are too coarse: an image in its making. */
  share: z.number().min(0).max(1).optional(),
});
export type LiveProgress = z.infer<typeof liveProgressSchema>;

export const jobSchema = z.object({
  id,
  kind: jobKindSchema,
  /** What it does, for the person: `Scan lake`. */
  title: z.string(),
  status: jobStateSchema,
  attempts: z.int(),
  progress: progressSchema.nullable(),
  error: errorShapeSchema.optional(),
  /** Why it waits, as a sentence; of a queued job why it is held back. */
  waitingFor: z.string().optional(),
  /** Higher first. */
  priority: z.int().optional(),
  /** The job it is a part of. */
  parent: id.optional(),
  /** Its parts, where it has some. */
  parts: z.object({ total: z.int(), over: z.int(), failed: z.int() }).optional(),
  /** It was asked to pause and has not stopped yet. */
  pausing: z.boolean().optional(),
  /** It was asked to end and has not stopped yet. */
  canceling: z.boolean().optional(),
  createdAt: timeMs,
  startedAt: timeMs.nullable(),
  finishedAt: timeMs.nullable(),
  /** The kind's own result once it is over (scan report, apply report); parse it with the kind's schema. */
  result: z.unknown().optional(),
});
export type Job = z.infer<typeof jobSchema>;

export const scanReportSchema = z.object({
  name: rootName,
  files: z.int(),
  bytes: byteCount,
  added: z.int(),
  changed: z.int(),
  removed: z.int(),
  hashed: z.int(),
  hashedBytes: byteCount,
  problems: z.array(problemSchema),
  ms: durationMs,
});
export type ScanReport = z.infer<typeof scanReportSchema>;

export const hashReportSchema = z.object({
  hashed: z.int(),
  hashedBytes: byteCount,
  problems: z.array(problemSchema),
  ms: durationMs,
});
export type HashReport = z.infer<typeof hashReportSchema>;

export const verifyReportSchema = z.object({
  name: rootName,
  /** Files that were read again and are as their hash says. */
  verified: z.int(),
  verifiedBytes: byteCount,
  /** Files of the same size and time as when they were hashed, and of another content: bit rot. */
  rotten: z.int(),
  /** Files that have another size or time than the index: scan. */
  changed: z.int(),
  /** Files that have no hash to compare with. */
  unhashed: z.int(),
  /** The first thousand. */
  problems: z.array(problemSchema),
  ms: durationMs,
});
export type VerifyReport = z.infer<typeof verifyReportSchema>;

export const PLAN_OPS = ['copy', 'move', 'delete'] as const;
export const planOpSchema = z.enum(PLAN_OPS);
export type PlanOp = z.infer<typeof planOpSchema>;

export const STEP_STATUSES = ['pending', 'running', 'done', 'already', 'skipped', 'failed', 'canceled'] as const;
export const stepStatusSchema = z.enum(STEP_STATUSES);
export type StepStatus = z.infer<typeof stepStatusSchema>;

export const stepResultSchema = z.object({
  op: planOpSchema,
  path: relpath,
  status: stepStatusSchema,
  code: z.string().optional(),
  reason: z.string().optional(),
});
export type StepResult = z.infer<typeof stepResultSchema>;

export const applySummarySchema = z.object({
  done: z.int(),
  already: z.int(),
  skipped: z.int(),
  /** Of those skipped: conflicts that nobody decided yet; absent where there are none. */
  undecided: z.int().optional(),
  failed: z.int(),
  canceled: z.int(),
  /** Bytes copied and verified. */
  bytes: byteCount,
  ms: durationMs,
});
export type ApplySummary = z.infer<typeof applySummarySchema>;

/** What a job of the trash did: files brought back, or removed for good. */
export const trashReportSchema = z.object({
  done: z.int(),
  /** Files that stay in the trash; `problems` names the first thousand and says why. */
  kept: z.int(),
  /** Of the files that were done. */
  bytes: byteCount,
  problems: z.array(problemSchema),
  ms: durationMs,
});
export type TrashReport = z.infer<typeof trashReportSchema>;

export const generateReportSchema = z.object({ run: id, images: z.int() });
export type GenerateReport = z.infer<typeof generateReportSchema>;
