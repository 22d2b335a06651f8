import { crc32, deflateSync } from 'node:zlib';

/** PNG files made by hand, so that tests know every byte: pictures, bombs and broken ones. */

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

function header(width: number, height: number, bitDepth: number, colourType: number): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data[8] = bitDepth;
  data[9] = colourType;
  return chunk('IHDR', data);
}

/** tEXt as Pillow writes it: keyword, NUL, Latin-1. Text of other characters goes to iTXt, uncompressed. */
function textChunk(keyword: string, text: string): Buffer {
  const isLatin1 = !/[^\0-\xff]/.test(text);
  if (isLatin1) return chunk('tEXt', Buffer.from(`${keyword}\0${text}`, 'latin1'));
  return chunk('iTXt', Buffer.concat([Buffer.from(`${keyword}\0\0\0\0\0`, 'latin1'), Buffer.from(text, 'utf8')]));
}

export interface PngOptions {
  readonly width: number;
  readonly height: number;
  /** The same seed makes the same picture. */
  readonly seed?: number;
  /** From 0 to 1: how much of the picture has come out of the noise. */
  readonly finished?: number;
  /** Text chunks by keyword. */
  readonly text?: Readonly<Record<string, string>>;
}

/** A small generator of numbers from 0 to 1 that one seed determines (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = Math.trunc(seed) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Colour = readonly [number, number, number];

function colourOf(hue: number, saturation: number, lightness: number): Colour {
  const channel = (offset: number): number => {
    const k = (offset + hue * 12) % 12;
    const amount = saturation * Math.min(lightness, 1 - lightness);
    return Math.round(255 * (lightness - amount * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

/** A landscape of hills under a sun, in colours of the seed's own. */
export function picturePng(options: PngOptions): Buffer {
  const { width, height, seed = 1, finished = 1, text = {} } = options;
  const random = seededRandom(seed);
  const hue = random();
  const sky = [colourOf(hue, 0.5, 0.3), colourOf((hue + 0.08) % 1, 0.7, 0.75)] as const;
  const sun = { x: 0.2 + 0.6 * random(), y: 0.2 + 0.25 * random(), radius: 0.06 + 0.06 * random() };
  const hills = Array.from({ length: 3 }, (_, index) => ({
    base: 0.55 + index * 0.13,
    height: 0.05 + 0.09 * random(),
    waves: 1 + 3 * random(),
    shift: 7 * random(),
    colour: colourOf((hue + 0.45 + 0.05 * index) % 1, 0.35, 0.42 - index * 0.12),
  }));
  const noise = seededRandom(seed + 1);
  const row = Buffer.alloc(1 + width * 3);
  const rows: Buffer[] = [];
  const edges = hills.map((hill) =>
    Array.from(
      { length: width },
      (_, x) => hill.base + hill.height * Math.sin(hill.shift + (hill.waves * 6.3 * x) / width),
    ),
  );
  for (let y = 0; y < height; y++) {
    const down = y / height;
    for (let x = 0; x < width; x++) {
      const distance = Math.hypot((x / width - sun.x) * (width / height), down - sun.y);
      let colour: Colour =
        distance < sun.radius
          ? [255, 244, 214]
          : ([0, 1, 2].map(
              (c) => (sky[0][c] ?? 0) + ((sky[1][c] ?? 0) - (sky[0][c] ?? 0)) * down,
            ) as unknown as Colour);
      for (const [index, hill] of hills.entries()) if (down > (edges[index]?.[x] ?? 2)) colour = hill.colour;
      for (let c = 0; c < 3; c++) {
        const clean = colour[c] ?? 0;
        row[1 + x * 3 + c] = finished >= 1 ? clean : clean * finished + 255 * noise() * (1 - finished);
      }
    }
    rows.push(Buffer.from(row));
  }
  return Buffer.concat([
    SIGNATURE,
    header(width, height, 8, 2),
    ...Object.entries(text).map(([keyword, value]) => textChunk(keyword, value)),
    chunk('IDAT', deflateSync(Buffer.concat(rows), { level: 3 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Black, one bit a pixel: a few kilobytes that unfold to `width * height` pixels. */
export function bombPng(width = 20_000, height = 15_000): Buffer {
  const rows = Buffer.alloc(height * (1 + Math.ceil(width / 8)));
  return Buffer.concat([
    SIGNATURE,
    header(width, height, 1, 0),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The size a PNG says it has; undefined if it is none. */
export function pngSize(bytes: Buffer): { width: number; height: number } | undefined {
  if (bytes.length < 24 || !bytes.subarray(0, 8).equals(SIGNATURE)) return undefined;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** tEXt and iTXt (uncompressed) of a PNG, by keyword. */
export function pngText(bytes: Buffer): Record<string, string> {
  const texts: Record<string, string> = {};
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const data = bytes.subarray(at + 8, at + 8 + length);
    const end = data.indexOf(0);
    if (type === 'tEXt') texts[data.toString('latin1', 0, end)] = data.toString('latin1', end + 1);
    if (type === 'iTXt') texts[data.toString('latin1', 0, end)] = data.toString('utf8', end + 5);
    at += 12 + length;
  }
  return texts;
}
