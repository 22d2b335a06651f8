/** The simple escapes of a Python string literal, by the letter behind the backslash. */
const ESCAPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '\\': '\\',
    "'": "'",
    '"': '"',
    '\n': '',
    a: '\x07',
    b: '\b',
    f: '\f',
    n: '\n',
    r: '\r',
    t: '\t',
    v: '\v',
  }),
);

/**
 * The argument of the opcode STRING: a quoted literal as `repr` of Python 2 wrote it, with its escapes
 * (`codecs.escape_decode`). Undefined where it is none.
 */
export function decodeStringLiteral(line: string): string | undefined {
  const literal = line.trimEnd();
  const quote = literal.charAt(0);
  if (literal.length < 2 || (quote !== "'" && quote !== '"') || !literal.endsWith(quote)) return undefined;
  return literal
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([^]))/g, (whole, hex?: string, octal?: string, letter?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      return ESCAPES.get(letter ?? '') ?? whole;
    });
}

/** The argument of the opcode UNICODE: Latin-1 with `\uXXXX` and `\UXXXXXXXX` (Python's `raw-unicode-escape`). */
export function decodeRawUnicode(line: string): string {
  return line.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/g, (whole, short?: string, long?: string) => {
    const code = Number.parseInt(short ?? long ?? '', 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/**
 * A decimal number as Python's `int()` takes it, which allows blanks around it and underscores in it: what the memo is
 * asked for must not differ from what the loader asks. Undefined where it is none or does not fit a double.
 */
export function pythonInteger(line: string): number | undefined {
  const digits = line.trim().replaceAll('_', '');
  if (!/^[+-]?\d{1,16}$/.test(digits)) return undefined;
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : undefined;
}
