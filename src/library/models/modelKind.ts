import type { AdapterRole } from './adapterNames.ts';
import type { TensorCensus } from './tensorCensus.ts';
import { any, begins, columns, has, type TensorTest } from './tensorTests.ts';

/** What one does with a model: where it belongs and which node loads it. */
export const MODEL_KINDS = [
  'checkpoint',
  'diffusion model',
  'lora',
  'locon',
  'loha',
  'lokr',
  'dora',
  'oft',
  'vae',
  'text encoder',
  'clip vision',
  'control net',
  'control lora',
  't2i adapter',
  'ip adapter',
  'style model',
  'motion module',
  'embedding',
  'upscaler',
  'hypernetwork',
  'unknown',
] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

export interface KindOfModel {
  readonly kind: ModelKind;
  /** Of an adapter of low rank: the most common one of its modules. */
  readonly rank?: number;
}

const DENOISER: TensorTest = any(
  begins('input_blocks.*.*'),
  begins('down_blocks.*.resnets'),
  begins('double_blocks'),
  begins('single_blocks'),
  begins('joint_blocks'),
  begins('double_layers'),
  begins('transformer_blocks'),
  begins('single_transformer_blocks'),
  begins('joint_transformer_blocks'),
  begins('visual_transformer_blocks'),
  begins('double_stream_blocks'),
  begins('noise_refiner'),
  begins('layers.*.attention.qkv'),
  begins('blocks.*.cross_attn'),
  begins('blocks.*.attn'),
  begins('blocks.*.mlp.layer'),
  begins('blocks.block0'),
  begins('blocks.*.mlp.all'),
  has('clf.*'),
  has('genre_embedder', 'txtfusion.projector', 'embed_image_indicator', 'to_cond_embed.*'),
);

/** Kinds that a tensor gives away; the first one that holds is taken. */
const KINDS: readonly (readonly [kind: ModelKind, test: TensorTest])[] = [
  ['control lora', has('lora_controlnet')],
  [
    'ip adapter',
    any(
      begins('ip_adapter.'),
      begins('double_blocks.*.processor.ip_adapter'),
      has('image_proj.latents', 'image_proj.proj'),
    ),
  ],
  ['motion module', begins('down_blocks.*.motion_modules')],
  [
    'control net',
    any(
      begins('zero_convs.'),
      begins('input_hint_block'),
      begins('controlnet_'),
      begins('control_blocks.'),
      begins('control_layers.'),
      begins('single_controlnet_blocks'),
      begins('after_proj_list'),
    ),
  ],
  ['t2i adapter', any(has('body.*.in_conv', 'body.*.resnets.*.block1'), begins('adapter.body'), has('body.*.block1'))],
  ['style model', any(has('redux_up'), has('style_embedding'))],
  [
    'upscaler',
    any(
      begins('body.*.rdb1'),
      begins('model.*.sub.*.RDB1'),
      begins('RRDB_trunk'),
      begins('layers.*.residual_group'),
      begins('block_*.c1_r'),
      begins('feats.'),
      has('upsampler.*', 'upconv1', 'conv_last', 'conv_up1'),
    ),
  ],
  [
    'clip vision',
    any(begins('vision_model.encoder'), begins('visual.transformer.resblocks'), begins('encoder.layer.*.layer_scale')),
  ],
  ['diffusion model', DENOISER],
  [
    'text encoder',
    any(
      begins('text_model.encoder'),
      begins('encoder.block.*.layer'),
      begins('model.layers.*.self_attn'),
      begins('model.language_model'),
      begins('transformer.resblocks'),
      begins('transformer.text_model'),
      has('blocks.*.pos_embedding.embedding'),
    ),
  ],
  [
    'vae',
    any(
      begins('decoder.conv_in'),
      begins('decoder.mid'),
      begins('decoder.middle'),
      begins('decoder.stages'),
      begins('decoder.up_blocks'),
      begins('decoder.unpatcher3d'),
      begins('decoder.blocks'),
      begins('decoder.layers'),
      begins('taesd_decoder'),
      begins('vquantizer'),
      begins('per_channel_statistics'),
    ),
  ],
];

