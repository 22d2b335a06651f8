import type { Binding, InputField, WorkflowGraph } from '../../protocol/studioValues.ts';
import { literalOf, titleOf } from './graph.ts';
import type { NodeDescriptions } from './nodeDescription.ts';

const LABELS: Readonly<Record<string, string>> = {
  prompt: 'Prompt',
  negative: 'Negative prompt',
  seed: 'Seed',
  width: 'Width',
  height: 'Height',
  steps: 'Steps',
  cfg: 'CFG',
  sampler: 'Sampler',
  scheduler: 'Scheduler',
  denoise: 'Denoise',
  model: 'Model',
  lora: 'LoRA',
  lora_strength: 'LoRA strength',
  image: 'Image',
  mask: 'Mask',
};

/** Limits of what a number holds exactly: ComfyUI's own go up to 2^64. */
const EXACT = Number.MAX_SAFE_INTEGER;

/**
 * What one can set in a workflow: one field for each name. Its default is what the graph says; of a choice that the
 * server does not have, the first that it has.
 */
export function workflowFields(
  workflow: { readonly graph: WorkflowGraph; readonly bindings: readonly Binding[] },
  descriptions: NodeDescriptions = new Map(),
): InputField[] {
  const fields = new Map<string, InputField>();
  for (const binding of workflow.bindings) {
    const node = workflow.graph[binding.node];
    if (node === undefined || fields.has(binding.name)) continue;
    const input = descriptions.get(node.class_type)?.inputs.get(binding.input);
    const written = literalOf(node.inputs[binding.input]) ?? input?.default;
    const { choices } = input ?? {};
    const isKnown = choices === undefined || choices.length === 0 || choices.includes(String(written));
    const value = isKnown || binding.type === 'image' ? written : choices[0];
    fields.set(binding.name, {
      name: binding.name,
      label: labelOf(binding.name, titleOf(node)),
      type: binding.type,
      ...(value === undefined ? {} : { default: value }),
      ...(choices === undefined ? {} : { choices: [...choices] }),
      ...(input?.min === undefined ? {} : { min: Math.max(input.min, -EXACT) }),
      ...(input?.max === undefined ? {} : { max: Math.min(input.max, EXACT) }),
      ...(input?.step === undefined ? {} : { step: input.step }),
    });
  }
  return [...fields.values()];
}

function labelOf(name: string, title: string): string {
  const known = LABELS[name];
  if (known !== undefined) return known;
  const [, base = '', number = ''] = /^(.+?)_(\d+)$/.exec(name) ?? [];
  const numbered = LABELS[base];
  return numbered === undefined ? `${name} (${title})` : `${numbered} ${number}`;
}
