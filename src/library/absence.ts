import { errnoOf } from '../base/errors.ts';
import { baseName, parentFolder } from '../base/relpath.ts';
import type { FileLayer } from './fileLayer.ts';
import { type IgnoreRules, isIgnored } from './ignoreRules.ts';
import { classifyLink } from './linkRules.ts';
import { absolutePath } from './pathRules.ts';

interface Names {
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
  readonly links: ReadonlySet<string>;
  /** False where some names are not Unicode: any name we miss may be one of them. */
  readonly complete: boolean;
}

/** `unknown`: it cannot be told, so what the index has must be kept. */
type Presence = 'there' | 'gone' | 'unknown';

/**
 * Looks again whether paths are really not there, by the same rules as a walk and by the names their folders list: on a
 * file system that folds case, asking for `A` would find `a`. Folders are listed once each, so make a new one each time.
 */
export class AbsenceCheck {
  readonly #layer: FileLayer;
  readonly #rootPath: string;
  readonly #ignore: IgnoreRules;
  readonly #listings = new Map<string, Names | 'gone' | 'unknown'>();

  constructor(layer: FileLayer, rootPath: string, ignore: IgnoreRules) {
    this.#layer = layer;
    this.#rootPath = rootPath;
    this.#ignore = ignore;
  }

  /** False where it is there, or where it cannot be told. An ignored file counts as absent. */
  isAbsent(relpath: string): boolean {
    if (isIgnored(relpath, this.#ignore)) return true;
    const listing = this.#listing(parentFolder(relpath));
    if (typeof listing === 'string') return listing === 'gone';
    return this.#presence(listing, listing.files, relpath) === 'gone';
  }

  /** Whether this is a folder, by exactly this name, that is neither ignored nor reached through a link. */
  folder(relpath: string): Presence {
    const listing = this.#listing(relpath);
    return typeof listing === 'string' ? listing : 'there';
  }

  #presence(listing: Names, names: ReadonlySet<string>, relpath: string): Presence {
    const name = baseName(relpath);
    if (names.has(name)) return 'there';
    if (listing.links.has(name)) {
      const link = classifyLink(this.#layer, this.#absolute(relpath), () => this.#layer.realPath(this.#rootPath));
      if (link === 'file' || link === 'folder') return 'there';
      return link === 'outside' || link === 'broken' ? 'unknown' : 'gone';
    }
    return listing.complete ? 'gone' : 'unknown';
  }

  #listing(folder: string): Names | 'gone' | 'unknown' {
    const known = this.#listings.get(folder);
    if (known !== undefined) return known;
    const listing = this.#list(folder);
    this.#listings.set(folder, listing);
    return listing;
  }

  #list(folder: string): Names | 'gone' | 'unknown' {
    if (folder !== '') {
      const parent = this.#listing(parentFolder(folder));
      if (typeof parent === 'string') return parent;
      if (this.#ignore.ignoresFolder(folder, baseName(folder))) return 'gone';
      const presence = this.#presence(parent, parent.folders, folder);
      if (presence !== 'there') return presence;
    }
    try {
      const { files, folders, links } = this.#layer.list(this.#absolute(folder));
      const complete = ![...files, ...folders, ...links].some((name) => name.includes('\uFFFD'));
      return { files: new Set(files), folders: new Set(folders), links: new Set(links), complete };
    } catch (error) {
      return errnoOf(error) === 'ENOENT' && folder !== '' ? 'gone' : 'unknown';
    }
  }

  #absolute(relpath: string): string {
    return absolutePath(this.#rootPath, relpath);
  }
}
