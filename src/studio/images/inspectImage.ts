import { loadBlake3 } from '../../library/blake3.ts';
import { type ImageFormat, MIME_OF } from './imageFormat.ts';
import { type ImageSource, loadImage, withSharp } from './imageSource.ts';

/** What is true of an image, found by decoding all of it. */
export interface InspectedImage {
  readonly format: ImageFormat;
  readonly mime: (typeof MIME_OF)[ImageFormat];
  /** Pixels, upright as a viewer shows it. */
  readonly width: number;
  readonly height: number;
  /** Size of the file. */
  readonly bytes: number;
  /** Lower-case hex. */
  readonly blake3: string;
}

/**
 * Decodes an image to its last pixel, without keeping the pixels.
 * @throws LakesideError NOT_AN_IMAGE, IMAGE_TRUNCATED, IMAGE_TOO_LARGE; a file that cannot be read: by errno
 */
export async function inspectImage({ source }: { readonly source: ImageSource }): Promise<InspectedImage> {
  const image = loadImage(source);
  const { autoOrient } = await withSharp(image, async (decoder) => {
    const metadata = await decoder.metadata();
    // Made small while it is read, so that only some lines are in memory; all of it is read, since nothing is skipped.
    await decoder.resize(8, 8, { fit: 'fill', fastShrinkOnLoad: false }).raw().toBuffer();
    return metadata;
  });
  return {
    format: image.format,
    mime: MIME_OF[image.format],
    width: autoOrient.width,
    height: autoOrient.height,
    bytes: image.bytes.length,
    blake3: hashOf(image.bytes),
  };
}

export function hashOf(bytes: Uint8Array): string {
  const hash = loadBlake3().createHash();
  hash.update(bytes);
  return hash.digest().toString('hex');
}
