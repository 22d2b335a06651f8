import type { Metadata, Sharp } from 'sharp';

import { writeFileAtomic } from '../../base/atomicFile.ts';
import { LakesideError } from '../../base/errors.ts';
import { createFile } from '../../transfer/createFile.ts';
import { embedExif, exifRoom } from '../metadata/embedExif.ts';
import { exifBlock, uprightExif } from '../metadata/exifBlock.ts';
import { type ImageTexts, readImageTexts } from '../metadata/imageTexts.ts';
import { readPngTexts, withPngTexts } from '../metadata/pngText.ts';
import type { ImageFormat } from './imageFormat.ts';
import { type LoadedImage, loadImage, loadSharp, withSharp } from './imageSource.ts';
import { textsOfFile } from './readImage.ts';

export interface ConvertRequest {
  /** Absolute. */
  readonly from: string;
  /** Absolute; replaced only with `force`. */
  readonly target: string;
  readonly to: ImageFormat;
  /** 1 to 100; PNG is lossless and has none. */
  readonly quality: number | undefined;
  /** Pixels; the height follows; never enlarged. */
  readonly width: number | undefined;
  readonly strip: boolean;
  readonly force: boolean;
}

export interface ConvertedImage {
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  /** Texts that the new format has no room for. */
  readonly left: readonly string[];
}

/** What cannot be seen beside the original. */
const DEFAULT_QUALITY = { webp: 90, jpeg: 90, avif: 65 } as const;

/**
 * Converts one image file, upright, with what it says about how it was made (a sidecar's text too) and its colour profile,
 * unless these are stripped.
 * @throws LakesideError FILE_EXISTS, IMAGE_ANIMATED, NOT_AN_IMAGE, IMAGE_TRUNCATED, IMAGE_TOO_LARGE; else by errno
 */
export async function convertImage(request: ConvertRequest): Promise<ConvertedImage> {
  const { from, target, to, strip, force } = request;
  const image = loadImage(from);
  const metadata = await withSharp(image, (decoder) => decoder.metadata());
  if ((metadata.pages ?? 1) > 1) {
    throw new LakesideError(
      'IMAGE_ANIMATED',
      'validation',
      `${image.name} is animated, and only its first picture would be kept. It was left as it is.`,
    );
  }
  const plan = strip ? NOTHING : planTexts(request, image, metadata);
  const { data, info } = await withSharp(image, (decoder) =>
    encode(decoder, request, metadata, plan.exif).toBuffer({ resolveWithObject: true }),
  );
  const bytes = strip ? data : await withTexts(data, to, plan);
  if (force) writeFileAtomic(target, Buffer.from(bytes));
  else createFile(target, bytes);
  return { width: info.width, height: info.height, bytes: bytes.length, left: plan.left };
}

function encode(
  decoder: Sharp,
  { to, quality, width, strip }: ConvertRequest,
  metadata: Metadata,
  exif: Buffer | undefined,
): Sharp {
  let image = decoder.autoOrient();
  if (width !== undefined) image = image.resize({ width, withoutEnlargement: true });
  // A profile for inks would be wrong for the colours that are written.
  if (!strip && metadata.space !== 'cmyk') image = image.keepIccProfile();
  // The stand-in that `embedExif` writes over: a container is best made by its encoder.
  if (exif !== undefined && (to === 'webp' || to === 'avif')) {
    image = image.withExif({ IFD2: { UserComment: 'x'.repeat(to === 'avif' ? exif.length : 1) } });
  }
  if (!strip && metadata.xmp !== undefined && to !== 'avif') image = image.keepXmp();
  switch (to) {
    case 'png':
      return image.png();
    case 'jpeg':
      return image.flatten({ background: 'white' }).jpeg({ quality: quality ?? DEFAULT_QUALITY.jpeg });
    case 'webp':
      return image.webp({ quality: quality ?? DEFAULT_QUALITY.webp });
    case 'avif':
      return image.avif({ quality: quality ?? DEFAULT_QUALITY.avif });
  }
}

interface TextsPlan {
  readonly texts: ImageTexts;
  /** A TIFF structure. */
  readonly exif: Buffer | undefined;
  readonly left: readonly string[];
}

const NOTHING: TextsPlan = { texts: new Map(), exif: undefined, left: [] };

function planTexts(request: ConvertRequest, image: LoadedImage, metadata: Metadata): TextsPlan {
  const texts = textsOfFile(request.from, image);
  const own = ownExif(image, metadata);
  if (request.to === 'png') return { texts, exif: own, left: [] };
  return { texts, ...chooseExif(image, texts, own, exifRoom(request.to)) };
}

async function withTexts(encoded: Uint8Array, to: ImageFormat, { texts, exif }: TextsPlan): Promise<Uint8Array> {
  if (to === 'png') return withPngTexts(encoded, texts, exif);
  if (exif === undefined) return encoded;
  if (to === 'jpeg') return embedExif(encoded, to, exif, exif);
  const sharp = await loadSharp();
  const { exif: standIn } = await sharp(encoded).metadata();
  return embedExif(encoded, to, exif, tiffOf(standIn) ?? Buffer.alloc(0));
}

/** The TIFF structure that the source has itself, upright. */
function ownExif(image: LoadedImage, metadata: Metadata): Buffer | undefined {
  const exif = image.format === 'png' ? readPngTexts(image.bytes).exif : tiffOf(metadata.exif);
  return exif === undefined ? undefined : uprightExif(exif);
}

/** Some containers, and some programs in others, put a mark before the TIFF structure. */
function tiffOf(exif: Buffer | undefined): Buffer | undefined {
  return exif?.subarray(0, EXIF_MARK.length).toString('latin1') === EXIF_MARK ? exif.subarray(EXIF_MARK.length) : exif;
}

const EXIF_MARK = 'Exif\0\0';

/** The source's own data where it says everything; else data of ours with all its texts. */
function chooseExif(
  image: LoadedImage,
  texts: ImageTexts,
  own: Buffer | undefined,
  room: number,
): { exif: Buffer | undefined; left: string[] } {
  const inside = readImageTexts(image.bytes, image.format);
  const saysAll = image.format !== 'png' && inside.size === texts.size;
  if (saysAll && own !== undefined && own.length <= room) return { exif: own, left: [] };
  const { bytes, left } = exifBlock(texts, room);
  return { exif: bytes ?? (own !== undefined && own.length <= room ? own : undefined), left };
}
