import sharp from 'sharp';

import { type Graph, imagesOf, type NodeInfos, runOrder, seedOf, signatureOf } from './comfyuiGraph.ts';
import { picturePng } from './pngBytes.ts';

/** What goes wrong with a run. */
export interface RunOptions {
  /** A node of this class throws. */
  readonly failAt?: string;
  readonly failWith?: { readonly type: string; readonly message: string };
  /** So many images instead of those that were asked for. */
  readonly images?: number;
  /** The bytes of every image, made from the right ones. */
  imageBytes?(right: Buffer): Buffer;
  /** The history names files that are not there. */
  readonly missingFiles?: boolean;
  /** The prompt leaves the queue and is never in the history. */
  readonly vanish?: boolean;
  /** The history's entry, made from the right one. */
  historyEntry?(right: unknown): unknown;
  /** Nodes run without previews, and without progress. */
  readonly quiet?: boolean;
}

export interface QueuedPrompt {
  readonly id: string;
  readonly graph: Graph;
  readonly clientId: string | undefined;
  readonly extra: { readonly extra_pnginfo?: Readonly<Record<string, unknown>> };
  readonly outputs: readonly string[];
}

interface Message {
  readonly type: string;
  readonly data: unknown;
}

export interface RunsOptions {
  readonly pace: number;
  readonly hold: boolean;
  infos(): NodeInfos;
  writeFile(type: 'output' | 'temp', name: string, bytes: Buffer): void;
  hasFile(type: 'output' | 'temp', name: string): boolean;
  sizeOfInput(name: string): { width: number; height: number } | undefined;
  /** To one client, or to all. */
  tell(clientId: string | undefined, message: Message): void;
  preview(clientId: string, promptId: string, node: string, image: Buffer): void;
}

interface FileName {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: string;
}

class Interrupted extends Error {}
class NodeFailed extends Error {}

