import { inflateRawSync, constants as zlib } from 'node:zlib';

import { bytesOf, type ByteSource } from './byteSource.ts';
import { partOfSource } from './byteCursor.ts';
import { type ZipEntry, zipName } from './zipDirectory.ts';

const HEADER_SIGNATURE = 0x04034b50;
const HEADER_BYTES = 30;
/** Torch pads its headers, so that the data begins at a multiple of 64. */
const USUAL_PADDING = 128;
const ENCRYPTED = 1;
const SIZES_FOLLOW = 8;
const STORED = 0;
const DEFLATED = 8;
const ALL_ONES_32 = 0xffffffff;
const SAMPLE_BYTES = 1024;
/** Deflate makes at most 1,032 bytes of one. */
const SAMPLE_DEFLATED_BYTES = 256;
const MAX_INFLATED_BYTES = 24 * 1024 * 1024;

/** Where the data of an entry lies, and what of its local header contradicts the directory. */
export interface ZipEntryData {
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly doubts: readonly string[];
}

/** Reads the entries of one zip file. How much they all may inflate to is bounded; claimed sizes only ever cut. */
export class ZipEntryReader {
  readonly #source: ByteSource;
  #inflatable: number;

  constructor(source: ByteSource, inflatable = MAX_INFLATED_BYTES) {
    this.#source = source;
    this.#inflatable = inflatable;
  }

  /** Compares the local header with the directory (APPNOTE.TXT 4.3.7). Undefined where there is no local header. */
  locate(entry: ZipEntry): ZipEntryData | undefined {
    const nameBytes = Buffer.byteLength(entry.name);
    const bytes = this.#source.read(entry.headerOffset, HEADER_BYTES + nameBytes + USUAL_PADDING);
    if (bytes.length < HEADER_BYTES) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint32(0, true) !== HEADER_SIGNATURE) return undefined;
    const flags = view.getUint16(6, true);
    const nameEnd = HEADER_BYTES + view.getUint16(26, true);
    const doubts: string[] = [];
    if (zipName(bytes.subarray(HEADER_BYTES, nameEnd), flags) !== entry.name) {
      doubts.push('names an entry one way in its table of contents and another way at the entry');
    }
    if (((flags | entry.flags) & ENCRYPTED) !== 0) doubts.push('has encrypted entries');
    const sizes = [view.getUint32(18, true), view.getUint32(22, true)];
    const claimed = [entry.compressedSize, entry.size];
    const open = (flags & SIZES_FOLLOW) !== 0;
    const agree = sizes.every((size, index) => size === ALL_ONES_32 || (open && size === 0) || size === claimed[index]);
    if (!agree || view.getUint16(8, true) !== entry.method) {
      doubts.push('describes an entry one way in its table of contents and another way at the entry');
    }
    if (entry.method === STORED && entry.size !== entry.compressedSize) {
      doubts.push('has an entry of two sizes');
    }
    const offset = entry.headerOffset + nameEnd + view.getUint16(28, true);
    if (offset + entry.compressedSize > this.#source.size) doubts.push('has an entry that ends behind the file');
    return { offset, doubts };
  }

  /** The first bytes of an entry, at most 1 KiB; undefined where they cannot be read. */
  sample(entry: ZipEntry, offset: number): Uint8Array | undefined {
    if (entry.method === STORED) return this.#source.read(offset, Math.min(SAMPLE_BYTES, entry.size));
    if (entry.method !== DEFLATED) return undefined;
    const length = Math.min(SAMPLE_DEFLATED_BYTES, entry.compressedSize);
    return this.#inflate(this.#source.read(offset, length), zlib.Z_SYNC_FLUSH)?.subarray(0, SAMPLE_BYTES);
  }

  /** The whole of an entry; undefined where it cannot be read, or is more than may be inflated. */
  data(entry: ZipEntry, offset: number): ByteSource | undefined {
    if (entry.method === STORED) return partOfSource(this.#source, offset, Math.max(entry.size, entry.compressedSize));
    if (entry.method !== DEFLATED || entry.compressedSize > this.#inflatable) return undefined;
    const bytes = this.#inflate(this.#source.read(offset, entry.compressedSize), zlib.Z_SYNC_FLUSH);
    return bytes && bytesOf(bytes);
  }

  #inflate(bytes: Uint8Array, finishFlush: number): Uint8Array | undefined {
    if (this.#inflatable <= 0) return undefined;
    try {
      const inflated = inflateRawSync(bytes, { finishFlush, maxOutputLength: this.#inflatable });
      this.#inflatable -= inflated.length;
      return inflated;
    } catch {
      // Not deflated data, or more of it than may be. Either way there is nothing that could be trusted.
      this.#inflatable -= bytes.length;
      return undefined;
    }
  }
}
