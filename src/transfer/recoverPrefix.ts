import { canceledError, errnoOf, LakesideError } from '../base/errors.ts';
import { type Blake3Hash, loadBlake3 } from '../library/blake3.ts';
import type { TaskContext } from '../library/hashFile.ts';
import type { FileLayer } from './fileLayer.ts';

export interface RecoveredPrefix {
  /** How many chunks, from the beginning, are what their hashes say. */
  readonly chunks: number;
  /** Of those chunks; more may be added. */
  readonly hash: Blake3Hash;
}

/**
 * Reads a file from the beginning and compares the hash of all so far with the one listed, chunk by chunk, up to the first
 * that is another.
 * @param tolerant a chunk that cannot be read is one that does not match
 * @throws LakesideError CANCELED, or by errno
 */
export function recoverPrefix(
  files: FileLayer,
  file: number,
  hashes: readonly string[],
  chunkBytes: number,
  { tolerant, control }: { readonly tolerant: boolean; readonly control: TaskContext },
): RecoveredPrefix {
  const hash = loadBlake3().createHash();
  for (const [chunk, expected] of hashes.entries()) {
    const whole = addChunk(chunk);
    if (whole && hash.peek().toString('hex') === expected) continue;
    // The state has taken in what does not belong there, and cannot be taken back.
    const good = loadBlake3().createHash();
    const again = addRange(files, file, good, { start: 0, bytes: chunk * chunkBytes }, control);
    return again ? { chunks: chunk, hash: good } : { chunks: 0, hash: loadBlake3().createHash() };
  }
  return { chunks: hashes.length, hash };

  function addChunk(chunk: number): boolean {
    try {
      return addRange(files, file, hash, { start: chunk * chunkBytes, bytes: chunkBytes }, control);
    } catch (error) {
      if (!tolerant || error instanceof LakesideError || errnoOf(error) === undefined) throw error;
      return false;
    }
  }
}

/** False where the file ends before. */
function addRange(
  files: FileLayer,
  file: number,
  hash: Blake3Hash,
  { start, bytes }: { readonly start: number; readonly bytes: number },
  control: TaskContext,
): boolean {
  const { buffer } = control;
  for (let done = 0; done < bytes;) {
    if (control.aborted()) throw canceledError('The copy');
    const left = bytes - done;
    const count = files.read(file, left < buffer.length ? buffer.subarray(0, left) : buffer, start + done);
    if (count === 0) return false;
    hash.update(buffer.subarray(0, count));
    done += count;
  }
  return true;
}
