import { join } from 'node:path';

/** Pixels of the longer side. */
export type ThumbnailSize = 256 | 512;

/** `<thumbs>/<aa>/<content>-<size>.webp`: a few hundred files a folder even of 100,000 images. */
export function thumbnailFile(thumbsDir: string, blake3: string, size: ThumbnailSize): string {
  return join(thumbsDir, blake3.slice(0, 2), `${blake3}-${size}.webp`);
}
