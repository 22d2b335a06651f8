// A program that makes an image, as the Command provider would start any other: misty hills, the same for the same words
// and seed. `node paint.mjs --prompt TEXT --seed N --width N --height N --output FILE.png`
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { crc32, deflateSync } from 'node:zlib';

const text = { type: 'string' };
const { values } = parseArgs({ options: { prompt: text, seed: text, width: text, height: text, output: text } });
const { prompt = '', output } = values;
if (output === undefined) throw new Error('Say where to write the image: --output FILE.png');
const width = sizeOf(values.width, 768);
const height = sizeOf(values.height, 512);
const random = randomNumbers(crc32(`${prompt}\n${values.seed ?? '0'}`));

const LAYERS = 6;
const hue = random() * 360;
const sky = [colour(hue + 30, 0.55, 0.82), colour(hue - 20, 0.5, 0.55)];
const sun = { x: width * (0.2 + 0.6 * random()), y: height * (0.18 + 0.22 * random()), radius: height * 0.07 };
const hills = Array.from({ length: LAYERS }, (_, layer) => ({
  base: height * (0.42 + (0.56 * layer) / LAYERS),
  waves: Array.from({ length: 5 }, (_wave, n) => ({
    length: (width / (n * n + 1.5)) * (0.7 + 0.6 * random()),
    height: (height * 0.09) / (n + 1) / (1 + layer * 0.15),
    phase: random() * 2 * Math.PI,
  })),
  colour: colour(hue + 200 - layer * 6, 0.25 + layer * 0.05, 0.68 - layer * 0.1),
}));
const ridges = hills.map(({ base, waves }) =>
  Float64Array.from({ length: width }, (_, x) =>
    waves.reduce((y, wave) => y + wave.height * Math.sin((x / wave.length) * 2 * Math.PI + wave.phase), base),
  ),
);

const rows = Buffer.alloc((width * 3 + 1) * height);
for (let y = 0; y < height; y++) {
  const start = y * (width * 3 + 1) + 1;
  for (let x = 0; x < width; x++) rows.set(pixel(x, y), start + x * 3);
}
writeFileSync(output, png());

function pixel(x, y) {
  const layer = ridges.findLastIndex((ridge) => y >= ridge[x]);
  if (layer >= 0) {
    // Mist gathers at the foot of each hill.
    const mist = Math.min(1, (y - ridges[layer][x]) / (height * 0.35)) * 0.45;
    return blend(hills[layer].colour, sky[0], mist);
  }
  const glow = Math.hypot(x - sun.x, y - sun.y) / sun.radius;
  const air = blend(sky[1], sky[0], y / (height * 0.6));
  if (glow < 1) return colour(hue + 40, 0.9, 0.9);
  return blend(colour(hue + 40, 0.8, 0.85), air, Math.min(1, 0.55 + (glow - 1) / 6));
}

function blend(from, to, share) {
  const part = Math.max(0, Math.min(1, share));
  return from.map((value, n) => Math.round(value + (to[n] - value) * part));
}

/** HSL to RGB: the hue in degrees, the others from 0 to 1. */
function colour(degrees, saturation, lightness) {
  const chroma = saturation * Math.min(lightness, 1 - lightness);
  return [0, 8, 4].map((n) => {
    const k = (n + (((degrees % 360) + 360) % 360) / 30) % 12;
    return Math.round(255 * (lightness - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  });
}

function png() {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** Mulberry32. */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function sizeOf(given, standard) {
  const size = Number(given ?? standard);
  if (!Number.isInteger(size) || size < 16 || size > 4_096)
    throw new Error(`A side of ${given} pixels cannot be painted.`);
  return size;
}
