/**
 * Rules for the paths of files under a root, for every platform at once, as pure functions.
 * A relpath is POSIX style: `/` between segments, never at either end.
 */

export type RelpathProblem =
  | 'empty'
  | 'absolute'
  | 'drive'
  | 'traversal'
  | 'backslash'
  | 'control'
  | 'reserved'
  | 'trailing'
  | 'not-unicode'
  | 'private'
  | 'too-long';

/** Folder of our own data under a root; never indexed, mirrored or deleted. */
export const PRIVATE_FOLDER = '.lakeside';

// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
const RESERVED_NAME = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
const RESERVED_CHARACTER = /[<>:"|?*]/;

/** `.lakeside` by its short name of eight letters. */
const SHORT_PRIVATE_NAME = /^lakes[^.]*~\d+$/i;

/** Bytes of a name on every common file system; characters on Windows. */
const MAX_SEGMENT_BYTES = 255;

/**
 * What makes a relpath unusable anywhere (it could leave its root or hide), or undefined.
 * `windows` adds what only Windows cannot store.
 */
export function relpathProblem(relpath: string, options: { windows: boolean }): RelpathProblem | undefined {
  if (relpath === '') return 'empty';
  if (!relpath.isWellFormed() || relpath.includes('\uFFFD')) return 'not-unicode';
  if (relpath.startsWith('/')) return 'absolute';
  if (options.windows && relpath.includes('\\')) return relpath.startsWith('\\') ? 'absolute' : 'backslash';
  if (options.windows && /^[a-z]:/i.test(relpath)) return 'drive';
  for (const segment of relpath.split('/')) {
    if (segment === '') return 'empty';
    if (segment === '.' || segment === '..') return 'traversal';
    if (segment.includes('\0')) return 'control';
    if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) return 'too-long';
    if (options.windows) {
      // Codes 1 to 31 cannot stand in a Windows name.
      if (segment.split('').some((unit) => unit < ' ')) return 'control';
      if (RESERVED_NAME.test(segment) || RESERVED_CHARACTER.test(segment)) return 'reserved';
      if (segment.endsWith('.') || segment.endsWith(' ')) return 'trailing';
    }
  }
  if (isPrivate(firstSegment(relpath))) return 'private';
  return undefined;
}

/**
 * Whether some file system takes the name for our own folder: macOS drops characters that show nothing and folds letters
 * of other alphabets, Windows gives every long name a short one.
 */
function isPrivate(name: string): boolean {
  if (/^[\x20-\x7e]*$/.test(name)) return name.toLowerCase() === PRIVATE_FOLDER || SHORT_PRIVATE_NAME.test(name);
  const plain = name.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '').normalize('NFKC');
  return foldName(plain) === PRIVATE_FOLDER;
}

const PROBLEM_WORDS: Readonly<Record<RelpathProblem, string>> = {
  empty: 'has an empty part',
  absolute: 'is absolute',
  drive: 'names a drive',
  traversal: 'leaves its folder',
  backslash: 'holds a backslash',
  control: 'holds a control character',
  reserved: 'is reserved on Windows',
  trailing: 'ends in a dot or a space, which Windows drops',
  'not-unicode': 'is not valid Unicode',
  private: "lies in Lakeside's own folder",
  'too-long': 'is too long',
};

export function describeRelpathProblem(problem: RelpathProblem): string {
  return PROBLEM_WORDS[problem];
}

/** Two names with the same fold are one file on a case-insensitive or Unicode-folding file system. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase().normalize('NFC');
}

export function firstSegment(relpath: string): string {
  const slash = relpath.indexOf('/');
  return slash < 0 ? relpath : relpath.slice(0, slash);
}

/** The folder a file lies in; `''` for the root itself. */
export function parentFolder(relpath: string): string {
  const slash = relpath.lastIndexOf('/');
  return slash < 0 ? '' : relpath.slice(0, slash);
}

export function baseName(relpath: string): string {
  return relpath.slice(relpath.lastIndexOf('/') + 1);
}

export function joinRelpath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** Orders as SQLite's BINARY collation does for UTF-8 text: by code point, not by UTF-16 unit. */
export function compareRelpaths(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    // Surrogates (D800–DFFF) stand for code points above every other unit.
    const aRank = a >= 0xd800 && a <= 0xdfff ? a + 0x10000 : a;
    const bRank = b >= 0xd800 && b <= 0xdfff ? b + 0x10000 : b;
    return aRank < bRank ? -1 : 1;
  }
  return left.length - right.length;
}
