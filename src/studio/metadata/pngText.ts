import { crc32, inflateSync } from 'node:zlib';

/** Source: PNG (third edition), 11.3.3 and 11.3.4.5. */

export interface PngTexts {
  /** First of each keyword wins, as in the programs that wrote them. */
  readonly texts: ReadonlyMap<string, string>;
  /** The content of `eXIf`: a TIFF structure. */
  readonly exif: Uint8Array | undefined;
}

/** Longest text that is taken, in bytes once inflated; longer ones are left out. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;
/** All texts of an image together, in characters. */
const MAX_ALL_TEXTS = 32 * 1024 * 1024;
/** More texts than any program writes; and so many chunks that nothing with a reason to has more. */
const MAX_TEXT_CHUNKS = 10_000;
const MAX_CHUNKS = 1_000_000;
const SIGNATURE_BYTES = 8;

/** The texts of a PNG, as many as can be read: what is broken is passed over. */
export function readPngTexts(png: Uint8Array): PngTexts {
  const texts = new Map<string, string>();
  let exif: Uint8Array | undefined;
  let length = 0;
  let count = 0;
  for (const { type, data } of pngChunks(png, MAX_CHUNKS)) {
    if (type === 'eXIf') exif ??= data;
    if (TEXT_TYPES.has(type) && ++count > MAX_TEXT_CHUNKS) break;
    const entry = textOf(type, data);
    if (entry === undefined || texts.has(entry.key)) continue;
    length += entry.text.length;
    if (length > MAX_ALL_TEXTS) break;
    texts.set(entry.key, entry.text);
  }
  return { texts, exif };
}

/** The same PNG with these texts and EXIF data (a TIFF structure), before its pixels; what it said before is taken out. */
export function withPngTexts(
  png: Uint8Array,
  texts: ReadonlyMap<string, string>,
  exif: Uint8Array | undefined,
): Uint8Array {
  const parts: Uint8Array[] = [png.subarray(0, SIGNATURE_BYTES)];
  // All of them: the pixels of a large image stand in many.
  for (const { type, whole } of pngChunks(png, Infinity)) {
    if (TEXT_TYPES.has(type) || type === 'eXIf') continue;
    parts.push(whole);
    if (type !== 'IHDR') continue;
    for (const [key, text] of texts) parts.push(textChunk(key, text));
    if (exif !== undefined) parts.push(chunk('eXIf', exif));
  }
  return Buffer.concat(parts);
}

const TEXT_TYPES: ReadonlySet<string> = new Set(['tEXt', 'zTXt', 'iTXt']);

interface PngChunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** With length, type and checksum. */
  readonly whole: Uint8Array;
}

function* pngChunks(png: Uint8Array, max: number): Generator<PngChunk> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  let at = SIGNATURE_BYTES;
  for (let count = 0; count < max && at + 12 <= png.length; count++) {
    const end = at + 12 + view.getUint32(at);
    if (end > png.length) return;
    const type = latin1(png.subarray(at + 4, at + 8));
    yield { type, data: png.subarray(at + 8, end - 4), whole: png.subarray(at, end) };
    if (type === 'IEND') return;
    at = end;
  }
}

function textOf(type: string, data: Uint8Array): { key: string; text: string } | undefined {
  if (!TEXT_TYPES.has(type)) return undefined;
  const keyEnd = data.indexOf(0);
  if (keyEnd < 1 || keyEnd > 79) return undefined;
  const key = latin1(data.subarray(0, keyEnd));
  const rest = data.subarray(keyEnd + 1);
  // Programs put UTF-8 into tEXt too, against the standard; what is valid UTF-8 by chance alone is rare.
  if (type === 'tEXt') return { key, text: decodeText(rest) };
  if (type === 'zTXt') {
    const text = inflate(rest.subarray(1));
    return text === undefined ? undefined : { key, text: decodeText(text) };
  }
  const languageEnd = rest.indexOf(0, 2);
  const translatedEnd = languageEnd < 0 ? -1 : rest.indexOf(0, languageEnd + 1);
  if (translatedEnd < 0) return undefined;
  const content = rest.subarray(translatedEnd + 1);
  const text = rest[0] === 1 ? inflate(content) : content;
  return text === undefined ? undefined : { key, text: decodeText(text) };
}

function inflate(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_TEXT_BYTES });
  } catch {
    // Broken, or a bomb: what a text says is not worth a failure.
    return undefined;
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, MAX_TEXT_BYTES));
  } catch {
    return latin1(bytes.subarray(0, MAX_TEXT_BYTES));
  }
}

/** tEXt where Latin-1 can say it, since every program reads that; else iTXt. */
function textChunk(key: string, text: string): Uint8Array {
  const name = Buffer.from(key.replaceAll('\0', '').slice(0, 79), 'latin1');
  if (/^[\x20-\x7e\n\r\t]*$/.test(text)) {
    return chunk('tEXt', Buffer.concat([name, Buffer.from([0]), Buffer.from(text, 'latin1')]));
  }
  return chunk('iTXt', Buffer.concat([name, Buffer.from([0, 0, 0, 0, 0]), Buffer.from(text, 'utf8')]));
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const whole = Buffer.alloc(12 + data.length);
  whole.writeUInt32BE(data.length);
  whole.write(type, 4, 'latin1');
  whole.set(data, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, 8 + data.length)), 8 + data.length);
  return whole;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
