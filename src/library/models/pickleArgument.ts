import type { ByteCursor } from './byteCursor.ts';
import type { PickleArgument } from './pickleOpcodes.ts';
import { latin1, utf8 } from './byteText.ts';
import { decodeRawUnicode, decodeStringLiteral, pythonInteger } from './pickleText.ts';
import { OPAQUE, type PickledGlobal, type PickleValue, UNKNOWN } from './pickleValues.ts';

/** Bytes of a line; longer ones are numbers that nobody writes. */
const LONGEST_LINE = 64 * 1024;
/** Bytes of a text that can still name a module, an attribute or a tensor. Longer ones are not kept. */
const LONGEST_TEXT = 4 * 1024;
/** The longest escape, `\UXXXXXXXX`, stands for one character. */
const LONGEST_ESCAPED = 10 * LONGEST_TEXT;
const LONGEST_LONG = 16;

/**
 * Reads the argument of an opcode: what it pushes, or the number it means, UNKNOWN where it means neither. Undefined where
 * the source ends before.
 */
export function readPickleArgument(kind: PickleArgument, cursor: ByteCursor): PickleValue | undefined {
  switch (kind) {
    case 'none':
      return OPAQUE;
    case 'u1':
    case 'u2':
    case 'u4':
    case 'u8':
      return cursor.unsigned(Number(kind.charAt(1)));
    case 'i4':
      return signed(cursor);
    case 'f8':
      return cursor.skip(8) ? OPAQUE : undefined;
    case 'text1':
    case 'text4':
    case 'text8':
      return text(cursor, cursor.unsigned(Number(kind.charAt(4))), utf8);
    case 'oldText1':
      return text(cursor, cursor.unsigned(1), latin1);
    case 'oldText4':
      return text(cursor, signed(cursor), latin1);
    case 'bytes1':
    case 'bytes4':
    case 'bytes8':
      return bytes(cursor, cursor.unsigned(Number(kind.charAt(5))));
    case 'long1':
      return long(cursor, cursor.unsigned(1));
    case 'long4':
      return long(cursor, signed(cursor));
    default:
      return line(kind, cursor);
  }
}

type LineKind = Extract<PickleArgument, `${string}Line` | 'twoLines'>;

function line(kind: LineKind, cursor: ByteCursor): PickleValue | undefined {
  const first = cursor.line(LONGEST_LINE);
  if (first === undefined) return undefined;
  if (kind === 'twoLines') {
    const module = utf8(first);
    const second = cursor.line(LONGEST_LINE);
    return second && global(module, utf8(second));
  }
  const words = latin1(first);
  switch (kind) {
    case 'intLine':
      return pythonInteger(words) ?? UNKNOWN;
    case 'longLine':
      return /^-?\d{1,40}L?$/.test(words) ? BigInt(words.replace('L', '')) : OPAQUE;
    case 'floatLine':
      return OPAQUE;
    case 'stringLine':
    case 'unicodeLine':
      if (words.length > LONGEST_ESCAPED) return UNKNOWN;
      return short(kind === 'stringLine' ? decodeStringLiteral(words) : decodeRawUnicode(words)) ?? UNKNOWN;
    case 'idLine':
      return short(words) ?? UNKNOWN;
  }
}

function global(module: string, name: string): PickledGlobal {
  return { kind: 'global', module: module.slice(0, LONGEST_TEXT), name: name.slice(0, LONGEST_TEXT) };
}

function short(words: string | undefined): string | undefined {
  return words !== undefined && words.length <= LONGEST_TEXT ? words : undefined;
}

function signed(cursor: ByteCursor): number | undefined {
  const value = cursor.unsigned(4);
  return value === undefined ? undefined : value | 0;
}

function text(cursor: ByteCursor, length: number | undefined, decode: (bytes: Uint8Array) => string) {
  if (length === undefined || length < 0) return undefined;
  if (length > LONGEST_TEXT) return cursor.skip(length) ? UNKNOWN : undefined;
  const taken = cursor.take(length);
  return taken && decode(taken);
}

function bytes(cursor: ByteCursor, length: number | undefined): PickleValue | undefined {
  const { position } = cursor;
  return length !== undefined && cursor.skip(length) ? { kind: 'bytes', position, length } : undefined;
}

/** A two's complement number of any length, little-endian. */
function long(cursor: ByteCursor, length: number | undefined): PickleValue | undefined {
  if (length === undefined || length < 0) return undefined;
  if (length > LONGEST_LONG) return cursor.skip(length) ? OPAQUE : undefined;
  const taken = cursor.take(length);
  if (taken === undefined) return undefined;
  let value = 0n;
  for (const byte of taken.toReversed()) value = value * 256n + BigInt(byte);
  const exact = (taken.at(-1) ?? 0) >= 0x80 ? value - (1n << BigInt(8 * length)) : value;
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
}