// Widths of text encoders, whose words an embedding takes the place of.
const EMBEDDING_WIDTHS: ReadonlySet<number> = new Set([768, 1024, 1280, 2048, 2560, 3584, 4096]);
const MAX_EMBEDDING_TENSORS = 4;
const MAX_EMBEDDING_VECTORS = 1024;
const HYPERNETWORK = columns(['*.*.linear.*', '*.linear.*'], 320, 640, 768, 1024, 1280, 1536, 2048);
const COMPACT_UPSCALER = has('body.*');

/** What kind of model these tensors are, from their names and shapes. */
export function kindOf(census: TensorCensus): KindOfModel {
  const { parts } = census;
  const adapter = adapterKind(census);
  if (has('lora_controlnet')(census)) return { kind: 'control lora' };
  if (adapter !== undefined && !begins('ip_adapter.')(census)) return adapter;
  const denoiser = census.has('denoiser');
  const others = census.has('vae') || census.has('text encoder');
  if (census.has('control')) return { kind: 'control net' };
  if (denoiser && others) return { kind: 'checkpoint' };
  const known = KINDS.find(([, test]) => test(census))?.[0];
  if (known !== undefined) return { kind: known === 'diffusion model' && others ? 'checkpoint' : known };
  if (isEmbedding(census)) return { kind: 'embedding' };
  if (denoiser) return { kind: 'diffusion model' };
  if (parts.size === 1 && census.has('vae')) return { kind: 'vae' };
  if (parts.size === 1 && census.has('text encoder')) return { kind: 'text encoder' };
  if (HYPERNETWORK(census)) return { kind: 'hypernetwork' };
  if (COMPACT_UPSCALER(census)) return { kind: 'upscaler' };
  return { kind: 'unknown' };
}

/** Undefined where most of the tensors are no adapter's. */
function adapterKind(census: TensorCensus): KindOfModel | undefined {
  const { adapter, tensors } = census;
  const count = (role: AdapterRole): number => adapter.get(role)?.length ?? 0;
  const all = [...adapter.values()].reduce((sum, list) => sum + list.length, 0);
  if (2 * all < tensors.length || all === count('alpha')) return undefined;
  const rank = commonRank(census);
  const withRank = (kind: ModelKind): KindOfModel => (rank === undefined ? { kind } : { kind, rank });
  if (count('hada a') > 0) return withRank('loha');
  if (count('lokr w1') + count('lokr w2') + count('lokr w1 a') + count('lokr w2 a') > 0) return withRank('lokr');
  if (count('oft') > 0) return { kind: 'oft' };
  if (count('magnitude') > 0) return withRank('dora');
  return withRank(count('mid') > 0 || hasConvolution(census) ? 'locon' : 'lora');
}

/** LoRA of a convolution that looks at more than one point. */
function hasConvolution({ adapter }: TensorCensus): boolean {
  return (adapter.get('down') ?? []).some(({ shape }) => shape.length >= 4 && shape.slice(2).some((size) => size > 1));
}

/** Of several equally common ones the greatest. */
function commonRank({ adapter }: TensorCensus): number | undefined {
  const counts = new Map<number, number>();
  const roles: readonly AdapterRole[] = ['down', 'hada b', 'lokr w1 b', 'lokr w2 b'];
  for (const { shape } of roles.flatMap((role) => adapter.get(role) ?? [])) {
    const [rank] = shape;
    if (rank !== undefined && rank > 0) counts.set(rank, (counts.get(rank) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([rankA, a], [rankB, b]) => b - a || rankB - rankA);
  return most?.[0];
}

/** Textual inversion: a few vectors as wide as those of a text encoder's words. */
function isEmbedding({ tensors }: TensorCensus): boolean {
  return (
    tensors.length > 0 &&
    tensors.length <= MAX_EMBEDDING_TENSORS &&
    tensors.some(({ name, shape }) => {
      const vectors = shape.length === 1 ? 1 : (shape[0] ?? 0);
      return (
        (shape.length === 1 || shape.length === 2) &&
        vectors <= MAX_EMBEDDING_VECTORS &&
        !name.endsWith('.weight') &&
        !name.endsWith('.bias') &&
        EMBEDDING_WIDTHS.has(shape.at(-1) ?? 0)
      );
    })
  );
}
