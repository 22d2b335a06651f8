import { readSync } from 'node:fs';

import { LakesideError } from '../../base/errors.ts';

/** Bytes of a file, read where they are asked for; a reader never gets the whole of it. */
export interface ByteSource {
  /** Bytes. */
  readonly size: number;
  /**
   * The bytes of a range, fewer where the file ends before; none of a range that begins outside the file. Throws by errno,
   * or TOO_MUCH when the budget of the reader is used up.
   */
  read(position: number, length: number): Uint8Array;
}

/** At most so many bytes a file: a header may not make us use more. */
export const READ_BUDGET_BYTES = 64 * 1024 * 1024;

/** For tests and small files. The bytes are not copied. */
export function bytesOf(bytes: Uint8Array, budget = READ_BUDGET_BYTES): ByteSource {
  return withinBudget(bytes.length, budget, (position, length) => bytes.subarray(position, position + length));
}

/**
 * An open file, which stays open. What the system says is thrown as it is, since the path is not known here.
 * @param file descriptor, open for reading
 * @param size bytes, of its stat
 */
export function fileBytes(file: number, size: number, budget = READ_BUDGET_BYTES): ByteSource {
  return withinBudget(size, budget, (position, length) => {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const read = readSync(file, bytes, filled, length - filled, position + filled);
      if (read === 0) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  });
}

/** Nothing is allocated before the range is cut to the file and the budget is asked. */
function withinBudget(
  size: number,
  budget: number,
  readRange: (position: number, length: number) => Uint8Array,
): ByteSource {
  let left = budget;
  return {
    size,
    read(position, length) {
      if (!Number.isSafeInteger(position) || position < 0 || position >= size || !(length > 0))
        return new Uint8Array(0);
      const wanted = Math.min(Math.floor(length), size - position);
      if (wanted > left) throw tooMuch(budget);
      const bytes = readRange(position, wanted);
      left -= bytes.length;
      return bytes;
    },
  };
}

function tooMuch(budget: number): LakesideError {
  return new LakesideError(
    'TOO_MUCH',
    'policy',
    `More than ${budget} bytes would have to be read to know what this file is. Check that it is a model, and get it again from its source if it is not.`,
  );
}
