import { type AdapterRole, adapterPart } from './adapterNames.ts';
import type { TensorInfo } from './tensorInfo.ts';

/** Which part of a model a tensor belongs to, as far as its prefix says; `bare` where it has none. */
export type ModelPart = 'denoiser' | 'text encoder' | 'vae' | 'control' | 'other' | 'bare';

/** Modules of one name but for the numbers in it. */
export interface ModuleGroup {
  /** `[out, in, …]`, at most a few different ones; 0 where it is not known. */
  readonly shapes: readonly (readonly number[])[];
  /** One more than the highest first number in the names: how many blocks there are. */
  readonly blocks: number;
}

/** Longest first where one begins like another. An adapter's names have `_` where the model's have dots. */
const PREFIXES: readonly (readonly [prefix: string, part: ModelPart])[] = [
  ['model.diffusion_model.', 'denoiser'],
  ['model.model.', 'denoiser'],
  ['base_model.model.', 'denoiser'],
  ['diffusion_model.', 'denoiser'],
  ['lora_prior_unet_', 'denoiser'],
  ['lora_transformer_', 'denoiser'],
  ['lora_unet_', 'denoiser'],
  ['lycoris_', 'denoiser'],
  ['unet.', 'denoiser'],
  ['net.', 'denoiser'],
  ['first_stage_model.', 'vae'],
  ['vae.', 'vae'],
  ['cond_stage_model.', 'text encoder'],
  ['conditioner.embedders.', 'text encoder'],
  ['text_encoders.', 'text encoder'],
  ['text_encoder.', 'text encoder'],
  ['text_encoder_2.', 'text encoder'],
  ['text_encoder_3.', 'text encoder'],
  ['lora_prior_te_', 'text encoder'],
  ['lora_te_', 'text encoder'],
  ['lora_te1_', 'text encoder'],
  ['lora_te2_', 'text encoder'],
  ['lora_te3_', 'text encoder'],
  ['control_model.', 'control'],
  ['model_ema.', 'other'],
];

/** `transformer.` begins the names of a denoiser in diffusers, but also those of text encoders. */
const TRANSFORMER = 'transformer.';
const TEXT_TRANSFORMERS = ['transformer.resblocks.', 'transformer.text_model.', 'transformer.model.', 'transformer.h.'];

const MAX_SHAPES = 16;
const MAX_DIMENSIONS = 5;
const MAX_WORDS = 40;
const NUMBER = /^\d{1,6}$/;

/**
 * Tensor names sorted so that one can ask for them whatever wrote the file: without the prefix of their part, without
 * `.weight`, with `_` for dots and `*` for each number, and for an adapter with the shapes of what it adapts.
 */
export class TensorCensus {
  readonly #groups = new Map<string, { shapes: number[][]; blocks: number }>();
  #sorted: string[] | undefined;
  /** Tensors by part. */
  readonly parts = new Map<ModelPart, number>();
  /** Shapes of the tensors of adapters, by what they are in it. */
  readonly adapter = new Map<AdapterRole, { readonly name: string; readonly shape: readonly number[] }[]>();
  readonly tensors: readonly TensorInfo[];

  constructor(tensors: readonly TensorInfo[]) {
    this.tensors = tensors;
    const adapted = new Map<string, { part: ModelPart; key: string; block: number; shape: number[] }>();
    for (const { name, shape } of tensors) {
      const adapter = adapterPart(name);
      const { part, rest } = splitPrefix(adapter?.module ?? name);
      this.parts.set(part, (this.parts.get(part) ?? 0) + 1);
      const { key, block } = moduleKey(rest);
      if (adapter === undefined) {
        this.#note(part, key, block, shape);
        continue;
      }
      const list = this.adapter.get(adapter.role) ?? [];
      list.push({ name: adapter.module, shape });
      this.adapter.set(adapter.role, list);
      const whole = adapted.get(adapter.module) ?? { part, key, block, shape: [0, 0] };
      widen(whole.shape, adapter.role, shape);
      adapted.set(adapter.module, whole);
    }
    for (const { part, key, block, shape } of adapted.values()) this.#note(part, key, block, shape);
  }

