import path from 'node:path';

import { LakesideError } from '../base/errors.ts';
import { isAbsoluteFolder, normalizeFolder, type PathPlatform, thisPlatform } from '../library/pathRules.ts';
import type { StoragePolicy } from '../protocol/studioValues.ts';

/**
 * The folder that a storage policy means; below it lie `<project-slug>/<item-slug>/run-<id>/`.
 * @param imagesDir the setting `studio.imagesDir`; empty, or not the path of a folder: `images` in the data dir
 */
export function imagesFolder(
  storage: StoragePolicy,
  { imagesDir, dataDir }: { readonly imagesDir: string; readonly dataDir: string },
): string {
  if (storage.kind === 'folder') return storage.path;
  const platform = thisPlatform();
  // What is said to be wrong when it is set must not lead anywhere: not to the folder this process works in either.
  const isWrong = imagesDir === '' || storageFolderProblem(imagesDir, platform) !== undefined;
  return isWrong ? path.join(dataDir, 'images') : normalizeFolder(imagesDir, platform);
}

const PROBLEMS = {
  relative: 'is not absolute. Give the whole path, from the root of the drive',
  device: 'is the path of a device. Give the path of a folder',
  characters: 'holds characters that no folder may have. Choose another folder',
} as const;

/** What keeps a path from being a folder of images, or undefined. Pure: every system's rules run on every machine. */
export function storageFolderProblem(folder: string, platform: PathPlatform): keyof typeof PROBLEMS | undefined {
  const windows = platform === 'windows';
  if (/[\p{Cc}\p{Cs}]/u.test(folder)) return 'characters';
  if (windows && /^[\\/]{2}[.?][\\/]/.test(folder)) return 'device';
  if (!isAbsoluteFolder(folder, platform)) return 'relative';
  if (windows && /[<>:"|?*]/.test(folder.replace(/^[a-z]:/i, ''))) return 'characters';
  return undefined;
}

/** The path of a folder of images in plain form; throws STORAGE_FOLDER_INVALID. */
export function checkedStorageFolder(folder: string): string {
  const platform = thisPlatform();
  const problem = storageFolderProblem(folder, platform);
  if (problem === undefined) return normalizeFolder(folder, platform);
  const sentence = `The images folder ${JSON.stringify(folder)} ${PROBLEMS[problem]}.`;
  throw new LakesideError('STORAGE_FOLDER_INVALID', 'validation', sentence, { context: { path: folder } });
}
