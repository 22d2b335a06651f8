/** GGUF files made byte by byte. */
export interface GgufOptions {
  readonly version?: number;
  readonly bigEndian?: boolean;
  readonly tensorCount?: number;
  readonly metadataCount?: number;
  /** Bytes of tensor data; by default what an alignment of 32 needs for nothing. */
  readonly data?: number;
}

export interface GgufTensorPart {
  readonly name: string;
  /** As in the file: the fastest dimension first. */
  readonly dimensions: readonly number[];
  readonly type: number;
  readonly offset: number;
}

export type GgufEntry = readonly [key: string, type: number, value: Buffer];

export class GgufAssembler {
  readonly #big: boolean;

  constructor(big = false) {
    this.#big = big;
  }

  u32(value: number): Buffer {
    const buffer = Buffer.alloc(4);
    if (this.#big) buffer.writeUInt32BE(value);
    else buffer.writeUInt32LE(value);
    return buffer;
  }

  u64(value: number | bigint): Buffer {
    const buffer = Buffer.alloc(8);
    if (this.#big) buffer.writeBigUInt64BE(BigInt(value));
    else buffer.writeBigUInt64LE(BigInt(value));
    return buffer;
  }

  text(value: string): Buffer {
    const bytes = Buffer.from(value);
    return Buffer.concat([this.u64(bytes.length), bytes]);
  }

  texts(values: readonly string[]): Buffer {
    return Buffer.concat([this.u32(8), this.u64(values.length), ...values.map((value) => this.text(value))]);
  }

  file(entries: readonly GgufEntry[], tensors: readonly GgufTensorPart[], options: GgufOptions = {}): Buffer {
    const head = Buffer.concat([
      Buffer.from('GGUF'),
      this.u32(options.version ?? 3),
      this.u64(options.tensorCount ?? tensors.length),
      this.u64(options.metadataCount ?? entries.length),
      ...entries.flatMap(([key, type, value]) => [this.text(key), this.u32(type), value]),
      ...tensors.flatMap(({ name, dimensions, type, offset }) => [
        ...[this.text(name), this.u32(dimensions.length), ...dimensions.map((size) => this.u64(size))],
        ...[this.u32(type), this.u64(offset)],
      ]),
    ]);
    const padding = (32 - (head.length % 32)) % 32;
    return Buffer.concat([head, Buffer.alloc(padding + (options.data ?? 0))]);
  }
}
