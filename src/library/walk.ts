import { errnoOf, fileError } from '../base/errors.ts';
import { compareRelpaths, foldName, joinRelpath } from '../base/relpath.ts';
import type { Problem } from '../protocol/values.ts';
import type { FileLayer, FolderListing } from './fileLayer.ts';
import type { IgnoreRules } from './ignoreRules.ts';
import { classifyLink } from './linkRules.ts';
import { absolutePath } from './pathRules.ts';

/** What a walk finds. Files come in the order of the index: by the UTF-8 bytes of their relpaths. */
export interface WalkSink {
  /** A file by its folder's listing; `statFiles` says how large it is, and whether it still is one. */
  file(relpath: string): void;
  problem(problem: Problem): void;
  /** Nothing can be said about this path and what lies below it: the index keeps what it has there. */
  keep(relpath: string): void;
  /** The folder holds names that cannot be read; of its sub-folders only `listed` were looked into. */
  incomplete(folder: string, listed: readonly string[]): void;
  /** A file or folder went away during the walk; a good moment to see whether the whole root did. */
  vanished(relpath: string): void;
  /** Asked once a folder and every few hundred files; true ends the walk. */
  shouldStop(): boolean;
}

export interface WalkOptions {
  readonly layer: FileLayer;
  /** Absolute path of the root. */
  readonly rootPath: string;
  readonly ignore: IgnoreRules;
  readonly sink: WalkSink;
}

/** What a walk does with the sub-folders of the folder it starts in. */
export type Descend = 'all' | ((name: string) => boolean);

const FILES_BETWEEN_STOP_CHECKS = 256;
const REPLACEMENT = '\uFFFD';

/** A folder's entries after all rules; `keys` are names, a folder's with a `/` at its end, in the order of the index. */
interface Contents {
  readonly keys: string[];
  /** Sub-folders that are neither ignored nor links. */
  readonly folders: readonly string[];
}

/** Lists the files under a root, synchronously. Links are never followed: see docs/library.md. */
export class Walk {
  readonly #layer: FileLayer;
  readonly #rootPath: string;
  readonly #ignore: IgnoreRules;
  readonly #sink: WalkSink;
  #realRoot: string | undefined;
  #stopped = false;

  constructor(options: WalkOptions) {
    this.#layer = options.layer;
    this.#rootPath = options.rootPath;
    this.#ignore = options.ignore;
    this.#sink = options.sink;
  }

  /**
   * Walks a folder (`''`: the root).
   * @param descend which of its sub-folders to go into; below those, all
   * @param onFolders told the sub-folders there are, before any file is
   * @returns false when the sink stopped it
   * @throws what the system said when the root itself cannot be listed
   */
  folder(folder: string, descend: Descend = 'all', onFolders?: (names: readonly string[]) => void): boolean {
    this.#stopped = false;
    this.#walk(folder, descend, onFolders);
    return !this.#stopped;
  }

