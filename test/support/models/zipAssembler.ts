import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipPart {
  readonly name: string;
  readonly data: Uint8Array;
  readonly deflate?: boolean;
  readonly flags?: number;
  /** Lies of the local header. */
  readonly local?: { readonly name?: string; readonly size?: number; readonly method?: number };
  /** Lies of the central directory. */
  readonly central?: { readonly size?: number; readonly compressedSize?: number; readonly headerOffset?: number };
  /** Bytes of padding in the local header. */
  readonly padding?: number;
}

export interface ZipEnd {
  readonly count?: number;
  readonly offset?: number;
  readonly comment?: Uint8Array;
  readonly zip64?: boolean;
  /** Bytes before the first entry, which the offsets do not know of. */
  readonly prefix?: Uint8Array;
}

function little(...fields: readonly (readonly [value: number, bytes: 2 | 4 | 8])[]): Buffer {
  return Buffer.concat(
    fields.map(([value, bytes]) => {
      const buffer = Buffer.alloc(bytes);
      if (bytes === 8) buffer.writeBigUInt64LE(BigInt(value));
      else buffer.writeUIntLE(value, 0, bytes);
      return buffer;
    }),
  );
}

/** A zip file, byte by byte, that may lie wherever it is told to. */
export function zipFile(parts: readonly ZipPart[], end: ZipEnd = {}): Buffer {
  const entries: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const method = part.deflate === true ? 8 : 0;
    const packed = part.deflate === true ? deflateRawSync(part.data) : Buffer.from(part.data);
    const crc = crc32(part.data);
    const flags = part.flags ?? 0x800;
    const localName = Buffer.from(part.local?.name ?? part.name);
    const padding = Buffer.alloc(part.padding ?? 0);
    const local = Buffer.concat([
      little([0x04034b50, 4], [20, 2], [flags, 2], [part.local?.method ?? method, 2], [0, 4], [crc, 4]),
      little([packed.length, 4], [part.local?.size ?? part.data.length, 4], [localName.length, 2], [padding.length, 2]),
      ...[localName, padding, packed],
    ]);
    const name = Buffer.from(part.name);
    const size = part.central?.size ?? part.data.length;
    const compressed = part.central?.compressedSize ?? packed.length;
    const at = part.central?.headerOffset ?? offset;
    const wide = end.zip64 === true;
    const extra = wide ? little([1, 2], [24, 2], [size, 8], [compressed, 8], [at, 8]) : Buffer.alloc(0);
    const narrow = (value: number): number => (wide ? 0xffffffff : value);
    directory.push(
      little([0x02014b50, 4], [20, 2], [20, 2], [flags, 2], [method, 2], [0, 4], [crc, 4]),
      little([narrow(compressed), 4], [narrow(size), 4], [name.length, 2], [extra.length, 2], [0, 2], [0, 2], [0, 2]),
      ...[little([0, 4], [narrow(at), 4]), name, extra],
    );
    entries.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const count = end.count ?? parts.length;
  const start = end.offset ?? offset;
  const comment = end.comment ?? Buffer.alloc(0);
  const zip64 = Buffer.concat([
    little([0x06064b50, 4], [44, 8], [45, 2], [45, 2], [0, 4], [0, 4], [count, 8], [count, 8]),
    little([central.length, 8], [start, 8]),
    little([0x07064b50, 4], [0, 4], [start + central.length, 8], [1, 4]),
  ]);
  return Buffer.concat([
    ...[end.prefix ?? Buffer.alloc(0), ...entries, central],
    end.zip64 === true ? zip64 : Buffer.alloc(0),
    little([0x06054b50, 4], [0, 2], [0, 2], [end.zip64 === true ? 0xffff : count, 2]),
    little([end.zip64 === true ? 0xffff : count, 2], [central.length, 4]),
    little([end.zip64 === true ? 0xffffffff : start, 4], [comment.length, 2]),
    comment,
  ]);
}
