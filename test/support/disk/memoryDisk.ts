import type { FileLayer, FileStat } from '../../../src/transfer/fileLayer.ts';
import { type FileNode, type FolderNode, MemoryVolume, type Node, type Place } from './memoryVolume.ts';
import type { VolumeTraits } from './volumeTraits.ts';

interface Handle {
  readonly node: FileNode;
  readonly volume: MemoryVolume;
  readonly path: string;
  readonly writes: boolean;
}

/** The longest path that Windows takes without the prefix that turns its rules off. */
const WINDOWS_PATH = 260;
const MOST_LINKS = 20;

/**
 * File systems in memory, mounted at paths of Windows or POSIX, that behave as those the roots of real users lie on.
 * Time passes only with calls (each takes its volume's latency) and pauses. Errors are Node's, by code.
 */
export class MemoryDisk implements FileLayer {
  readonly windows: boolean;
  readonly locksOpenFiles: boolean;
  /** Calls so far that went to a volume. */
  calls = 0;
  #elapsedMs = 0;
  readonly #startedMs = Date.now();
  readonly #mounts = new Map<string, MemoryVolume>();
  readonly #handles = new Map<number, Handle>();
  #lastHandle = 0;
  #holds: { readonly node: FileNode; readonly untilMs: number }[] = [];

  constructor(mounts: Readonly<Record<string, VolumeTraits>>) {
    const all = Object.values(mounts);
    this.windows = all.some(({ windows }) => windows);
    this.locksOpenFiles = all.some(({ locksOpenFiles }) => locksOpenFiles);
    for (const [path, traits] of Object.entries(mounts)) this.mount(path, new MemoryVolume(traits));
  }

  /** The volume at a path, in the place of the one there; undefined: the drive is gone. Gives the one that was there. */
  mount(path: string, volume: MemoryVolume | undefined): MemoryVolume | undefined {
    const key = this.#mountKey(path);
    const before = this.#mounts.get(key);
    if (volume === undefined) this.#mounts.delete(key);
    else this.#mounts.set(key, volume);
    return before;
  }

  /** Another program opens a file and keeps it open for so long on the virtual clock. */
  hold(path: string, forMs: number): void {
    const { node } = this.#place(path);
    if (node?.kind !== 'file') throw systemError('ENOENT', 'open', path);
    node.open += 1;
    this.#holds.push({ node, untilMs: this.#elapsedMs + forMs });
  }

  get openFiles(): number {
    return this.#handles.size;
  }

  openToRead(path: string): number {
    const { volume, node } = this.#look('open', path);
    if (node === undefined) throw systemError('ENOENT', 'open', path);
    if (node.kind === 'link') throw systemError('ELOOP', 'open', path);
    // A folder can be opened to read, on POSIX; reading it is what fails.
    if (node.kind === 'folder') throw systemError('EISDIR', 'open', path);
    return this.#open({ node, volume, path, writes: false });
  }

  create(path: string): number {
    const { volume, place } = this.#lookNew('open', path);
    if (place.node !== undefined) throw systemError('EEXIST', 'open', path);
    const node = volume.newFile(this.now());
    volume.put(place.folder, place.name, node);
    return this.#open({ node, volume, path, writes: true });
  }

  openToWrite(path: string): number {
    const { volume, node } = this.#look('open', path);
    if (node === undefined) throw systemError('ENOENT', 'open', path);
    if (node.kind !== 'file') throw systemError(node.kind === 'link' ? 'ELOOP' : 'EISDIR', 'open', path);
    return this.#open({ node, volume, path, writes: true });
  }

  read(file: number, buffer: Uint8Array, position: number): number {
    const { bytes, size } = this.#handle('read', file).node;
    return bytes.subarray(position, Math.max(position, Math.min(size, position + buffer.byteLength))).copy(buffer);
  }

  write(file: number, bytes: Uint8Array, position: number): number {
    const { node, volume } = this.#handleToWrite('write', file);
    const end = position + bytes.byteLength;
    if (end > node.bytes.byteLength) node.bytes = Buffer.concat([node.bytes], Math.max(end, node.bytes.byteLength * 2));
    node.bytes.set(bytes, position);
    node.size = Math.max(node.size, end);
    this.#touch(volume, node);
    return bytes.byteLength;
  }

