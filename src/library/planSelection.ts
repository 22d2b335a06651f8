import { compareRelpaths, parentFolder } from '../base/relpath.ts';
import type { Selection } from '../protocol/planFile.ts';
import type { DiffItem } from '../protocol/values.ts';
import { companionParts, modelStems } from './companions.ts';
import { compileGlobs } from './ignoreRules.ts';

/**
 * What a selection of files and folders means: the files with their companions, and all below the folders. The answer
 * is a test, so that large folders need no list.
 */
export function selectionOf(paths: Iterable<string>): (path: string) => boolean {
  const selected = new Set(paths);
  const models = modelStems(selected);
  return (path) =>
    selected.has(path) ||
    companionParts(path).some(({ stem }) => models.has(stem)) ||
    ancestors(path).some((folder) => selected.has(folder));
}

export interface SizedFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export type SelectFile = (file: SizedFile) => boolean;

/**
 * Whether a plan is about a file: its name fits (or that of its model), and so does its size (that of its model, where
 * it has one: a preview goes with its model, however small).
 * @param modelOf the model that a file is a companion of
 * @throws LakesideError GLOB_INVALID
 */
export function selectFiles(selection: Selection, modelOf: (path: string) => SizedFile | undefined): SelectFile {
  const { minSize = 0, maxSize = Infinity } = selection;
  const namesFit = selectNames(selection);
  return (file) => {
    const model = modelOf(file.path);
    const { size } = model ?? file;
    return size >= minSize && size <= maxSize && (namesFit(file.path) || (model !== undefined && namesFit(model.path)));
  };
}

function selectNames({ folders, globs }: Selection): (path: string) => boolean {
  const inFolders = folders === undefined ? undefined : selectionOf(folders);
  const fits = globs === undefined ? undefined : compileGlobs(globs);
  return (path) => (inFolders?.(path) ?? true) && (fits?.(path) ?? true);
}

/**
 * What of a diff a plan is about, in path order. A file that moved over the edge of the selection is, within it, only
 * there or not there.
 * @param read gives the diff, in path order, each time from its start: no list of it is made
 */
export function* selectItems(read: () => Iterable<DiffItem>, selected: SelectFile): Generator<DiffItem> {
  const left = movedOut(read(), selected);
  let next = 0;
  for (const item of read()) {
    for (let gone = left[next]; gone !== undefined && compareRelpaths(gone.path, item.path) < 0; gone = left[next]) {
      yield gone;
      next++;
    }
    if (item.state !== 'moved' || item.movedFrom === undefined) {
      if (selected({ path: item.path, size: sizeOf(item) })) yield item;
      continue;
    }
    const { comes, goes } = overEdge(item, selected);
    const { path, from } = item;
    if (comes) yield goes ? item : { state: 'missing', path, ...(from === undefined ? {} : { from }) };
  }
  yield* left.slice(next);
}

/** Those that left the selection, by the path they had in it. */
function movedOut(diff: Iterable<DiffItem>, selected: SelectFile): DiffItem[] {
  const left: DiffItem[] = [];
  for (const item of diff) {
    const { movedFrom, to } = item;
    if (item.state !== 'moved' || movedFrom === undefined) continue;
    const { comes, goes } = overEdge(item, selected);
    if (goes && !comes) left.push({ state: 'extra', path: movedFrom, ...(to === undefined ? {} : { to }) });
  }
  return left.sort((one, other) => compareRelpaths(one.path, other.path));
}

function overEdge(
  { path, movedFrom = path, from, to }: DiffItem,
  selected: SelectFile,
): { readonly comes: boolean; readonly goes: boolean } {
  return {
    comes: selected({ path, size: from?.size ?? 0 }),
    goes: selected({ path: movedFrom, size: to?.size ?? 0 }),
  };
}

function sizeOf({ from, to }: DiffItem): number {
  return from?.size ?? to?.size ?? 0;
}

function ancestors(path: string): string[] {
  const folders: string[] = [];
  for (let folder = parentFolder(path); folder !== ''; folder = parentFolder(folder)) folders.push(folder);
  return folders;
}
