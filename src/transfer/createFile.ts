import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

import { writeFileAtomic } from '../base/atomicFile.ts';
import { fileError, LakesideError } from '../base/errors.ts';
import { type FileLayer, diskFiles } from './fileLayer.ts';
import { isTaken, placeFile } from './placeFile.ts';

/**
 * Writes a file that is not there yet, whole and flushed or not at all; its folder is made.
 * @throws LakesideError FILE_EXISTS; else by errno
 */
export function createFile(path: string, data: Uint8Array, files: FileLayer = diskFiles): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  writeFileAtomic(temporary, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  try {
    placeFile(files, temporary, path);
  } catch (error) {
    files.unlink(temporary);
    if (!isTaken(error)) throw fileError('write', path, error);
    throw new LakesideError('FILE_EXISTS', 'validation', `${path} is there already, and was left as it is.`, {
      context: { path },
      cause: error,
    });
  }
}
