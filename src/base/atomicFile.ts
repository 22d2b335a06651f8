import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import writeFileAtomicLibrary from 'write-file-atomic';

import { errnoOf, fileError } from './errors.ts';
import { makeFolder } from './makeFolder.ts';

/**
 * Writes through a temporary file beside the target, flushed and renamed: a crash leaves the old text or the new.
 * @param options.flush false for what can be made again at any time: a power cut may then leave an empty file
 */
export function writeFileAtomic(path: string, data: string | Buffer, options: { readonly flush?: boolean } = {}): void {
  try {
    makeFolder(dirname(path));
    writeFileAtomicLibrary.sync(path, data, { fsync: options.flush ?? true });
  } catch (error) {
    throw fileError('write', path, error);
  }
}

/** As writeFileAtomic, for a file that nobody else on this machine may read. */
export function writePrivateFile(path: string, data: string): void {
  try {
    makeFolder(dirname(path));
    writeFileAtomicLibrary.sync(path, data, { mode: 0o600 });
  } catch (error) {
    throw fileError('write', path, error);
  }
}

/** The text of a file, or undefined where there is none. */
export function readTextIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw fileError('read', path, error);
  }
}
