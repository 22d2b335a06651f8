import { randomBytes } from 'node:crypto';
import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { errnoOf, fileError, LakesideError } from './errors.ts';
import { makeFolder } from './makeFolder.ts';

/** Characters gathered before they are written. */
const WRITE_LENGTH = 256 * 1024;

/**
 * Writes text as it comes, through a temporary file beside the target, flushed and renamed: a crash or a failing source
 * leaves the old text or none. Reads `text` only as fast as the disk takes it. A link stays one: what it leads to is
 * written.
 * @throws LakesideError NOT_A_FILE where a folder or a device has the path; else by errno
 */
export async function writeStreamAtomic(path: string, text: Iterable<string> | AsyncIterable<string>): Promise<void> {
  const target = await fileToReplace(path);
  const folder = dirname(target);
  const temporary = join(folder, `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  let file: FileHandle | undefined;
  try {
    makeFolder(folder);
    file = await open(temporary, 'wx');
  } catch (error) {
    throw fileError('write', path, error);
  }
  try {
    await writeAll(file, text);
    await file.sync();
    await file.close();
    file = undefined;
    await renameOver(temporary, target);
    await flushFolder(folder);
  } catch (error) {
    await file?.close();
    await removeIfPresent(temporary);
    throw fileError('write', path, error);
  }
}

/** The rename would take the place of whatever is there, be it `/dev/null`. */
async function fileToReplace(path: string): Promise<string> {
  try {
    if ((await stat(path)).isFile()) return await realpath(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return path;
    throw fileError('write', path, error);
  }
  throw new LakesideError(
    'NOT_A_FILE',
    'validation',
    `${path} is there and is not a file. Name another file to write.`,
    {
      context: { path },
    },
  );
}

async function writeAll(file: FileHandle, text: Iterable<string> | AsyncIterable<string>): Promise<void> {
  let waiting = '';
  for await (const part of text) {
    waiting += part;
    if (waiting.length < WRITE_LENGTH) continue;
    await file.writeFile(waiting);
    waiting = '';
  }
  await file.writeFile(waiting);
}

/** Windows refuses to replace a file that another program (a virus scanner, an indexer) has open for a moment. */
async function renameOver(from: string, to: string): Promise<void> {
  for (let pauseMs = 10; ; pauseMs *= 2) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const passing = process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(errnoOf(error) ?? '');
      if (!passing || pauseMs > 1_000) throw error;
      await pause(pauseMs);
    }
  }
}

/** Makes the rename durable, where folders can be flushed. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems cannot flush a folder; the file itself is flushed.
    if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EACCES', 'EISDIR', 'EBADF'].includes(errnoOf(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

async function removeIfPresent(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw fileError('remove', path, error);
  }
}
