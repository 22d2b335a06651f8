import { LakesideError } from '../../base/errors.ts';
import type { Binding, GenerationValues, WorkflowGraph } from '../../protocol/studioValues.ts';
import { type Literal, literalOf, titleOf } from './graph.ts';

export interface BoundWorkflow {
  readonly name: string;
  readonly graph: WorkflowGraph;
  readonly bindings: readonly Binding[];
}

export interface ToApply {
  /** Empty: what the graph says. */
  readonly prompt: string;
  readonly negative: string;
  readonly seed: number;
  readonly values: GenerationValues;
}

/**
 * The graph with everything set: a new one, the workflow's own is left as it is. A name that is not given keeps what
 * the graph says. Values of type `image` are the names that the server knows them by.
 * @throws LakesideError WORKFLOW_BINDING (the node or input is gone), VALUE_UNKNOWN, VALUE_WRONG
 */
export function applyValues(workflow: BoundWorkflow, { prompt, negative, seed, values }: ToApply): WorkflowGraph {
  const wanted = new Map<string, Literal>([...Object.entries(values), ['seed', seed]]);
  if (prompt !== '') wanted.set('prompt', prompt);
  if (negative !== '') wanted.set('negative', negative);
  const graph = structuredClone(workflow.graph);
  for (const name of Object.keys(values)) {
    if (workflow.bindings.some((binding) => binding.name === name)) continue;
    const names = [...new Set(workflow.bindings.map((binding) => binding.name))].join(', ');
    throw new LakesideError(
      'VALUE_UNKNOWN',
      'validation',
      `The workflow "${workflow.name}" has no input named "${name}". It has: ${names}.`,
      { context: { name } },
    );
  }
  for (const binding of workflow.bindings) {
    const node = graph[binding.node];
    if (node === undefined || literalOf(node.inputs[binding.input]) === undefined) {
      throw new LakesideError(
        'WORKFLOW_BINDING',
        'validation',
        `"${binding.name}" of the workflow "${workflow.name}" is bound to the input ${binding.input} of node ${binding.node}, which ${node === undefined ? 'is not in it' : 'is not one that can be set'}. Correct the workflow's inputs.`,
        { context: { name: binding.name } },
      );
    }
    const value = wanted.get(binding.name);
    if (value !== undefined) node.inputs[binding.input] = converted(value, binding, titleOf(node));
  }
  return graph;
}

function converted(value: Literal, binding: Binding, title: string): Literal {
  switch (binding.type) {
    case 'text':
    case 'choice':
    case 'image':
      return String(value);
    case 'boolean':
      if (value === true || value === 'true' || value === 1) return true;
      if (value === false || value === 'false' || value === 0) return false;
      throw wrong(value, binding, title, 'true or false');
    case 'integer':
    case 'number': {
      const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
      if (!Number.isFinite(number) || typeof value === 'boolean') throw wrong(value, binding, title, 'a number');
      if (binding.type === 'integer' && !Number.isInteger(number)) throw wrong(value, binding, title, 'a whole number');
      return number;
    }
  }
}

function wrong(value: Literal, { name, input }: Binding, title: string, wanted: string): LakesideError {
  return new LakesideError(
    'VALUE_WRONG',
    'validation',
    `"${name}" (${input} of ${title}) must be ${wanted}, and is "${String(value).slice(0, 100)}".`,
    { context: { name } },
  );
}
