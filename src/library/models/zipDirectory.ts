import type { ByteSource } from './byteSource.ts';
import { ByteCursor } from './byteCursor.ts';
import { latin1, utf8 } from './byteText.ts';

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
const ZIP64_LOCATOR_BYTES = 20;
const ZIP64_END_SIGNATURE = 0x06064b50;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LONGEST_COMMENT = 0xffff;
const ZIP64_END_BYTES = 56;
const ALL_ONES_16 = 0xffff;
const ALL_ONES_32 = 0xffffffff;
const ZIP64_EXTRA = 1;

/** Directories of real checkpoints have some thousand entries. */
export const MAX_ZIP_ENTRIES = 20_000;
const MAX_DIRECTORY_BYTES = 8 * 1024 * 1024;
const MAX_ENDS = 8;

export interface ZipEntry {
  readonly name: string;
  /** General purpose bit flags: bit 0 means encrypted, bit 3 that sizes follow the data. */
  readonly flags: number;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  /** Bytes, as the directory claims. */
  readonly compressedSize: number;
  readonly size: number;
  /** Bytes from the start of the file to the local header. */
  readonly headerOffset: number;
}

export interface ZipDirectory {
  readonly entries: readonly ZipEntry[];
  /** Where the directory contradicts itself or the file: parts of sentences that follow "it". */
  readonly doubts: readonly string[];
}

/**
 * The entries of a zip file by its central directory, of all directories that any reader could take for the one that
 * counts; undefined where there is none. Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.12 to 4.3.16 and 4.5.3.
 * Sizes and offsets are what the file claims; nothing is read or allocated by them.
 */
export function readZipDirectory(source: ByteSource): ZipDirectory | undefined {
  const tailStart = Math.max(0, source.size - END_BYTES - LONGEST_COMMENT);
  const tail = source.read(tailStart, END_BYTES + LONGEST_COMMENT);
  const view = viewOf(tail);
  const doubts = new Set<string>();
  const entries: ZipEntry[] = [];
  let ends = 0;
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (tail[at] !== 0x50 || view.getUint32(at, true) !== END_SIGNATURE) continue;
    const found = directoryOf(source, tailStart + at, view, at, doubts);
    if (found === undefined) continue;
    ends += 1;
    if (ends > 1) doubts.add('has more than one table of contents');
    if (ends > MAX_ENDS) break;
    if (tailStart + at + END_BYTES + view.getUint16(at + 20, true) !== source.size) {
      doubts.add('has bytes behind its end');
    }
    for (const entry of found) entries.push(entry);
  }
  return ends === 0 ? undefined : { entries, doubts: [...doubts] };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The entries that one end record leads to, undefined where it leads nowhere. */
function directoryOf(
  source: ByteSource,
  endPosition: number,
  view: DataView,
  at: number,
  doubts: Set<string>,
): ZipEntry[] | undefined {
  let count = view.getUint16(at + 10, true);
  let size = view.getUint32(at + 12, true);
  let offset = view.getUint32(at + 16, true);
  let end = endPosition;
  const wide = zip64End(source, endPosition);
  if (wide !== undefined) {
    const agrees = (narrow: number, exact: number, most: number): boolean => narrow === most || narrow === exact;
    const same = agrees(count, wide.count, ALL_ONES_16) && agrees(offset, wide.offset, ALL_ONES_32);
    if (!same || wide.end + ZIP64_END_BYTES + ZIP64_LOCATOR_BYTES !== endPosition) {
      doubts.add('has more than one table of contents');
    }
    ({ count, size, offset, end } = wide);
  }
  let start = offset;
  if (offset + size !== end) {
    // What was put before the file, or behind its directory, moves the offsets: readers disagree on what then counts.
    if (!isEntry(source, offset) && count > 0) start = end - size;
    if (count > 0 && !isEntry(source, start)) return undefined;
    doubts.add('has a table of contents that is not where it should be');
  }
  if (count > 0 && !isEntry(source, start)) return undefined;
  return readEntries(source, start, end, count, start - offset, doubts);
}

