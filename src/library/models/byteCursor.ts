import type { ByteSource } from './byteSource.ts';

const SMALLEST_WINDOW = 4 * 1024;
const LARGEST_WINDOW = 64 * 1024;

/**
 * Goes forward through a source. It reads windows that grow while it reads on and are small again after a jump, so that
 * skipping large blobs costs little of the reading budget. All numbers are little-endian.
 */
export class ByteCursor {
  readonly source: ByteSource;
  /** Bytes from the start of the source. */
  position: number;
  #window: Uint8Array = new Uint8Array(0);
  #windowStart = 0;
  #windowSize = SMALLEST_WINDOW;

  constructor(source: ByteSource, position = 0) {
    this.source = source;
    this.position = position;
  }

  get left(): number {
    return Math.max(0, this.source.size - this.position);
  }

  /** The next byte, or -1 at the end. */
  byte(): number {
    const value = this.#window[this.position - this.#windowStart];
    if (value !== undefined) {
      this.position += 1;
      return value;
    }
    if (!this.#fill(1)) return -1;
    return this.byte();
  }

  /** The next bytes, or undefined where fewer are left. They are good until the next read. */
  take(length: number): Uint8Array | undefined {
    if (length > this.left) return undefined;
    const offset = this.position - this.#windowStart;
    if ((offset < 0 || offset + length > this.#window.length) && !this.#fill(length)) return undefined;
    const start = this.position - this.#windowStart;
    this.position += length;
    return this.#window.subarray(start, start + length);
  }

  /** Whether there were so many bytes to skip. */
  skip(length: number): boolean {
    if (length > this.left) return false;
    this.position += length;
    return true;
  }

  /** An unsigned number of 1 to 8 bytes, inexact above 2^53; undefined where the source ends. */
  unsigned(width: number): number | undefined {
    const bytes = this.take(width);
    if (bytes === undefined) return undefined;
    let value = 0;
    for (let index = width - 1; index >= 0; index -= 1) value = value * 256 + (bytes[index] ?? 0);
    return value;
  }

  /** The bytes up to the next line feed, without it; undefined where there is none within so many bytes. */
  line(longest: number): Uint8Array | undefined {
    const start = this.position;
    const inWindow = this.#windowStart + this.#window.length - start;
    // Most lines are short and in the window: only then nothing is read twice.
    for (const reach of [inWindow, 512, 8 * 1024, longest + 1]) {
      const bytes = this.take(Math.min(reach, longest + 1, this.left));
      const length = bytes?.indexOf(0x0a) ?? -1;
      this.position = length < 0 ? start : start + length + 1;
      if (bytes !== undefined && length >= 0) return bytes.subarray(0, length);
    }
    return undefined;
  }

  #fill(least: number): boolean {
    const readsOn = this.position === this.#windowStart + this.#window.length;
    this.#windowSize = readsOn ? Math.min(2 * this.#windowSize, LARGEST_WINDOW) : SMALLEST_WINDOW;
    this.#window = this.source.read(this.position, Math.max(least, this.#windowSize));
    this.#windowStart = this.position;
    return this.#window.length >= least;
  }
}

/** A part of a source, as a source: positions count from its start, and nothing outside it can be read. */
export function partOfSource(source: ByteSource, start: number, length: number): ByteSource {
  const size = Math.max(0, Math.min(length, source.size - start));
  return {
    size,
    read(position, wanted) {
      if (!(position >= 0) || position >= size) return new Uint8Array(0);
      return source.read(start + position, Math.min(wanted, size - position));
    },
  };
}
