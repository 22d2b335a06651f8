import { randomBytes } from 'node:crypto';
import { posix, win32 } from 'node:path';

import { baseName, joinRelpath, parentFolder, PRIVATE_FOLDER } from '../base/relpath.ts';
import { loadBlake3 } from '../library/blake3.ts';

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

/** Counts up from a random number in each thread: threads of one run must not meet. */
let nextPartial = randomBytes(4).readUInt32LE();

/** A fresh name for the partial of a file: hidden, beside it, and covered by the ignore pattern for partials. */
export function partialName(name: string, names: RunNames): string {
  nextPartial = (nextPartial + 1) % 2 ** 32;
  const number = nextPartial.toString(16).padStart(8, '0');
  return `.${shorten(name)}.${names.tag}-${names.run}${number}.partial`;
}

/** What a copy is known by, so that a later one of the same file in the same state finds what is left of it. */
export interface CopyKey {
  /** 8 hexadecimal digits of the target's relpath. */
  readonly place: string;
  /** 8 of the size and time of what is copied there. */
  readonly state: string;
}

export function copyKey(relpath: string, source: { readonly size: number; readonly mtimeMs: number }): CopyKey {
  return { place: shortHash(relpath), state: shortHash(`${relpath}\0${source.size}\0${source.mtimeMs}`) };
}

function shortHash(text: string): string {
  const hash = loadBlake3().createHash();
  hash.update(Buffer.from(text));
  return hash.digest().toString('hex', 0, 4);
}

/** Relpath of the partial that every copy of this state to this place writes: beside the target. */
export function resumablePartial(relpath: string, key: CopyKey): string {
  return joinRelpath(parentFolder(relpath), `.${shorten(baseName(relpath))}.${key.place}${key.state}.partial`);
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

/** Journals of partials, one a copy and holder; see transferJournal.ts. */
export const PARTIALS_FOLDER = `${PRIVATE_FOLDER}/partials`;
export const TRASH_FOLDER = `${PRIVATE_FOLDER}/trash`;
/** Where a file stands for the moment in which its place is given to another; by tag, then by its own relpath. */
export const ASIDE_FOLDER = `${PRIVATE_FOLDER}/aside`;

/** The name of a run's folder in the trash: its time, readable and sortable, and its run so that two never meet. */
export function trashFolderName(startedAtMs: number, names: RunNames): string {
  return `${new Date(startedAtMs).toISOString().replaceAll(/[:.]/g, '-')}-${names.tag}${names.run}`;
}

const TRASH_FOLDER_NAME = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d)-(\d{3}Z)-([0-9a-f]{8})[0-9a-f]{4}(?:-\d+)?$/;

/** When a run's folder in the trash was begun, and the tag of its plan; undefined for a name that is none of ours. */
export function parseTrashFolderName(name: string): { readonly startedAtMs: number; readonly tag: string } | undefined {
  const [, day = '', hours = '', minutes = '', seconds = '', rest = '', tag = ''] = TRASH_FOLDER_NAME.exec(name) ?? [];
  const startedAtMs = Date.parse(`${day}${hours}:${minutes}:${seconds}.${rest}`);
  return Number.isNaN(startedAtMs) ? undefined : { startedAtMs, tag };
}

/** The relpath under its root of a file in the trash. */
export function trashPath(folder: string, path: string): string {
  return `${TRASH_FOLDER}/${folder}/${path}`;
}