  truncate(file: number, size: number): void {
    const { node, volume } = this.#handleToWrite('ftruncate', file);
    node.bytes = Buffer.concat([node.bytes.subarray(0, Math.min(size, node.size))], size);
    node.size = size;
    this.#touch(volume, node);
  }

  stat(file: number): FileStat {
    const { node, volume } = this.#handle('fstat', file);
    return toStat(volume, node);
  }

  setTime(file: number, mtimeMs: number): void {
    const { node, volume, writes, path } = this.#handle('futime', file);
    if (this.windows && !writes) throw systemError('EPERM', 'futime', path);
    node.mtimeMs = volume.roundTime(mtimeMs);
    node.changedMs = this.now();
  }

  flush(file: number): void {
    const { writes, path } = this.#handle('fsync', file);
    if (this.windows && !writes) throw systemError('EPERM', 'fsync', path);
  }

  flushesAll(folder: string): boolean {
    const { volume } = this.#look('statfs', folder);
    return !volume.traits.windows;
  }

  flushAll(folder: string): void {
    this.#look('syncfs', folder);
  }

  close(file: number): void {
    const handle = this.#handles.get(file);
    if (handle === undefined) throw systemError('EBADF', 'close', String(file));
    handle.node.open -= 1;
    this.#handles.delete(file);
  }

