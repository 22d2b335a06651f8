import type { ArchitectureRule, Certainty } from './architectureTable.ts';
import { begins, blocks, columns, dimensions, has, lacks, rows, type TensorTest } from './tensorTests.ts';

/**
 * Text encoders, image encoders and VAEs that are files of their own; as in the table of architectures, what is special
 * stands before what is general. The base model of a text encoder is what it is called; a VAE's, what it belongs to.
 *
 * Sources of names and shapes: the encoders' published weights and ComfyUI's loaders of them.
 */
export const TEXT_ENCODERS: readonly ArchitectureRule[] = [
  rule('clip-g', 'CLIP-G', 'certain', clip(1280)),
  rule('clip-h', 'CLIP-H', 'certain', clip(1024)),
  rule('clip-l', 'CLIP-L', 'certain', clip(768)),
  rule('clip', 'CLIP', 'likely', begins('text_model.encoder.layers')),
  rule('clip-g', 'CLIP-G', 'certain', columns('transformer.resblocks.*.mlp.c_fc', 1280), has('token_embedding')),
  rule('clip-h', 'CLIP-H', 'certain', columns('transformer.resblocks.*.mlp.c_fc', 1024), has('token_embedding')),

  // Each layer of UMT5 has a bias of its own, of T5 only the first one
  rule(
    'umt5-xxl',
    'UMT5-XXL',
    'certain',
    blocks(t5('SelfAttention.relative_attention_bias'), 2),
    columns(t5('SelfAttention.q'), 4096),
  ),
  rule('umt5', 'UMT5', 'certain', blocks(t5('SelfAttention.relative_attention_bias'), 2)),
  rule('umt5-xxl', 'UMT5-XXL', 'certain', has('blocks.*.pos_embedding.embedding'), columns('blocks.*.attn.q', 4096)),
  rule('t5-xxl', 'T5-XXL', 'certain', columns(t5('SelfAttention.q'), 4096), has(t5('DenseReluDense.wi_*'))),
  rule(
    't5-11b',
    'T5-11B (v1.0)',
    'certain',
    has(t5('DenseReluDense.wi')),
    columns(t5('SelfAttention.q'), 1024),
    rows(t5('SelfAttention.q'), 16384),
  ),
  rule('t5-xl', 'T5-XL', 'certain', columns(t5('SelfAttention.q'), 2048)),
  rule('byt5-small', 'ByT5 small', 'likely', columns(t5('SelfAttention.q'), 1472)),
  rule('t5-base', 'T5 base', 'likely', columns(t5('SelfAttention.q'), 768)),
  rule('t5', 'T5', 'likely', has(t5('SelfAttention.q'))),

  rule('qwen2.5-vl-7b', 'Qwen2.5-VL 7B', 'certain', rows(llm('self_attn.k_proj.bias'), 512), begins('visual.')),
  rule('qwen2.5-vl-3b', 'Qwen2.5-VL 3B', 'certain', rows(llm('self_attn.k_proj.bias'), 256), begins('visual.')),
  rule('qwen2.5-7b', 'Qwen2.5 7B', 'likely', rows(llm('self_attn.k_proj.bias'), 512)),
  rule('qwen2.5-3b', 'Qwen2.5 3B', 'likely', rows(llm('self_attn.k_proj.bias'), 256)),
  rule('gemma-3', 'Gemma 3', 'certain', has(llm('post_feedforward_layernorm')), has(llm('self_attn.q_norm'))),
  rule(
    'gemma-2-2b',
    'Gemma 2 2B',
    'certain',
    has(llm('post_feedforward_layernorm')),
    rows(llm('post_attention_layernorm'), 2304),
  ),
  rule('gemma-2', 'Gemma 2', 'likely', has(llm('post_feedforward_layernorm'))),
  rule(
    'qwen3-vl',
    'Qwen3-VL',
    'certain',
    has(llm('self_attn.q_norm'), 'model.language_model.layers.*.self_attn.q_norm'),
    begins('model.visual.'),
  ),
  rule('qwen3-0.6b', 'Qwen3 0.6B', 'likely', has(llm('self_attn.q_norm')), rows(llm('post_attention_layernorm'), 1024)),
  rule('qwen3-1.7b', 'Qwen3 1.7B', 'likely', has(llm('self_attn.q_norm')), rows(llm('post_attention_layernorm'), 2048)),
  rule('qwen3-4b', 'Qwen3 4B', 'likely', has(llm('self_attn.q_norm')), rows(llm('post_attention_layernorm'), 2560)),
  rule('qwen3-8b', 'Qwen3 8B', 'likely', has(llm('self_attn.q_norm')), rows(llm('post_attention_layernorm'), 4096)),
  rule(
    'mistral-small-24b',
    'Mistral Small 24B',
    'likely',
    rows(llm('post_attention_layernorm'), 5120),
    columns('model.embed_tokens', 5120),
  ),
  rule(
    'llama-3-8b',
    'Llama 3 8B',
    'certain',
    rows('model.embed_tokens', 128256, 128320, 128258),
    columns('model.embed_tokens', 4096),
  ),
  rule('llama', 'Llama', 'guess', has(llm('self_attn.q_proj')), has(llm('mlp.gate_proj'))),
];

