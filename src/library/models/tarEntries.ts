import type { ByteSource } from './byteSource.ts';
import { latin1 } from './byteText.ts';

const BLOCK_BYTES = 512;
const CHECKSUM_AT = 148;
const CHECKSUM_END = 156;
const MAX_ENTRIES = 1_000;

export interface TarEntry {
  readonly name: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly size: number;
}

/** Whether the first block of a file is the header of a tar member: like Python's `tarfile`, by its checksum alone. */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < BLOCK_BYTES || block[0] === 0) return false;
  let sum = 0;
  for (let at = 0; at < BLOCK_BYTES; at += 1) {
    sum += at >= CHECKSUM_AT && at < CHECKSUM_END ? 0x20 : (block[at] ?? 0);
  }
  return octal(block, CHECKSUM_AT, CHECKSUM_END) === sum;
}

/** The members of a tar file up to its end or the first broken header. Source: POSIX.1-2017, pax, "ustar Interchange Format". */
export function readTarEntries(source: ByteSource): readonly TarEntry[] {
  const entries: TarEntry[] = [];
  let position = 0;
  while (entries.length < MAX_ENTRIES) {
    const block = source.read(position, BLOCK_BYTES);
    if (!isTarHeader(block)) break;
    const size = octal(block, 124, 136);
    if (size === undefined) break;
    const name = latin1(block.subarray(0, 100));
    entries.push({ name: name.split('\0', 1)[0] ?? '', offset: position + BLOCK_BYTES, size });
    position += BLOCK_BYTES + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return entries;
}

function octal(block: Uint8Array, start: number, end: number): number | undefined {
  const digits = latin1(block.subarray(start, end)).replaceAll('\0', ' ').trim();
  return /^[0-7]{1,12}$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}