  lstat(path: string): FileStat | undefined {
    try {
      const { volume, node } = this.#look('lstat', path);
      return node === undefined ? undefined : toStat(volume, node);
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  rename(from: string, to: string): void {
    const { volume, place, node } = this.#look('rename', from);
    const target = this.#newPlace('rename', to);
    if (node === undefined) throw systemError('ENOENT', 'rename', from);
    if (target.volume !== volume) throw systemError('EXDEV', 'rename', from);
    const there = target.place.node;
    if (there === node && node.kind === 'file' && !isSameEntry(volume, place, target.place)) return;
    this.#requireFree(volume, node, 'rename', from);
    if (there !== undefined && there !== node) {
      const clash = there.kind === 'folder' || node.kind === 'folder';
      if (clash && this.windows) throw systemError('EPERM', 'rename', from);
      if (there.kind === 'folder' && node.kind !== 'folder') throw systemError('EISDIR', 'rename', from);
      if (there.kind !== 'folder' && node.kind === 'folder') throw systemError('ENOTDIR', 'rename', from);
      if (there.kind === 'folder' && there.entries.size > 0) throw systemError('ENOTEMPTY', 'rename', from);
      this.#requireFree(volume, there, 'rename', from);
      if (there.kind === 'file') there.links -= 1;
    }
    volume.drop(place.folder, place.name);
    volume.put(target.place.folder, target.place.name, node);
    node.changedMs = this.now();
  }

  link(existing: string, name: string): void {
    const { volume, node } = this.#look('link', existing);
    const target = this.#newPlace('link', name);
    if (node === undefined) throw systemError('ENOENT', 'link', existing);
    if (!volume.traits.hardLinks) throw systemError(this.windows ? 'EISDIR' : 'ENOTSUP', 'link', existing);
    if (node.kind !== 'file') throw systemError('EPERM', 'link', existing);
    if (target.volume !== volume) throw systemError('EXDEV', 'link', existing);
    if (target.place.node !== undefined) throw systemError('EEXIST', 'link', name);
    volume.put(target.place.folder, target.place.name, node);
    node.links += 1;
    node.changedMs = this.now();
  }

  unlink(path: string): void {
    const { volume, place, node } = this.#look('unlink', path);
    if (node === undefined) throw systemError('ENOENT', 'unlink', path);
    if (node.kind === 'folder') throw systemError(this.windows ? 'EPERM' : 'EISDIR', 'unlink', path);
    this.#requireFree(volume, node, 'unlink', path);
    volume.drop(place.folder, place.name);
    if (node.kind === 'file') node.links -= 1;
    node.changedMs = this.now();
  }

  mkdir(path: string): void {
    const { volume, place } = this.#lookNew('mkdir', path);
    if (place.node !== undefined) throw systemError('EEXIST', 'mkdir', path);
    volume.put(place.folder, place.name, volume.newFolder(this.now()));
  }

  rmdir(path: string): void {
    const { volume, place, node } = this.#look('rmdir', path);
    if (node === undefined) throw systemError('ENOENT', 'rmdir', path);
    if (node.kind !== 'folder') throw systemError('ENOTDIR', 'rmdir', path);
    if (node === volume.root) throw systemError('EBUSY', 'rmdir', path);
    if (node.entries.size > 0) throw systemError('ENOTEMPTY', 'rmdir', path);
    volume.drop(place.folder, place.name);
  }

  list(path: string): string[] {
    const { node } = this.#look('scandir', path);
    if (node === undefined) throw systemError('ENOENT', 'scandir', path);
    if (node.kind !== 'folder') throw systemError('ENOTDIR', 'scandir', path);
    return [...node.entries.values()].map(({ name }) => name);
  }

  realPath(path: string): string {
    return this.#follow('realpath', path, MOST_LINKS);
  }

  flushFolder(path: string): void {
    this.#look('fsync', path);
  }

  freeBytes(path: string): number {
    return this.#look('statfs', path).volume.freeBytes;
  }

  pause(ms: number): void {
    this.#passTime(ms);
  }

  now(): number {
    return this.#startedMs + this.#elapsedMs;
  }

  /** Ms that have passed on the virtual clock. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** What stands at a path, for tests: takes no time, and does not fail. */
  peek(path: string): Node | undefined {
    try {
      return this.#place(path).node;
    } catch {
      return undefined;
    }
  }

  /** The volume and the place of a path, for tests that write beside the program. Makes the folders above it. */
  makePlace(path: string): { readonly volume: MemoryVolume; readonly place: Place } {
    const { volume, names } = this.#split(path);
    let folder = volume.root;
    for (const name of names.slice(0, -1)) {
      const found = volume.find(folder, name);
      if (found !== undefined && found.kind !== 'folder') throw systemError('ENOTDIR', 'mkdir', path);
      const next = found ?? volume.newFolder(this.now());
      if (found === undefined) volume.put(folder, name, next);
      folder = next;
    }
    const name = names.at(-1) ?? '';
    return { volume, place: { folder, name, node: volume.find(folder, name) } };
  }

  #open(handle: Handle): number {
    handle.node.open += 1;
    this.#handles.set(++this.#lastHandle, handle);
    return this.#lastHandle;
  }

  #handle(call: string, file: number): Handle {
    const handle = this.#handles.get(file);
    if (handle === undefined) throw systemError('EBADF', call, String(file));
    this.#count(handle.volume);
    // The drive was pulled out while the file was open.
    if (![...this.#mounts.values()].includes(handle.volume)) throw systemError('EIO', call, handle.path);
    return handle;
  }

  #handleToWrite(call: string, file: number): Handle {
    const handle = this.#handle(call, file);
    if (!handle.writes) throw systemError('EBADF', call, handle.path);
    return handle;
  }

  #touch(volume: MemoryVolume, node: FileNode): void {
    node.mtimeMs = volume.roundTime(this.now());
    node.changedMs = this.now();
  }

