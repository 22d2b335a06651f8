import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { errnoOf } from '../base/errors.ts';
import { PRIVATE_FOLDER } from '../base/relpath.ts';
import type { KnownHash } from '../store/fileStore.ts';
import { MAX_LINE_BYTES, parseHashLine, readHashesHeader } from './hashLine.ts';

/** Lines of a file, as they were read together. */
export interface JournalPart {
  readonly lines: readonly KnownHash[];
  /** Lines that were cut off, or written into each other, or were never ours. */
  readonly damaged: number;
  /** Where the next part begins, in bytes. */
  readonly offset: number;
}

/** A file of portable hashes that is open. */
export interface OpenJournal {
  readonly generation: string;
  /** Bytes, when it was opened; what is added later is left for the next time. */
  readonly size: number;
  /** @param wanted lines of other files are left out */
  parts(offset: number, wanted?: (relpath: string) => boolean): AsyncGenerator<JournalPart>;
  close(): Promise<void>;
}

// What a name leads to, and pipes, are nothing of ours. Windows has neither flag.
const posixFlags: Partial<Pick<typeof constants, 'O_NOFOLLOW' | 'O_NONBLOCK'>> = constants;
const OPEN_FLAGS = constants.O_RDONLY | (posixFlags.O_NOFOLLOW ?? 0) | (posixFlags.O_NONBLOCK ?? 0);
const JOURNAL_NAME = /^[0-9a-f-]{36}\.txt$/;
/** One for each data dir that ever wrote there; more is not ours. */
const MAX_JOURNALS = 1_000;
/** Of 10,000,000 files; what is larger would be read for minutes at each scan. */
const MAX_JOURNAL_BYTES = 2 * 1024 * 1024 * 1024;
/** Parsed in a few milliseconds, after which the engine does other work. */
const PART_BYTES = 256 * 1024;
const HEADER_BYTES = 128;
const LINE_FEED = 0x0a;
const COMMENT = 0x23;

export function hashesFolder(rootPath: string): string {
  return join(rootPath, PRIVATE_FOLDER, 'hashes');
}

export function journalName(uuid: string): string {
  return `${uuid}.txt`;
}

/** Whether the folder is a link: it leads out of the root, so nothing is read or written there. */
export async function isHashesFolderLinked(rootPath: string): Promise<boolean> {
  try {
    return (await lstat(hashesFolder(rootPath))).isSymbolicLink();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/** Names of the files of portable hashes of a root, one for each data dir that wrote some; none where there is no folder. */
export async function listJournals(rootPath: string): Promise<string[]> {
  try {
    if (await isHashesFolderLinked(rootPath)) return [];
    const names = await readdir(hashesFolder(rootPath));
    return names
      .filter((name) => JOURNAL_NAME.test(name))
      .sort()
      .slice(0, MAX_JOURNALS);
  } catch (error) {
    // ENOTDIR: a file of that name, which is not ours.
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}

/** Opens a file of portable hashes; undefined where there is none that this version can read. */
export async function openJournal(rootPath: string, name: string): Promise<OpenJournal | undefined> {
  let file: FileHandle;
  try {
    file = await open(join(hashesFolder(rootPath), name), OPEN_FLAGS);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
  try {
    const stat = await file.stat();
    const generation = stat.isFile() && stat.size <= MAX_JOURNAL_BYTES ? await readGeneration(file) : undefined;
    if (generation !== undefined) {
      const { size } = stat;
      return {
        generation,
        size,
        parts: (offset, wanted) => readParts(file, size, offset, wanted),
        close: () => file.close(),
      };
    }
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return undefined;
}

async function readGeneration(file: FileHandle): Promise<string | undefined> {
  const buffer = Buffer.alloc(HEADER_BYTES);
  const { bytesRead } = await file.read(buffer, 0, HEADER_BYTES, 0);
  const end = buffer.subarray(0, bytesRead).indexOf(LINE_FEED);
  return end < 0 ? undefined : readHashesHeader(buffer.toString('utf8', 0, end));
}

async function* readParts(
  file: FileHandle,
  size: number,
  offset: number,
  wanted: ((relpath: string) => boolean) | undefined,
): AsyncGenerator<JournalPart> {
  const buffer = Buffer.alloc(PART_BYTES + MAX_LINE_BYTES);
  let carried = 0;
  /** Within a line that is longer than any of ours. */
  let overlong = false;
  for (let position = offset; position < size;) {
    const { bytesRead } = await file.read(buffer, carried, Math.min(PART_BYTES, size - position), position);
    if (bytesRead === 0) return;
    position += bytesRead;
    const filled = buffer.subarray(0, carried + bytesRead);
    const lines: KnownHash[] = [];
    let damaged = 0;
    let start = 0;
    for (let end = filled.indexOf(LINE_FEED); end >= 0; end = filled.indexOf(LINE_FEED, start)) {
      const line = filled.subarray(start, end);
      start = end + 1;
      if (overlong) {
        overlong = false;
        continue;
      }
      if (line.length === 0 || line[0] === COMMENT) continue;
      const known = parseHashLine(line);
      if (known === undefined) damaged++;
      else if (wanted?.(known.relpath) !== false) lines.push(known);
    }
    carried = filled.length - start;
    if (carried > MAX_LINE_BYTES) {
      if (!overlong) damaged++;
      overlong = true;
      carried = 0;
    } else filled.copyWithin(0, start);
    yield { lines, damaged, offset: position - carried };
  }
}
