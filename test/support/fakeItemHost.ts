import { type Disposable, DisposableStore } from '../../src/base/disposables.ts';
import { LakesideError } from '../../src/base/errors.ts';
import type { Channel } from '../../src/protocol/channel.ts';
import type { ProviderInfo } from '../../src/protocol/contracts/providers.ts';
import { itemPanelContract, type ItemPanelContract } from '../../src/protocol/panels/itemPanel.ts';
import { panelViewContract } from '../../src/protocol/panels/panelParts.ts';
import { connect, type Handlers, type Peer } from '../../src/protocol/rpc.ts';
import type {
  InputField,
  InstructionScope,
  Run,
  RunImage,
  Workflow,
  WorkItem,
} from '../../src/protocol/studioValues.ts';
import type { Progress } from '../../src/protocol/values.ts';
import { mergePrompt } from '../../src/studio/mergePrompt.ts';
import { madeUpImage, madeUpItem, madeUpRun, NOW } from './madeUpRuns.ts';

type Answers = Handlers<ItemPanelContract>;
type HostPeer = Peer<ItemPanelContract, typeof panelViewContract>;

export interface FakeItemHostOptions {
  readonly item?: Partial<WorkItem>;
  readonly providers?: ProviderInfo[];
  readonly runs?: Run[];
  readonly images?: RunImage[];
  readonly voice?: string;
  readonly instructions?: Partial<Record<InstructionScope, string>>;
  readonly fields?: (provider: string) => InputField[];
  readonly problems?: { code: string; message: string }[];
  readonly trusted?: boolean;
}

export const COMFYUI: ProviderInfo = {
  name: 'ComfyUI',
  kind: 'comfyui',
  detail: '2 servers',
  workflows: true,
  seeds: true,
  available: true,
};
export const DRAFT: ProviderInfo = {
  name: 'Draft',
  kind: 'draft',
  detail: 'offline, for planning',
  workflows: false,
  seeds: true,
  available: true,
};
export const SCRIPT: ProviderInfo = {
  name: 'imagegen',
  kind: 'command',
  detail: 'imagegen generate',
  workflows: false,
  seeds: true,
  available: true,
};

export const comfyuiFields: InputField[] = [
  { name: 'prompt', label: 'Prompt', type: 'text' },
  { name: 'negative', label: 'Negative prompt', type: 'text' },
  { name: 'seed', label: 'Seed', type: 'integer' },
  {
    name: 'model',
    label: 'Model',
    type: 'choice',
    default: 'sd_xl_base_1.0.safetensors',
    choices: ['dreamshaper_8.safetensors', 'juggernautXL_v9.safetensors', 'sd_xl_base_1.0.safetensors'],
  },
  { name: 'width', label: 'Width', type: 'integer', default: 768, min: 64, max: 4096, step: 8 },
  { name: 'height', label: 'Height', type: 'integer', default: 1024, min: 64, max: 4096, step: 8 },
  { name: 'steps', label: 'Steps', type: 'integer', default: 28, min: 1, max: 150 },
  { name: 'cfg', label: 'Guidance (CFG)', type: 'number', default: 6.5, min: 0, max: 30, step: 0.5 },
  { name: 'sampler', label: 'Sampler', type: 'choice', default: 'euler', choices: ['euler', 'dpmpp_2m', 'uni_pc'] },
  { name: 'scheduler', label: 'Scheduler', type: 'choice', default: 'normal', choices: ['normal', 'karras', 'simple'] },
];

const bind = (name: string, node: string, input: string, type: 'text' | 'integer' | 'number' | 'choice') => ({
  name,
  node,
  input,
  type,
});

const madeUpWorkflows: Workflow[] = [
  {
    id: 'sdxl',
    name: 'Text to image (SDXL)',
    builtIn: true,
    nodes: 7,
    bindings: [
      bind('prompt', '6', 'text', 'text'),
      bind('negative', '7', 'text', 'text'),
      bind('seed', '3', 'seed', 'integer'),
      bind('width', '5', 'width', 'integer'),
      bind('height', '5', 'height', 'integer'),
      bind('steps', '3', 'steps', 'integer'),
      bind('cfg', '3', 'cfg', 'number'),
      bind('model', '4', 'ckpt_name', 'choice'),
    ],
  },
  { id: 'upscale', name: 'Portrait with two LoRAs', builtIn: false, nodes: 21, bindings: [] },
];

