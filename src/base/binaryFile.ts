import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { copyFile, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { errnoOf, fileError } from './errors.ts';
import { makeFolder } from './makeFolder.ts';

/** Bytes, or the absolute path of a file to copy. */
export type BinarySource = Uint8Array | string;

/**
 * Writes a file of any size through a temporary one beside it, flushed and renamed: a crash or a full disk leaves the old
 * file or none.
 * @throws LakesideError by errno
 */
export async function storeFile(path: string, source: BinarySource): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    makeFolder(dirname(path));
    if (typeof source === 'string') await copyFile(source, temporary);
    const file = await open(temporary, typeof source === 'string' ? 'r+' : 'wx');
    try {
      if (typeof source !== 'string') await file.writeFile(source);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError('write', path, error);
  }
}

/**
 * Removes what `storeFile` or `writeStreamAtomic` left in a folder where it was killed. Only for who alone writes there,
 * or alone the file of that name.
 */
export async function removeLeftTemporaries(folder: string, of = ''): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!/^\..*\.[0-9a-f]{12}\.tmp$/.test(name) || !name.startsWith(`.${of}`)) continue;
    await rm(join(folder, name), { force: true });
  }
}

/** Writes a file that can be made again or be missed: whole or not at all, but not flushed. */
export async function writePassingFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  try {
    makeFolder(dirname(path));
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    throw fileError('write', path, error);
  }
}

/** Makes a file in a folder that is there, unless there is one; false where there is. Of many that try, one is told true. */
export function createOnce(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', flush: true });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw fileError('write', path, error);
  }
}

/** Removes a file or a folder with all that is in it; what is not there is no error. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw fileError('remove', path, error);
  }
}
