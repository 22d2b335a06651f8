import type { Binding, WorkflowGraph } from '../../protocol/studioValues.ts';
import { inRunOrder, type Literal, literalOf, titleOf } from './graph.ts';
import type { NodeDescriptions, NodeInput } from './nodeDescription.ts';

export interface BindableInput {
  readonly node: string;
  readonly title: string;
  readonly input: string;
  readonly type: Binding['type'];
  readonly value: Literal;
}

/** Every input whose value is written into the graph itself: what a name can be bound to. */
export function bindableInputs(graph: WorkflowGraph, descriptions: NodeDescriptions = new Map()): BindableInput[] {
  return inRunOrder(graph).flatMap(([id, node]) =>
    Object.entries(node.inputs).flatMap(([input, said]) => {
      const value = literalOf(said);
      if (value === undefined) return [];
      const type = valueType(value, input, node.class_type, descriptions.get(node.class_type)?.inputs.get(input));
      return [{ node: id, title: titleOf(node), input, type, value }];
    }),
  );
}

function valueType(value: Literal, input: string, kind: string, described: NodeInput | undefined): Binding['type'] {
  if (described?.upload === true || (kind.startsWith('LoadImage') && input === 'image')) return 'image';
  if (described?.type === 'COMBO') return 'choice';
  if (described?.type === 'INT') return 'integer';
  if (described?.type === 'FLOAT') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return /(^|_)(name|name\d|method|scheduler)$/.test(input) ? 'choice' : 'text';
  // 7 may be a whole number or one that happens to be whole: steps and sizes are the former.
  return Number.isInteger(value) && !/cfg|guidance|strength|denoise|scale/.test(input) ? 'integer' : 'number';
}
