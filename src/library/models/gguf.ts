import { LakesideError } from '../../base/errors.ts';
import { ByteCursor } from './byteCursor.ts';
import type { ByteSource } from './byteSource.ts';
import { type Finding, type FindingCode, quoteFromFile } from './finding.ts';
import { fileTypeName, GGUF_TYPES } from './ggufTypes.ts';
import { utf8 } from './byteText.ts';

export type GgufValue = number | bigint | boolean | string;

export interface GgufTensor {
  readonly name: string;
  /** Elements along each dimension, the slowest first as in safetensors; the file has them the other way round. */
  readonly shape: readonly number[];
  /** As ggml names it, such as `Q4_K`; `type 99` where it is not known. */
  readonly type: string;
}

export interface GgufFile {
  readonly version: number | undefined;
  /** All metadata that is no array, and no text over 64 KiB, by its key. */
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
  readonly parameterCount: number;
  /** Bytes of all tensors, without the padding between them. */
  readonly tensorBytes: number;
  /** Such as `Q4_K_M`: what the file says, else the type of most of its bytes. */
  readonly quantization: string | undefined;
  readonly findings: readonly Finding[];
}

const MAX_METADATA = 10_000;
const MAX_TENSORS = 100_000;
const MAX_DIMENSIONS = 8;
const MAX_NAME_BYTES = 1_024;
const MAX_KEY_BYTES = 65_535;
const MAX_TEXT_BYTES = 64 * 1024;
/** All text that is kept, names of tensors with it. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;
/** Elements of arrays of text, which have to be gone through one by one; vocabularies have some hundred thousand. */
const MAX_ARRAY_TEXTS = 2_000_000;
const MAX_NESTED_ARRAYS = 4;
const DEFAULT_ALIGNMENT = 32;
/** A smallest metadata entry and a smallest tensor have so many bytes. */
const LEAST_ENTRY_BYTES = 13;

/** Bytes of the metadata types that have a fixed width, by number. */
const WIDTHS: readonly (number | undefined)[] = [1, 1, 2, 2, 4, 4, 4, 1, undefined, undefined, 8, 8, 8];
const BOOL = 7;
const STRING = 8;
const ARRAY = 9;

/**
 * Reads the header of a GGUF file, versions 2 and 3, little-endian or, where the version says so, big-endian. Reads no
 * tensor. Throws only what reading the file throws. Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 *
 * Our own reader and not `@huggingface/gguf`: that package fetches URLs and opens paths itself, asynchronously and without
 * bounds on counts and lengths, where we need a synchronous reader of an open file that a hostile header cannot make use
 * much of.
 */
export function readGguf(source: ByteSource): GgufFile {
  const reader = new GgufReader(source);
  try {
    reader.read();
  } catch (error) {
    if (error instanceof Broken) reader.findings.push({ code: error.code, message: error.message });
    else if (error instanceof LakesideError && error.code === 'TOO_MUCH') {
      reader.findings.push({ code: 'TOO_LARGE', message: error.message });
    } else throw error;
  }
  return reader.file();
}

/** Ends the reading of a broken file; becomes a finding. */
class Broken extends Error {
  readonly code: FindingCode;

  constructor(code: FindingCode, message: string) {
    super(message);
    this.code = code;
  }
}

class GgufReader {
  readonly findings: Finding[] = [];
  readonly #cursor: ByteCursor;
  readonly #metadata = new Map<string, GgufValue>();
  readonly #tensors: GgufTensor[] = [];
  /** Bytes of tensors by type. */
  readonly #bytesOfType = new Map<string, number>();
  #version: number | undefined;
  #littleEndian = true;
  #parameters = 0;
  #dataEnd = 0;
  #kept = MAX_KEPT_BYTES;
  #arrayTexts = MAX_ARRAY_TEXTS;

  constructor(source: ByteSource) {
    this.#cursor = new ByteCursor(source);
  }

