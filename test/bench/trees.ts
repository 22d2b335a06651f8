import { randomBytes } from 'node:crypto';
import { closeSync, copyFileSync, mkdirSync, openSync, rmSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';

const MIB = 1024 * 1024;
/** 2024-05-01, well before any run: a file changed within two seconds of its hashing is not trusted. */
const FIRST_TIME_S = 1_714_521_600;
/** As in a library somebody collected: some 127 files in a folder, folders in folders. */
const FILES_PER_FOLDER = 127;
const FOLDERS_PER_FOLDER = 28;

/** Makes `count` small files in nested folders; the same call makes the same tree, times included. */
export function makeManyFiles(folder: string, count: number): void {
  const made = new Set<string>();
  for (let index = 0; index < count; index++) {
    const file = path.join(folder, manyFilesName(index));
    const parent = path.dirname(file);
    if (!made.has(parent)) {
      mkdirSync(parent, { recursive: true });
      made.add(parent);
    }
    // The size differs from file to file, so that a comparison by size has something to compare.
    writeFileSync(file, `model ${index}${'.'.repeat(index % 97)}\n`);
    const time = FIRST_TIME_S + index;
    utimesSync(file, time, time);
  }
}

function manyFilesName(index: number): string {
  const folder = Math.floor(index / FILES_PER_FOLDER);
  const group = Math.floor(folder / FOLDERS_PER_FOLDER);
  return path.join(`group ${group}`, `folder ${folder}`, `model ${index}.safetensors`);
}

/** Takes, adds and changes every hundredth file of a tree: what a person's two folders may differ by. */
export function makeDifferent(folder: string, count: number): void {
  for (let index = 0; index < count; index += 300) rmSync(path.join(folder, manyFilesName(index)));
  for (let index = 100; index < count; index += 300) {
    const file = path.join(folder, manyFilesName(index));
    copyFileSync(file, file.replace('.safetensors', ' more.safetensors'));
  }
  for (let index = 200; index < count; index += 300) writeFileSync(path.join(folder, manyFilesName(index)), 'other\n');
}

type Share = readonly [share: number, parts: number];

/** Sizes that together make `total` bytes: a half in two files, the rest in ever smaller ones, down to a thousand. */
export function mixedSizes(total: number): number[] {
  return sizesOf(total, [
    [0.5, 2],
    [0.25, 4],
    [0.125, 16],
    [0.0625, 64],
    [0.0625, 1024],
  ]);
}

/** Sizes as a model library has them that together make `total` bytes: checkpoints, LoRAs, and previews beside them. */
export function modelSizes(total: number): number[] {
  return sizesOf(total, [
    [0.5, 2],
    [0.25, 4],
    [0.125, 8],
    [0.122, 32],
    [0.003, 46],
  ]);
}

function sizesOf(total: number, shares: readonly Share[]): number[] {
  const sizes: number[] = [];
  let left = total;
  for (const [share, parts] of shares) {
    const size = Math.floor((total * share) / parts);
    for (let part = 0; part < parts; part++) sizes.push(size);
    left -= size * parts;
  }
  sizes[0] = (sizes[0] ?? 0) + left;
  return sizes;
}

/**
 * Makes files of these sizes in bytes, no two with equal content.
 * @returns their absolute paths
 */
export function makeMixedFiles(folder: string, sizes: readonly number[]): string[] {
  const noise = randomBytes(4 * MIB);
  mkdirSync(folder, { recursive: true });
  return sizes.map((size, index) => {
    const file = path.join(folder, `model ${String(index).padStart(4, '0')}.safetensors`);
    const handle = openSync(file, 'w');
    for (let written = 0; written < size;) {
      noise.writeUInt32LE(index, 0);
      noise.writeUInt32LE(Math.floor(written / noise.length), 4);
      written += writeSync(handle, noise, 0, Math.min(noise.length, size - written));
    }
    closeSync(handle);
    utimesSync(file, FIRST_TIME_S + index, FIRST_TIME_S + index);
    return file;
  });
}
