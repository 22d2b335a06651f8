/** A tensor of a file that is made up; its bytes follow those of the one before, unless `offsets` says otherwise. */
export interface MadeTensor {
  readonly name: string;
  readonly dtype?: string;
  readonly shape: readonly number[];
  readonly offsets?: readonly [begin: number, end: number];
}

const BYTES: Readonly<Record<string, number>> = { F64: 8, I64: 8, F32: 4, F16: 2, BF16: 2, F8_E4M3: 1, U8: 1 };

/** A whole file with zeros for data. */
export function safetensorsFile(tensors: readonly MadeTensor[], metadata?: Readonly<Record<string, unknown>>): Buffer {
  const { header, dataBytes } = safetensorsHeader(tensors, metadata);
  return fileOf(header, dataBytes);
}

/** The JSON of a header, and how many bytes of data belong to it. */
export function safetensorsHeader(
  tensors: readonly MadeTensor[],
  metadata?: Readonly<Record<string, unknown>>,
): { readonly header: string; readonly dataBytes: number } {
  let position = 0;
  const entries = tensors.map(({ name, dtype = 'F16', shape, offsets }) => {
    const bytes = shape.reduce((product, length) => product * length, BYTES[dtype] ?? 1);
    const range = offsets ?? [position, position + bytes];
    position = Math.max(position, range[1]);
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: range })}`;
  });
  if (metadata !== undefined) entries.unshift(`"__metadata__":${JSON.stringify(metadata)}`);
  return { header: `{${entries.join(',')}}`, dataBytes: position };
}

/** A file of any header text and so many bytes of data. */
export function fileOf(header: string | Uint8Array, dataBytes = 0, claimed?: bigint): Buffer {
  const bytes = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimed ?? BigInt(bytes.length));
  return Buffer.concat([length, bytes, Buffer.alloc(dataBytes)]);
}
