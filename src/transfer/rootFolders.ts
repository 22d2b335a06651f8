import { errnoOf, LakesideError } from '../base/errors.ts';
import { baseName, foldName, parentFolder, PRIVATE_FOLDER } from '../base/relpath.ts';
import type { FileLayer, FileStat } from './fileLayer.ts';
import { SkipStep } from './stepProblem.ts';
import { foldersAbove, nativePath } from './transferPaths.ts';

const PARENTS_AGAIN = 3;

/** A folder that is needed cannot be there: a file has its name. */
export class FileInPlace extends SkipStep {
  constructor(root: string, at: string) {
    super('TARGET_EXISTS', `A folder is needed at ${at} in ${root}, but a file is in its place.`, at);
  }
}

/**
 * Folders of one root during one task: each is looked at once. A folder counts only if it is a real one: a symbolic
 * link could lead out of the root. Collects what has to be flushed.
 */
export class RootFolders {
  readonly root: string;
  readonly #files: FileLayer;
  readonly #known = new Set<string>();
  readonly #linked = new Map<string, boolean>();
  readonly #unflushed = new Set<string>();
  #last: { readonly folder: string; readonly prefix: string } | undefined;

  constructor(files: FileLayer, root: string) {
    this.#files = files;
    this.root = root;
  }

  path(relpath: string): string {
    const folder = parentFolder(relpath);
    // Most paths are asked for folder by folder, and to join one costs as much as a call to the system.
    if (this.#last?.folder !== folder) {
      const own = nativePath(this.root, folder, this.#files.windows);
      const separator = this.#files.windows ? '\\' : '/';
      this.#last = { folder, prefix: own.endsWith(separator) ? own : own + separator };
    }
    return this.#last.prefix + baseName(relpath);
  }

  lstat(relpath: string): FileStat | undefined {
    return this.#files.lstat(this.path(relpath));
  }

  /** The relpath as the file system spells it: case and Unicode form may differ. The same where the system does not tell. */
  spelling(relpath: string): string {
    const root = this.#files.realPath(this.root);
    const real = this.#files.realPath(this.path(relpath));
    const spelled = real.startsWith(root)
      ? real.slice(root.length + 1).replaceAll(this.#files.windows ? '\\' : '/', '/')
      : relpath;
    return foldName(spelled) === foldName(relpath) ? spelled : relpath;
  }

  /**
   * Whether a relpath is there in just this spelling: where the file system folds names, others find it as well. Lists
   * every folder above it; for what an earlier run left, not for each step.
   */
  isSpelled(relpath: string): boolean {
    try {
      return [...foldersAbove(relpath), relpath].every((path) => {
        const folder = parentFolder(path);
        return this.#files.list(folder === '' ? this.root : this.path(folder)).includes(baseName(path));
      });
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return false;
      throw error;
    }
  }

  /** Whether every folder above a relpath is there. Throws UNSAFE_PATH or FileInPlace where one is none. */
  hasParents(relpath: string): boolean {
    return foldersAbove(relpath).every((folder) => this.#isFolder(folder));
  }

  /** Whether a folder above a relpath is a symbolic link. */
  hasLinkAbove(relpath: string): boolean {
    return foldersAbove(relpath).some((folder) => {
      const linked = this.#linked.get(folder) ?? this.lstat(folder)?.kind === 'link';
      this.#linked.set(folder, linked);
      return linked;
    });
  }

  /** Makes the folders above a relpath that are missing. */
  makeParents(relpath: string): void {
    for (const folder of foldersAbove(relpath)) {
      if (this.#isFolder(folder)) continue;
      // The empty folder under a mount point must not be filled when the drive is gone.
      if (!this.#known.has(PRIVATE_FOLDER)) this.requirePrivateFolder();
      this.#make(folder);
    }
  }

  /**
   * Makes the folders above a relpath and does what needs them. An apply of another plan may remove the empty ones of
   * our own folder in between; then both are done again.
   */
  withParents<T>(relpath: string, act: () => T): T {
    for (let again = 0; ; again++) {
      try {
        this.makeParents(relpath);
        return act();
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT' || again === PARENTS_AGAIN) throw error;
        this.#known.clear();
      }
    }
  }

  /** Throws ROOT_NOT_MOUNTED where the root has lost its marker's folder. */
  requirePrivateFolder(): void {
    if (this.lstat(PRIVATE_FOLDER)?.kind === 'folder') {
      this.#known.add(PRIVATE_FOLDER);
      return;
    }
    throw new LakesideError(
      'ROOT_NOT_MOUNTED',
      'infra',
      `The root at ${this.root} is not mounted: its marker is gone. Connect its drive.`,
      { context: { path: this.root }, retryable: true },
    );
  }

  #make(folder: string): void {
    try {
      this.#files.mkdir(this.path(folder));
      this.mustFlush(folder);
    } catch (error) {
      // Another task may have made it; whatever else has its name is refused here.
      if (errnoOf(error) !== 'EEXIST' || !this.#isFolder(folder)) throw error;
    }
    this.#known.add(folder);
  }

  #isFolder(folder: string): boolean {
    if (this.#known.has(folder)) return true;
    const stat = this.lstat(folder);
    if (stat === undefined) return false;
    if (stat.kind === 'file') throw new FileInPlace(this.root, folder);
    if (stat.kind !== 'folder') {
      throw new SkipStep(
        'UNSAFE_PATH',
        `${folder} in ${this.root} is a symbolic link, which may lead anywhere. Replace it by a folder.`,
      );
    }
    this.#known.add(folder);
    return true;
  }

  /** Removes the folders above a relpath while they are empty, innermost first; never the root, nor any above `top`. */
  removeEmptyAbove(relpath: string, top?: string): void {
    for (const folder of foldersAbove(relpath).reverse()) {
      if (top !== undefined && folder !== top && !folder.startsWith(`${top}/`)) return;
      if (!this.removeIfEmpty(folder)) return;
    }
  }

  /** False where it stays, because it holds something or may not be removed. Gone counts as removed. */
  removeIfEmpty(folder: string): boolean {
    const stat = this.lstat(folder);
    if (stat === undefined) return true;
    if (stat.kind !== 'folder') return false;
    try {
      this.#files.rmdir(this.path(folder));
    } catch (error) {
      // An empty folder that stays does no harm, and is no reason to call a finished step failed.
      if (error instanceof Error && errnoOf(error) !== undefined) return false;
      throw error;
    }
    // All, not this one: the file system may know it under another spelling.
    this.#known.clear();
    this.#unflushed.delete(folder);
    this.mustFlush(folder);
    return true;
  }

  /** Names in the folder of this relpath have changed. */
  mustFlush(relpath: string): void {
    this.#unflushed.add(parentFolder(relpath));
  }

  /** Makes every rename so far durable. */
  flush(): void {
    for (const folder of this.#unflushed) {
      const path = folder === '' ? this.root : this.path(folder);
      if (this.#files.lstat(path)?.kind === 'folder') this.#files.flushFolder(path);
    }
    this.#unflushed.clear();
  }
}
