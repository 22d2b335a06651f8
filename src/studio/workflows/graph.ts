import type { WorkflowGraph } from '../../protocol/studioValues.ts';

export type GraphNode = WorkflowGraph[string];
export type Literal = string | number | boolean;

/** The node a value links to: a link is `[node id, output]`. */
export function linkedNode(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [node, output] = value as unknown[];
  return typeof node === 'string' && typeof output === 'number' ? node : undefined;
}

/** A value written into the graph itself. */
export function literalOf(value: unknown): Literal | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

/** Ids of the nodes that a node takes something from. */
function nodesBefore(node: GraphNode): string[] {
  return Object.values(node.inputs).flatMap((value) => linkedNode(value) ?? []);
}

/** The classes of a graph's nodes, each once. */
export function classesOf(graph: WorkflowGraph): string[] {
  return [...new Set(Object.values(graph).map((node) => node.class_type))];
}

/** A node as the person calls it: its title in the graph, or its class. */
export function titleOf(node: GraphNode): string {
  const { _meta: meta } = node;
  if (
    typeof meta === 'object' &&
    meta !== null &&
    'title' in meta &&
    typeof meta.title === 'string' &&
    meta.title !== ''
  ) {
    return meta.title;
  }
  return node.class_type;
}

/** Every node, each after those it takes from, otherwise in the graph's order. Circles are cut. */
export function inRunOrder(graph: WorkflowGraph): [id: string, node: GraphNode][] {
  // A map, since links of a stranger's graph may name anything, `constructor` too.
  const nodes = new Map(Object.entries(graph));
  const seen = new Set<string>();
  const order: [string, GraphNode][] = [];
  for (const start of nodes.keys()) {
    // Not recursive: a graph of a stranger's may be one long chain.
    const path: { readonly id: string; readonly node: GraphNode; readonly before: string[] }[] = [];
    const enter = (id: string): void => {
      const node = nodes.get(id);
      if (node === undefined || seen.has(id)) return;
      seen.add(id);
      path.push({ id, node, before: nodesBefore(node) });
    };
    enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.before.shift();
      if (next !== undefined) enter(next);
      else {
        order.push([top.id, top.node]);
        path.pop();
      }
    }
  }
  return order;
}

/** Classes of ComfyUI itself that make no image, whatever hangs on them. */
const NO_OUTPUT =
  /^(CheckpointLoader|CLIP|VAE|KSampler|SamplerCustom|Empty|Conditioning|ControlNet|UNET|Image(Scale|Invert)|Load|Lora|Primitive)|Loader$/;

/**
 * Whether a graph seems to make an image that is kept or shown, for when no server can be asked: a node is named so, or
 * nothing takes from it and it is of a class that nobody here knows.
 */
export function seemsToMakeImages(graph: WorkflowGraph): boolean {
  const used = new Set(Object.values(graph).flatMap(nodesBefore));
  return Object.entries(graph).some(([id, { class_type: kind }]) => {
    if (/latent|audio|text|string|any|checkpoint|lora|model/i.test(kind)) return false;
    return /save|preview|output/i.test(kind) || (!used.has(id) && !NO_OUTPUT.test(kind));
  });
}
