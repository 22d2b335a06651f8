import { constants, openSync } from 'node:fs';

import { errnoOf } from './errors.ts';

const platform: Partial<Pick<typeof constants, 'O_NOATIME'>> = constants;

/**
 * Opens a file to read without its being noted as used, where the platform can: what we hash or copy was not used by a
 * person. Linux lets only the owner of a file do that; other systems do not know it.
 * @returns a file descriptor; throws what Node throws
 */
export function openUnnoticed(path: string, flags: number): number {
  if (platform.O_NOATIME === undefined) return openSync(path, flags);
  try {
    return openSync(path, flags | platform.O_NOATIME);
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') throw error;
    return openSync(path, flags);
  }
}
