import type { Binding, WorkflowGraph } from '../../protocol/studioValues.ts';
import { type GraphNode, inRunOrder, linkedNode, literalOf } from './graph.ts';
import type { NodeDescriptions } from './nodeDescription.ts';

type ValueType = Binding['type'];
interface Place {
  readonly node: string;
  readonly input: string;
}

/** Inputs that hold words, by the classes that are common; `value` and `string` are those of primitive nodes. */
const TEXT_INPUTS = ['text', 'text_g', 'text_l', 'clip_l', 't5xxl', 'clip_g', 'prompt', 'positive_prompt'];
const PRIMITIVE_INPUTS = ['value', 'string', 'text', 'int', 'float', 'number', 'seed', 'noise_seed'];
/** Links that carry no words, on the way from a sampler up to its texts. */
const WORDLESS =
  /^(model|clip|vae|image\d*|pixels|latent.*|samples|control_net|mask|clip_vision.*|style_model|noise|sigmas|sampler)$/;
const MODEL_INPUTS = ['ckpt_name', 'unet_name', 'model_name', 'diffusion_model', 'gguf_name'];

/**
 * Finds what a person wants to set in a workflow: from its samplers up to the texts, the noise, the size, the model.
 * The result is a proposal that the person can correct.
 * @param descriptions what a server says of the nodes; without it the common classes are known by their inputs' names
 */
export function bindWorkflow(graph: WorkflowGraph, descriptions: NodeDescriptions = new Map()): Binding[] {
  return new Binder(graph, descriptions).bind();
}

class Binder {
  /** A map, since links of a stranger's graph may name anything, `constructor` too. */
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #descriptions: NodeDescriptions;
  readonly #order: readonly [string, GraphNode][];
  readonly #bindings: Binding[] = [];

  constructor(graph: WorkflowGraph, descriptions: NodeDescriptions) {
    this.#nodes = new Map(Object.entries(graph));
    this.#descriptions = descriptions;
    this.#order = inRunOrder(graph);
  }

  bind(): Binding[] {
    const samplers = this.#order.filter(([, node]) => isSampler(node)).map(([id]) => id);
    // The first to run is the one that composes the picture; later ones refine it.
    const [main] = samplers;
    this.#texts(samplers);
    for (const sampler of samplers) this.#seeds(sampler);
    if (!this.#has('seed')) for (const [id] of this.#order) this.#seeds(id);
    const around = main === undefined ? this.#order.map(([id]) => id) : [main, ...this.#settingsOf(main)];
    this.#size(main);
    this.#first(around, 'steps', ['steps'], 'integer');
    this.#first(around, 'cfg', ['cfg', 'guidance'], 'number');
    this.#first(around, 'sampler', ['sampler_name'], 'choice');
    this.#first(around, 'scheduler', ['scheduler'], 'choice');
    if (main !== undefined && this.#startsFromImage(main)) this.#first(around, 'denoise', ['denoise'], 'number');
    this.#models(main);
    this.#images();
    return this.#bindings;
  }

  #texts(samplers: readonly string[]): void {
    const places = (role: 'positive' | 'negative'): Place[] =>
      samplers.flatMap((sampler) => this.#conditioning(sampler, role).flatMap((id) => this.#textsAbove(id, role)));
    let [prompt, negative] = [unique(places('positive')), unique(places('negative'))];
    if (prompt.length === 0) {
      // No sampler that is known: nodes that call an outside service take the words themselves.
      const named = (names: RegExp): Place[] =>
        this.#order.flatMap(([node, { inputs }]) =>
          Object.keys(inputs)
            .filter((input) => names.test(input) && typeof inputs[input] === 'string')
            .map((input) => ({ node, input })),
        );
      prompt = named(/^(prompt|positive_prompt|text)$/).slice(0, 1);
      negative = named(/^(negative|negative_prompt)$/).slice(0, 1);
    }
    // One text may feed both sides, as where the negative is the positive zeroed out.
    const isPrompt = ({ node, input }: Place): boolean =>
      prompt.some((other) => other.node === node && other.input === input);
    for (const place of prompt) this.#add('prompt', place, 'text');
    for (const place of negative) if (!isPrompt(place)) this.#add('negative', place, 'text');
  }

  /** Nodes that condition a sampler, straight or through a guider. */
  #conditioning(id: string, role: 'positive' | 'negative'): string[] {
    const { inputs = {} } = this.#nodes.get(id) ?? {};
    const straight = linkedNode(inputs[role]) ?? (role === 'positive' ? linkedNode(inputs.conditioning) : undefined);
    if (straight !== undefined) return [straight];
    const guider = linkedNode(inputs.guider);
    return guider === undefined || guider === id ? [] : this.#conditioning(guider, role);
  }

