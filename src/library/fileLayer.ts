import { lstatSync, readdirSync, realpathSync } from 'node:fs';

import { errnoOf } from '../base/errors.ts';

/** What a walk needs to know of an entry; `fs.Stats` is one. */
export interface EntryStat {
  readonly size: number;
  /** Milliseconds since 1970, with a fraction. */
  readonly mtimeMs: number;
  /** The file system it lies on. */
  readonly dev: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** Names of a folder by kind, unordered. Sockets, pipes and devices are left out. */
export interface FolderListing {
  readonly files: string[];
  readonly folders: string[];
  /** Symbolic links and Windows junctions; also what Windows only says is a "reparse point" (a cloud or deduplicated file). */
  readonly links: string[];
}

/** The few calls a walk makes, synchronous (twice as fast as promises on a local disk), so that tests can inject faults. */
export interface FileLayer {
  /** Throws what the system says; ENOENT only where the folder itself is gone. */
  list(path: string): FolderListing;
  /** The entry itself, a link unfollowed; undefined where there is none. */
  stat(path: string): EntryStat | undefined;
  /** The path without links. Throws where it leads nowhere. */
  realPath(path: string): string;
}

export const nodeFileLayer: FileLayer = {
  list: listFolder,
  stat: (path) => lstatSync(path, { throwIfNoEntry: false }),
  realPath: (path) => realpathSync.native(path),
};

function listFolder(path: string): FolderListing {
  const listing: FolderListing = { files: [], folders: [], links: [] };
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isFile()) listing.files.push(entry.name);
      else if (entry.isDirectory()) listing.folders.push(entry.name);
      else if (entry.isSymbolicLink()) listing.links.push(entry.name);
    }
    return listing;
  } catch (error) {
    // Where the file system does not tell kinds, Node stats each entry, and one that vanishes meanwhile (or whose name is
    // not Unicode) fails the whole listing.
    if (errnoOf(error) !== 'ENOENT' || lstatSync(path, { throwIfNoEntry: false }) === undefined) throw error;
    return listFolderByNames(path);
  }
}

function listFolderByNames(path: string): FolderListing {
  const listing: FolderListing = { files: [], folders: [], links: [] };
  for (const name of readdirSync(path)) {
    const stat = lstatSync(`${path}/${name}`, { throwIfNoEntry: false });
    if (stat === undefined) {
      // A name that is not Unicode must reach the walk, which reports it; another is simply gone.
      if (name.includes('\uFFFD')) listing.files.push(name);
    } else if (stat.isFile()) listing.files.push(name);
    else if (stat.isDirectory()) listing.folders.push(name);
    else if (stat.isSymbolicLink()) listing.links.push(name);
  }
  return listing;
}
