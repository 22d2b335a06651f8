import { crc32 } from 'node:zlib';

import type { FileRow, FileStore } from '../store/fileStore.ts';

/** Which files are read again. */
export interface VerifySelection {
  /** Files and folders of the index, none in another; `''` alone is the root. */
  readonly paths: readonly string[];
  /** Of those so many per cent, by chance; 100: all. */
  readonly percent: number;
  /** Makes the chance the same each time. */
  readonly seed: string;
}

/** Where a reading goes on: after that file of that path of the selection. */
export interface VerifyCursor {
  readonly part: number;
  /** Relpath; '' before the first. */
  readonly after: string;
}

const FILES_A_PAGE = 1_000;

/** Whether a sample takes a file: by a number that its name and the seed give, even over [0, 1). */
export function isInSample(relpath: string, { percent, seed }: VerifySelection): boolean {
  return percent >= 100 || crc32(`${seed}\0${relpath}`) / 2 ** 32 < percent / 100;
}

/** The files of a selection in pages, from where a cursor stands. Rows are read as the pages are asked for. */
export function* pagesToVerify(
  files: FileStore,
  rootKey: number,
  selection: VerifySelection,
  from: VerifyCursor,
): Generator<{ readonly part: number; readonly rows: readonly FileRow[] }> {
  for (const [part, path] of selection.paths.entries()) {
    if (part < from.part) continue;
    let after = part === from.part ? from.after : '';
    const single = path === '' ? undefined : files.get(rootKey, path);
    if (single !== undefined) {
      if (after === '') yield { part, rows: [single].filter((row) => isInSample(row.relpath, selection)) };
      continue;
    }
    for (;;) {
      const page = files.page(rootKey, { folder: path, limit: FILES_A_PAGE, ...(after === '' ? {} : { after }) });
      const last = page.at(-1);
      if (last === undefined) break;
      yield { part, rows: page.filter((row) => isInSample(row.relpath, selection)) };
      after = last.relpath;
    }
  }
}

/** How much a selection is, and how many of its files have no hash: counted where paths are named, else about so much as the whole root says. */
export function sumToVerify(
  files: FileStore,
  rootKey: number,
  selection: VerifySelection,
): { files: number; bytes: number; unhashed: number } {
  if (selection.paths.includes('')) {
    const { files: all, bytes, unhashed, unhashedBytes } = files.totals(rootKey);
    const share = selection.percent / 100;
    return {
      files: Math.round((all - unhashed) * share),
      bytes: Math.round((bytes - unhashedBytes) * share),
      unhashed,
    };
  }
  const sum = { files: 0, bytes: 0, unhashed: 0 };
  for (const { rows } of pagesToVerify(files, rootKey, selection, { part: 0, after: '' })) {
    for (const { blake3, size } of rows) {
      if (blake3 === null) sum.unhashed++;
      else {
        sum.files++;
        sum.bytes += size;
      }
    }
  }
  return sum;
}
