import { createHash } from 'node:crypto';

export interface DraftPicture {
  readonly prompt: string;
  readonly seed: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** `draft` in strokes on a grid of 6 × 8 a letter: letters of a font would differ from machine to machine. */
const LETTERS = [
  'M5 0V8M5 5A2 2 0 1 0 5 7',
  'M1 8V4M1 6A3 2.4 0 0 1 4.6 4.2',
  'M5 4V8M5 5A2 2 0 1 0 5 7',
  'M5 0.5A2 2 0 0 0 2.4 2.4V8M0.6 4H4.6',
  'M2.4 1V6.4A1.6 1.6 0 0 0 5 7.6M0.6 4H4.6',
];
const LETTER_WIDTH = 6;
const LETTER_HEIGHT = 8;

/** A picture of soft hills under a sky, told apart by prompt and seed, with `draft` across its foot. The same in, the same out. */
export function draftPicture({ prompt, seed, width, height }: DraftPicture): string {
  const chance = chances(`${seed}\n${prompt}`);
  const between = (low: number, high: number): number => low + chance() * (high - low);
  const hue = Math.floor(between(0, 360));
  const sky = (lightness: number): string => `hsl(${hue}, 45%, ${lightness}%)`;
  const sun = { x: between(0.15, 0.85) * width, y: between(0.15, 0.4) * height, r: between(0.06, 0.13) * height };
  const hills = [0, 1, 2, 3].map((index) => {
    const fill = `hsl(${(hue + 30 + index * 12) % 360}, 35%, ${62 - index * 13}%)`;
    return `<path fill="${fill}" d="${hill(width, height, 0.45 + index * 0.13, between)}"/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${sky(58)}"/>`,
    `<stop offset="1" stop-color="${sky(88)}"/></linearGradient></defs>`,
    `<rect width="${width}" height="${height}" fill="url(#sky)"/>`,
    `<circle cx="${round(sun.x)}" cy="${round(sun.y)}" r="${round(sun.r)}" fill="hsl(${(hue + 180) % 360}, 80%, 88%)"/>`,
    ...hills,
    label(width, height),
    '</svg>',
  ].join('');
}

function hill(width: number, height: number, level: number, between: (low: number, high: number) => number): string {
  const steps = 4;
  const heightAt = (): number => round((level + between(-0.09, 0.07)) * height);
  let path = `M0 ${height}V${heightAt()}`;
  for (let step = 1; step <= steps; step++) {
    const [from, to] = [((step - 1) * width) / steps, (step * width) / steps];
    const end = heightAt();
    path += `C${round(from + width / 12)} ${heightAt()} ${round(to - width / 12)} ${end} ${round(to)} ${end}`;
  }
  return `${path}V${height}Z`;
}

/** A dark band with the word in it, so that nobody takes the picture for a made one. */
function label(width: number, height: number): string {
  const unit = Math.min(width / 60, height / 30);
  const [wide, high] = [(LETTERS.length * LETTER_WIDTH + 4) * unit, (LETTER_HEIGHT + 6) * unit];
  const [left, top] = [(width - wide) / 2, height - high - 2 * unit];
  const strokes = LETTERS.map((d, index) => `<path transform="translate(${index * LETTER_WIDTH} 0)" d="${d}"/>`).join(
    '',
  );
  const at = `translate(${round(left + 2 * unit)} ${round(top + 3 * unit)}) scale(${round(unit)})`;
  return (
    `<rect x="${round(left)}" y="${round(top)}" width="${round(wide)}" height="${round(high)}" rx="${round(2 * unit)}" fill="#000" fill-opacity="0.55"/>` +
    `<g transform="${at}" fill="none" stroke="#fff" stroke-width="1" stroke-linecap="round" stroke-linejoin="round">${strokes}</g>`
  );
}

/** Numbers from 0 to 1 that hang on the text alone. */
function chances(text: string): () => number {
  let block = createHash('sha256').update(text).digest();
  let at = 0;
  return () => {
    if (at + 4 > block.length) {
      block = createHash('sha256').update(block).digest();
      at = 0;
    }
    const value = block.readUInt32BE(at) / 2 ** 32;
    at += 4;
    return value;
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
