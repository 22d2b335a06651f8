/**
 * A file modified again within the same step of its file system's clock shows no change of time, so a hash is trusted
 * only when the file was at least so old (or its time so far in the future) when its reading began.
 */
export const YOUNG_MS = 2_000;

/** True where a hash begun at `nowMs` could miss a later change. */
export function isYoung(mtimeMs: number, nowMs: number): boolean {
  return Math.abs(nowMs - mtimeMs) < YOUNG_MS;
}