  /** A group by name, dots and stars as in `double_blocks.*.img_attn.proj`; of any part but those named otherwise. */
  group(name: string, part?: ModelPart): ModuleGroup | undefined {
    const key = underscored(name);
    if (part === undefined) return this.#groups.get(key);
    return this.#groups.get(`${part}:${key}`) ?? this.#groups.get(key);
  }

  /** Whether any module's name begins so. */
  hasPrefix(name: string): boolean {
    const start = underscored(name);
    this.#sorted ??= [...this.#groups.keys()].sort();
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] ?? '') < start) low = middle + 1;
      else high = middle;
    }
    return this.#sorted[low]?.startsWith(start) ?? false;
  }

  has(part: ModelPart): boolean {
    return this.parts.has(part);
  }

  #note(part: ModelPart, key: string, block: number, wholeShape: readonly number[]): void {
    const shape = wholeShape.slice(0, MAX_DIMENSIONS);
    // Denoisers are published with and without their prefix, so theirs are found without it.
    const own = part === 'denoiser' || part === 'bare' || part === 'control';
    const full = own ? key : `${part}:${key}`;
    const group = this.#groups.get(full);
    if (group === undefined) {
      this.#groups.set(full, { shapes: [shape], blocks: block + 1 });
      return;
    }
    group.blocks = Math.max(group.blocks, block + 1);
    const known = group.shapes.some((other) => other.join() === shape.join());
    if (!known && group.shapes.length < MAX_SHAPES) group.shapes.push(shape);
  }
}

function splitPrefix(name: string): { readonly part: ModelPart; readonly rest: string } {
  for (const [prefix, part] of PREFIXES) {
    if (name.startsWith(prefix)) return { part, rest: name.slice(prefix.length) };
  }
  if (name.startsWith(TRANSFORMER) && !TEXT_TRANSFORMERS.some((start) => name.startsWith(start))) {
    return { part: 'denoiser', rest: name.slice(TRANSFORMER.length) };
  }
  return { part: 'bare', rest: name };
}

/** `a.0.b_1.weight` → `a_*_b_*`, and 0, its first number. */
function moduleKey(module: string): { readonly key: string; readonly block: number } {
  const name = underscored(module.endsWith('.weight') ? module.slice(0, -'.weight'.length) : module);
  const words = name.split('_', MAX_WORDS + 1);
  // A name like this is of no model that is known.
  if (words.length > MAX_WORDS) return { key: name, block: 0 };
  const first = words.find((word) => NUMBER.test(word));
  return { key: words.map((word) => (NUMBER.test(word) ? '*' : word)).join('_'), block: Number(first ?? 0) };
}

function underscored(name: string): string {
  return name.replace('.processor.', '.').replaceAll('.', '_');
}

/** What the tensor of an adapter says of the shape of the weight it adapts. */
function widen(whole: number[], role: AdapterRole, shape: readonly number[]): void {
  const [rows = 0, columns = 0] = shape;
  if (role === 'down' || role === 'hada b') whole[1] = columns;
  else if (role === 'up' || role === 'hada a') whole[0] = rows;
  else if (role === 'diff') [whole[0], whole[1]] = [rows, columns];
  else if (role === 'lokr w1' || role === 'lokr w2') {
    // A Kronecker product is as large as both factors multiplied.
    multiply(whole, 0, rows);
    multiply(whole, 1, columns);
  } else if (role === 'lokr w1 a' || role === 'lokr w2 a') multiply(whole, 0, rows);
  else if (role === 'lokr w1 b' || role === 'lokr w2 b') multiply(whole, 1, columns);
}

function multiply(whole: number[], index: number, factor: number): void {
  const before = whole[index] ?? 0;
  whole[index] = before === 0 ? factor : before * factor;
}
