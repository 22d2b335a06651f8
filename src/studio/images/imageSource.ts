import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type sharpLibrary from 'sharp';
import type { Sharp, SharpOptions } from 'sharp';

import { fileError, LakesideError } from '../../base/errors.ts';
import { describeStranger, formatOf, type ImageFormat, isCutOff } from './imageFormat.ts';

/** Bytes of an image, or the absolute path of its file. */
export type ImageSource = Uint8Array | string;

/**
 * More pixels than any generator makes. Some decoders hold a whole image: with four bytes a pixel this is what one of
 * them may take of the memory.
 */
const MAX_PIXELS = 150_000_000;
/** The largest file that is read, in bytes. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;
/** Longest time a decoder or encoder may take, in seconds. */
const TIME_LIMIT_SECONDS = 120;

export interface LoadedImage {
  readonly bytes: Uint8Array;
  readonly format: ImageFormat;
  /** For sentences: the file's name, or "the image". */
  readonly name: string;
}

/**
 * Reads an image whole and tells its format by its bytes; nothing is decoded yet.
 * @throws LakesideError IMAGE_TOO_LARGE, NOT_AN_IMAGE, IMAGE_TRUNCATED; else by errno
 */
export function loadImage(source: ImageSource, taken: 'whole' | 'cut off or whole' = 'whole'): LoadedImage {
  const name = typeof source === 'string' ? basename(source) : 'The image';
  const bytes = typeof source === 'string' ? readImageFile(source, name) : source;
  const format = formatOf(bytes);
  if (format === undefined) {
    throw notAnImage(name, describeStranger(bytes));
  }
  if (taken === 'whole' && isCutOff(bytes, format)) throw damagedError(name);
  return { bytes, format, name };
}

function readImageFile(path: string, name: string): Uint8Array {
  try {
    const stats = statSync(path);
    // A pipe or a device would keep the thread waiting, or reading, for ever.
    if (!stats.isFile() && !stats.isDirectory()) throw notAnImage(name, 'it is a pipe or a device');
    const { size } = stats;
    if (size > MAX_FILE_BYTES) throw tooLargeError(name, `it has ${size} bytes, and ${MAX_FILE_BYTES} is the limit`);
    return readFileSync(path);
  } catch (error) {
    throw fileError('read', path, error);
  }
}

const DECODE_OPTIONS = {
  failOn: 'error',
  limitInputPixels: MAX_PIXELS,
  sequentialRead: true,
} as const satisfies SharpOptions;

/**
 * Runs one decoder or encoder of sharp.
 * @throws LakesideError IMAGE_TOO_LARGE, IMAGE_TRUNCATED (cut off or damaged), IMAGE_LIBRARY_MISSING
 */
export async function withSharp<T>(image: LoadedImage, use: (image: Sharp) => Promise<T>): Promise<T> {
  const sharp = await loadSharp();
  try {
    return await use(sharp(image.bytes, DECODE_OPTIONS).timeout({ seconds: TIME_LIMIT_SECONDS }));
  } catch (error) {
    if (error instanceof LakesideError) throw error;
    throw decodeError(image.name, error);
  }
}

let loading: Promise<typeof sharpLibrary> | undefined;

/** The image library, set up for this process: loaded when it is first needed, since its binary is large. */
export function loadSharp(): Promise<typeof sharpLibrary> {
  loading ??= import('sharp').then(
    ({ default: sharp }) => {
      // Images are made side by side instead, and nothing of them is kept.
      sharp.concurrency(1);
      sharp.cache(false);
      // libvips reads dozens of formats, some through large and old libraries; what we do not take, nobody may slip in.
      sharp.block({ operation: ['VipsForeignLoad'] });
      sharp.unblock({ operation: LOADERS });
      return sharp;
    },
    (error: unknown) => {
      throw new LakesideError(
        'IMAGE_LIBRARY_MISSING',
        'infra',
        `The image library does not load on this machine: ${error instanceof Error ? (error.message.split('\n')[1] ?? error.message) : String(error)}. Install the Lakeside that is made for it.`,
        { cause: error },
      );
    },
  );
  return loading;
}

/** Blocking is for the whole process: who reads files of these formats with sharp itself may go on. */
const LOADERS = [
  ...['Png', 'Jpeg', 'Webp', 'Heif'].flatMap((name) => [`VipsForeignLoad${name}Buffer`, `VipsForeignLoad${name}File`]),
  'VipsForeignLoadSvgBuffer',
];

function decodeError(name: string, error: unknown): LakesideError {
  const reason = error instanceof Error ? error.message : String(error);
  if (/pixel limit/i.test(reason)) {
    return tooLargeError(name, `more than ${MAX_PIXELS / 1_000_000} million pixels`, error);
  }
  if (/timeout/i.test(reason)) {
    return tooLargeError(name, `it was not read within ${TIME_LIMIT_SECONDS} seconds`, error);
  }
  if (/memory/i.test(reason)) return tooLargeError(name, 'there is not enough memory for it', error);
  return damagedError(name, error);
}

function notAnImage(name: string, reason: string): LakesideError {
  return new LakesideError('NOT_AN_IMAGE', 'validation', `${name} is not a PNG, JPEG, WebP or AVIF image: ${reason}.`);
}

function tooLargeError(name: string, reason: string, cause?: unknown): LakesideError {
  return new LakesideError('IMAGE_TOO_LARGE', 'validation', `${name} is too large an image: ${reason}.`, { cause });
}

function damagedError(name: string, cause?: unknown): LakesideError {
  return new LakesideError(
    'IMAGE_TRUNCATED',
    'validation',
    `${name} is cut off or damaged: it cannot be decoded to its end.`,
    { cause },
  );
}