/** The Work item editor's host and engine, in memory: runs go on only when a test says so. */
export class FakeItemHost {
  /** What the panel asked for, without the polling: `runs.generate {…}`. */
  readonly asked: string[] = [];
  readonly workflows = structuredClone(madeUpWorkflows);
  item: WorkItem;
  providers: ProviderInfo[];
  runs: Run[];
  images: RunImage[];
  instructions: Record<InstructionScope, string>;
  trusted: boolean;
  fields: (provider: string) => InputField[];
  problems: { code: string; message: string }[];
  /** Requests that are refused, by name. */
  readonly refusals = new Map<string, LakesideError>();
  /** Requests that are never answered. */
  readonly silent = new Set<string>();
  readonly #voice: string;
  readonly #peers = new Set<HostPeer>();

  constructor(options: FakeItemHostOptions = {}) {
    this.item = { ...structuredClone(madeUpItem), ...options.item };
    this.providers = options.providers ?? [COMFYUI, SCRIPT, DRAFT];
    this.runs = options.runs ?? [madeUpRun({ id: 'r1' })];
    this.images = options.images ?? this.runs.flatMap(({ id, images }) => imagesOf(id, images));
    this.instructions = {
      user: '',
      brand: 'style: watercolour on rough paper\nnegative: logos',
      project: 'warm summer palette, plenty of white',
      item: '',
      ...options.instructions,
    };
    this.#voice = options.voice ?? 'calm and inviting, never loud';
    this.trusted = options.trusted ?? true;
    this.problems = options.problems ?? [];
    this.fields =
      options.fields ??
      ((provider) =>
        provider === 'ComfyUI' ? comfyuiFields : comfyuiFields.filter(({ name }) => /prompt|seed|dth|ght/.test(name)));
  }

  /** Joins one life of the page to this host. */
  readonly serve = (channel: Channel, complain: (error: LakesideError) => void): Disposable => {
    const peer = connect({
      channel,
      local: itemPanelContract,
      handlers: this.#watched(),
      remote: panelViewContract,
      onProtocolError: complain,
    });
    this.#peers.add(peer);
    const owned = new DisposableStore();
    owned.add(peer);
    owned.add({ dispose: () => void this.#peers.delete(peer) });
    return owned;
  };

  readonly emit: HostPeer['emit'] = (name, payload) => {
    for (const peer of this.#peers) peer.emit(name, payload);
  };

  changed(...topics: ('studio' | 'runs' | 'images' | 'jobs')[]): void {
    this.emit('changed', { topics });
  }

  /** Changes a run, as the engine would while it makes it. */
  setRun(id: string, change: Partial<Run>): void {
    this.runs = this.runs.map((run) => (run.id === id ? { ...run, ...change } : run));
    this.changed('runs', 'jobs');
  }

  addImage(run: string, n: number): void {
    this.images = [madeUpImage(run, n), ...this.images];
    this.setRun(run, { images: n });
  }

  progress(run: string, progress: Progress): void {
    const found = this.runs.find(({ id }) => id === run);
    if (found === undefined) return;
    this.emit('progress', { job: found.job, kind: 'generate', title: 'Generate', status: 'running', progress });
  }

  preview(run: string, part: number): void {
    this.emit('preview', { run, part, uri: `/made/preview-${run}-${part}.svg` });
  }

  #watched(): Answers {
    const answers = this.#answers();
    const watched = Object.entries(answers).map(([name, answer]) => [
      name,
      (input: never, context: never) => {
        if (!/\.(get|list|page|fields|merge|which|thumbnails)$/.test(name) || name === 'workflows.get') {
          this.asked.push(`${name} ${JSON.stringify(input)}`);
        }
        const refusal = this.refusals.get(name);
        if (refusal !== undefined) throw refusal;
        if (this.silent.has(name)) return new Promise(() => undefined);
        return (answer as (input: never, context: never) => unknown)(input, context);
      },
    ]);
    return Object.fromEntries(watched) as Answers;
  }

  #workflow(id: string): Workflow {
    const found = this.workflows.find((each) => each.id === id);
    if (found === undefined) throw new LakesideError('WORKFLOW_UNKNOWN', 'validation', 'There is no such workflow.');
    return found;
  }

  #run(job: string): Run {
    const found = this.runs.find((run) => run.job === job);
    if (found === undefined) throw new LakesideError('JOB_UNKNOWN', 'validation', 'There is no such job.');
    return found;
  }

