import type { Progress } from './values.ts';

/** Whether bytes tell how far it is; else items do. */
export function countsBytes({ totalBytes }: Pick<Progress, 'totalBytes'>): boolean {
  return (totalBytes ?? 0) > 0;
}

/** What is counted for its speed: bytes or items that this attempt did, so that going on with a partial is no burst. */
export function speedCount(progress: Progress): number {
  if (!countsBytes(progress)) return progress.doneItems;
  return progress.movedBytes ?? progress.doneBytes;
}
