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
  readonly fail?: (call: FileCall, path: string, index: number) => string | undefined;
  /** Runs before a call; may change the disk under the program's feet. */
  readonly before?: (call: FileCall, path: string, index: number) => void;
  /** Most bytes a read or a write moves. */
  readonly shortBytes?: number | ((call: 'read' | 'write', path: string, wanted: number) => number);
  /** Whether open files cannot be renamed or removed, so that waiting is worth it. */
  readonly locksOpenFiles?: boolean;
  readonly freeBytes?: number | (() => number);
  readonly now?: () => number;
  /** Spoils what is read, so that a copy does not verify. */
  readonly spoilRead?: (path: string, bytes: Uint8Array) => void;
}

/**
 * A file system with everything that can go wrong, the real one or one in memory (`disk/memoryDisk.ts`). Flushes and
 * pauses of the real one are counted but not done: no test cuts the power or waits.
 */
export class FaultyFiles implements FileLayer {
  readonly windows: boolean;
  readonly locksOpenFiles: boolean;
  readonly log: string[] = [];
  /** Every write that was done. */
  readonly writes: { readonly path: string; readonly position: number; readonly bytes: number }[] = [];
  paused = 0;
  crashed = false;
  readonly #faults: Faults;
  readonly #base: FileLayer;
  readonly #isReal: boolean;
  readonly #open = new Map<number, string>();
  #calls = 0;

  constructor(faults: Faults = {}, base: FileLayer = diskFiles) {
    this.#faults = faults;
    this.#base = base;
    this.#isReal = base === diskFiles;
    this.windows = base.windows;
    this.locksOpenFiles = faults.locksOpenFiles ?? base.locksOpenFiles;
  }

  get calls(): number {
    return this.#calls;
  }

  /** As the system does when a process ends. */
  closeAll(): void {
    for (const file of this.#open.keys()) this.#base.close(file);
    this.#open.clear();
  }

  openToRead = (path: string): number =>
    this.#opened(
      path,
      this.#do('openToRead', path, () => this.#base.openToRead(path)),
    );
  create = (path: string): number =>
    this.#opened(
      path,
      this.#do('create', path, () => this.#base.create(path)),
    );
  openToWrite = (path: string): number =>
    this.#opened(
      path,
      this.#do('openToWrite', path, () => this.#base.openToWrite(path)),
    );
  read = (file: number, buffer: Uint8Array, position: number): number =>
    this.#doOpen('read', file, (path) => {
      const count = this.#base.read(file, buffer.subarray(0, this.#atMost('read', path, buffer.byteLength)), position);
      this.#faults.spoilRead?.(path, buffer.subarray(0, count));
      return count;
    });
  write = (file: number, bytes: Uint8Array, position: number): number =>
    this.#doOpen('write', file, (path) => {
      const most = this.#atMost('write', path, bytes.byteLength);
      const count = this.#base.write(file, bytes.subarray(0, most), position);
      this.writes.push({ path, position, bytes: count });
      return count;
    });
  truncate = (file: number, size: number): void =>
    this.#doOpen('truncate', file, () => this.#base.truncate(file, size));
  stat = (file: number): FileStat => this.#doOpen('stat', file, () => this.#base.stat(file));
  setTime = (file: number, mtimeMs: number): void =>
    this.#doOpen('setTime', file, () => this.#base.setTime(file, mtimeMs));
  flush = (file: number): void =>
    this.#doOpen('flush', file, () => (this.#isReal ? undefined : this.#base.flush(file)));
  /** Of the real file system, too, though it is then only counted. */
  flushesAll = (folder: string): boolean => this.#isReal || this.#base.flushesAll(folder);
  flushAll = (folder: string): void =>
    this.#do('flushAll', folder, () => (this.#isReal ? undefined : this.#base.flushAll(folder)));
  close = (file: number): void => {
    const path = this.#open.get(file) ?? '';
    try {
      this.#count('close', path);
    } finally {
      // A handle is gone even where closing it fails; only a crash leaves it to the system.
      if (!this.crashed) {
        this.#open.delete(file);
        this.#base.close(file);
      }
    }
  };
  lstat = (path: string): FileStat | undefined => this.#do('lstat', path, () => this.#base.lstat(path));
  rename = (from: string, to: string): void => this.#do('rename', from, () => this.#base.rename(from, to));
  link = (existing: string, name: string): void => this.#do('link', existing, () => this.#base.link(existing, name));
  unlink = (path: string): void => this.#do('unlink', path, () => this.#base.unlink(path));
  mkdir = (path: string): void => this.#do('mkdir', path, () => this.#base.mkdir(path));
  rmdir = (path: string): void => this.#do('rmdir', path, () => this.#base.rmdir(path));
  list = (path: string): string[] => this.#do('list', path, () => this.#base.list(path));
  realPath = (path: string): string => this.#do('realPath', path, () => this.#base.realPath(path));
  flushFolder = (path: string): void =>
    this.#do('flushFolder', path, () => (this.#isReal ? undefined : this.#base.flushFolder(path)));
  freeBytes = (path: string): number =>
    this.#do('freeBytes', path, () => {
      const { freeBytes } = this.#faults;
      return (typeof freeBytes === 'function' ? freeBytes() : freeBytes) ?? this.#base.freeBytes(path);
    });
  pause = (ms: number): void => {
    this.paused += ms;
    if (!this.#isReal) this.#base.pause(ms);
  };
  now = (): number => this.#faults.now?.() ?? this.#base.now();

  #do<T>(call: FileCall, path: string, run: () => T): T {
    this.#count(call, path);
    return run();
  }

  #doOpen<T>(call: FileCall, file: number, run: (path: string) => T): T {
    const path = this.#open.get(file) ?? '';
    this.#count(call, path);
    return run(path);
  }

  #count(call: FileCall, path: string): void {
    if (this.#calls === this.#faults.crashAt) this.crashed = true;
    if (this.crashed) throw new Crash(`crashed before ${call} ${path}`);
    const index = this.#calls++;
    this.#faults.before?.(call, path, index);
    this.log.push(`${call} ${path}`);
    const errno = this.#faults.fail?.(call, path, index);
    if (errno !== undefined) throw Object.assign(new Error(`${errno}: ${call} '${path}'`), { code: errno, path });
  }

  #atMost(call: 'read' | 'write', path: string, wanted: number): number {
    const { shortBytes } = this.#faults;
    return typeof shortBytes === 'function' ? shortBytes(call, path, wanted) : (shortBytes ?? wanted);
  }

  #opened(path: string, file: number): number {
    this.#open.set(file, path);
    return file;
  }
}
