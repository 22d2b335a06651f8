import { crc32, deflateSync } from 'node:zlib';
import type { Random } from './random.ts';

/**
 * A valid safetensors file: u64 LE header length, JSON header padded to 8 bytes, then the tensors without a hole.
 * @param metadata string → string, as `__metadata__` asks
 * @param weights number of half-precision weights
 */
export function safetensors(random: Random, metadata: Readonly<Record<string, string>>, weights: number): Buffer {
  const upper = Math.floor(weights / 3);
  const header = JSON.stringify({
    __metadata__: metadata,
    'lora_down.weight': { dtype: 'F16', shape: [upper], data_offsets: [0, upper * 2] },
    'lora_up.weight': { dtype: 'F16', shape: [weights - upper], data_offsets: [upper * 2, weights * 2] },
  });
  const padded = Buffer.from(header.padEnd(Math.ceil(header.length / 8) * 8, ' '));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, random.bytes(weights * 2)]);
}

const previewSize = 64;

/** A valid PNG of 64 × 64: a gradient between two colours, so that previews can be told apart. */
export function previewPng(random: Random): Buffer {
  const [from, to] = [random.bytes(3), random.bytes(3)];
  const rows = Array.from({ length: previewSize }, (_, y) => {
    const row = Buffer.alloc(1 + previewSize * 3);
    for (let x = 0; x < previewSize; x++) {
      const share = (x + y) / (2 * previewSize - 2);
      for (let channel = 0; channel < 3; channel++) {
        const [start, end] = [from[channel] ?? 0, to[channel] ?? 0];
        row[1 + x * 3 + channel] = Math.round(start + (end - start) * share);
      }
    }
    return row;
  });
  const size = Buffer.alloc(13);
  size.writeUInt32BE(previewSize, 0);
  size.writeUInt32BE(previewSize, 4);
  size.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', size),
    pngChunk('IDAT', deflateSync(Buffer.concat(rows))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
