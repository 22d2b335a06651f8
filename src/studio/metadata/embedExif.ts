import { LakesideError } from '../../base/errors.ts';

/** What a JPEG segment holds, less the length field and `Exif\0\0`. */
const JPEG_ROOM = 65_535 - 2 - 6;
/** The encoder makes room for at most so much in an AVIF. */
const AVIF_ROOM = 60_000;
const ROOM_OF = { jpeg: JPEG_ROOM, avif: AVIF_ROOM, webp: 64 * 1024 * 1024 } as const;

export type ExifFormat = keyof typeof ROOM_OF;

/** Bytes of EXIF data that an image of this format can carry. */
export function exifRoom(format: ExifFormat): number {
  return ROOM_OF[format];
}

/**
 * Puts EXIF data (a TIFF structure) into an encoded image, in place of a stand-in that the encoder wrote: it cannot
 * write texts beyond ASCII, nor long ones.
 * @param standIn the TIFF structure that is in there; at least as long as the new one, for AVIF
 * @throws LakesideError METADATA_FAILED where there is no stand-in
 */
export function embedExif(image: Uint8Array, format: ExifFormat, exif: Buffer, standIn: Uint8Array): Uint8Array {
  if (format === 'jpeg') return inJpeg(image, exif);
  if (format === 'webp') return inWebp(image, exif);
  const copy = Buffer.from(image);
  const at = copy.indexOf(standIn);
  if (at < 0 || standIn.length === 0 || exif.length > standIn.length) {
    throw new LakesideError('METADATA_FAILED', 'unknown', 'What the image says could not be put into the new file.');
  }
  copy.fill(0, at, at + standIn.length);
  copy.set(exif, at);
  return copy;
}

/** Segments up to the first that is neither APP0 nor APP1 with Exif; the new one stands behind APP0. */
function inJpeg(jpeg: Uint8Array, exif: Buffer): Uint8Array {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  const kept: Uint8Array[] = [jpeg.subarray(0, 2)];
  let at = 2;
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff && (jpeg[at + 1] === 0xe0 || jpeg[at + 1] === 0xe1)) {
    const end = at + 2 + view.getUint16(at + 2);
    const isExif = Buffer.from(jpeg.subarray(at + 4, at + 8)).toString('latin1') === 'Exif';
    if (jpeg[at + 1] === 0xe1 && !isExif) break;
    if (!isExif) kept.push(jpeg.subarray(at, end));
    at = end;
  }
  const head = Buffer.from([0xff, 0xe1, 0, 0, ...Buffer.from('Exif\0\0', 'latin1')]);
  head.writeUInt16BE(2 + 6 + exif.length, 2);
  return Buffer.concat([...kept, head, exif, jpeg.subarray(at)]);
}

/** The chunks with another `EXIF`; the encoder has already said in `VP8X` that there is one. */
function inWebp(webp: Uint8Array, exif: Buffer): Uint8Array {
  const view = new DataView(webp.buffer, webp.byteOffset, webp.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 12; at + 8 <= webp.length;) {
    const end = at + 8 + view.getUint32(at + 4, true);
    const padded = end + (end % 2);
    const name = Buffer.from(webp.subarray(at, at + 4)).toString('latin1');
    parts.push(name === 'EXIF' ? webpChunk('EXIF', exif) : webp.subarray(at, padded));
    at = padded;
  }
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...parts]);
  const head = Buffer.from('RIFF\0\0\0\0', 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

function webpChunk(name: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(8 + data.length + (data.length % 2));
  chunk.write(name, 0, 'latin1');
  chunk.writeUInt32LE(data.length, 4);
  chunk.set(data, 8);
  return chunk;
}
