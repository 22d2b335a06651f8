import { fileError, isCanceled, LakesideError } from '../base/errors.ts';
import type { ExpectedFile } from '../protocol/planFile.ts';
import type { FileStat } from './fileLayer.ts';

export type SkipCode =
  | 'UNSAFE_PATH'
  | 'SOURCE_MISSING'
  | 'SOURCE_CHANGED'
  | 'SOURCE_ROTTEN'
  | 'TARGET_MISSING'
  | 'TARGET_CHANGED'
  | 'TARGET_EXISTS'
  | 'COPIES_FAILED'
  | 'DELETE_NOT_ALLOWED'
  | 'PLAN_CONFLICT'
  | 'CONFLICT_UNDECIDED'
  | 'NOT_VERIFIED'
  | 'KEEPER_MISSING'
  | 'KEEPER_CHANGED'
  | 'KEEPER_DAMAGED'
  | 'DISK_FULL'
  | 'LAST_COPY';

/** What the plan expected does not hold: the step is skipped and says why; nothing was changed. */
export class SkipStep extends LakesideError {
  /**
   * Relpath of a file where a folder belongs, or of a folder where a file does, if that is the problem: deletes of the
   * plan may clear it.
   */
  readonly blockedAt: string | undefined;

  constructor(code: SkipCode, reason: string, blockedAt?: string) {
    super(code, 'policy', reason);
    this.blockedAt = blockedAt;
  }
}

/** A copy's name is there in another spelling; `blockedAt` is the outermost file or folder that is spelled so. */
export class OtherSpelling extends SkipStep {
  constructor(reason: string, spelling: string) {
    super('TARGET_EXISTS', reason, spelling);
  }
}

export interface StepEnd {
  readonly status: 'skipped' | 'failed' | 'canceled';
  readonly code: string;
  readonly reason: string;
}

/** How a step ends whose work threw. */
export function stepEnd(error: unknown, action: string, path: string): StepEnd {
  const known = fileError(action, path, error);
  if (isCanceled(known)) return { status: 'canceled', code: known.code, reason: known.message };
  if (known instanceof SkipStep) return { status: 'skipped', code: known.code, reason: known.message };
  const code = isDiskFull(known) ? 'DISK_FULL' : known.code;
  return { status: 'failed', code, reason: known.message };
}

function isDiskFull(error: LakesideError): boolean {
  return error.code === 'ENOSPC' || error.code === 'EDQUOT' || error.code === 'DISK_FULL';
}

/** Whether two times are the same on a file system whose coarsest step is `stepMs`. */
export function sameTime(leftMs: number, rightMs: number, stepMs: number): boolean {
  return Math.abs(leftMs - rightMs) < Math.max(1, stepMs);
}

/** Whether a path holds a regular file of the expected size and time. */
export function matches(
  stat: FileStat | undefined,
  expected: Pick<ExpectedFile, 'size' | 'mtimeMs'>,
  stepMs: number,
): boolean {
  return stat?.kind === 'file' && stat.size === expected.size && sameTime(stat.mtimeMs, expected.mtimeMs, stepMs);
}

/** How what is there differs from what was expected, as the end of a sentence. */
export function describeDifference(stat: FileStat, expected: ExpectedFile): string {
  if (stat.kind === 'folder') return 'a folder is in its place';
  if (stat.kind !== 'file') return 'it is not a regular file';
  if (stat.size !== expected.size) return `it has ${stat.size} bytes, not ${expected.size}`;
  return `it was modified at ${new Date(stat.mtimeMs).toISOString()}, not at ${new Date(expected.mtimeMs).toISOString()}`;
}
