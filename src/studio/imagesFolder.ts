import path from 'node:path';

import type { StoragePolicy } from '../protocol/studioValues.ts';

/**
 * The folder that a storage policy means; below it lie `<project-slug>/<item-slug>/run-<id>/`.
 * @param imagesDir the setting `studio.imagesDir`; empty: the folder `images` of the data dir
 */
export function imagesFolder(
  storage: StoragePolicy,
  { imagesDir, dataDir }: { readonly imagesDir: string; readonly dataDir: string },
): string {
  if (storage.kind === 'folder') return storage.path;
  // A relative setting must not mean the folder this process happens to work in.
  return imagesDir === '' ? path.join(dataDir, 'images') : path.resolve(dataDir, imagesDir);
}

/** What keeps a path from being a project's own folder, or undefined. Pure: both systems' rules run on every machine. */
export function storageFolderProblem(
  folder: string,
  { windows }: { readonly windows: boolean },
): 'relative' | 'device' | 'characters' | undefined {
  const rules = windows ? path.win32 : path.posix;
  if (folder.split('').some((unit) => unit < ' ') || !folder.isWellFormed()) return 'characters';
  if (windows && /^[\\/]{2}[.?][\\/]/.test(folder)) return 'device';
  // `\models` lies on whichever drive is the current one.
  if (!rules.isAbsolute(folder) || (windows && /^[\\/](?![\\/])/.test(folder))) return 'relative';
  if (windows && /[<>:"|?*]/.test(folder.replace(/^[a-z]:/i, ''))) return 'characters';
  return undefined;
}
