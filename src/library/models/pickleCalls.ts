import type { PickledBytes, PickledGlobal, PickledSequence, PickledStorage, PickleValue } from './pickleValues.ts';
import { STORAGE_DTYPES, TORCH_DTYPES } from './torchTypes.ts';

/** What a call tells beside its result. */
export interface PickleCallNotes {
  /** A reason to distrust the pickle: what is strange, as the part of a sentence that follows "it". */
  doubt(reason: string): void;
  /** Bytes that the call would unpickle in turn. */
  nested(bytes: PickledBytes): void;
  /** Whether so many more values may be kept. */
  keep(count: number): boolean;
}

type Call = (args: readonly PickleValue[], notes: PickleCallNotes) => PickleValue | undefined;

const MAX_DIMENSIONS = 64;

/** Encodings of `_codecs.encode` that only turn text into bytes; others decompress, decode or load a module. */
const PLAIN_ENCODINGS: ReadonlySet<unknown> = new Set(['latin1', 'latin-1', 'iso-8859-1', 'ascii', 'utf-8', 'utf8']);

/** Calls whose result or arguments matter. Every other call makes an object of which only the maker is known. */
const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['collections.OrderedDict', ([items], notes) => ({ kind: 'dict', entries: pairs(items, notes) })],
  ['collections.Counter', () => ({ kind: 'dict', entries: [] })],
  ['collections.defaultdict', () => ({ kind: 'dict', entries: [] })],
  ['builtins.dict', ([items], notes) => ({ kind: 'dict', entries: pairs(items, notes) })],
  ['torch.Size', ([sizes]) => (isSequence(sizes) ? { kind: 'tuple', items: sizes.items } : undefined)],
  ['_codecs.encode', encode],
  ['torch.storage._load_from_bytes', loadFromBytes],
  ['torch._utils._rebuild_tensor', ([storage, , size]) => tensor(storage, size)],
  ['torch._utils._rebuild_tensor_v2', ([storage, , size]) => tensor(storage, size)],
  ['torch._utils._rebuild_tensor_v3', (args) => tensor(args[0], args[2], args[6])],
  ['torch._utils._rebuild_qtensor', ([storage, , size]) => tensor(storage, size)],
  ['torch._utils._rebuild_parameter', ([data]) => data],
  ['torch._utils._rebuild_parameter_with_state', ([data]) => data],
  ['torch._utils._rebuild_device_tensor_from_cpu_tensor', ([data]) => data],
  ['torch.nn.parameter.Parameter', ([data]) => data],
  ['torch._tensor._rebuild_from_type_v2', rebuildFromType],
]);

/** `module.name` as Python 3 calls it. */
export function pythonName({ module, name }: PickledGlobal): string {
  return `${module === '__builtin__' ? 'builtins' : module}.${name}`;
}

/** What calling something would give, without calling anything. Undefined arguments are not known. */
export function evaluateCall(
  callable: PickledGlobal,
  args: readonly PickleValue[] | undefined,
  notes: PickleCallNotes,
): PickleValue {
  const value = CALLS.get(pythonName(callable))?.(args ?? [], notes);
  return value ?? { kind: 'object', made: callable, state: undefined };
}

/** The storage that a persistent id of torch names, undefined where it is no such id. */
export function storageOf(id: PickleValue): PickledStorage | undefined {
  if (!isSequence(id) || id.items[0] !== 'storage') return undefined;
  const [, type, key, , elements] = id.items;
  if (typeof type !== 'object' || type.kind !== 'global') return undefined;
  if ((typeof key !== 'string' && typeof key !== 'number') || typeof elements !== 'number') return undefined;
  if (!Number.isSafeInteger(elements) || elements < 0) return undefined;
  return { kind: 'storage', key: String(key), dtype: STORAGE_DTYPES.get(type.name), elements };
}

function isSequence(value: PickleValue | undefined): value is PickledSequence {
  return typeof value === 'object' && (value.kind === 'tuple' || value.kind === 'list');
}

function tensor(storage?: PickleValue, size?: PickleValue, type?: PickleValue): PickleValue | undefined {
  if (typeof storage !== 'object' || storage.kind !== 'storage' || !isSequence(size)) return undefined;
  if (size.items.length > MAX_DIMENSIONS) return undefined;
  const shape = size.items.filter((length) => typeof length === 'number' && length >= 0) as number[];
  if (shape.length !== size.items.length) return undefined;
  const named = typeof type === 'object' && type.kind === 'global' ? TORCH_DTYPES.get(type.name) : undefined;
  return { kind: 'tensor', dtype: named ?? storage.dtype, shape };
}

/** `_rebuild_from_type_v2(function, type, arguments, state)` calls the function, which may not be itself. */
function rebuildFromType(args: readonly PickleValue[], notes: PickleCallNotes): PickleValue | undefined {
  const [callable, , inner] = args;
  if (typeof callable !== 'object' || callable.kind !== 'global') {
    notes.doubt('calls something that is only known when it runs');
    return undefined;
  }
  if (callable.name === '_rebuild_from_type_v2') return undefined;
  return evaluateCall(callable, isSequence(inner) ? inner.items : undefined, notes);
}

function encode([, encoding]: readonly PickleValue[], notes: PickleCallNotes): undefined {
  const plain = typeof encoding === 'string' ? encoding.toLowerCase() : encoding;
  if (!PLAIN_ENCODINGS.has(plain)) notes.doubt('encodes text in an unusual way');
}

function loadFromBytes([bytes]: readonly PickleValue[], notes: PickleCallNotes): undefined {
  if (typeof bytes === 'object' && bytes.kind === 'bytes') notes.nested(bytes);
  else notes.doubt('unpickles bytes that are only known when it runs');
}

function pairs(items: PickleValue | undefined, notes: PickleCallNotes): PickleValue[] {
  if (!isSequence(items) || !notes.keep(2 * items.items.length)) return [];
  return items.items.flatMap((pair) => (isSequence(pair) && pair.items.length === 2 ? pair.items : []));
}
