import type { FileChange, FileStore } from '../store/fileStore.ts';

/** What to hash: all that has no hash, or of these files and folders (`''`: the root) what has none. */
export type HashSelection = 'unhashed' | { readonly paths: readonly string[] };

/** Files whose order is decided at once. */
const FILES_A_PAGE = 10_000;
/** Small files go to a thread together, for a message costs as much as reading one of them. */
const MAX_FILES_A_BATCH = 100;
const MAX_BYTES_A_BATCH = 8 * 1024 * 1024;

/** How much there is to hash, for progress. */
export function sumToHash(
  store: FileStore,
  rootKey: number,
  selection: HashSelection,
): { files: number; bytes: number } {
  if (selection === 'unhashed') {
    const { unhashed, unhashedBytes } = store.totals(rootKey);
    return { files: unhashed, bytes: unhashedBytes };
  }
  const sum = { files: 0, bytes: 0 };
  for (const page of pagesToHash(store, rootKey, selection)) {
    sum.files += page.length;
    for (const file of page) sum.bytes += file.size;
  }
  return sum;
}

/** The files to hash in pages, each file once. Rows are read as the pages are asked for. */
export function* pagesToHash(store: FileStore, rootKey: number, selection: HashSelection): Generator<FileChange[]> {
  if (selection === 'unhashed') {
    yield* unhashedIn(store, rootKey, '');
    return;
  }
  let files: FileChange[] = [];
  for (const path of withoutNested(selection.paths)) {
    const row = path === '' ? undefined : store.get(rootKey, path);
    if (row === undefined) yield* unhashedIn(store, rootKey, path);
    else if (row.blake3 === null) files.push(row);
    if (files.length < FILES_A_PAGE) continue;
    yield files;
    files = [];
  }
  if (files.length > 0) yield files;
}

function* unhashedIn(store: FileStore, rootKey: number, folder: string): Generator<FileChange[]> {
  for (let after: string | undefined; ;) {
    const page = store.unhashed(rootKey, { folder, limit: FILES_A_PAGE, ...(after === undefined ? {} : { after }) });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last.relpath;
  }
}

/** Each path once, and none that lies in another. */
export function withoutNested(paths: readonly string[]): string[] {
  const all = new Set(paths);
  if (all.has('')) return [''];
  return [...all].filter((path) => {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (all.has(path.slice(0, slash))) return false;
    }
    return true;
  });
}

/** Portions for the threads, the largest files first: else a thread could be left alone with one at the end. */
export function batchForHashing(files: readonly FileChange[]): FileChange[][] {
  const batches: FileChange[][] = [];
  let batch: FileChange[] = [];
  let bytes = 0;
  for (const file of files.toSorted((a, b) => b.size - a.size)) {
    if (batch.length > 0 && (batch.length === MAX_FILES_A_BATCH || bytes + file.size > MAX_BYTES_A_BATCH)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(file);
    bytes += file.size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
