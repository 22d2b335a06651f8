import type { Binding, Workflow } from '../../src/protocol/studioValues.ts';

/** An input of a node that a name can be bound to. */
export interface NodeInput {
  readonly node: string;
  readonly title: string;
  readonly input: string;
  readonly type: Binding['type'];
  readonly value: string | number | boolean;
}

/** Names the rest of Lakeside knows, in the order one thinks of them. */
export const KNOWN_NAMES = [
  'prompt',
  'negative',
  'seed',
  'width',
  'height',
  'steps',
  'cfg',
  'sampler',
  'scheduler',
  'denoise',
  'model',
  'lora',
  'image',
] as const;

export const NAME_WORDS: Readonly<Record<string, string>> = {
  prompt: 'Prompt',
  negative: 'Negative prompt',
  seed: 'Seed',
  width: 'Width',
  height: 'Height',
  steps: 'Steps',
  cfg: 'Guidance (CFG)',
  sampler: 'Sampler',
  scheduler: 'Scheduler',
  denoise: 'Denoise',
  model: 'Model',
  lora: 'LoRA',
  image: 'Input image',
};

const NUMBERS = new Set<Binding['type']>(['integer', 'number']);

/** Which types a name can be given to; names of one's own take any. */
const SUITABLE: Readonly<Record<string, readonly Binding['type'][]>> = {
  prompt: ['text'],
  negative: ['text'],
  seed: ['integer'],
  width: ['integer'],
  height: ['integer'],
  steps: ['integer'],
  cfg: ['number', 'integer'],
  sampler: ['choice', 'text'],
  scheduler: ['choice', 'text'],
  denoise: ['number'],
  model: ['choice', 'text'],
  lora: ['choice', 'text'],
  image: ['image', 'choice', 'text'],
};

export function suits(name: string, type: Binding['type']): boolean {
  return SUITABLE[name]?.includes(type) ?? true;
}

export function inputKey({ node, input }: Pick<Binding, 'node' | 'input'>): string {
  return JSON.stringify([node, input]);
}

/** `KSampler › seed = 42`, long values cut. */
export function inputLabel({ title, node, input, type, value }: NodeInput): string {
  const text = String(value).replaceAll(/\s+/g, ' ').trim();
  const short = text.length > 32 ? `${text.slice(0, 31)}…` : text;
  const shown = NUMBERS.has(type) || type === 'boolean' || short !== '' ? ` = ${short}` : '';
  return `${title} (${node}) › ${input}${shown}`;
}

/** What one edits: a row for each binding. `key` is an input's, or '' while none is chosen. */
export interface BindingRow {
  readonly name: string;
  readonly key: string;
}

export function bindingRows({ bindings }: Pick<Workflow, 'bindings'>): readonly BindingRow[] {
  const order = (name: string): number => {
    const index = KNOWN_NAMES.findIndex((known) => known === name);
    return index < 0 ? KNOWN_NAMES.length : index;
  };
  return bindings
    .map((binding) => ({ name: binding.name, key: inputKey(binding) }))
    .toSorted((a, b) => order(a.name) - order(b.name));
}

/** Names that are not bound yet. */
export function unboundNames(rows: readonly BindingRow[]): readonly string[] {
  return KNOWN_NAMES.filter((name) => !rows.some((row) => row.name === name));
}

/** The bindings the rows mean. Rows without an input are left out, and so is an input the graph has not. */
export function bindingsOf(rows: readonly BindingRow[], inputs: readonly NodeInput[]): Binding[] {
  return rows.flatMap(({ name, key }) => {
    const found = inputs.find((input) => inputKey(input) === key);
    return found === undefined ? [] : [{ name, node: found.node, input: found.input, type: found.type }];
  });
}

/** What is wrong with the rows, as a sentence. */
export function bindingProblem(rows: readonly BindingRow[]): string | undefined {
  const chosen = rows.filter(({ key }) => key !== '');
  const twice = chosen.find(({ key }, index) => chosen.findIndex((other) => other.key === key) !== index);
  if (twice === undefined) return undefined;
  const names = chosen.filter(({ key }) => key === twice.key).map(({ name }) => NAME_WORDS[name] ?? name);
  return `${names.join(' and ')} set the same input. Choose another one for one of them.`;
}
