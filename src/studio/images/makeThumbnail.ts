import { statSync } from 'node:fs';

import { writeFileAtomic } from '../../base/atomicFile.ts';
import { thumbnailFile, type ThumbnailSize } from './thumbnailFile.ts';
import { loadImage, withSharp } from './imageSource.ts';
import { hashOf } from './inspectImage.ts';

/** As good as a small picture is looked at. */
const QUALITY = 80;

/**
 * Makes a thumbnail, unless there is one of this content: WebP, upright, as large as fits into `size` × `size`, never
 * enlarged.
 * @returns its path, named by what the file holds now
 * @throws LakesideError as inspectImage
 */
export async function makeThumbnail(request: {
  readonly path: string;
  /** What it is known to hold, in lower-case hex; a thumbnail of that is as good, even where the file is gone. */
  readonly blake3: string;
  readonly thumbsDir: string;
  readonly size: ThumbnailSize;
}): Promise<string> {
  const { path, blake3, thumbsDir, size } = request;
  const known = thumbnailFile(thumbsDir, blake3, size);
  if (isThere(known)) return known;
  const image = loadImage(path);
  const target = thumbnailFile(thumbsDir, hashOf(image.bytes), size);
  if (isThere(target)) return target;
  const thumbnail = await withSharp(image, (decoder) =>
    decoder
      .autoOrient()
      .resize(size, size, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: QUALITY })
      .toBuffer(),
  );
  writeFileAtomic(target, thumbnail, { flush: false });
  return target;
}

/** An empty file is what a power cut may have left. */
function isThere(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}
