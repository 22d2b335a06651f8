import type { FileStore } from '../store/fileStore.ts';
import { companionParts, modelParts } from './companions.ts';
import type { SizedFile } from './planSelection.ts';

/** Files of a name that are looked at; more than a model with all its companions has. */
const MAX_FILES_OF_STEM = 100;

/** The models of a root that have a stem, by path. */
export function modelsOfStem(files: FileStore, rootKey: number, stem: string): SizedFile[] {
  return files
    .withStem(rootKey, stem, MAX_FILES_OF_STEM)
    .filter(({ relpath }) => modelParts(relpath)?.stem === stem)
    .map(({ relpath, size }) => ({ path: relpath, size }));
}

/** Finds the model that a file is a companion of, in the first of some roots that holds one. */
export function modelInIndex(files: FileStore, rootKeys: readonly number[]): (path: string) => SizedFile | undefined {
  return (path) => {
    for (const { stem } of companionParts(path)) {
      for (const rootKey of rootKeys) {
        const [model] = modelsOfStem(files, rootKey, stem);
        if (model !== undefined) return model;
      }
    }
    return undefined;
  };
}
