import { basename, dirname, join, sep } from 'node:path';

import { foldName } from '../../src/base/relpath.ts';
import { diskFiles, type FileLayer, type FileStat } from '../../src/transfer/fileLayer.ts';

export type FileCall = keyof FileLayer;

/** Thrown at the moment of a crash and by every call after it. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

export interface Faults {
  /** Crashes before the call of this number, counted from 0. */
  readonly crashAt?: number;
  /** Errno with which a call fails, if it shall. */
  readonly fail?: (call: FileCall, path: string) => string | undefined;
  /** Runs before a call; may change the disk under the program's feet. */
  readonly before?: (call: FileCall, path: string) => void;
  /** Takes names that differ in case or Unicode form for one, as Windows and macOS do. */
  readonly foldsCase?: boolean;
  /** Most bytes a read or a write moves. */
  readonly shortBytes?: number;
  /** Whether open files cannot be renamed or removed, so that waiting is worth it. */
  readonly locksOpenFiles?: boolean;
  readonly freeBytes?: number;
  readonly now?: () => number;
  /** Spoils what is read, so that a copy does not verify. */
  readonly spoilRead?: (path: string, bytes: Uint8Array) => void;
}

/** The real file system with everything that can go wrong. Flushes are counted but not done: no test cuts the power. */
export class FaultyFiles implements FileLayer {
  readonly windows = diskFiles.windows;
  readonly locksOpenFiles: boolean;
  readonly log: string[] = [];
  paused = 0;
  crashed = false;
  readonly #faults: Faults;
  readonly #open = new Map<number, string>();
  #calls = 0;

  constructor(faults: Faults = {}) {
    this.#faults = faults;
    this.locksOpenFiles = faults.locksOpenFiles ?? false;
  }

  get calls(): number {
    return this.#calls;
  }

  /** As the system does when a process ends. */
  closeAll(): void {
    for (const file of this.#open.keys()) diskFiles.close(file);
    this.#open.clear();
  }

  openToRead = (path: string): number =>
    this.#opened(
      path,
      this.#do('openToRead', path, (real) => diskFiles.openToRead(real)),
    );
  create = (path: string): number =>
    this.#opened(
      path,
      this.#do('create', path, (real) => diskFiles.create(real)),
    );
  openToWrite = (path: string): number =>
    this.#opened(
      path,
      this.#do('openToWrite', path, (real) => diskFiles.openToWrite(real)),
    );
  read = (file: number, buffer: Uint8Array, position: number): number =>
    this.#doOpen('read', file, (path) => {
      const count = diskFiles.read(file, buffer.subarray(0, this.#faults.shortBytes ?? buffer.byteLength), position);
      this.#faults.spoilRead?.(path, buffer.subarray(0, count));
      return count;
    });
  write = (file: number, bytes: Uint8Array, position: number): number =>
    this.#doOpen('write', file, () =>
      diskFiles.write(file, bytes.subarray(0, this.#faults.shortBytes ?? bytes.byteLength), position),
    );
  truncate = (file: number, size: number): void => this.#doOpen('truncate', file, () => diskFiles.truncate(file, size));
  stat = (file: number): FileStat => this.#doOpen('stat', file, () => diskFiles.stat(file));
  setTime = (file: number, mtimeMs: number): void =>
    this.#doOpen('setTime', file, () => diskFiles.setTime(file, mtimeMs));
  flush = (file: number): void => this.#doOpen('flush', file, () => undefined);
  close = (file: number): void =>
    this.#doOpen('close', file, () => {
      this.#open.delete(file);
      diskFiles.close(file);
    });
  lstat = (path: string): FileStat | undefined => this.#do('lstat', path, (real) => diskFiles.lstat(real));
  rename = (from: string, to: string): void =>
    this.#do('rename', from, (real) => diskFiles.rename(real, this.#resolveNew(to)));
  link = (existing: string, name: string): void =>
    this.#do('link', existing, (real) => diskFiles.link(real, this.#resolveNew(name)));
  unlink = (path: string): void => this.#do('unlink', path, (real) => diskFiles.unlink(real));
  mkdir = (path: string): void => this.#do('mkdir', path, (real) => diskFiles.mkdir(real));
  rmdir = (path: string): void => this.#do('rmdir', path, (real) => diskFiles.rmdir(real));
  list = (path: string): string[] => this.#do('list', path, (real) => diskFiles.list(real));
  realPath = (path: string): string => this.#do('realPath', path, (real) => diskFiles.realPath(real));
  flushFolder = (path: string): void => this.#do('flushFolder', path, () => undefined);
  freeBytes = (path: string): number =>
    this.#do('freeBytes', path, (real) => this.#faults.freeBytes ?? diskFiles.freeBytes(real));
  pause = (ms: number): void => {
    this.paused += ms;
  };
  now = (): number => (this.#faults.now ?? Date.now)();

  #do<T>(call: FileCall, path: string, run: (real: string) => T): T {
    this.#count(call, path);
    return run(this.#resolve(path));
  }

  #doOpen<T>(call: FileCall, file: number, run: (path: string) => T): T {
    const path = this.#open.get(file) ?? '';
    this.#count(call, path);
    return run(path);
  }

  #count(call: FileCall, path: string): void {
    if (this.#calls === this.#faults.crashAt) this.crashed = true;
    if (this.crashed) throw new Crash(`crashed before ${call} ${path}`);
    this.#calls += 1;
    this.#faults.before?.(call, path);
    this.log.push(`${call} ${path}`);
    const errno = this.#faults.fail?.(call, path);
    if (errno !== undefined) throw Object.assign(new Error(`${errno}: ${call} '${path}'`), { code: errno });
  }

  #opened(path: string, file: number): number {
    this.#open.set(file, path);
    return file;
  }

  /** The path as the disk spells it, where names are folded. */
  #resolve(path: string): string {
    if (this.#faults.foldsCase !== true) return path;
    const parent = dirname(path);
    if (parent === path) return path;
    const folder = this.#resolve(parent);
    const wanted = foldName(basename(path));
    try {
      const spelled = diskFiles.list(folder).find((name) => foldName(name) === wanted);
      return join(folder, spelled ?? basename(path));
    } catch {
      return `${folder}${sep}${basename(path)}`;
    }
  }

  /** A new name keeps the spelling it is given; the folders above it have theirs. */
  #resolveNew(path: string): string {
    if (this.#faults.foldsCase !== true) return path;
    const real = this.#resolve(path);
    return diskFiles.lstat(real) === undefined ? join(this.#resolve(dirname(path)), basename(path)) : real;
  }
}
