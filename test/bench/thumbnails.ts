import { mkdirSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';

import { projectNode } from '../../scripts/setUp.mjs';
import { projectDir } from '../support/projectDir.ts';
import type { Comparison } from './comparison.ts';

/** Makes images as a generator does: PNG of 832 × 1216, some 1.5 MB each, no two alike. */
async function makeImages(folder: string, count: number): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const files: string[] = [];
  for (let number = 0; number < count; number++) {
    const file = path.join(folder, `image-${number}.png`);
    const mean = 60 + (number % 120);
    await sharp({
      create: {
        width: 832,
        height: 1_216,
        channels: 3,
        background: 'black',
        noise: { type: 'gaussian', mean, sigma: 60 },
      },
    })
      .blur(1.2)
      .png({ compressionLevel: 4 })
      .toFile(file);
    files.push(file);
  }
  return files;
}

/** The same size, format and quality on both sides; both write files. */
export async function thumbnails(folder: string, count: number): Promise<Comparison> {
  const images = path.join(folder, 'images');
  const files = await makeImages(images, count);
  let run = 0;
  return {
    key: 'thumbs',
    work: `${files.length} thumbnails of 256 pixels of images of 832 × 1,216`,
    peer: 'vipsthumbnail',
    against: 'vipsthumbnail --size 256 -o %s.webp[Q=80]',
    limit: 1,
    prepareOurs: () => ({
      file: projectNode,
      args: [path.join(projectDir, 'test', 'bench', 'makeThumbnails.ts'), path.join(folder, `data ${++run}`), images],
    }),
    prepareTheirs() {
      const out = path.join(folder, `theirs ${++run}`);
      mkdirSync(out);
      return { file: 'vipsthumbnail', args: ['--size', '256', '-o', `${out}/%s.webp[Q=80]`, ...files] };
    },
  };
}
