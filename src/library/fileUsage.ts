import { lstatSync, readFileSync, type Stats, statfsSync } from 'node:fs';

import { errnoOf } from '../base/errors.ts';
import { wholeMilliseconds } from '../base/fileTime.ts';
import { absolutePath } from './pathRules.ts';

/** A file as it is on the disk, beyond what the index knows. */
export interface FileUsage {
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  /** When it was last read, as far as the file system notes that, or came to its place. */
  readonly lastUsedMs: number;
  /** Whether it was read since it came to its place, as far as that is noted. */
  readonly usedSinceWritten: boolean;
  /** Names of the file: removing one of several frees nothing. */
  readonly links: number;
}

export interface UsageReport {
  /** For each path; null where there is no regular file. */
  readonly files: readonly (FileUsage | null)[];
  /** Bytes this user may still write to that disk. */
  readonly freeBytes: number;
  /** False where the file system is known to note no reads. */
  readonly notesReads: boolean;
}

/** Looks at files of a root. Blocks its thread; for I/O threads. @throws what Node throws, when the root is gone */
export function fileUsage(root: string, relpaths: readonly string[]): UsageReport {
  const { bavail, bsize } = statfsSync(root);
  return {
    files: relpaths.map((relpath) => usageOf(absolutePath(root, relpath))),
    freeBytes: bavail * bsize,
    notesReads: notesReads(root),
  };
}

function usageOf(path: string): FileUsage | null {
  let stats: Stats;
  try {
    stats = lstatSync(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return null;
  }
  if (!stats.isFile()) return null;
  return {
    size: stats.size,
    mtimeMs: wholeMilliseconds(stats.mtimeMs),
    // A copy has the time of its source as its own, and as that of its last use; when it was renamed into place is true.
    lastUsedMs: wholeMilliseconds(Math.max(stats.atimeMs, stats.ctimeMs)),
    usedSinceWritten: stats.atimeMs > stats.ctimeMs,
    links: stats.nlink,
  };
}

/** Linux tells by which options a folder is mounted; elsewhere it is not known, and taken for granted. */
function notesReads(root: string): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return mountNotesReads(readFileSync('/proc/self/mounts', 'utf8'), root);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return true;
  }
}

/** @param mounts lines of `device folder type options …`, as /proc/self/mounts has them: a later one covers an earlier */
export function mountNotesReads(mounts: string, path: string): boolean {
  let best = { length: -1, options: '' };
  for (const line of mounts.split('\n')) {
    const [, escaped = '', , options = ''] = line.split(' ');
    const folder = escaped.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8)));
    const covers = folder === '/' || path === folder || path.startsWith(`${folder}/`);
    if (covers && folder.length >= best.length) best = { length: folder.length, options };
  }
  return !best.options.split(',').includes('noatime');
}