  #job(run: Run): Awaited<ReturnType<Answers['jobs.get']>> {
    return {
      job: {
        id: run.job,
        kind: 'generate',
        title: 'Generate',
        status: run.status,
        attempts: 1,
        progress: null,
        createdAt: run.createdAt,
        startedAt: run.startedAt,
        finishedAt: run.finishedAt,
      },
    };
  }

  #answers(): Answers {
    const scopeNames = { user: 'Maya', brand: 'Harbour Kitchen', project: 'Summer menu', item: 'Poster' };
    return {
      'item.which': () => ({ item: this.item.id, trusted: this.trusted }),
      'items.get': () => ({ item: this.item }),
      'items.update': ({ brief, draft }) => {
        this.item = { ...this.item, brief: brief ?? this.item.brief, draft: draft ?? this.item.draft };
        this.changed('studio');
        return { item: this.item };
      },
      'instructions.get': () => ({
        instructions: (['user', 'brand', 'project', 'item'] as const).map((scope) => ({
          scope,
          id: `${scope}-1`,
          name: scopeNames[scope],
          text: this.instructions[scope],
        })),
        voice: this.#voice,
      }),
      'instructions.set': ({ scope, text }) => {
        this.instructions[scope] = text;
        this.changed('studio');
        return {};
      },
      'instructions.merge': ({ prompt, negative }) =>
        mergePrompt({ ...this.instructions, voice: this.#voice, prompt, negative }),
      'providers.list': ({ check }) => ({
        providers: check
          ? this.providers
          : this.providers.map(({ available: _available, problem: _problem, ...provider }) => provider),
      }),
      'workflows.list': () => ({ workflows: this.workflows }),
      'workflows.get': ({ id }) => ({
        workflow: this.#workflow(id),
        inputs: madeUpInputs,
      }),
      'workflows.bind': ({ id, bindings }) => {
        const before = this.#workflow(id);
        const workflow = { ...before, id: `${id}-own`, name: `${before.name} (mine)`, builtIn: false, bindings };
        this.workflows.push(workflow);
        this.changed('studio');
        return { workflow };
      },
      'workflows.fields': ({ provider }) => ({ fields: this.fields(provider), problems: this.problems }),
      'runs.generate': ({ generation }) => {
        const id = `new${this.runs.length}`;
        const run = madeUpRun({
          id,
          status: 'queued',
          provider: generation.provider,
          prompt: generation.prompt,
          count: generation.count,
          images: 0,
          createdAt: NOW,
          startedAt: null,
          finishedAt: null,
        });
        this.runs = [run, ...this.runs];
        this.changed('runs', 'jobs');
        return { run: id, job: run.job };
      },
      'runs.list': () => ({ runs: this.runs }),
      'runs.again': () => ({
        item: this.item.id,
        generation: { provider: 'Draft', prompt: 'An earlier prompt', negative: '', seed: 7, count: 2, values: {} },
      }),
      'images.page': () => ({ total: this.images.length, images: this.images }),
      'images.judge': ({ images, pick }) => {
        this.images = this.images.map((image) =>
          images.includes(image.id) ? { ...image, pick: pick ?? image.pick } : image,
        );
        this.changed('images');
        return { images: [], before: [] };
      },
      'jobs.get': ({ id }) => this.#job(this.#run(id)),
      'jobs.cancel': ({ id }) => {
        this.setRun(this.#run(id).id, { status: 'canceled' });
        return this.#job(this.#run(id));
      },
      'jobs.retry': ({ id }) => {
        const { id: run, error: _error, ...rest } = this.#run(id);
        this.runs = this.runs.map((each) => (each.id === run ? { ...rest, id: run, status: 'queued' } : each));
        this.changed('runs');
        return this.#job(this.#run(id));
      },
      'item.importWorkflow': () => ({ workflow: this.workflows[1] ?? null }),
      'item.chooseImage': () => ({ path: '/home/maya/pictures/sketch.png' }),
      'item.thumbnails': ({ images }) => ({ thumbnails: images.map((id) => ({ id, uri: `/made/${id}.svg` })) }),
      'item.openGallery': () => null,
      'item.openSettings': () => null,
      'panel.copyText': () => null,
      'panel.showJob': () => null,
    };
  }
}

/** Newest first, as a page of images is. */
export function imagesOf(run: string, count: number): RunImage[] {
  return Array.from({ length: count }, (_, index) => madeUpImage(run, index + 1)).reverse();
}

const input = (
  node: string,
  title: string,
  name: string,
  type: 'text' | 'integer' | 'number' | 'choice',
  value: string | number,
) => ({ node, title, input: name, type, value });

const madeUpInputs = [
  input('3', 'KSampler', 'seed', 'integer', 8566257),
  input('3', 'KSampler', 'steps', 'integer', 28),
  input('3', 'KSampler', 'cfg', 'number', 6.5),
  input('3', 'KSampler', 'sampler_name', 'choice', 'euler'),
  input('4', 'Load checkpoint', 'ckpt_name', 'choice', 'sd_xl_base_1.0.safetensors'),
  input('5', 'Empty latent', 'width', 'integer', 768),
  input('5', 'Empty latent', 'height', 'integer', 1024),
  input('5', 'Empty latent', 'batch_size', 'integer', 1),
  input('6', 'Positive', 'text', 'text', 'a beautiful landscape with a lake and mountains'),
  input('7', 'Negative', 'text', 'text', 'text, watermark'),
];
