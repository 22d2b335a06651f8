import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  statfsSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';

import { errnoOf } from '../base/errors.ts';
import { canFlushFileSystem } from '../base/flushableFileSystem.ts';
import { openUnnoticed } from '../base/openUnnoticed.ts';
import { utimesSeconds, wholeMilliseconds } from '../base/fileTime.ts';

export interface FileStat {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** Bytes. */
  readonly size: number;
  /** Whole milliseconds since 1970, rounded down, as the index holds them. */
  readonly mtimeMs: number;
  /** When content, name or attributes last changed; nobody can set it. */
  readonly changedMs: number;
  /** Names the file system. */
  readonly device: string;
  /** Names the file on its device: two paths with the same id are one file. */
  readonly id: string;
  /** How many names the file has. */
  readonly links: number;
}

/**
 * The file system as transfers see it: synchronous, because it is used in worker threads only, and small, so that a
 * test can put a failing one in its place. Paths are absolute and native. Methods throw what Node throws.
 */
export interface FileLayer {
  /** Whether paths follow the rules of Windows. */
  readonly windows: boolean;
  /** Whether programs keep others from renaming and removing a file that they have open, as on Windows. */
  readonly locksOpenFiles: boolean;
  /** Opens a file to read, never through a symbolic link where the platform can refuse one. */
  openToRead(path: string): number;
  /** Makes and opens a file to write; EEXIST when the name is taken. */
  create(path: string): number;
  /** Opens a file that is there to read and write it, never through a symbolic link where the platform can refuse one. */
  openToWrite(path: string): number;
  /** Reads from a position, in bytes from the beginning; may give fewer bytes than fit; 0 at the end. */
  read(file: number, buffer: Uint8Array, position: number): number;
  /** Writes at a position, in bytes from the beginning; may take fewer bytes than given. */
  write(file: number, bytes: Uint8Array, position: number): number;
  /** Cuts a file off behind so many bytes. */
  truncate(file: number, size: number): void;
  stat(file: number): FileStat;
  setTime(file: number, mtimeMs: number): void;
  /** Returns once the device says that content and attributes are on it. */
  flush(file: number): void;
  /** Whether `flushAll` is as good as a flush of each file there. */
  flushesAll(folder: string): boolean;
  /** Returns once the device says that all that was written to the file system of this folder is on it. */
  flushAll(folder: string): void;
  close(file: number): void;
  /** What a path names, without following a link; undefined where there is nothing. */
  lstat(path: string): FileStat | undefined;
  rename(from: string, to: string): void;
  /** Gives a file a second name; EEXIST when that is taken. */
  link(existing: string, name: string): void;
  unlink(path: string): void;
  mkdir(path: string): void;
  rmdir(path: string): void;
  list(path: string): string[];
  /** The path with every link in it followed. */
  realPath(path: string): string;
  /** Makes renames in a folder durable, on platforms that can. */
  flushFolder(path: string): void;
  /** Bytes this user may still write there; Infinity where the file system does not tell. */
  freeBytes(path: string): number;
  /** Blocks the worker thread for `ms`. */
  pause(ms: number): void;
  now(): number;
}

function toFileStat(stats: Stats): FileStat {
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : 'other';
  return {
    kind,
    size: stats.size,
    mtimeMs: wholeMilliseconds(stats.mtimeMs),
    changedMs: wholeMilliseconds(stats.ctimeMs),
    device: String(stats.dev),
    id: `${stats.dev}:${stats.ino}`,
    links: stats.nlink,
  };
}

const windows = process.platform === 'win32';

/** Errors by which a platform or a network file system says that folders cannot be flushed. */
const CANNOT_FLUSH_FOLDER = new Set([
  'EINVAL',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EISDIR',
  'EBADF',
  'ENOSYS',
  'EPERM',
  'EACCES',
]);

/** The real file system. */
export const diskFiles: FileLayer = {
  windows,
  locksOpenFiles: windows,
  openToRead: (path) =>
    openUnnoticed(path, constants.O_RDONLY | (windows ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK)),
  create: (path) => openSync(path, 'wx'),
  openToWrite: (path) => openSync(path, constants.O_RDWR | (windows ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK)),
  read: (file, buffer, position) => readSync(file, buffer, 0, buffer.byteLength, position),
  write: (file, bytes, position) => writeSync(file, bytes, 0, bytes.byteLength, position),
  truncate: (file, size) => ftruncateSync(file, size),
  stat: (file) => toFileStat(fstatSync(file)),
  setTime(file, mtimeMs) {
    // As text, because Node takes a negative number (a time before 1970) for "now".
    futimesSync(file, Date.now() / 1000, String(utimesSeconds(mtimeMs)));
  },
  flush: (file) => fsyncSync(file),
  flushesAll: canFlushFileSystem,
  flushAll(folder) {
    throw Object.assign(new Error(`ENOSYS: no helper flushes '${folder}'`), { code: 'ENOSYS', path: folder });
  },
  close: (file) => closeSync(file),
  lstat(path) {
    try {
      // Most paths that are looked at so are free, and an error costs ten times the call.
      const stats = lstatSync(path, { throwIfNoEntry: false });
      return stats === undefined ? undefined : toFileStat(stats);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
      throw error;
    }
  },
  rename: (from, to) => renameSync(from, to),
  link: (existing, name) => linkSync(existing, name),
  unlink: (path) => unlinkSync(path),
  mkdir: (path) => mkdirSync(path),
  rmdir: (path) => rmdirSync(path),
  list: (path) => readdirSync(path),
  realPath: (path) => realpathSync.native(path),
  flushFolder(path) {
    // Windows cannot flush a folder; its file systems journal renames themselves.
    if (windows) return;
    let folder: number | undefined;
    try {
      folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
      fsyncSync(folder);
    } catch (error) {
      if (!CANNOT_FLUSH_FOLDER.has(errnoOf(error) ?? '')) throw error;
    } finally {
      if (folder !== undefined) closeSync(folder);
    }
  },
  freeBytes(path) {
    const { bavail, blocks, bsize } = statfsSync(path);
    // Some network file systems do not tell.
    return blocks === 0 ? Infinity : bavail * bsize;
  },
  pause(ms) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  },
  now: () => Date.now(),
};
