import { parentFolder } from '../base/relpath.ts';
import { companionParts, modelStems } from './companions.ts';

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

function ancestors(path: string): string[] {
  const folders: string[] = [];
  for (let folder = parentFolder(path); folder !== ''; folder = parentFolder(folder)) folders.push(folder);
  return folders;
}
