import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';

import { errnoOf } from './errors.ts';

// A pipe would be waited for. Windows has no such flag.
const posix: Partial<Pick<typeof constants, 'O_NONBLOCK'>> = constants;
const FLAGS = constants.O_RDONLY | (posix.O_NONBLOCK ?? 0);

/**
 * The text of a small file in a folder that others write to; undefined where there is none. Whoever put a pipe, a device or
 * gigabytes there keeps nobody waiting: their text is empty.
 * @param most bytes
 * @throws what Node throws
 */
export async function readSmallText(path: string, most: number): Promise<string | undefined> {
  try {
    const file = await open(path, FLAGS);
    try {
      return isSmallFile(await file.stat(), most) ? await file.readFile('utf8') : '';
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return undefined;
  }
}

/** As `readSmallText`, at once. */
export function readSmallTextNow(path: string, most: number): string | undefined {
  try {
    const file = openSync(path, FLAGS);
    try {
      return isSmallFile(fstatSync(file), most) ? readFileSync(file, 'utf8') : '';
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return undefined;
  }
}

function isSmallFile(stats: Stats, most: number): boolean {
  return stats.isFile() && stats.size <= most;
}

function isAbsent(error: unknown): boolean {
  return errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR';
}
