import { type Finding, quoteFromFile } from './finding.ts';
import { type HeaderScanner, HeaderSyntaxError } from './headerScanner.ts';
import type { SafeTensor } from './safetensorsLayout.ts';

// What a header may make us keep. Files that are published stay far below: a model has some thousand tensors, and their
// metadata a few hundred kilobytes (training tags, a thumbnail, a workflow).
const MAX_TENSORS = 50_000;
const MAX_NAME_BYTES = 1024;
const MAX_NAMES_BYTES = 8 * 1024 * 1024;
const MAX_DTYPE_BYTES = 64;
const MAX_DIMENSIONS = 32;
const MAX_SHAPE_NUMBERS = 300_000;
const MAX_METADATA_VALUES = 10_000;
const MAX_METADATA_KEYS = 50_000;
const MAX_METADATA_VALUE_BYTES = 4 * 1024 * 1024;
const MAX_METADATA_BYTES = 8 * 1024 * 1024;

interface Entry {
  dtype?: string;
  shape?: number[];
  offsets?: number[];
}

/** The JSON of a header, read as a stream into tensors and metadata. */
export class SafetensorsHeader {
  readonly tensors: SafeTensor[] = [];
  readonly metadata = new Map<string, string>();
  /** All of it was read. */
  complete = false;
  readonly #findings: Finding[];
  readonly #names = new Set<string>();
  readonly #dtypes = new Map<string, string>();
  readonly #duplicates: string[] = [];
  readonly #notText: string[] = [];
  readonly #leftOut: string[] = [];
  #namesBytes = 0;
  #shapeNumbers = 0;
  #metadataBytes = 0;
  #hasMetadata = false;

  /** @param findings where what is wrong is put */
  constructor(findings: Finding[]) {
    this.#findings = findings;
  }

  /** @throws HeaderSyntaxError where it cannot be read on; what was read till then is kept */
  read(scanner: HeaderScanner): void {
    try {
      scanner.object((name) => {
        if (name === '__metadata__') this.#readMetadata(scanner);
        else this.#readTensor(scanner, name);
      }, MAX_NAME_BYTES);
      if (!scanner.atEnd()) throw new HeaderSyntaxError('goes on after its end');
      this.complete = true;
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      this.#findings.push({
        code: 'TOO_LARGE',
        message: `Its header has ${error.message}, so only the first part of it was read. Check that the file is from a source you trust.`,
      });
    } finally {
      this.#tell();
    }
  }

  #readTensor(scanner: HeaderScanner, name: string): void {
    if (!scanner.isObject()) throw new HeaderSyntaxError(`has no description of the tensor ${quoteFromFile(name)}`);
    const entry: Entry = {};
    scanner.object((key) => {
      const dtype = entry.dtype !== undefined && key === 'dtype';
      const shape = entry.shape !== undefined && key === 'shape';
      const offsets = entry.offsets !== undefined && key === 'data_offsets';
      if (dtype || shape || offsets) this.#noteDuplicate(`${name}: ${key}`);
      if (key === 'dtype') entry.dtype = this.#dtype(scanner, name);
      else if (key === 'shape') entry.shape = numbers(scanner, MAX_DIMENSIONS);
      else if (key === 'data_offsets') entry.offsets = numbers(scanner, 2);
      else scanner.skip();
    }, MAX_NAME_BYTES);
    this.#keep(name, entry);
  }

  #keep(name: string, { dtype, shape, offsets }: Entry): void {
    const [begin, end] = offsets ?? [];
    if (dtype === undefined || shape === undefined || begin === undefined || end === undefined) {
      throw new HeaderSyntaxError(`says too little of the tensor ${quoteFromFile(name)}`);
    }
    if (this.#names.has(name)) this.#noteDuplicate(name);
    this.#names.add(name);
    this.#namesBytes += name.length;
    this.#shapeNumbers += shape.length;
    if (this.tensors.length === MAX_TENSORS) throw new LimitReached(`more than ${MAX_TENSORS} tensors`);
    if (this.#namesBytes > MAX_NAMES_BYTES) throw new LimitReached('names that are too long');
    if (this.#shapeNumbers > MAX_SHAPE_NUMBERS) throw new LimitReached('shapes that are too long');
    this.tensors.push({ name, dtype, shape, begin, end });
  }

  /** One string a dtype, not one a tensor. */
  #dtype(scanner: HeaderScanner, name: string): string {
    const dtype = scanner.string(MAX_DTYPE_BYTES);
    if (dtype === undefined) throw new HeaderSyntaxError(`has no number format for the tensor ${quoteFromFile(name)}`);
    const known = this.#dtypes.get(dtype) ?? dtype;
    if (this.#dtypes.size < 100) this.#dtypes.set(known, known);
    return known;
  }

  #readMetadata(scanner: HeaderScanner): void {
    if (this.#hasMetadata) this.#noteDuplicate('__metadata__');
    this.#hasMetadata = true;
    if (!scanner.isObject()) {
      this.#notText.push('__metadata__');
      scanner.skip();
      return;
    }
    let keys = 0;
    scanner.object((key) => {
      if (++keys > MAX_METADATA_KEYS) throw new LimitReached(`more than ${MAX_METADATA_KEYS} metadata`);
      if (!scanner.isString()) {
        if (this.#notText.length < 100) this.#notText.push(key);
        scanner.skip();
      } else {
        // What will not be kept is not decoded either.
        const left = Math.max(0, MAX_METADATA_BYTES - this.#metadataBytes - key.length);
        this.#keepMetadata(key, scanner.string(Math.min(MAX_METADATA_VALUE_BYTES, left)));
      }
    }, MAX_NAME_BYTES);
  }

  #keepMetadata(key: string, value: string | undefined): void {
    if (this.metadata.has(key)) this.#noteDuplicate(key);
    if (value === undefined || this.metadata.size === MAX_METADATA_VALUES) {
      if (this.#leftOut.length < 100) this.#leftOut.push(key);
      return;
    }
    this.#metadataBytes += key.length + value.length;
    this.metadata.set(key, value);
  }

  #noteDuplicate(name: string): void {
    if (this.#duplicates.length < 100) this.#duplicates.push(name);
  }

  #tell(): void {
    const [duplicate] = this.#duplicates;
    if (duplicate !== undefined) {
      this.#findings.push({
        code: 'CORRUPT',
        message: `Its header names ${quoteFromFile(duplicate)} more than once, and programs differ in which one they take. Get the file again from its source.`,
      });
    }
    const [notText] = this.#notText;
    if (notText !== undefined) {
      this.#findings.push({
        code: 'MALFORMED_METADATA',
        message: `Its metadata ${quoteFromFile(notText)} is not text, which some programs refuse. The tensors are not affected.`,
      });
    }
    const [leftOut] = this.#leftOut;
    if (leftOut !== undefined) {
      this.#findings.push({
        code: 'TOO_LARGE',
        message: `Its metadata ${quoteFromFile(leftOut)} is larger than Lakeside reads and is not shown. The tensors are not affected.`,
      });
    }
  }
}

/** The header would make us keep too much. */
class LimitReached extends Error {
  override readonly name = 'LimitReached';
}

function numbers(scanner: HeaderScanner, most: number): number[] {
  const found: number[] = [];
  scanner.array(() => {
    if (found.length === most) throw new HeaderSyntaxError(`has a list of more than ${most} numbers`);
    found.push(scanner.wholeNumber());
  });
  return found;
}
