import ExifReader from 'exifreader';

/** Keys under which programs write a text of theirs as `key:text` into a tag that holds any text. */
const PREFIXED = /^(prompt|workflow|parameters|invokeai_metadata|sd-metadata|lakeside|lakeside-texts):/i;
/** Tags that are worth showing where they hold nothing of the above. */
const SHOWN = ['ImageDescription', 'Make', 'Model', 'Software', 'Artist', 'Copyright', 'DateTime'];
const MAX_TAG_LENGTH = 16 * 1024 * 1024;

/**
 * The texts in EXIF data: `parameters` from the user comment, `prompt` and `workflow` from tags that ComfyUI misuses for
 * them, plain tags by their names. What is broken gives nothing.
 * @param source a JPEG, WebP or AVIF, or a bare TIFF structure
 */
export function readExifTexts(source: Uint8Array): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [name, value] of tagsOf(source)) {
    if (name === 'UserComment') {
      const text = userComment(value).trim();
      if (text !== '') texts.set('parameters', text);
      continue;
    }
    const text = plainText(value);
    if (text === undefined) continue;
    const [prefix = '', key = ''] = PREFIXED.exec(text) ?? [];
    if (key !== '') texts.set(key.toLowerCase(), text.slice(prefix.length).trim());
    else if (SHOWN.includes(name)) texts.set(name, text);
  }
  return texts;
}

/** Pairs of a tag's name and its raw value. */
function tagsOf(source: Uint8Array): [string, unknown][] {
  try {
    // A copy that begins its buffer: the reader takes whole buffers only.
    const tags: object = ExifReader.load(new Uint8Array(source).buffer);
    return Object.entries(tags).map(([name, tag]) => [name, valueOf(tag)]);
  } catch {
    // No EXIF data, or none that can be read: then it says nothing.
    return [];
  }
}

function valueOf(tag: unknown): unknown {
  return typeof tag === 'object' && tag !== null && 'value' in tag ? tag.value : undefined;
}

function plainText(value: unknown): string | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first !== 'string' || first.length > MAX_TAG_LENGTH) return undefined;
  const text = first.replace(/\0+$/, '');
  return text === '' ? undefined : text;
}

/** Eight bytes that name the encoding, then the text. Source: Exif 2.32, 4.6.5; `UNICODE` is UTF-16 of either order. */
function userComment(value: unknown): string {
  if (!Array.isArray(value) || value.length > MAX_TAG_LENGTH) return '';
  const bytes = Uint8Array.from(value, (byte: unknown) => (typeof byte === 'number' ? byte : 0));
  const encoding = Buffer.from(bytes.subarray(0, 8)).toString('latin1');
  const text = bytes.subarray(8);
  if (encoding === 'UNICODE\0') {
    return new TextDecoder(isBigEndian(text) ? 'utf-16be' : 'utf-16le').decode(text).replaceAll('\0', '');
  }
  const known = encoding === 'ASCII\0\0\0' || encoding === '\0'.repeat(8);
  return new TextDecoder().decode(known ? text : bytes).replace(/\0+$/, '');
}

/** In which order does the text hold more signs of ASCII? Surrogates have zeros, too, so zeros alone do not tell. */
function isBigEndian(text: Uint8Array): boolean {
  if (text[0] === 0xfe && text[1] === 0xff) return true;
  if (text[0] === 0xff && text[1] === 0xfe) return false;
  let big = 0;
  let little = 0;
  for (let at = 0; at + 1 < Math.min(text.length, 4_096); at += 2) {
    const [first = 0, second = 0] = text.subarray(at, at + 2);
    if (first === 0 && isAscii(second)) big++;
    if (second === 0 && isAscii(first)) little++;
  }
  return big >= little;
}

function isAscii(byte: number): boolean {
  return byte > 0 && byte < 0x80;
}