  #look(call: string, path: string): { volume: MemoryVolume; place: Place; node: Node | undefined } {
    const { volume } = this.#split(path);
    this.#count(volume);
    this.#requireShort(call, path);
    const place = this.#place(path);
    return { volume, place, node: place.node };
  }

  #lookNew(call: string, path: string): { volume: MemoryVolume; place: Place } {
    this.#count(this.#split(path).volume);
    return this.#newPlace(call, path);
  }

  /** The second path of a call, or the one of a call that is counted. */
  #newPlace(call: string, path: string): { volume: MemoryVolume; place: Place } {
    const { volume } = this.#split(path);
    this.#requireShort(call, path);
    const place = this.#place(path);
    if (!volume.canHold(place.name)) throw systemError('EINVAL', call, path);
    return { volume, place };
  }

  #requireShort(call: string, path: string): void {
    if (this.windows && path.length >= WINDOWS_PATH && !path.startsWith('\\\\?\\'))
      throw systemError('ENOENT', call, path);
  }

  #requireFree(volume: MemoryVolume, node: Node, call: string, path: string): void {
    if (!volume.traits.locksOpenFiles || node.kind !== 'file' || node.open === 0) return;
    throw systemError(call === 'rename' ? 'EPERM' : 'EBUSY', call, path);
  }

  #count(volume: MemoryVolume): void {
    this.calls += 1;
    this.#passTime(volume.traits.latencyMs);
  }

  #passTime(ms: number): void {
    this.#elapsedMs += ms;
    this.#holds = this.#holds.filter(({ node, untilMs }) => {
      if (untilMs > this.#elapsedMs) return true;
      node.open -= 1;
      return false;
    });
  }

  #place(path: string): Place {
    const { volume, names } = this.#split(path);
    let folder: FolderNode = volume.root;
    for (const [index, name] of names.entries()) {
      const node = volume.find(folder, name);
      if (index === names.length - 1) return { folder, name, node };
      if (node === undefined) throw systemError('ENOENT', 'lookup', path);
      const next = node.kind === 'link' ? this.peek(this.#follow('lookup', node.target, MOST_LINKS)) : node;
      if (next?.kind !== 'folder') throw systemError(next === undefined ? 'ENOENT' : 'ENOTDIR', 'lookup', path);
      folder = next;
    }
    return { folder: volume.root, name: '', node: volume.root };
  }

  /** The path without links, spelled as the volumes do. */
  #follow(call: string, path: string, links: number): string {
    if (links === 0) throw systemError('ELOOP', call, path);
    const { volume, names, mount } = this.#split(path);
    let folder = volume.root;
    let real = mount;
    for (const [index, name] of names.entries()) {
      const entry = [...folder.entries.values()].find((each) => volume.isSameName(each.name, name));
      if (entry === undefined) throw systemError('ENOENT', call, path);
      const rest = names.slice(index + 1);
      if (entry.node.kind === 'link') return this.#follow(call, this.#join(entry.node.target, rest), links - 1);
      real = this.#join(real, [entry.name]);
      if (entry.node.kind === 'folder') folder = entry.node;
      else if (rest.length > 0) throw systemError('ENOTDIR', call, path);
    }
    return real;
  }

  #join(path: string, names: readonly string[]): string {
    return [path, ...names].join(this.windows ? '\\' : '/');
  }

  #split(path: string): { volume: MemoryVolume; mount: string; names: readonly string[] } {
    const plain = this.windows ? path.replace(/^\\\\\?\\UNC\\/, '\\\\').replace(/^\\\\\?\\/, '') : path;
    const separator = this.windows ? '\\' : '/';
    for (const [mount, volume] of this.#mounts) {
      const start = this.#mountKey(plain.slice(0, mount.length));
      const rest = plain.slice(mount.length);
      if (start !== mount || (rest !== '' && !rest.startsWith(separator))) continue;
      return {
        volume,
        mount: plain.slice(0, mount.length),
        names: rest.split(separator).filter((name) => name !== ''),
      };
    }
    throw systemError('ENOENT', 'lookup', path);
  }

  #mountKey(path: string): string {
    return this.windows ? path.toLowerCase() : path;
  }
}

function isSameEntry(volume: MemoryVolume, left: Place, right: Place): boolean {
  return left.folder === right.folder && volume.isSameName(left.name, right.name);
}

function toStat(volume: MemoryVolume, node: Node): FileStat {
  const file = node.kind === 'file' ? node : undefined;
  return {
    kind: node.kind,
    size: file?.size ?? 0,
    mtimeMs: file?.mtimeMs ?? node.changedMs,
    changedMs: node.changedMs,
    device: String(volume.id),
    id: `${volume.id}:${node.id}`,
    links: file?.links ?? 1,
  };
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function systemError(code: string, syscall: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, syscall, path });
}