function isEntry(source: ByteSource, position: number): boolean {
  const bytes = source.read(position, 4);
  return bytes.length === 4 && viewOf(bytes).getUint32(0, true) === ENTRY_SIGNATURE;
}

function zip64End(
  source: ByteSource,
  endPosition: number,
): { count: number; size: number; offset: number; end: number } | undefined {
  if (endPosition < ZIP64_LOCATOR_BYTES) return undefined;
  const locator = new ByteCursor(source, endPosition - ZIP64_LOCATOR_BYTES);
  if (locator.unsigned(4) !== ZIP64_LOCATOR_SIGNATURE) return undefined;
  locator.skip(4);
  const end = locator.unsigned(8) ?? source.size;
  const record = new ByteCursor(source, end);
  if (record.unsigned(4) !== ZIP64_END_SIGNATURE || !record.skip(28)) return undefined;
  const [count, size, offset] = [record.unsigned(8), record.unsigned(8), record.unsigned(8)];
  if (count === undefined || size === undefined || offset === undefined) return undefined;
  return { count, size, offset, end };
}

function readEntries(
  source: ByteSource,
  start: number,
  end: number,
  count: number,
  shift: number,
  doubts: Set<string>,
): ZipEntry[] {
  const cursor = new ByteCursor(source, start);
  const entries: ZipEntry[] = [];
  while (cursor.position < end && cursor.position - start <= MAX_DIRECTORY_BYTES && entries.length < MAX_ZIP_ENTRIES) {
    const entry = readEntry(cursor, shift);
    if (entry === undefined) break;
    entries.push(entry);
  }
  // A count of 16 bits overflows where there is no zip64 record; that is a lie, too.
  if (entries.length !== count || cursor.position !== end) {
    doubts.add('has a table of contents that does not say what is in it');
  }
  return entries;
}

function readEntry(cursor: ByteCursor, shift: number): ZipEntry | undefined {
  const fixed = cursor.take(ENTRY_BYTES)?.slice();
  if (fixed === undefined) return undefined;
  const view = viewOf(fixed);
  if (view.getUint32(0, true) !== ENTRY_SIGNATURE) return undefined;
  const flags = view.getUint16(8, true);
  const nameBytes = cursor.take(view.getUint16(28, true))?.slice();
  const extra = cursor.take(view.getUint16(30, true));
  if (nameBytes === undefined || extra === undefined) return undefined;
  const wide = wideSizes(extra, [view.getUint32(24, true), view.getUint32(20, true), view.getUint32(42, true)]);
  if (!cursor.skip(view.getUint16(32, true))) return undefined;
  return {
    name: zipName(nameBytes, flags),
    flags,
    method: view.getUint16(10, true),
    size: wide[0],
    compressedSize: wide[1],
    headerOffset: wide[2] + shift,
  };
}

/** Bit 11 says UTF-8; the rest is CP437, whose letters above ASCII we need not tell apart. */
export function zipName(bytes: Uint8Array, flags: number): string {
  return (flags & 0x800) === 0 ? latin1(bytes) : utf8(bytes);
}

/** Size, compressed size and offset: those that are all ones stand in the zip64 field instead, in this order. */
function wideSizes(extra: Uint8Array, narrow: [number, number, number]): [number, number, number] {
  if (!narrow.includes(ALL_ONES_32)) return narrow;
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== ZIP64_EXTRA) continue;
    let next = at + 4;
    const fieldEnd = Math.min(extra.length, next + view.getUint16(at + 2, true));
    const [size, compressed, offset] = narrow.map((value) => {
      if (value !== ALL_ONES_32 || next + 8 > fieldEnd) return value;
      next += 8;
      return Number(view.getBigUint64(next - 8, true));
    });
    return [size ?? 0, compressed ?? 0, offset ?? 0];
  }
  return narrow;
}
