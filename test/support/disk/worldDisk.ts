import { linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { utimesSeconds } from '../../../src/base/fileTime.ts';
import { diskFiles, type FileLayer } from '../../../src/transfer/fileLayer.ts';
import type { MemoryDisk } from './memoryDisk.ts';

/** The disk under two roots, as somebody beside the program handles it. Paths are absolute and native. */
export interface WorldDisk {
  /** What the program gets. */
  readonly files: FileLayer;
  /** Writes a file, in place where there is one; makes the folders above it. */
  write(path: string, bytes: Uint8Array, mtimeMs: number): void;
  read(path: string): Buffer | undefined;
  /** With all that is below it; nothing where there is nothing. */
  remove(path: string): void;
  makeFolder(path: string): void;
  symlink(target: string, path: string): void;
  link(existing: string, path: string): void;
}

export const realDisk: WorldDisk = {
  files: diskFiles,
  write(path, bytes, mtimeMs) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    // As text: Node takes a negative number for "now".
    utimesSync(path, String(utimesSeconds(mtimeMs)), String(utimesSeconds(mtimeMs)));
  },
  read(path) {
    try {
      return readFileSync(path);
    } catch {
      return undefined;
    }
  },
  remove: (path) => rmSync(path, { recursive: true, force: true }),
  makeFolder: (path) => void mkdirSync(path, { recursive: true }),
  symlink: (target, path) => symlinkSync(target, path),
  link: (existing, path) => linkSync(existing, path),
};

export function worldOf(disk: MemoryDisk): WorldDisk {
  return {
    files: disk,
    write(path, bytes, mtimeMs) {
      const { volume, place } = disk.makePlace(path);
      const file = place.node?.kind === 'file' ? place.node : volume.newFile(disk.now());
      if (file !== place.node) volume.put(place.folder, place.name, file);
      file.bytes = Buffer.from(bytes);
      file.size = bytes.byteLength;
      file.mtimeMs = volume.roundTime(mtimeMs);
      file.changedMs = disk.now();
    },
    read(path) {
      const node = disk.peek(path);
      return node?.kind === 'file' ? node.bytes.subarray(0, node.size) : undefined;
    },
    remove(path) {
      if (disk.peek(path) === undefined) return;
      const { volume, place } = disk.makePlace(path);
      if (place.name === '') volume.root.entries.clear();
      else volume.drop(place.folder, place.name);
    },
    makeFolder(path) {
      const { volume, place } = disk.makePlace(path);
      if (place.name !== '' && place.node === undefined) {
        volume.put(place.folder, place.name, volume.newFolder(disk.now()));
      }
    },
    symlink(target, path) {
      const { volume, place } = disk.makePlace(path);
      volume.put(place.folder, place.name, volume.newLink(target, disk.now()));
    },
    link(existing, path) {
      const node = disk.peek(existing);
      if (node?.kind !== 'file') throw new Error(`${existing} is no file`);
      const { volume, place } = disk.makePlace(path);
      volume.put(place.folder, place.name, node);
      node.links += 1;
    },
  };
}
