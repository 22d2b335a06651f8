import type { PickledTensor, PickleValue } from './pickleValues.ts';

const MAX_TENSORS = 200_000;
const MAX_DEPTH = 4;
const MAX_NAMES_LENGTH = 8 * 1024 * 1024;

/** Keys that only wrap what other formats hold directly, so that names compare with those of a safetensors file. */
const WRAPPERS: ReadonlySet<string> = new Set(['state_dict', '_parameters']);

export interface NamedTensor {
  /** The keys that lead to it, joined by dots, without `state_dict`. */
  readonly name: string;
  /** As safetensors names it; undefined where the file does not say. */
  readonly dtype: string | undefined;
  /** Elements along each dimension. */
  readonly shape: readonly number[];
}

/**
 * The tensors in the dictionaries of a pickle's object: a state dict, or one inside of a checkpoint. Undefined where there
 * is none, as in a pickle that holds a whole model, or no model.
 */
export function namedTensors(root: PickleValue): readonly NamedTensor[] | undefined {
  const found: NamedTensor[] = [];
  const seen = new Set<PickleValue[]>();
  let namesLength = 0;
  const open = [{ prefix: '', entries: entriesOf(root), depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { entries } = next;
    if (entries === undefined || seen.has(entries) || next.depth >= MAX_DEPTH) continue;
    seen.add(entries);
    for (let index = 0; index + 1 < entries.length; index += 2) {
      const key = entries[index];
      const value = entries[index + 1];
      if ((typeof key !== 'string' && typeof key !== 'number') || typeof value !== 'object') continue;
      const name = `${next.prefix}${key}`;
      namesLength += name.length;
      if (namesLength > MAX_NAMES_LENGTH || found.length >= MAX_TENSORS) return undefined;
      if (isTensor(value)) {
        found.push({ name, dtype: value.dtype, shape: value.shape });
        continue;
      }
      const prefix = WRAPPERS.has(String(key)) ? next.prefix : `${name}.`;
      open.push({ prefix, entries: entriesOf(value), depth: next.depth + 1 });
    }
  }
  return found.length === 0 ? undefined : found;
}

function isTensor(value: PickleValue): value is PickledTensor {
  return typeof value === 'object' && value.kind === 'tensor';
}

/** Key and value by turns, of a dictionary or of the attributes of a module. */
function entriesOf(value: PickleValue | undefined): PickleValue[] | undefined {
  if (typeof value !== 'object') return undefined;
  if (value.kind === 'dict') return value.entries;
  if (value.kind !== 'object' || typeof value.state !== 'object') return undefined;
  return value.state.kind === 'dict' ? value.state.entries : undefined;
}