  /** Where the words of a conditioning are written, following only links that can carry words. */
  #textsAbove(start: string, role: 'positive' | 'negative'): Place[] {
    const places: Place[] = [];
    const seen = new Set<string>();
    const waiting = [start];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const node = this.#nodes.get(id);
      if (node === undefined || seen.has(id)) continue;
      seen.add(id);
      const written = TEXT_INPUTS.filter((input) => node.inputs[input] !== undefined);
      if (written.length > 0) {
        for (const input of written) places.push(...this.#source({ node: id, input }, 'string'));
        continue;
      }
      const links = Object.entries(node.inputs).filter(([, value]) => linkedNode(value) !== undefined);
      const ofRole = links.filter(([input]) => input === role);
      for (const [input, value] of ofRole.length > 0 ? ofRole : links) {
        const next = linkedNode(value);
        if (next !== undefined && !WORDLESS.test(input)) waiting.push(next);
      }
    }
    return places;
  }

  /** The place itself if its value is written there, or that of the primitive node it is linked to. */
  #source(place: Place, type: 'string' | 'number'): Place[] {
    const seen = new Set<string>();
    for (let at: Place | undefined = place; at !== undefined && !seen.has(at.node);) {
      seen.add(at.node);
      const value: unknown = this.#nodes.get(at.node)?.inputs[at.input];
      // A seed beyond what a number holds exactly is kept as its digits.
      const isDigits = type === 'number' && typeof value === 'string' && /^\d{16,}$/.test(value);
      if (isDigits || typeof value === type) return [at];
      const next: string | undefined = linkedNode(value);
      const inputs: GraphNode['inputs'] = this.#nodes.get(next ?? '')?.inputs ?? {};
      const input: string | undefined = PRIMITIVE_INPUTS.find((name) => inputs[name] !== undefined);
      at = next === undefined || input === undefined ? undefined : { node: next, input };
    }
    return [];
  }

  #seeds(id: string): void {
    const { inputs = {} } = this.#nodes.get(id) ?? {};
    const noise = linkedNode(inputs.noise);
    for (const node of noise === undefined ? [id] : [id, noise]) {
      for (const input of ['seed', 'noise_seed']) {
        // A second sampler that adds no noise has a seed that does nothing.
        if (this.#nodes.get(node)?.inputs.add_noise === 'disable') continue;
        for (const place of this.#source({ node, input }, 'number')) this.#add('seed', place, 'integer');
      }
    }
  }

  /** Nodes a sampler takes its settings from, where they are not its own inputs. */
  #settingsOf(sampler: string): string[] {
    const { inputs = {} } = this.#nodes.get(sampler) ?? {};
    const near = ['sigmas', 'sampler', 'guider'].flatMap((input) => linkedNode(inputs[input]) ?? []);
    const conditioning = this.#conditioning(sampler, 'positive');
    return [...near, ...conditioning];
  }

  #first(nodes: readonly string[], name: string, inputs: readonly string[], type: ValueType): void {
    for (const node of nodes) {
      for (const input of inputs) {
        const value = this.#nodes.get(node)?.inputs[input];
        const places = type === 'choice' ? [{ node, input }] : this.#source({ node, input }, 'number');
        const [place] = literalOf(value) === undefined && type === 'choice' ? [] : places;
        if (place === undefined) continue;
        this.#add(name, place, type);
        return;
      }
    }
  }

  #size(main: string | undefined): void {
    const latent = main === undefined ? undefined : linkedNode(this.#nodes.get(main)?.inputs.latent_image);
    const candidates = latent === undefined ? this.#order.map(([id]) => id) : this.#above(latent);
    for (const node of candidates) {
      const width = this.#source({ node, input: 'width' }, 'number')[0];
      const height = this.#source({ node, input: 'height' }, 'number')[0];
      if (width === undefined || height === undefined) continue;
      this.#add('width', width, 'integer');
      this.#add('height', height, 'integer');
      return;
    }
  }

  #models(main: string | undefined): void {
    const model = main === undefined ? undefined : this.#modelLink(main);
    const chain = model === undefined ? this.#order.map(([id]) => id) : this.#above(model, /^model$/);
    for (const node of chain) {
      const { inputs = {} } = this.#nodes.get(node) ?? {};
      const input = MODEL_INPUTS.find((name) => typeof inputs[name] === 'string');
      if (input !== undefined && !this.#has('model')) this.#add('model', { node, input }, 'choice');
    }
    // As the model meets them: the one nearest to the loader first.
    for (const node of [...chain].reverse()) {
      const { inputs = {} } = this.#nodes.get(node) ?? {};
      if (typeof inputs.lora_name !== 'string') continue;
      const number = this.#bindings.filter(({ input }) => input === 'lora_name').length + 1;
      const suffix = number === 1 ? '' : `_${number}`;
      this.#add(`lora${suffix}`, { node, input: 'lora_name' }, 'choice');
      for (const input of ['strength_model', 'strength_clip']) {
        if (typeof inputs[input] === 'number') this.#add(`lora_strength${suffix}`, { node, input }, 'number');
      }
    }
  }

  #modelLink(sampler: string): string | undefined {
    const { inputs = {} } = this.#nodes.get(sampler) ?? {};
    const guider = linkedNode(inputs.guider);
    return (
      linkedNode(inputs.model) ?? (guider === undefined ? undefined : linkedNode(this.#nodes.get(guider)?.inputs.model))
    );
  }

  #images(): void {
    let count = 0;
    for (const [node, { class_type: kind, inputs }] of this.#order) {
      for (const input of Object.keys(inputs)) {
        const described = this.#descriptions.get(kind)?.inputs.get(input);
        const takesUpload = described?.upload ?? (kind.startsWith('LoadImage') && input === 'image');
        if (!takesUpload || typeof inputs[input] !== 'string') continue;
        count++;
        const name = /mask/i.test(kind) ? 'mask' : 'image';
        this.#add(count === 1 || !this.#has(name) ? name : `${name}_${count}`, { node, input }, 'image');
      }
    }
  }

  #startsFromImage(sampler: string): boolean {
    const latent = linkedNode(this.#nodes.get(sampler)?.inputs.latent_image);
    if (latent === undefined) return false;
    return this.#above(latent).some((id) => (this.#nodes.get(id)?.class_type ?? '').includes('LoadImage'));
  }

  /** A node and all it hangs on, nearest first; only through links of these names, if given. */
  #above(start: string, through?: RegExp): string[] {
    const found = new Set<string>();
    const waiting = [start];
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const node = this.#nodes.get(id);
      if (node === undefined || found.has(id)) continue;
      found.add(id);
      for (const [input, value] of Object.entries(node.inputs)) {
        const next = linkedNode(value);
        if (next !== undefined && (through === undefined || through.test(input))) waiting.push(next);
      }
    }
    return [...found];
  }

  #has(name: string): boolean {
    return this.#bindings.some((binding) => binding.name === name);
  }

  #add(name: string, { node, input }: Place, type: ValueType): void {
    if (this.#bindings.some((other) => other.node === node && other.input === input)) return;
    this.#bindings.push({ name, node, input, type });
  }
}

/** It turns noise into a picture: it has a latent and is conditioned, straight or through a guider. */
function isSampler({ inputs }: GraphNode): boolean {
  const conditioned = inputs.positive !== undefined || inputs.guider !== undefined;
  return (
    conditioned && (inputs.latent_image !== undefined || inputs.steps !== undefined || inputs.sigmas !== undefined)
  );
}

function unique(places: readonly Place[]): Place[] {
  return places.filter(
    ({ node, input }, index) => places.findIndex((other) => other.node === node && other.input === input) === index,
  );
}
