import sharp from 'sharp';

export interface DrawnPicture {
  readonly width: number;
  readonly height: number;
  /** WebP files by their longer side in pixels; `full` is the image itself. */
  readonly files: ReadonlyMap<string, Buffer>;
}

const SHAPES: readonly (readonly [width: number, height: number])[] = [
  [1024, 1024],
  [832, 1216],
  [1216, 832],
  [1536, 640],
];

/** Landscapes in many colours, as WebP: pictures that a person can tell apart. */
export async function drawPictures(count: number): Promise<DrawnPicture[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const [width, height] = SHAPES[index % SHAPES.length] ?? [1024, 1024];
      const full = await sharp(Buffer.from(landscape(index, width, height)))
        .webp({ quality: 80 })
        .toBuffer();
      const small = (side: number): Promise<Buffer> =>
        sharp(full).resize(side, side, { fit: 'inside' }).webp({ quality: 80 }).toBuffer();
      const files = new Map([
        ['full', full],
        ['256', await small(256)],
        ['512', await small(512)],
      ]);
      return { width, height, files };
    }),
  );
}

/** The same for the same number, always. */
function landscape(seed: number, width: number, height: number): string {
  const random = (at: number): number => {
    const wave = Math.sin(seed * 127.1 + at * 311.7) * 43_758.5453;
    return wave - Math.floor(wave);
  };
  const hue = Math.round(random(1) * 360);
  const sun = {
    x: width * (0.15 + random(2) * 0.7),
    y: height * (0.2 + random(3) * 0.3),
    r: height * (0.05 + random(4) * 0.1),
  };
  const hills = [0, 1, 2, 3].map((layer) => {
    const base = height * (0.5 + layer * 0.13);
    const points = Array.from({ length: 13 }, (_, at) => {
      const y = base - Math.sin(at * (0.7 + random(layer + 5)) + random(layer + 9) * 6) * height * 0.08;
      return `${Math.round((at / 12) * width)},${Math.round(y)}`;
    });
    const colour = `hsl(${(hue + 140 + layer * 14) % 360} ${45 - layer * 5}% ${46 - layer * 11}%)`;
    return `<polygon fill="${colour}" points="0,${height} ${points.join(' ')} ${width},${height}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="hsl(${hue} 70% 32%)"/><stop offset=".7" stop-color="hsl(${(hue + 40) % 360} 80% 76%)"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#sky)"/>
    <circle cx="${sun.x}" cy="${sun.y}" r="${sun.r}" fill="hsl(${(hue + 50) % 360} 95% 88%)"/>${hills.join('')}</svg>`;
}
