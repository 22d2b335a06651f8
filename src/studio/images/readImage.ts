import { readTextIfPresent } from '../../base/atomicFile.ts';
import type { GenerationData } from '../../protocol/studioValues.ts';
import { generationData } from '../metadata/generationData.ts';
import { type ImageTexts, readImageTexts } from '../metadata/imageTexts.ts';
import { isLakesideData, LAKESIDE_TEXT } from '../metadata/lakeside.ts';
import { parseLooseJson } from '../metadata/looseJson.ts';
import { loadImage, withSharp } from './imageSource.ts';

/**
 * What a file says about how it was made; a sidecar of ours beside it says most. An image that is cut off still says what
 * stands at its beginning.
 * @throws LakesideError NOT_AN_IMAGE, IMAGE_TRUNCATED (not even its size is known), IMAGE_TOO_LARGE; else by errno
 */
export async function readImage({ path }: { readonly path: string }): Promise<GenerationData> {
  const image = loadImage(path, 'cut off or whole');
  const { autoOrient } = await withSharp(image, (decoder) => decoder.metadata());
  return {
    ...generationData(textsOfFile(path, image)),
    width: autoOrient.width,
    height: autoOrient.height,
    format: image.format,
    bytes: image.bytes.length,
  };
}

/** The texts inside a file, and those of the sidecar beside it. */
export function textsOfFile(path: string, image: Pick<ReturnType<typeof loadImage>, 'bytes' | 'format'>): ImageTexts {
  const texts = new Map(readImageTexts(image.bytes, image.format));
  const sidecar = readSidecar(path);
  if (sidecar !== undefined) texts.set(LAKESIDE_TEXT, sidecar);
  return texts;
}

/** The sidecar's text, if it is one of ours. */
function readSidecar(path: string): string | undefined {
  try {
    const text = readTextIfPresent(`${path}.json`);
    return text !== undefined && isLakesideData(parseLooseJson(text)) ? text : undefined;
  } catch {
    // The image is what was asked for; a sidecar that cannot be read says nothing.
    return undefined;
  }
}
