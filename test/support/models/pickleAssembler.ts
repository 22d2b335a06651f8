/**
 * Pickles made opcode by opcode. Each part is the bytes of one opcode with its argument; `pickle` joins them, so that a test
 * reads like the listing of `pickletools.dis`.
 */
export const MARK = Buffer.from('(');
export const STOP = Buffer.from('.');
export const REDUCE = Buffer.from('R');
export const BUILD = Buffer.from('b');
export const NEWOBJ = Buffer.from([0x81]);
export const NEWOBJ_EX = Buffer.from([0x92]);
export const OBJ = Buffer.from('o');
export const STACK_GLOBAL = Buffer.from([0x93]);
export const MEMOIZE = Buffer.from([0x94]);
export const EMPTY_TUPLE = Buffer.from(')');
export const EMPTY_DICT = Buffer.from('}');
export const EMPTY_LIST = Buffer.from(']');
export const TUPLE = Buffer.from('t');
export const TUPLE1 = Buffer.from([0x85]);
export const TUPLE2 = Buffer.from([0x86]);
export const TUPLE3 = Buffer.from([0x87]);
export const SETITEM = Buffer.from('s');
export const SETITEMS = Buffer.from('u');
export const APPENDS = Buffer.from('e');
export const NONE = Buffer.from('N');
export const NEWFALSE = Buffer.from([0x89]);
export const POP = Buffer.from('0');
export const POP_MARK = Buffer.from('1');
export const DUP = Buffer.from('2');
export const BINPERSID = Buffer.from('Q');

export function pickle(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts);
}

export function proto(version: number): Buffer {
  return Buffer.from([0x80, version]);
}

/** GLOBAL */
export function global(module: string, name: string): Buffer {
  return Buffer.from(`c${module}\n${name}\n`);
}

/** INST */
export function inst(module: string, name: string): Buffer {
  return Buffer.from(`i${module}\n${name}\n`);
}

/** BINUNICODE */
export function text(value: string): Buffer {
  return withLength4('X', Buffer.from(value));
}

/** SHORT_BINUNICODE */
export function shortText(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([0x8c, bytes.length]), bytes]);
}

/** BINBYTES */
export function bytes(value: Uint8Array): Buffer {
  return withLength4('B', value);
}

/** BININT */
export function int(value: number): Buffer {
  const buffer = Buffer.alloc(5);
  buffer.write('J', 'latin1');
  buffer.writeInt32LE(value, 1);
  return buffer;
}

/** BINPUT */
export function put(index: number): Buffer {
  return Buffer.from([0x71, index]);
}

/** BINGET */
export function get(index: number): Buffer {
  return Buffer.from([0x68, index]);
}

/** FRAME, with the length that it claims. */
export function frame(length: number): Buffer {
  const buffer = Buffer.alloc(9);
  buffer[0] = 0x95;
  buffer.writeBigUInt64LE(BigInt(length), 1);
  return buffer;
}

/** An opcode with its argument as a line. */
export function line(opcode: string, argument: string): Buffer {
  return Buffer.from(`${opcode}${argument}\n`, 'latin1');
}

export function ext(code: number): Buffer {
  return Buffer.from([0x82, code]);
}

/** What `torch.save` writes for one tensor: `_rebuild_tensor_v2` of a storage that is named by a persistent id. */
export function torchTensor(storageClass: string, key: string, elements: number, shape: readonly number[]): Buffer {
  return Buffer.concat([
    global('torch._utils', '_rebuild_tensor_v2'),
    MARK,
    ...[MARK, text('storage'), global('torch', storageClass), text(key), text('cpu'), int(elements), TUPLE, BINPERSID],
    int(0),
    ...[MARK, ...shape.map(int), TUPLE],
    ...[MARK, ...shape.map(int), TUPLE],
    NEWFALSE,
    ...[global('collections', 'OrderedDict'), EMPTY_TUPLE, REDUCE],
    TUPLE,
    REDUCE,
  ]);
}

/** A state dict as torch writes it. */
export function stateDict(tensors: ReadonlyMap<string, Uint8Array>): Buffer {
  return Buffer.concat([
    proto(2),
    ...[global('collections', 'OrderedDict'), EMPTY_TUPLE, REDUCE, MARK],
    ...[...tensors].flatMap(([name, tensor]) => [text(name), tensor]),
    SETITEMS,
    STOP,
  ]);
}

function withLength4(opcode: string, value: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.write(opcode, 'latin1');
  head.writeUInt32LE(value.length, 1);
  return Buffer.concat([head, value]);
}