  #walk(folder: string, descend: Descend, onFolders?: (names: readonly string[]) => void): void {
    if (this.#sink.shouldStop()) this.#stopped = true;
    if (this.#stopped) return;
    const contents = this.#contents(folder);
    onFolders?.(contents?.folders ?? []);
    if (contents === undefined) return;
    const prefix = folder === '' ? '' : `${folder}/`;
    let untilCheck = FILES_BETWEEN_STOP_CHECKS;
    for (const key of contents.keys) {
      if (key.endsWith('/')) {
        const name = key.slice(0, -1);
        if (descend === 'all' || descend(name)) this.#walk(prefix + name, 'all');
      } else {
        this.#sink.file(prefix + key);
        if (--untilCheck === 0) {
          untilCheck = FILES_BETWEEN_STOP_CHECKS;
          this.#stopped ||= this.#sink.shouldStop();
        }
      }
      if (this.#stopped) return;
    }
  }

  /** undefined where the folder is gone or cannot be read. */
  #contents(folder: string): Contents | undefined {
    const listing = this.#list(folder);
    if (listing === undefined) return undefined;
    const files: string[] = [];
    const folders: string[] = [];
    let unnameable = false;
    for (const name of listing.files) {
      if (name.includes(REPLACEMENT)) unnameable = this.#notUnicode(folder, name);
      else if (!this.#ignore.ignoresFile(joinRelpath(folder, name), name)) files.push(name);
    }
    for (const name of listing.folders) {
      if (name.includes(REPLACEMENT)) unnameable = this.#notUnicode(folder, name);
      else if (!this.#ignore.ignoresFolder(joinRelpath(folder, name), name)) folders.push(name);
    }
    for (const name of listing.links) {
      if (name.includes(REPLACEMENT)) unnameable = this.#notUnicode(folder, name);
      else this.#link(folder, name, files, folders);
    }
    if (unnameable) this.#sink.incomplete(folder, folders);
    const keys = files.concat(folders.map((name) => `${name}/`));
    sortAsIndex(keys);
    this.#reportCollisions(folder, files, folders);
    return { keys, folders };
  }

  #list(folder: string): FolderListing | undefined {
    const path = this.#absolute(folder);
    try {
      return this.#layer.list(path);
    } catch (error) {
      if (folder === '') throw error;
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') {
        this.#sink.vanished(folder);
        return undefined;
      }
      const { message } = fileError('read the folder', path, error);
      this.#report('FOLDER_UNREADABLE', folder, `${message} What was known of it is kept.`);
      this.#sink.keep(folder);
      return undefined;
    }
  }

  #link(folder: string, name: string, files: string[], folders: string[]): void {
    const relpath = joinRelpath(folder, name);
    // Asked for both ways, since what a link leads to need not be known to leave it out.
    if (this.#ignore.ignoresFile(relpath, name) || this.#ignore.ignoresFolder(relpath, name)) return;
    switch (classifyLink(this.#layer, this.#absolute(relpath), () => this.#realRootPath())) {
      case 'file':
        files.push(name);
        return;
      case 'folder':
        folders.push(name);
        return;
      case 'gone':
        this.#sink.vanished(relpath);
        return;
      case 'inside':
        // Its content is indexed where it really lies; twice would be copied twice.
        return;
      case 'outside':
        this.#report(
          'LINK_OUTSIDE',
          relpath,
          `${this.#absolute(relpath)} is a link that leads out of the root, so it is not followed. Add the folder it leads to as a root of its own, or move its content here.`,
        );
        this.#sink.keep(relpath);
        return;
      case 'broken':
        this.#report(
          'LINK_BROKEN',
          relpath,
          `${this.#absolute(relpath)} is a link that leads nowhere. Connect the drive it leads to, or remove it.`,
        );
        this.#sink.keep(relpath);
        return;
    }
  }

  #realRootPath(): string {
    return (this.#realRoot ??= this.#layer.realPath(this.#rootPath));
  }

  #notUnicode(folder: string, name: string): true {
    const relpath = joinRelpath(folder, name);
    this.#report(
      'NAME_NOT_UNICODE',
      relpath,
      `The name of ${this.#absolute(relpath)} is not valid Unicode, so it cannot be indexed. Rename it.`,
    );
    return true;
  }

  #reportCollisions(folder: string, files: readonly string[], folders: readonly string[]): void {
    const names = new Map<string, string>();
    for (const list of [files, folders]) {
      for (const name of list) {
        const fold = foldQuickly(name);
        const other = names.get(fold);
        if (other === undefined) {
          names.set(fold, name);
          continue;
        }
        const relpath = joinRelpath(folder, name);
        this.#report(
          'NAME_COLLISION',
          relpath,
          `${this.#absolute(relpath)} and "${other}" beside it differ only in case or Unicode form. On Windows, macOS and many network drives they are one name: rename one of them.`,
        );
      }
    }
  }

  #report(code: string, relpath: string, message: string): void {
    this.#sink.problem({ path: relpath, code, message });
  }

  #absolute(relpath: string): string {
    return absolutePath(this.#rootPath, relpath);
  }
}

const SURROGATE = /[\uD800-\uDFFF]/;
// Without letters outside ASCII, Unicode forms cannot differ.
const NOT_ASCII = /[\u0080-\uFFFF]/;

function foldQuickly(name: string): string {
  return NOT_ASCII.test(name) ? foldName(name) : name.toLowerCase();
}

/** By UTF-8 bytes. JavaScript's own order (by UTF-16 units) is the same, and faster, while no name has a surrogate. */
function sortAsIndex(keys: string[]): void {
  if (keys.some((key) => SURROGATE.test(key))) keys.sort(compareRelpaths);
  else keys.sort();
}
