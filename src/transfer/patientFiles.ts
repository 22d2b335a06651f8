import { errnoOf } from '../base/errors.ts';
import type { FileLayer } from './fileLayer.ts';

const HELD_BY_OTHERS = new Set(['EPERM', 'EBUSY', 'EACCES']);
const FIRST_PAUSE_MS = 10;
const PAUSES = 7;

/**
 * On Windows, scanners of other programs hold a fresh file for some milliseconds, and renaming or removing it fails
 * meanwhile. Tries again with growing pauses, 1.3 seconds in all; elsewhere at once gives the error.
 */
export function patiently(files: FileLayer, change: () => void): void {
  for (let pause = 0; ; pause++) {
    try {
      change();
      return;
    } catch (error) {
      if (!files.locksOpenFiles || pause >= PAUSES || !isHeld(error)) throw error;
      files.pause(FIRST_PAUSE_MS * 2 ** pause);
    }
  }
}

/** Whether a system call may have failed because another program has the file open. */
export function isHeld(error: unknown): boolean {
  return HELD_BY_OTHERS.has(errnoOf(error) ?? '');
}
