import { latin1 } from './byteText.ts';

const NEWEST_PROTOCOL = 5;

/** Names under which programs keep pickles. */
const PICKLE_NAME = /\.(?:pkl|pickle|p|pt|pth|bin|ckpt|joblib|dat|data)$/i;

/** First bytes of archives that are not looked into: 7z, gzip, xz, bzip2, zstd, RAR, LZ4. */
const ARCHIVES: readonly (readonly number[])[] = [
  [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c],
  [0x1f, 0x8b],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  [0x42, 0x5a, 0x68],
  [0x28, 0xb5, 0x2f, 0xfd],
  [0x52, 0x61, 0x72, 0x21],
  [0x04, 0x22, 0x4d, 0x18],
];

const NPY_MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

export function isArchive(head: Uint8Array): boolean {
  return ARCHIVES.some((magic) => startsWith(head, magic));
}

export function hasPickleName(name: string): boolean {
  return PICKLE_NAME.test(name);
}

/**
 * Whether bytes may begin a pickle. Protocols 2 and up begin with their number; the older ones have no mark, so that what
 * counts is an import in the first bytes: without one a pickle does no harm.
 */
export function looksLikePickle(head: Uint8Array): boolean {
  if (head[0] === 0x80) return (head[1] ?? 0) <= NEWEST_PROTOCOL;
  const lines = latin1(head).split('\n');
  return lines.some((line, index) => endsInModule(line) && /^[\w.]+$/.test(lines[index + 1] ?? ''));
}

/** Whether a line ends in the opcode GLOBAL or INST and the name of a module. Goes over the line once, from its end. */
function endsInModule(line: string): boolean {
  for (let at = line.length - 1; at >= 0 && /[\w.]/.test(line.charAt(at)); at -= 1) {
    if (at < line.length - 1 && (line.charAt(at) === 'c' || line.charAt(at) === 'i')) return true;
  }
  return false;
}

/** Where the pickle of a numpy array of Python objects begins (NEP 1); 0 in any other file, which is looked at whole. */
export function npyPickleOffset(head: Uint8Array): number | 'no pickle' {
  if (!startsWith(head, NPY_MAGIC)) return 0;
  const wide = (head[6] ?? 0) > 1;
  const start = wide ? 12 : 10;
  const length = (head[8] ?? 0) + 256 * (head[9] ?? 0) + (wide ? 65_536 * (head[10] ?? 0) : 0);
  // In a dtype the letter O stands for a Python object; a header longer than what was read may hold one.
  const header = latin1(head.subarray(start, start + length));
  return start + length > head.length || /'[^']*O[^']*'/.test(header) ? start + length : 'no pickle';
}
