/** The formats we take, told by the first bytes: a name's extension is only somebody's word. */
export const IMAGE_FORMATS = ['png', 'jpeg', 'webp', 'avif'] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

export const MIME_OF = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  avif: 'image/avif',
} as const satisfies Readonly<Record<ImageFormat, string>>;

/** As files of the format are called, without a dot. */
export const EXTENSION_OF = {
  png: 'png',
  jpeg: 'jpg',
  webp: 'webp',
  avif: 'avif',
} as const satisfies Readonly<Record<ImageFormat, string>>;

const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n';

/** The format that the bytes begin as; undefined for anything we do not take. */
export function formatOf(bytes: Uint8Array): ImageFormat | undefined {
  if (latin1(bytes, 0, 8) === PNG_SIGNATURE) return 'png';
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (latin1(bytes, 0, 4) === 'RIFF' && latin1(bytes, 8, 12) === 'WEBP') return 'webp';
  return isAvif(bytes) ? 'avif' : undefined;
}

/** What bytes that are no image of ours look like, as the end of a sentence: `it is HTML text`. */
export function describeStranger(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'it is empty';
  const start = latin1(bytes, 0, 512);
  const known = STRANGERS.find(([pattern]) => pattern.test(start));
  if (known !== undefined) return known[1];
  return 'it begins like none of these';
}

/**
 * Whether the end is missing, by the lengths that the format itself states. Decoders take a file that lacks only what
 * follows the last pixel.
 */
export function isCutOff(bytes: Uint8Array, format: ImageFormat): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (format === 'webp') return bytes.length < 12 || view.getUint32(4, true) + 8 > bytes.length;
  if (format !== 'png') return false;
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    if (latin1(bytes, at + 4, at + 8) === 'IEND') return false;
    at += 12 + length;
  }
  return true;
}

const STRANGERS: readonly (readonly [RegExp, string])[] = [
  [/^GIF8[79]a/, 'it is a GIF'],
  [/^(II\*\0|MM\0\*)/, 'it is a TIFF'],
  [/^BM/, 'it is a BMP'],
  [/^PK\x03\x04/, 'it is a zip archive'],
  [/^%PDF/, 'it is a PDF'],
  [/^(\xef\xbb\xbf)?\s*<(\?xml[^]*<)?svg/i, 'it is an SVG drawing'],
  [/^(\xef\xbb\xbf)?\s*<(!doctype html|html|head|body)/i, 'it is a web page'],
  [/^(\xef\xbb\xbf)?\s*[{[]/, 'it is JSON text'],
  [/^....ftyp/s, 'it is a video, or an image of another kind than AVIF'],
];

/** An `ftyp` box that names AVIF as its major brand or among the compatible ones. */
function isAvif(bytes: Uint8Array): boolean {
  if (latin1(bytes, 4, 8) !== 'ftyp') return false;
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  const brands = latin1(bytes, 8, Math.min(size, 256)).match(/.{4}/gs) ?? [];
  // The second word is the minor version.
  return brands.some((brand, index) => index !== 1 && (brand === 'avif' || brand === 'avis'));
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
