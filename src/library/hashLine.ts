import { crc32 } from 'node:zlib';

import type { KnownHash } from '../store/fileStore.ts';

/*
 * The portable hashes of a root: text, one file a line.
 *
 *   # lakeside-hashes 1 0b7c0f5e-…                              the generation: another one when it is written anew
 *   5d3c2a91 af1349b9f5f9a1a6… 2132625894 1712345678901 checkpoints/sdxl.safetensors
 *   check    BLAKE3            bytes      mtime, ms     relpath
 *
 * The check is the CRC-32 of the rest of the line: it tells lines that were cut off or written into each other. In the
 * relpath a backslash is `\\`, a line feed `\n`, a carriage return `\r`, as b3sum writes them. The later of two lines
 * counts; a line whose file has another size or time by now means nothing.
 */

const HEADER = '# lakeside-hashes 1 ';
const HEADER_PATTERN = /^# lakeside-hashes (\d{1,9})(?: ([0-9a-f-]{36}))?$/;
/** Longer than any line: a relpath of 32,767 characters, each of three bytes. */
export const MAX_LINE_BYTES = 128 * 1024;
const LINE = /^([0-9a-f]{64}) (\d{1,16}) (-?\d{1,16}) (.+)$/su;

export function hashesHeader(generation: string): string {
  return `${HEADER}${generation}\n`;
}

/** The generation a first line names; undefined for anything that this version cannot read. */
export function readHashesHeader(line: string): string | undefined {
  const [, version, generation] = HEADER_PATTERN.exec(line) ?? [];
  return version === '1' ? generation : undefined;
}

export function hashLine({ blake3, size, mtimeMs, relpath }: KnownHash): string {
  const rest = `${blake3.toString('hex')} ${size} ${mtimeMs} ${escapeName(relpath)}`;
  return `${checkOf(Buffer.from(rest))} ${rest}\n`;
}

/** What a line says (without its line end), or undefined where it is damaged. */
export function parseHashLine(line: Buffer): KnownHash | undefined {
  if (line.length < CHECK_LENGTH + 2 || line.length > MAX_LINE_BYTES) return undefined;
  const rest = line.subarray(CHECK_LENGTH + 1);
  if (line.toString('latin1', 0, CHECK_LENGTH + 1) !== `${checkOf(rest)} `) return undefined;
  const [, blake3, size, mtimeMs, name] = LINE.exec(rest.toString()) ?? [];
  if (blake3 === undefined || name === undefined) return undefined;
  const known = { blake3: Buffer.from(blake3, 'hex'), size: Number(size), mtimeMs: Number(mtimeMs) };
  const relpath = unescapeName(name);
  if (relpath === undefined || !Number.isSafeInteger(known.size) || !Number.isSafeInteger(known.mtimeMs)) {
    return undefined;
  }
  return { relpath, ...known };
}

const CHECK_LENGTH = 8;

function checkOf(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(CHECK_LENGTH, '0');
}

/** As b3sum does it, without the backslash that begins its line. */
export function escapeName(name: string): string {
  return name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

/** The name that was escaped; undefined for what no escaping gives. */
export function unescapeName(escaped: string): string | undefined {
  if (!escaped.includes('\\')) return escaped;
  if (/\\(?![\\nr])/.test(escaped.replaceAll('\\\\', ''))) return undefined;
  return escaped.replace(/\\(.)/gsu, (_, letter: string) => (letter === 'n' ? '\n' : letter === 'r' ? '\r' : letter));
}
