import { isJsonList, isJsonObject, type JsonObject, numberIn, parseLooseJson, seedIn, textIn } from './looseJson.ts';
import { said, type SaidData, withoutAbsent } from './saidData.ts';

interface Node {
  readonly id: string;
  readonly type: string;
  readonly inputs: JsonObject;
}
type Graph = ReadonlyMap<string, Node>;

/** Nodes that are looked at for one question; a graph may be large, and may run in a circle. */
const MAX_VISITED = 5_000;

/**
 * Reads the graph in API format that ComfyUI writes under `prompt`, and hands on the editor's under `workflow`. Prompt
 * and settings are those of the sampler that the picture starts with: one that denoises fully, followed back from what
 * is saved.
 */
export function readComfyui(prompt: string | undefined, workflow: string | undefined): SaidData {
  const texts = { graph: prompt, workflow };
  const parsed = prompt === undefined ? undefined : parseLooseJson(prompt);
  if (!isJsonObject(parsed)) return said('comfyui', texts);
  const graph = graphOf(parsed);
  const sampler = findSampler(graph);
  if (sampler === undefined) return said('comfyui', { ...texts, ...modelsBefore(graph, outputsOf(graph)) });
  return said('comfyui', { ...texts, ...samplerFields(graph, sampler), ...modelsBefore(graph, [sampler]) });
}

function graphOf(parsed: JsonObject): Graph {
  const graph = new Map<string, Node>();
  for (const [id, node] of Object.entries(parsed)) {
    if (!isJsonObject(node) || !isJsonObject(node.inputs)) continue;
    graph.set(id, { id, type: textIn(node, 'class_type') ?? '', inputs: node.inputs });
  }
  return graph;
}

function findSampler(graph: Graph): Node | undefined {
  const samplers = [...before(graph, outputsOf(graph))].filter(isSampler);
  const denoises = ({ inputs }: Node): number => numberIn(inputs, 'denoise') ?? 1;
  // The farthest from the output that denoises most: refiners and upscalers come after it.
  return samplers.reduce<Node | undefined>(
    (best, node) => (best === undefined || denoises(node) >= denoises(best) ? node : best),
    undefined,
  );
}

function isSampler({ type, inputs }: Node): boolean {
  return /sampler/i.test(type) && ('positive' in inputs || 'guider' in inputs || 'latent_image' in inputs);
}

/** What saves or shows; every node where nothing does. */
function outputsOf(graph: Graph): Node[] {
  const nodes = [...graph.values()];
  const outputs = nodes.filter(({ type }) => /save|preview|output/i.test(type));
  return outputs.length > 0 ? outputs : nodes;
}

/** The nodes that these hang on, themselves included, the nearest first. */
function* before(graph: Graph, start: readonly Node[]): Generator<Node> {
  const seen = new Set(start);
  for (const node of seen) {
    if (seen.size > MAX_VISITED) return;
    yield node;
    for (const input of Object.values(node.inputs)) {
      const from = linked(graph, input);
      if (from !== undefined) seen.add(from);
    }
  }
}

/** A link is `[node id, output]`. */
function linked(graph: Graph, input: unknown): Node | undefined {
  const [id] = isJsonList(input) ? input : [];
  return typeof id === 'string' || typeof id === 'number' ? graph.get(String(id)) : undefined;
}

function samplerFields(graph: Graph, sampler: Node): Partial<SaidData> {
  const { inputs } = sampler;
  const guider = linked(graph, inputs.guider);
  const noise = linked(graph, inputs.noise);
  const sigmas = linked(graph, inputs.sigmas);
  const selected = linked(graph, inputs.sampler);
  const conditions = guider?.inputs ?? inputs;
  const positive = linked(graph, conditions.positive) ?? linked(graph, conditions.conditioning);
  const negative = linked(graph, conditions.negative);
  return withoutAbsent({
    prompt: positive && textBefore(graph, positive),
    negative: negative && textBefore(graph, negative),
    seed: seedOf(graph, inputs) ?? (noise && seedOf(graph, noise.inputs)),
    steps: numberAt(graph, inputs, 'steps') ?? (sigmas && numberAt(graph, sigmas.inputs, 'steps')),
    cfg: numberAt(graph, inputs, 'cfg') ?? (guider && numberAt(graph, guider.inputs, 'cfg')),
    sampler: textIn(inputs, 'sampler_name') ?? (selected && textIn(selected.inputs, 'sampler_name')),
    scheduler: textIn(inputs, 'scheduler') ?? (sigmas && textIn(sigmas.inputs, 'scheduler')),
  });
}

/** The first text on the way back from a conditioning: what an encoder was given, or what was linked to it. */
function textBefore(graph: Graph, start: Node): string | undefined {
  for (const { inputs } of before(graph, [start])) {
    const text = textIn(inputs, 'text', 'text_g', 'clip_l', 't5xxl', 'prompt', 'string', 'value');
    if (text !== undefined) return text;
  }
  return undefined;
}

function seedOf(graph: Graph, inputs: JsonObject): number | string | undefined {
  const from = linked(graph, inputs.seed) ?? linked(graph, inputs.noise_seed);
  return seedIn(inputs, 'seed', 'noise_seed') ?? (from && seedIn(from.inputs, 'seed', 'noise_seed', 'value', 'int'));
}

function numberAt(graph: Graph, inputs: JsonObject, name: string): number | undefined {
  const from = linked(graph, inputs[name]);
  return numberIn(inputs, name) ?? (from && numberIn(from.inputs, name, 'value', 'int', 'float'));
}

function modelsBefore(graph: Graph, start: readonly Node[]): Partial<SaidData> {
  let model: string | undefined;
  const loras: { name: string; strength?: number }[] = [];
  for (const { inputs } of before(graph, start)) {
    model ??= textIn(inputs, 'ckpt_name', 'unet_name', 'model_name');
    const lora = textIn(inputs, 'lora_name');
    if (lora === undefined) continue;
    const strength = numberIn(inputs, 'strength_model', 'strength');
    loras.push({ name: lora, ...(strength === undefined ? {} : { strength }) });
  }
  return withoutAbsent({ model, loras: loras.reverse() });
}
