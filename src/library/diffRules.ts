import type { FileState } from '../protocol/values.ts';

/** How two files of the same path are compared. */
export interface CompareRule {
  /** Milliseconds that two times may lie apart: the coarser root's time step. */
  readonly mtimeStepMs: number;
  /** Content alone decides; where a hash is not known, the files count as different. */
  readonly content: boolean;
}

/**
 * Whether two files are taken for the same content.
 * Known hashes decide, whatever the times say; else size and time do, unless only content counts.
 */
export function sameFile(from: FileState, to: FileState, rule: CompareRule): boolean {
  if (from.size !== to.size) return false;
  if (from.blake3 !== undefined && to.blake3 !== undefined) return from.blake3 === to.blake3;
  return !rule.content && Math.abs(from.mtimeMs - to.mtimeMs) <= rule.mtimeStepMs;
}
