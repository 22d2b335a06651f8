import type { ImageFormat } from '../images/imageFormat.ts';
import { readExifTexts } from './exifTexts.ts';
import { isJsonObject, parseLooseJson } from './looseJson.ts';
import { readPngTexts } from './pngText.ts';

/** What an image carries in words, by the key that programs know it under: `parameters`, `prompt`, `workflow` … */
export type ImageTexts = ReadonlyMap<string, string>;

/** All texts of our own and others', as far as they can be read. Never fails. */
export function readImageTexts(bytes: Uint8Array, format: ImageFormat): ImageTexts {
  if (format !== 'png') return unpacked(readExifTexts(bytes));
  const { texts, exif } = readPngTexts(bytes);
  const fromExif = exif === undefined ? new Map<string, string>() : readExifTexts(exif);
  return new Map([...unpacked(fromExif), ...texts]);
}

/** Texts that EXIF has no place for lie together in one, as converting puts them there. */
export const PACKED_TEXTS = 'lakeside-texts';

function unpacked(texts: Map<string, string>): Map<string, string> {
  const packed = parseLooseJson(texts.get(PACKED_TEXTS) ?? '');
  texts.delete(PACKED_TEXTS);
  if (isJsonObject(packed)) {
    for (const [key, text] of Object.entries(packed)) if (typeof text === 'string') texts.set(key, text);
  }
  return texts;
}
