import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

import { fileError } from './errors.ts';

// A link put in the file's place must not lead elsewhere, and a pipe must not wait for ever. Windows has neither flag.
const posixFlags: Partial<Pick<typeof constants, 'O_NOFOLLOW' | 'O_NONBLOCK'>> = constants;
const APPEND_FLAGS =
  constants.O_RDWR | constants.O_APPEND | (posixFlags.O_NOFOLLOW ?? 0) | (posixFlags.O_NONBLOCK ?? 0);

/**
 * Adds lines to a file that is there, and flushes them. Each text goes out in one write, so that on a local disk lines
 * of two processes do not run into each other. A last line that a crash cut off is ended first.
 * @param texts whole lines, each text at most 64 KiB
 * @throws LakesideError by errno
 */
export async function appendLines(path: string, texts: readonly string[]): Promise<void> {
  try {
    const file = await open(path, APPEND_FLAGS);
    try {
      const { size } = await file.stat();
      const last = Buffer.alloc(1);
      if (size > 0) await file.read(last, 0, 1, size - 1);
      const isCut = size > 0 && last.toString() !== '\n';
      for (const [index, text] of texts.entries()) await writeAll(file, isCut && index === 0 ? `\n${text}` : text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError('write', path, error);
  }
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, text: string): Promise<void> {
  for (let rest = Buffer.from(text); rest.length > 0;) {
    const { bytesWritten } = await file.write(rest);
    rest = rest.subarray(bytesWritten);
  }
}