/** The queue of a ComfyUI, its one worker, and its history. */
export class ComfyuiRuns {
  readonly accepted: string[] = [];
  readonly #options: RunsOptions;
  readonly #graphs = new Map<string, Graph>();
  readonly #history = new Map<string, unknown>();
  readonly #cache = new Map<string, readonly FileName[]>();
  #wrong: RunOptions = {};
  #pending: (QueuedPrompt & { number: number })[] = [];
  #running: (QueuedPrompt & { number: number }) | undefined;
  #node: string | undefined;
  #interrupted = new Set<string>();
  #numbers = 0;
  #busy = 0;
  /** Grows when the server ends: a run of an older life says and keeps nothing. */
  #life = 0;
  #holding: boolean;
  #releases: (() => void)[] = [];
  #heldWaiters: ((id: string) => void)[] = [];
  #heldId: string | undefined;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#holding = options.hold;
  }

  setOptions(options: RunOptions): void {
    this.#wrong = options;
  }

  graph(id: string): Graph | undefined {
    return this.#graphs.get(id);
  }

  status(): { exec_info: { queue_remaining: number } } {
    return {
      exec_info: { queue_remaining: this.#pending.length + (this.#running === undefined ? 0 : 1) + this.#busy },
    };
  }

  currentNode(clientId: string): string | undefined {
    return this.#running?.clientId === clientId ? this.#node : undefined;
  }

  ids(): { running: string[]; pending: string[] } {
    return {
      running: this.#running === undefined ? [] : [this.#running.id],
      pending: this.#pending.map(({ id }) => id),
    };
  }

  queue(): { queue_running: unknown[]; queue_pending: unknown[] } {
    const entry = (prompt: QueuedPrompt & { number: number }): unknown[] => this.#entry(prompt);
    const made = Array.from({ length: this.#busy }, (_, index) => [1000 + index, `busy-${index}`, {}, {}, []]);
    return {
      queue_running: this.#running === undefined ? made.slice(0, 1) : [entry(this.#running)],
      queue_pending: [...this.#pending.map(entry), ...made.slice(1)],
    };
  }

  history(id: string): Record<string, unknown> {
    if (id === '') return Object.fromEntries(this.#history);
    const found = this.#history.get(id);
    return found === undefined ? {} : { [id]: found };
  }

  loseHistory(): void {
    this.#history.clear();
  }

  pretendBusy(pending: number): void {
    this.#busy = pending;
  }

  add(prompt: QueuedPrompt): number {
    const number = this.#numbers++;
    this.accepted.push(prompt.id);
    this.#graphs.set(prompt.id, prompt.graph);
    this.#pending.push({ ...prompt, number });
    this.#tellStatus();
    void this.#work();
    return number;
  }

  remove(id: string): void {
    this.#pending = this.#pending.filter((prompt) => prompt.id !== id);
    this.#tellStatus();
  }

  /** Without an id: whichever runs, as the server does. */
  interrupt(id: string | undefined): void {
    const running = this.#running?.id;
    if (running === undefined || (id !== undefined && id !== running)) return;
    this.#interrupted.add(running);
    if (this.#heldId === running) for (const release of this.#releases.splice(0)) release();
  }

  hold(): void {
    this.#holding = true;
  }

  release(): void {
    this.#holding = false;
    for (const release of this.#releases.splice(0)) release();
  }

  held(): Promise<string> {
    if (this.#heldId !== undefined) return Promise.resolve(this.#heldId);
    return new Promise((resolve) => this.#heldWaiters.push(resolve));
  }

  /** The process ended: queue, history and cache are gone. */
  forget(): void {
    this.#life++;
    this.#pending = [];
    this.#running = undefined;
    this.#node = undefined;
    this.#heldId = undefined;
    this.#history.clear();
    this.#cache.clear();
    this.#interrupted = new Set();
    for (const release of this.#releases.splice(0)) release();
  }

  #entry(prompt: QueuedPrompt & { number: number }): unknown[] {
    const extra = prompt.clientId === undefined ? prompt.extra : { ...prompt.extra, client_id: prompt.clientId };
    return [prompt.number, prompt.id, prompt.graph, extra, prompt.outputs];
  }

  #tellStatus(): void {
    this.#options.tell(undefined, { type: 'status', data: { status: this.status() } });
  }

  async #work(): Promise<void> {
    if (this.#running !== undefined) return;
    const next = this.#pending.shift();
    if (next === undefined) return;
    this.#running = next;
    const life = this.#life;
    // The answer to the request goes first.
    await new Promise((resolve) => setImmediate(resolve));
    this.#tellStatus();
    await new PromptRun(this.#options, next, {
      wrong: this.#wrong,
      cache: this.#cache,
      alive: () => this.#life === life,
      isInterrupted: () => this.#interrupted.has(next.id),
      enter: (node) => (this.#node = node),
      middle: () => this.#middle(next.id, life),
      over: (entry) => {
        this.#running = undefined;
        this.#node = undefined;
        if (this.#wrong.vanish !== true) this.#history.set(next.id, entry(this.#entry(next)));
        this.#tellStatus();
      },
    }).run();
    if (this.#life === life) void this.#work();
  }

  async #middle(id: string, life: number): Promise<void> {
    if (!this.#holding || this.#interrupted.has(id) || this.#life !== life) return;
    this.#heldId = id;
    for (const waiter of this.#heldWaiters.splice(0)) waiter(id);
    await new Promise<void>((resolve) => this.#releases.push(resolve));
    if (this.#heldId === id) this.#heldId = undefined;
  }
}

interface RunWorld {
  readonly wrong: RunOptions;
  readonly cache: Map<string, readonly FileName[]>;
  alive(): boolean;
  isInterrupted(): boolean;
  enter(node: string): void;
  /** Waits while runs are held. */
  middle(): Promise<void>;
  over(entry: (prompt: unknown) => unknown): void;
}

const SAMPLERS = new Set(['KSampler', 'KSamplerAdvanced', 'SamplerCustomAdvanced']);

/** One prompt, from its start to its end. */
class PromptRun {
  readonly #options: RunsOptions;
  readonly #prompt: QueuedPrompt;
  readonly #world: RunWorld;
  readonly #messages: [string, unknown][] = [];
  readonly #outputs: Record<string, { images: readonly FileName[] }> = {};
  readonly #states: Record<string, unknown> = {};
  readonly #executed: string[] = [];

  constructor(options: RunsOptions, prompt: QueuedPrompt, world: RunWorld) {
    this.#options = options;
    this.#prompt = prompt;
    this.#world = world;
  }

  async run(): Promise<void> {
    const { id, graph, outputs } = this.#prompt;
    const order = runOrder(graph, outputs);
    const cached = order.filter((node) => this.#world.cache.has(signatureOf(graph, node)));
    this.#event('execution_start', { prompt_id: id, timestamp: Date.now() });
    this.#event('execution_cached', { nodes: cached, prompt_id: id, timestamp: Date.now() });
    const fresh = order.filter((node) => !cached.includes(node));
    const middle = fresh.find((node) => SAMPLERS.has(graph[node]?.class_type ?? '')) ?? fresh[1] ?? fresh[0];
    let node = '';
    try {
      for (node of order) {
        if (cached.includes(node)) this.#fromCache(node);
        else await this.#execute(node, node === middle);
        if (!this.#world.alive()) return;
      }
      this.#event('execution_success', { prompt_id: id, timestamp: Date.now() });
      this.#end('success', true);
    } catch (error) {
      if (!this.#world.alive()) return;
      const about = { prompt_id: id, node_id: node, node_type: graph[node]?.class_type, executed: this.#executed };
      if (error instanceof Interrupted) {
        this.#event('execution_interrupted', { ...about, timestamp: Date.now() });
      } else if (error instanceof NodeFailed) {
        const { type, message } = this.#world.wrong.failWith ?? { type: 'RuntimeError', message: 'Something broke\n' };
        this.#event('execution_error', {
          ...about,
          exception_message: message,
          exception_type: type,
          traceback: ["  (lines of the server's own traceback)\n"],
          current_inputs: {},
          current_outputs: Object.keys(graph),
          timestamp: Date.now(),
        });
      } else throw error;
      this.#end('error', false);
    }
  }

  #end(status: string, completed: boolean): void {
    const meta = Object.fromEntries(
      Object.keys(this.#outputs).map((node) => [
        node,
        { node_id: node, display_node: node, parent_node: null, real_node_id: node },
      ]),
    );
    const { wrong } = this.#world;
    this.#world.over((prompt) => {
      const messages = this.#messages;
      const entry = { prompt, outputs: this.#outputs, status: { status_str: status, completed, messages }, meta };
      return wrong.historyEntry === undefined ? entry : wrong.historyEntry(entry);
    });
    this.#tell('executing', { node: null, prompt_id: this.#prompt.id });
  }

  #fromCache(node: string): void {
    const images = this.#world.cache.get(signatureOf(this.#prompt.graph, node)) ?? [];
    if (!this.#isOutput(node)) return;
    this.#outputs[node] = { images };
    this.#tell('executed', { node, display_node: node, output: { images }, prompt_id: this.#prompt.id });
    this.#state(node, 1, 1, 'finished');
  }

  async #execute(node: string, isMiddle: boolean): Promise<void> {
    const { id, graph } = this.#prompt;
    const kind = graph[node]?.class_type ?? '';
    this.#world.enter(node);
    this.#state(node, 0, 1, 'running');
    this.#tell('executing', { node, display_node: node, prompt_id: id });
    await this.#pause();
    if (this.#world.isInterrupted()) throw new Interrupted();
    if (SAMPLERS.has(kind)) await this.#sample(node, isMiddle);
    else if (isMiddle) await this.#world.middle();
    if (!this.#world.alive()) return;
    if (this.#world.wrong.failAt === kind) throw new NodeFailed();
    const signature = signatureOf(graph, node);
    this.#executed.unshift(node);
    if (!this.#isOutput(node)) {
      this.#world.cache.set(signature, []);
    } else if (kind === 'SaveImage' || kind === 'PreviewImage') {
      const images = this.#save(node, kind === 'SaveImage' ? 'output' : 'temp');
      this.#world.cache.set(signature, images);
      this.#outputs[node] = { images };
      this.#tell('executed', { node, display_node: node, output: { images }, prompt_id: id });
    }
    this.#state(node, 1, 1, 'finished');
  }

  /** Steps with progress and previews, as a sampler says them. */
  async #sample(node: string, isMiddle: boolean): Promise<void> {
    const { id, graph, clientId } = this.#prompt;
    const said = graph[node]?.inputs.steps;
    const steps = typeof said === 'number' ? said : 8;
    const seed = seedOf(graph, node);
    const size = imagesOf(graph, node, (name) => this.#options.sizeOfInput(name));
    const scale = Math.min(1, 256 / Math.max(size.width, size.height));
    const [width, height] = [Math.max(8, Math.round(size.width * scale)), Math.max(8, Math.round(size.height * scale))];
    for (let step = 1; step <= steps; step++) {
      if (this.#world.wrong.quiet !== true) {
        this.#tell('progress', { value: step, max: steps, prompt_id: id, node });
        this.#state(node, step, steps, 'running');
        if (clientId !== undefined) {
          const png = picturePng({ width, height, seed, finished: step / steps });
          const jpeg = await sharp(png).jpeg({ quality: 70 }).toBuffer();
          this.#options.preview(clientId, id, node, jpeg);
        }
      }
      await this.#pause();
      if (isMiddle && step === Math.ceil(steps / 2)) await this.#world.middle();
      if (!this.#world.alive()) return;
      if (this.#world.isInterrupted()) throw new Interrupted();
    }
  }

  #save(node: string, type: 'output' | 'temp'): FileName[] {
    const { graph, extra } = this.#prompt;
    const { width, height, count } = imagesOf(graph, node, (name) => this.#options.sizeOfInput(name));
    const said = graph[node]?.inputs.filename_prefix;
    const prefix = typeof said === 'string' ? said : 'ComfyUI_temp';
    const slash = prefix.lastIndexOf('/');
    const [subfolder, stem] = slash < 0 ? ['', prefix] : [prefix.slice(0, slash), prefix.slice(slash + 1)];
    const text = { prompt: graph, ...extra.extra_pnginfo };
    const { wrong } = this.#world;
    const folder = subfolder === '' ? '' : `${subfolder}/`;
    return Array.from({ length: wrong.images ?? count }, (_, index) => {
      let number = 1;
      const name = (): string => `${stem}_${String(number).padStart(5, '0')}_.png`;
      while (this.#options.hasFile(type, folder + name())) number++;
      const filename = name();
      const bytes = picturePng({
        width,
        height,
        seed: seedOf(graph, node) + index * 7_919,
        text: Object.fromEntries(Object.entries(text).map(([keyword, value]) => [keyword, pythonJson(value)])),
      });
      if (wrong.missingFiles === true) return { filename: `gone-${filename}`, subfolder, type };
      this.#options.writeFile(
        type,
        folder + filename,
        wrong.imageBytes === undefined ? bytes : wrong.imageBytes(bytes),
      );
      return { filename, subfolder, type };
    });
  }

  #isOutput(node: string): boolean {
    return this.#options.infos()[this.#prompt.graph[node]?.class_type ?? '']?.output_node === true;
  }

  /** Said on the socket, and kept in the history. */
  #event(type: string, data: unknown): void {
    this.#messages.push([type, data]);
    this.#tell(type, data);
  }

  #tell(type: string, data: unknown): void {
    if (this.#world.alive() && this.#prompt.clientId !== undefined) {
      this.#options.tell(this.#prompt.clientId, { type, data });
    }
  }

  #state(node: string, value: number, max: number, state: string): void {
    const { id } = this.#prompt;
    const more = { display_node_id: node, parent_node_id: null, real_node_id: node };
    this.#states[node] = { value, max, state, node_id: node, prompt_id: id, ...more };
    this.#tell('progress_state', { prompt_id: id, nodes: this.#states });
  }

  #pause(): Promise<void> {
    const { pace } = this.#options;
    return new Promise((resolve) => (pace === 0 ? setImmediate(resolve) : setTimeout(resolve, pace)));
  }
}

/** As Python's json.dumps writes it: spaces after separators, everything beyond ASCII escaped. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, inner]) => `${pythonJson(key)}: ${pythonJson(inner)}`)
      .join(', ')}}`;
  }
  const text = JSON.stringify(value);
  return text.replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
