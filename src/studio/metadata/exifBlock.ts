import { type ImageTexts, PACKED_TEXTS } from './imageTexts.ts';

/** Source: Exif 2.32 and TIFF 6.0. Big-endian, as the programs write it whose texts these are. */

const TAG = {
  ImageDescription: 0x010e,
  Make: 0x010f,
  Model: 0x0110,
  Orientation: 0x0112,
  Software: 0x0131,
  DateTime: 0x0132,
  Artist: 0x013b,
  Copyright: 0x8298,
  ExifIfd: 0x8769,
  UserComment: 0x9286,
} as const;
const ASCII = 2;
const LONG = 4;
const UNDEFINED = 7;

interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly data: Buffer;
}

/** Texts that have a tag of their own; all others lie together in the description. */
const OWN_TAGS: ReadonlySet<string> = new Set([
  ...['parameters', 'prompt', 'workflow', 'Make', 'Model'],
  ...['Software', 'DateTime', 'Artist', 'Copyright'],
]);

/** What fits where only so much has room: the least missed goes first. */
const LEAST_MISSED = ['workflow', 'invokeai_workflow', 'invokeai_graph', 'lakeside', 'prompt'];

/**
 * A TIFF structure that holds the texts where other programs look for them: `parameters` in the user comment, `prompt`
 * and `workflow` as ComfyUI does, all others together in the description.
 * @param maxBytes what the container takes
 * @returns the bytes, and the keys of texts that were left out
 */
export function exifBlock(texts: ImageTexts, maxBytes: number): { bytes: Buffer | undefined; left: string[] } {
  const kept = new Map(texts);
  const largestFirst = [...texts].sort(([, a], [, b]) => b.length - a.length).map(([key]) => key);
  const going = [...new Set([...LEAST_MISSED.filter((key) => texts.has(key)), ...largestFirst])];
  const left: string[] = [];
  // An image may hold thousands of texts: what cannot fit goes before anything is put together.
  const sizes = new Map([...texts].map(([key, text]) => [key, leastBytes(key, text)]));
  let least = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  for (let bytes: Buffer | undefined; ;) {
    if (least <= maxBytes) bytes = tiff(kept);
    if (kept.size === 0 || (bytes !== undefined && bytes.length <= maxBytes)) {
      return { bytes: kept.size === 0 ? undefined : bytes, left };
    }
    const next = going[left.length] ?? '';
    least -= sizes.get(next) ?? 0;
    kept.delete(next);
    left.push(next);
  }
}

/** What a text takes at least: exact for those that lie together, since there may be many of them. */
function leastBytes(key: string, text: string): number {
  if (OWN_TAGS.has(key)) return text.length;
  return inAscii(`${JSON.stringify(key)}:${JSON.stringify(text)},`).length;
}

function tiff(texts: ImageTexts): Buffer {
  const rest = new Map(texts);
  const take = (key: string): string | undefined => {
    const text = rest.get(key);
    rest.delete(key);
    return text;
  };
  const comment = take('parameters');
  const prompt = take('prompt');
  const workflow = take('workflow');
  const main: Entry[] = [];
  if (workflow !== undefined) main.push(ascii(TAG.Make, `workflow:${workflow}`));
  else pushText(main, TAG.Make, take('Make'));
  if (prompt !== undefined) main.push(ascii(TAG.Model, `prompt:${prompt}`));
  else pushText(main, TAG.Model, take('Model'));
  for (const name of ['Software', 'DateTime', 'Artist', 'Copyright'] as const) pushText(main, TAG[name], take(name));
  if (rest.size > 0)
    main.push(ascii(TAG.ImageDescription, `${PACKED_TEXTS}:${JSON.stringify(Object.fromEntries(rest))}`));
  const sub: Entry[] =
    comment === undefined ? [] : [{ tag: TAG.UserComment, type: UNDEFINED, data: userComment(comment) }];
  return assemble(main, sub);
}

function pushText(entries: Entry[], tag: number, text: string | undefined): void {
  if (text !== undefined) entries.push(ascii(tag, text));
}

/** JSON says everything in ASCII; in other texts what is not ASCII stays UTF-8, which most readers take. */
function ascii(tag: number, text: string): Entry {
  const plain = /[{[]/.test(text) ? inAscii(text) : text;
  return { tag, type: ASCII, data: Buffer.from(`${plain}\0`, 'utf8') };
}

function inAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function userComment(text: string): Buffer {
  return Buffer.concat([Buffer.from('UNICODE\0', 'latin1'), Buffer.from(text, 'utf16le').swap16()]);
}

/** Header, first directory and its data, then the directory of Exif and its data. */
function assemble(main: readonly Entry[], sub: readonly Entry[]): Buffer {
  const pointer: Entry = { tag: TAG.ExifIfd, type: LONG, data: Buffer.alloc(4) };
  const entries = (sub.length === 0 ? [...main] : [...main, pointer]).sort((a, b) => a.tag - b.tag);
  const header = Buffer.from([0x4d, 0x4d, 0, 42, 0, 0, 0, 8]);
  const subAt = header.length + directory(entries, header.length).length;
  pointer.data.writeUInt32BE(subAt);
  return Buffer.concat([
    header,
    directory(entries, header.length),
    ...(sub.length === 0 ? [] : [directory(sub, subAt)]),
  ]);
}

/** @param at where it will stand, in bytes from the start */
function directory(entries: readonly Entry[], at: number): Buffer {
  const table = Buffer.alloc(2 + entries.length * 12 + 4);
  table.writeUInt16BE(entries.length);
  const data: Buffer[] = [];
  let dataAt = at + table.length;
  entries.forEach((entry, index) => {
    const row = 2 + index * 12;
    table.writeUInt16BE(entry.tag, row);
    table.writeUInt16BE(entry.type, row + 2);
    table.writeUInt32BE(entry.type === LONG ? entry.data.length / 4 : entry.data.length, row + 4);
    if (entry.data.length <= 4) {
      table.set(entry.data, row + 8);
      return;
    }
    table.writeUInt32BE(dataAt, row + 8);
    const padded = entry.data.length % 2 === 0 ? entry.data : Buffer.concat([entry.data, Buffer.alloc(1)]);
    data.push(padded);
    dataAt += padded.length;
  });
  return Buffer.concat([table, ...data]);
}

/** The same TIFF structure saying that the image is upright: its pixels were turned. */
export function uprightExif(exif: Uint8Array): Buffer {
  const bytes = Buffer.from(exif);
  if (bytes.length < 8) return bytes;
  const isLittle = bytes[0] === 0x49;
  const u16 = (at: number): number => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const first = isLittle ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4);
  if (first + 2 > bytes.length) return bytes;
  for (let row = first + 2, count = u16(first); count > 0 && row + 12 <= bytes.length; row += 12, count--) {
    if (u16(row) !== TAG.Orientation) continue;
    if (isLittle) bytes.writeUInt16LE(1, row + 8);
    else bytes.writeUInt16BE(1, row + 8);
  }
  return bytes;
}
