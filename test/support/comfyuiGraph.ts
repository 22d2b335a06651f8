import type { NodeInfo } from './comfyuiNodes.ts';

export interface GraphNode {
  readonly class_type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}
export type Graph = Readonly<Record<string, GraphNode>>;
export type NodeInfos = Readonly<Record<string, NodeInfo>>;

export interface Refusal {
  readonly error: { type: string; message: string; details: string; extra_info: object };
  readonly node_errors: Record<string, { errors: NodeError[]; dependent_outputs: string[]; class_type: string }>;
}
interface NodeError {
  readonly type: string;
  readonly message: string;
  readonly details: string;
  readonly extra_info: Record<string, unknown>;
}

/** The node and output a value links to. */
export function linkOf(value: unknown): readonly [node: string, output: number] | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [node, output] = value as unknown[];
  return typeof node === 'string' && typeof output === 'number' ? [node, output] : undefined;
}

export function linkedNodes(node: GraphNode): string[] {
  return Object.values(node.inputs).flatMap((value) => linkOf(value)?.[0] ?? []);
}

/** The nodes that the outputs need, each after those it needs itself. */
export function runOrder(graph: Graph, outputs: readonly string[]): string[] {
  const order = new Set<string>();
  const visit = (id: string): void => {
    const node = graph[id];
    if (node === undefined || order.has(id)) return;
    for (const other of linkedNodes(node)) visit(other);
    order.add(id);
  };
  for (const id of outputs) visit(id);
  return [...order];
}

function refusal(type: string, message: string, details = ''): Refusal {
  return { error: { type, message, details, extra_info: {} }, node_errors: {} };
}

function valueErrors(name: string, spec: readonly unknown[], value: unknown): NodeError[] {
  const [type, options] = spec as [unknown, Record<string, unknown> | undefined];
  const error = (kind: string, message: string, details: string): NodeError[] => [
    { type: kind, message, details, extra_info: { input_name: name, input_config: spec, received_value: value } },
  ];
  const choices = Array.isArray(type) ? type : type === 'COMBO' ? options?.options : undefined;
  if (Array.isArray(choices)) {
    if ((choices as unknown[]).includes(value)) return [];
    const list = `[${choices.map((choice) => `'${String(choice)}'`).join(', ')}]`;
    return error('value_not_in_list', 'Value not in list', `${name}: '${String(value)}' not in ${list}`);
  }
  if (type !== 'INT' && type !== 'FLOAT') return [];
  if (typeof value !== 'number') {
    return error(
      'invalid_input_type',
      `Failed to convert an input value to a ${type} value`,
      `${name}, ${String(value)}`,
    );
  }
  const { min, max } = options ?? {};
  if (typeof min === 'number' && value < min) {
    return error('value_smaller_than_min', `Value ${value} smaller than min of ${min}`, name);
  }
  if (typeof max === 'number' && value > max) {
    return error('value_bigger_than_max', `Value ${value} bigger than max of ${max}`, name);
  }
  return [];
}