export const VISION_ENCODERS: readonly ArchitectureRule[] = [
  rule('siglip', 'SigLIP', 'certain', columns(vision('mlp.fc1'), 1152, 768), has('vision_model.head.probe')),
  rule('siglip', 'SigLIP', 'likely', columns(vision('mlp.fc1'), 1152)),
  rule('clip-vision-g', 'CLIP vision ViT-bigG', 'certain', columns(vision('mlp.fc1'), 1664)),
  rule('clip-vision-h', 'CLIP vision ViT-H', 'certain', columns(vision('mlp.fc1'), 1280)),
  rule('clip-vision-l', 'CLIP vision ViT-L', 'certain', columns(vision('mlp.fc1'), 1024)),
  rule('clip-vision', 'CLIP vision', 'likely', begins('vision_model.encoder')),
  rule('clip-vision', 'CLIP vision', 'likely', begins('visual.transformer.resblocks')),
  rule('dinov2', 'DINOv2', 'certain', begins('encoder.layer.*.layer_scale')),
];

export const VAES: readonly ArchitectureRule[] = [
  rule('stable-cascade', 'Stable Cascade stage A', 'certain', has('vquantizer.codebook')),
  rule('wan', 'Wan 2.2 VAE', 'certain', begins('decoder.upsamples.*.upsamples')),
  rule('wan', 'Wan 2.1 / Qwen-Image VAE', 'certain', has('decoder.middle.*.residual.*.gamma')),
  rule(
    'wan',
    'Wan 2.1 / Qwen-Image VAE',
    'certain',
    has('decoder.mid_block.resnets.*.norm*.gamma', 'decoder.mid_block.resnets.*.norm1.gamma'),
  ),
  rule('cosmos', 'Cosmos VAE', 'certain', begins('decoder.unpatcher3d')),
  rule('mochi', 'Mochi VAE', 'certain', begins('decoder.blocks.*.blocks.*.stack')),
  rule('ltx-video', 'LTX-Video VAE', 'certain', begins('decoder.up_blocks.*.res_blocks')),
  rule('ltx-video', 'LTX-Video VAE', 'certain', begins('per_channel_statistics')),
  rule('hunyuan-video', 'HunyuanVideo 1.5 VAE', 'certain', columns('decoder.conv_in.conv', 32)),
  rule('cogvideox', 'CogVideoX VAE', 'certain', has('decoder.mid_block.resnets.*.norm1.norm_layer')),
  rule('hunyuan-video', 'HunyuanVideo VAE', 'likely', has('decoder.conv_in.conv')),
  rule('sana', 'DC-AE (Sana)', 'certain', begins('decoder.stages')),
  rule('stable-audio', 'Stable Audio VAE', 'likely', has('decoder.layers.*.layers.*.beta')),
  rule('flux-2', 'Flux.2 VAE', 'certain', has('bn.running_mean')),
  rule('hunyuan-image', 'HunyuanImage 2.1 VAE', 'likely', columns('decoder.conv_in', 64)),
  rule('hunyuan-image', 'HunyuanImage Refiner VAE', 'likely', dimensions('decoder.conv_in', 5)),
  rule('svd', 'Stable Video Diffusion VAE', 'certain', begins('decoder.up.*.block.*.time_stack')),
  rule('taesd', 'TAESD', 'certain', begins('taesd_decoder')),
  rule('flux-1', 'Flux.1 / SD3 VAE', 'likely', columns('decoder.conv_in', 16)),
  rule('sd', 'SD 1.x / SDXL VAE', 'likely', columns('decoder.conv_in', 4)),
  rule('taesd', 'TAESD', 'guess', columns('decoder.layers.*', 4, 16), lacks('decoder.conv_in')),
];

/** A text encoder of CLIP of that width, as Hugging Face names its layers. */
function clip(width: number): TensorTest {
  return columns('text_model.encoder.layers.*.mlp.fc1', width);
}

function t5(module: string): string {
  return `encoder.block.*.layer.*.${module}`;
}

/** A layer of a language model, as Hugging Face names it. */
function llm(module: string): string {
  return `model.layers.*.${module}`;
}

function vision(module: string): string {
  return `vision_model.encoder.layers.*.${module}`;
}

function rule(
  architecture: string,
  baseModel: string,
  sure: Certainty,
  ...when: readonly TensorTest[]
): ArchitectureRule {
  return { architecture, baseModel, sure, when };
}
