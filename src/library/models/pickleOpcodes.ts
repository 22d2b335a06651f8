/**
 * How the argument of an opcode is written behind it. `u1` to `u8` and `i4`: little-endian numbers of so many bytes; `f8`:
 * a double; `…Line`: text up to a line feed, twice for `twoLines`; `text`, `oldText`, `bytes`, `long` with a digit: so many
 * bytes of length, then the value.
 */
export type PickleArgument =
  | 'none'
  | ('u1' | 'u2' | 'u4' | 'u8' | 'i4' | 'f8')
  | ('intLine' | 'longLine' | 'floatLine' | 'stringLine' | 'unicodeLine' | 'idLine' | 'twoLines')
  | ('text1' | 'text4' | 'text8' | 'oldText1' | 'oldText4')
  | ('bytes1' | 'bytes4' | 'bytes8' | 'long1' | 'long4');

/**
 * All opcodes of the protocols 0 to 5, by the character of their byte. Source: the table in Lib/pickletools.py of CPython
 * 3.14, https://docs.python.org/3/library/pickletools.html.
 */
const TABLE = [
  ['I', 'INT', 'intLine'],
  ['J', 'BININT', 'i4'],
  ['K', 'BININT1', 'u1'],
  ['M', 'BININT2', 'u2'],
  ['L', 'LONG', 'longLine'],
  ['\x8a', 'LONG1', 'long1'],
  ['\x8b', 'LONG4', 'long4'],
  ['S', 'STRING', 'stringLine'],
  ['T', 'BINSTRING', 'oldText4'],
  ['U', 'SHORT_BINSTRING', 'oldText1'],
  ['B', 'BINBYTES', 'bytes4'],
  ['C', 'SHORT_BINBYTES', 'bytes1'],
  ['\x8e', 'BINBYTES8', 'bytes8'],
  ['\x96', 'BYTEARRAY8', 'bytes8'],
  ['\x97', 'NEXT_BUFFER', 'none'],
  ['\x98', 'READONLY_BUFFER', 'none'],
  ['N', 'NONE', 'none'],
  ['\x88', 'NEWTRUE', 'none'],
  ['\x89', 'NEWFALSE', 'none'],
  ['V', 'UNICODE', 'unicodeLine'],
  ['\x8c', 'SHORT_BINUNICODE', 'text1'],
  ['X', 'BINUNICODE', 'text4'],
  ['\x8d', 'BINUNICODE8', 'text8'],
  ['F', 'FLOAT', 'floatLine'],
  ['G', 'BINFLOAT', 'f8'],
  [']', 'EMPTY_LIST', 'none'],
  ['a', 'APPEND', 'none'],
  ['e', 'APPENDS', 'none'],
  ['l', 'LIST', 'none'],
  [')', 'EMPTY_TUPLE', 'none'],
  ['t', 'TUPLE', 'none'],
  ['\x85', 'TUPLE1', 'none'],
  ['\x86', 'TUPLE2', 'none'],
  ['\x87', 'TUPLE3', 'none'],
  ['}', 'EMPTY_DICT', 'none'],
  ['d', 'DICT', 'none'],
  ['s', 'SETITEM', 'none'],
  ['u', 'SETITEMS', 'none'],
  ['\x8f', 'EMPTY_SET', 'none'],
  ['\x90', 'ADDITEMS', 'none'],
  ['\x91', 'FROZENSET', 'none'],
  ['0', 'POP', 'none'],
  ['2', 'DUP', 'none'],
  ['(', 'MARK', 'none'],
  ['1', 'POP_MARK', 'none'],
  ['g', 'GET', 'intLine'],
  ['h', 'BINGET', 'u1'],
  ['j', 'LONG_BINGET', 'u4'],
  ['p', 'PUT', 'intLine'],
  ['q', 'BINPUT', 'u1'],
  ['r', 'LONG_BINPUT', 'u4'],
  ['\x94', 'MEMOIZE', 'none'],
  ['\x82', 'EXT1', 'u1'],
  ['\x83', 'EXT2', 'u2'],
  ['\x84', 'EXT4', 'i4'],
  ['c', 'GLOBAL', 'twoLines'],
  ['\x93', 'STACK_GLOBAL', 'none'],
  ['R', 'REDUCE', 'none'],
  ['b', 'BUILD', 'none'],
  ['i', 'INST', 'twoLines'],
  ['o', 'OBJ', 'none'],
  ['\x81', 'NEWOBJ', 'none'],
  ['\x92', 'NEWOBJ_EX', 'none'],
  ['\x80', 'PROTO', 'u1'],
  ['.', 'STOP', 'none'],
  ['\x95', 'FRAME', 'u8'],
  ['P', 'PERSID', 'idLine'],
  ['Q', 'BINPERSID', 'none'],
] as const satisfies readonly (readonly [character: string, name: string, argument: PickleArgument])[];

export type PickleOpcodeName = (typeof TABLE)[number][1];

export interface PickleOpcode {
  readonly name: PickleOpcodeName;
  readonly argument: PickleArgument;
}

const BY_BYTE: readonly (PickleOpcode | undefined)[] = Array.from({ length: 256 }, (_, byte) => {
  const row = TABLE.find(([character]) => character.charCodeAt(0) === byte);
  return row === undefined ? undefined : { name: row[1], argument: row[2] };
});

/** What a byte means as an opcode, undefined where no protocol knows it. */
export function pickleOpcode(byte: number): PickleOpcode | undefined {
  return BY_BYTE[byte];
}