/** As execution.py's validate_prompt judges; the ids of the output nodes, or the body of the answer 400. */
export function judgeGraph(graph: Graph | undefined, infos: NodeInfos): string[] | Refusal {
  if (graph === undefined) return refusal('no_prompt', 'No prompt provided', 'No prompt provided');
  for (const [id, node] of Object.entries(graph)) {
    const kind: unknown = node.class_type;
    if (typeof kind !== 'string') {
      return refusal(
        'invalid_prompt',
        'Cannot execute because a node is missing the class_type property.',
        `Node ID '#${id}'`,
      );
    }
    if (infos[kind] === undefined) {
      return refusal('invalid_prompt', `Cannot execute because node ${kind} does not exist.`, `Node ID '#${id}'`);
    }
  }
  const outputs = Object.keys(graph).filter((id) => infos[graph[id]?.class_type ?? '']?.output_node === true);
  if (outputs.length === 0) return refusal('prompt_no_outputs', 'Prompt has no outputs');

  const nodeErrors: Refusal['node_errors'] = {};
  const good: string[] = [];
  const ofOutputs: string[] = [];
  for (const output of outputs) {
    const bad = runOrder(graph, [output]).filter((id) => {
      const errors = errorsOfNode(graph, infos, id, output);
      if (errors.length === 0) return false;
      const entry = (nodeErrors[id] ??= { errors, dependent_outputs: [], class_type: graph[id]?.class_type ?? '' });
      entry.dependent_outputs.push(output);
      if (id === output) ofOutputs.push(...errors.map((error) => `${error.message}: ${error.details}`));
      return true;
    });
    if (bad.length === 0) good.push(output);
  }
  if (good.length > 0) return good;
  const { error } = refusal(
    'prompt_outputs_failed_validation',
    'Prompt outputs failed validation',
    ofOutputs.join('\n'),
  );
  return { error, node_errors: nodeErrors };
}

function errorsOfNode(graph: Graph, infos: NodeInfos, id: string, output: string): NodeError[] {
  const node = graph[id];
  if (node === undefined) return [];
  return Object.entries(infos[node.class_type]?.input.required ?? {}).flatMap(([name, spec]) => {
    const value = node.inputs[name];
    if (value === undefined) {
      const message = 'Required input is missing';
      return [{ type: 'required_input_missing', message, details: name, extra_info: { input_name: name } }];
    }
    const link = linkOf(value);
    if (link === undefined) return valueErrors(name, spec, value);
    if (graph[link[0]] !== undefined) return [];
    // The server speaks of the input that leads here, not of the one that is wrong.
    const leads = Object.entries(graph[output]?.inputs ?? {}).find(([, other]) => linkOf(other)?.[0] === id);
    const said = `'${link[0]}'`;
    return [
      {
        type: 'exception_during_inner_validation',
        message: 'Exception when validating inner node',
        details: said,
        extra_info: { input_name: leads?.[0] ?? name, exception_message: said, exception_type: 'KeyError' },
      },
    ];
  });
}

/** One line for a node and all it hangs on: the same line, the same result. */
export function signatureOf(graph: Graph, id: string): string {
  const node = graph[id];
  if (node === undefined) return id;
  const inputs = Object.entries(node.inputs).map(([name, value]) => {
    const link = linkOf(value);
    return [name, link === undefined ? value : [signatureOf(graph, link[0]), link[1]]];
  });
  return JSON.stringify([node.class_type, inputs]);
}

/** How many images of what size a node puts out: what the graph's latents, pictures and scalings come to. */
export function imagesOf(
  graph: Graph,
  id: string,
  sizeOfUpload: (name: string) => { width: number; height: number } | undefined,
): { width: number; height: number; count: number } {
  const standard = { width: 64, height: 64, count: 1 };
  const node = graph[id];
  if (node === undefined) return standard;
  const { width, height, batch_size: batch, image } = node.inputs;
  if (node.class_type === 'LoadImage' && typeof image === 'string') return { ...standard, ...sizeOfUpload(image) };
  const before = [...linkedNodes(node)]
    .map((other) => imagesOf(graph, other, sizeOfUpload))
    .reduce((largest, size) => (size.width * size.height >= largest.width * largest.height ? size : largest), standard);
  if (typeof width !== 'number' || typeof height !== 'number') return before;
  return { width, height, count: typeof batch === 'number' ? batch : before.count };
}

/** The seed of the sampler that a node hangs on. */
export function seedOf(graph: Graph, id: string): number {
  for (const other of [id, ...runOrder(graph, [id]).reverse()]) {
    const { seed, noise_seed: noiseSeed, color } = graph[other]?.inputs ?? {};
    for (const value of [seed, noiseSeed, color]) if (typeof value === 'number') return value;
  }
  return 1;
}
