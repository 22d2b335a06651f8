import { closeSync, constants, fstatSync, readSync, type Stats } from 'node:fs';

import { canceledError, fileError, LakesideError } from '../base/errors.ts';
import { openUnnoticed } from '../base/openUnnoticed.ts';
import { wholeMilliseconds } from '../base/fileTime.ts';
import { loadBlake3 } from './blake3.ts';

/** What a task in an I/O thread gets beside its input. */
export interface TaskContext {
  /** Reused from task to task; its content means nothing before or after. */
  readonly buffer: Buffer<ArrayBuffer>;
  /** Tells of bytes done since the last call; negative takes back. `before`: an earlier attempt had done them. */
  report(bytes: number, when?: 'before'): void;
  /** Ask once a block. */
  aborted(): boolean;
  /**
   * Returns once all that was written to the file system of this folder is on its device. Throws ENOSYS where that could
   * not be told. Not there: nobody can.
   */
  readonly flushAll?: (folder: string) => void;
}

export interface HashedFile {
  /** 32 bytes. */
  readonly blake3: Uint8Array;
  /** Bytes, of the file as it was hashed. */
  readonly size: number;
  /** Whole milliseconds since 1970, of the file as it was hashed. */
  readonly mtimeMs: number;
}

const MAX_TRIES = 3;
// A link put in the file's place must not lead elsewhere, and a pipe in its place must not wait for ever.
// Windows has neither flag.
const posixFlags: Partial<Pick<typeof constants, 'O_NOFOLLOW' | 'O_NONBLOCK'>> = constants;
const OPEN_FLAGS = constants.O_RDONLY | (posixFlags.O_NOFOLLOW ?? 0) | (posixFlags.O_NONBLOCK ?? 0);

/**
 * Hashes a file, and again when it was modified meanwhile, three times at most.
 * @param path absolute
 * @throws LakesideError FILE_CHANGING, FILE_NOT_REGULAR, CANCELED, or what the system said
 */
export function hashFile(path: string, context: TaskContext): HashedFile {
  let file: number | undefined;
  try {
    file = openUnnoticed(path, OPEN_FLAGS);
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      const before = fstatSync(file);
      requireRegular(path, before);
      const { blake3, bytes } = hashOnce(file, path, before.size, context);
      const after = fstatSync(file);
      if (bytes === before.size && before.size === after.size && before.mtimeMs === after.mtimeMs) {
        return { blake3, size: after.size, mtimeMs: wholeMilliseconds(after.mtimeMs) };
      }
      context.report(-bytes);
    }
  } catch (error) {
    throw fileError('read', path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
  throw new LakesideError(
    'FILE_CHANGING',
    'infra',
    `${path} is being written: it changed each time it was read. Hash it again when its program is done.`,
    { context: { path }, retryable: true },
  );
}

/** Reads up to `size`; whether the file grew beyond it, its stat says. */
function hashOnce(
  file: number,
  path: string,
  size: number,
  context: TaskContext,
): { readonly blake3: Buffer; readonly bytes: number } {
  const hash = loadBlake3().createHash();
  const { buffer } = context;
  let position = 0;
  while (position < size) {
    if (context.aborted()) {
      context.report(-position);
      throw canceledError(`Hashing ${path}`);
    }
    const read = readSync(file, buffer, 0, buffer.length, position);
    if (read === 0) break;
    hash.update(read === buffer.length ? buffer : buffer.subarray(0, read));
    position += read;
    context.report(read);
  }
  return { blake3: hash.digest(), bytes: position };
}

function requireRegular(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  throw new LakesideError('FILE_NOT_REGULAR', 'validation', `${path} is not a file that can be hashed.`, {
    context: { path },
  });
}