  read(): void {
    const magic = this.#take(4, 'its first bytes');
    if (utf8(magic) !== 'GGUF')
      throw new Broken('CORRUPT', 'This is no GGUF file: it does not begin with "GGUF". Check its extension.');
    this.#readVersion();
    const tensorCount = this.#count(MAX_TENSORS, 'tensors');
    const metadataCount = this.#count(MAX_METADATA, 'metadata entries');
    for (let index = 0; index < metadataCount; index += 1) this.#readMetadata();
    for (let index = 0; index < tensorCount; index += 1) this.#readTensor();
    this.#checkEnd();
  }

  file(): GgufFile {
    const fileType = this.#metadata.get('general.file_type');
    const [most] = [...this.#bytesOfType].sort(([, left], [, right]) => right - left);
    return {
      version: this.#version,
      metadata: this.#metadata,
      tensors: this.#tensors,
      parameterCount: this.#parameters,
      tensorBytes: [...this.#bytesOfType.values()].reduce((sum, bytes) => sum + bytes, 0),
      quantization: (typeof fileType === 'number' ? fileTypeName(fileType) : undefined) ?? most?.[0],
      findings: this.findings,
    };
  }

  /** A big-endian file has its version in the other byte order, too: the one hint at it. */
  #readVersion(): void {
    const bytes = this.#take(4, 'its version');
    this.#littleEndian = bytes[0] !== 0;
    this.#version = viewOf(bytes).getUint32(0, this.#littleEndian);
    if (this.#version !== 2 && this.#version !== 3) {
      throw new Broken(
        'UNSUPPORTED',
        `This GGUF file is of version ${this.#version}; only 2 and 3 can be read. Convert it anew.`,
      );
    }
  }

  #count(most: number, what: string): number {
    const count = this.#u64(`the number of its ${what}`);
    if (count > most) throw broken(`it claims ${count} ${what}`);
    if (count * LEAST_ENTRY_BYTES > this.#cursor.left) throw truncated(`its ${what}`);
    return count;
  }

  #readMetadata(): void {
    const key = this.#text(MAX_KEY_BYTES, 'a metadata key');
    const type = this.#u32(`the metadata ${quoteFromFile(key)}`);
    const value = this.#value(type, key);
    if (value === undefined) return;
    if (this.#metadata.has(key)) {
      this.findings.push({ code: 'MALFORMED_METADATA', message: `The metadata has ${quoteFromFile(key)} twice.` });
    } else this.#metadata.set(key, value);
  }

  /** A value that is no array; arrays and texts that are too long are skipped. */
  #value(type: number, key: string): GgufValue | undefined {
    const what = `the metadata ${quoteFromFile(key)}`;
    if (type === ARRAY) {
      this.#skipArray(what);
      return undefined;
    }
    if (type === STRING) {
      const length = this.#u64(what);
      if (length > MAX_TEXT_BYTES || length > this.#kept) {
        this.#skip(length, what);
        return undefined;
      }
      this.#kept -= length;
      return utf8(this.#take(length, what));
    }
    const width = WIDTHS[type];
    if (width === undefined) throw broken(`${what} is of the unknown type ${type}`);
    return this.#number(type, viewOf(this.#take(width, what)));
  }

