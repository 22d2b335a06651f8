import { randomBytes } from 'node:crypto';
import { posix, win32 } from 'node:path';

import { PRIVATE_FOLDER } from '../base/relpath.ts';

/** The native path of a relpath under a root; on Windows in the form that is not cut at 260 characters. */
export function nativePath(root: string, relpath: string, windows: boolean): string {
  const rules = windows ? win32 : posix;
  return rules.toNamespacedPath(rules.join(root, ...relpath.split('/')));
}

/** The folders above a relpath, outermost first: `a/b/c` gives `a`, `a/b`. */
export function foldersAbove(relpath: string): string[] {
  const folders: string[] = [];
  for (let slash = relpath.indexOf('/'); slash >= 0; slash = relpath.indexOf('/', slash + 1)) {
    folders.push(relpath.slice(0, slash));
  }
  return folders;
}

/** What one run of an apply puts into the names it makes. */
export interface RunNames {
  /** 8 hexadecimal digits of the plan's seal: leftovers with it belong to an earlier run of the same plan. */
  readonly tag: string;
  /** 4 hexadecimal digits of this run: what carries them is in use. */
  readonly run: string;
}

/** Some encrypted file systems stop at 143 bytes a name; the rest of a partial's name takes 31. */
const LONGEST_NAME_BYTES = 110;
const PARTIAL_NAME = /^\..*\.([0-9a-f]{8})-([0-9a-f]{4})([0-9a-f]{8})\.partial$/s;

/** A fresh name for the partial of a file: hidden, beside it, and covered by the ignore pattern for partials. */
export function partialName(name: string, names: RunNames): string {
  return `.${shorten(name)}.${names.tag}-${names.run}${randomBytes(4).toString('hex')}.partial`;
}

/** The tag and the run in the name of one of our partials, or undefined for any other name. */
export function parsePartialName(name: string): RunNames | undefined {
  const match = PARTIAL_NAME.exec(name);
  const tag = match?.[1];
  const run = match?.[2];
  return tag === undefined || run === undefined ? undefined : { tag, run };
}

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_NAME_BYTES) return name;
  let short = '';
  let bytes = 0;
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > LONGEST_NAME_BYTES) break;
    short += character;
  }
  return short;
}

export const TRASH_FOLDER = `${PRIVATE_FOLDER}/trash`;
/** Where a file stands for the moment in which its place is given to another; by tag, then by its own relpath. */
export const ASIDE_FOLDER = `${PRIVATE_FOLDER}/aside`;

/** The name of a run's folder in the trash: its time, readable and sortable, and its run so that two never meet. */
export function trashFolderName(startedAtMs: number, names: RunNames): string {
  return `${new Date(startedAtMs).toISOString().replaceAll(/[:.]/g, '-')}-${names.tag}${names.run}`;
}
