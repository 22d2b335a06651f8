import { LakesideError } from '../../base/errors.ts';
import { loadSharp } from './imageSource.ts';

/**
 * Draws an SVG of our own making as a PNG, at the size it states. Letters have to be paths: which fonts there are
 * differs from machine to machine, and a machine may have none.
 * @throws LakesideError DRAWING_FAILED
 */
export async function drawImage({ svg }: { readonly svg: string }): Promise<Uint8Array> {
  const sharp = await loadSharp();
  try {
    return await sharp(Buffer.from(svg)).png({ compressionLevel: 6 }).toBuffer();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LakesideError('DRAWING_FAILED', 'unknown', `A drawing could not be made: ${reason}`, { cause: error });
  }
}