  #number(type: number, view: DataView): GgufValue {
    const little = this.#littleEndian;
    const readers = [
      () => view.getUint8(0),
      () => view.getInt8(0),
      () => view.getUint16(0, little),
      () => view.getInt16(0, little),
      () => view.getUint32(0, little),
      () => view.getInt32(0, little),
      () => view.getFloat32(0, little),
      undefined,
      undefined,
      undefined,
      () => narrow(view.getBigUint64(0, little)),
      () => narrow(view.getBigInt64(0, little)),
      () => view.getFloat64(0, little),
    ];
    return type === BOOL ? view.getUint8(0) !== 0 : (readers[type]?.() ?? 0);
  }

  #skipArray(what: string): void {
    // Arrays of arrays are kept open in a list, not by recursion.
    const open = [this.#arrayHead(what)];
    for (let array = open.at(-1); array !== undefined; array = open.at(-1)) {
      const width = WIDTHS[array.type];
      if (width !== undefined) this.#skip(width * array.left, what);
      if (width !== undefined || array.left === 0) {
        open.pop();
        continue;
      }
      if ((this.#arrayTexts -= 1) < 0)
        throw new Broken('TOO_LARGE', `The header is larger than what can be read: ${what} does not end.`);
      array.left -= 1;
      if (array.type === STRING) this.#skip(this.#u64(what), what);
      else if (array.type === ARRAY && open.length < MAX_NESTED_ARRAYS) open.push(this.#arrayHead(what));
      else throw broken(`${what} is a list of an unknown type`);
    }
  }

  #arrayHead(what: string): { type: number; left: number } {
    return { type: this.#u32(what), left: this.#u64(what) };
  }

  #readTensor(): void {
    const name = this.#text(MAX_NAME_BYTES, 'the name of a tensor');
    const what = `the tensor ${quoteFromFile(name)}`;
    const dimensions = this.#u32(what);
    if (dimensions > MAX_DIMENSIONS) throw broken(`${what} has ${dimensions} dimensions`);
    const sizes = Array.from({ length: dimensions }, () => this.#u64(what));
    const typeNumber = this.#u32(what);
    const offset = this.#u64(what);
    const elements = sizes.reduce((product, size) => product * size, 1);
    if (!Number.isSafeInteger(elements) || !Number.isSafeInteger(offset)) {
      throw broken(`${what} is larger than any file`);
    }
    const type = GGUF_TYPES.get(typeNumber);
    const typeName = type?.name ?? `type ${typeNumber}`;
    this.#tensors.push({ name, shape: sizes.reverse(), type: typeName });
    this.#parameters += elements;
    if (type === undefined) {
      this.#once('UNKNOWN_DTYPE', `Tensors are of the unknown type ${typeNumber}, which a newer program may read.`);
      return;
    }
    const bytes = Math.ceil(elements / type.blockElements) * type.blockBytes;
    this.#bytesOfType.set(typeName, (this.#bytesOfType.get(typeName) ?? 0) + bytes);
    this.#dataEnd = Math.max(this.#dataEnd, offset + bytes);
  }

  #checkEnd(): void {
    const stated = this.#metadata.get('general.alignment');
    const alignment = typeof stated === 'number' && stated > 0 ? stated : DEFAULT_ALIGNMENT;
    const dataStart = Math.ceil(this.#cursor.position / alignment) * alignment;
    const { size } = this.#cursor.source;
    const end = dataStart + this.#dataEnd;
    if (this.#tensors.length === 0 || size === end) return;
    if (size < end) throw truncated(`${end - size} bytes of its tensors`);
    // The last tensor may be padded like the others.
    if (
      size >= Math.ceil(end / alignment) * alignment + 1 &&
      this.findings.every(({ code }) => code !== 'UNKNOWN_DTYPE')
    ) {
      this.#once(
        'PADDED',
        `${size - end} bytes follow the tensors. They are of no use; get the file again if you can.`,
      );
    }
  }

  #once(code: FindingCode, message: string): void {
    if (this.findings.every((finding) => finding.code !== code)) this.findings.push({ code, message });
  }

  #text(longest: number, what: string): string {
    const length = this.#u64(what);
    if (length > longest) throw broken(`${what} claims to have ${length} bytes`);
    if ((this.#kept -= length) < 0) throw new Broken('TOO_LARGE', 'The header has more text than can be read.');
    return utf8(this.#take(length, what));
  }

  #u32(what: string): number {
    return viewOf(this.#take(4, what)).getUint32(0, this.#littleEndian);
  }

  /** Inexact above 2^53, which no file reaches. */
  #u64(what: string): number {
    return Number(viewOf(this.#take(8, what)).getBigUint64(0, this.#littleEndian));
  }

  #take(length: number, what: string): Uint8Array {
    const bytes = this.#cursor.take(length);
    if (bytes === undefined) throw truncated(what);
    return bytes;
  }

  #skip(length: number, what: string): void {
    if (!this.#cursor.skip(length)) throw truncated(what);
  }
}

function truncated(what: string): Broken {
  return new Broken('TRUNCATED', `The file ends before ${what}. Get it again from its source.`);
}

function broken(what: string): Broken {
  return new Broken('CORRUPT', `The header is broken: ${what}. Get the file again from its source.`);
}

function narrow(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
