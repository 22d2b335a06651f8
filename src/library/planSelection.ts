import { baseName, parentFolder } from '../base/relpath.ts';
import type { FileStore } from '../store/fileStore.ts';
import type { RootRow } from '../store/rootStore.ts';
import { companionsOf } from './companions.ts';

const SIBLINGS_A_PAGE = 10_000;

/**
 * Which paths of a root a selection of files and folders means: the files with their companions, and all below the
 * folders. The answer is a test, so that large folders need no list.
 */
export function selectionOf(files: FileStore, root: RootRow, paths: readonly string[]): (path: string) => boolean {
  const exact = new Set<string>();
  const folders: string[] = [];
  const siblings = new Map<string, string[]>();
  for (const path of new Set(paths)) {
    exact.add(path);
    // What is no file of the index may be a folder; one that is neither selects nothing.
    if (files.get(root.key, path) === undefined) {
      folders.push(`${path}/`);
      continue;
    }
    const folder = parentFolder(path);
    let names = siblings.get(folder);
    if (names === undefined) {
      names = [...namesIn(files, root.key, folder)];
      siblings.set(folder, names);
    }
    for (const companion of companionsOf(path, names)) exact.add(companion);
  }
  return (path) => exact.has(path) || folders.some((folder) => path.startsWith(folder));
}

/** Names of the files that lie directly in a folder. */
function* namesIn(files: FileStore, rootKey: number, folder: string): Generator<string> {
  for (let after: string | undefined; ;) {
    const page = files.page(rootKey, { folder, limit: SIBLINGS_A_PAGE, ...(after === undefined ? {} : { after }) });
    for (const { relpath } of page) if (parentFolder(relpath) === folder) yield baseName(relpath);
    const last = page.at(-1);
    if (last === undefined || page.length < SIBLINGS_A_PAGE) return;
    after = last.relpath;
  }
}
