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
 */
export function selectItems(diff: Iterable<DiffItem>, selected: SelectFile): DiffItem[] {
  const items: DiffItem[] = [];
  let sorted = true;
  for (const item of diff) {
    if (item.state !== 'moved' || item.movedFrom === undefined) {
      if (selected({ path: item.path, size: sizeOf(item) })) items.push(item);
      continue;
    }
    const { path, movedFrom, from, to } = item;
    const comes = selected({ path, size: from?.size ?? 0 });
    const goes = selected({ path: movedFrom, size: to?.size ?? 0 });
    if (comes && goes) items.push(item);
    else if (comes) items.push({ state: 'missing', path, ...(from === undefined ? {} : { from }) });
    else if (goes) {
      items.push({ state: 'extra', path: movedFrom, ...(to === undefined ? {} : { to }) });
      sorted = false;
    }
  }
  return sorted ? items : items.sort((left, right) => compareRelpaths(left.path, right.path));
}

function sizeOf({ from, to }: DiffItem): number {
  return from?.size ?? to?.size ?? 0;
}

function ancestors(path: string): string[] {
  const folders: string[] = [];
  for (let folder = parentFolder(path); folder !== ''; folder = parentFolder(folder)) folders.push(folder);
  return folders;
}
