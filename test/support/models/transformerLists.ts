import { layer, linears, tensor, type Tensors, times, weight } from './tensorLists.ts';

/** Flux.1 as Black Forest Labs names it. */
export function flux(options: { inputs?: number; guidance?: boolean; double?: number; single?: number } = {}): Tensors {
  const { inputs = 64, guidance = true, double = 19, single = 38 } = options;
  const width = 3072;
  return [
    ...layer('img_in', width, inputs),
    ...layer('txt_in', width, 4096),
    ...layer('time_in.in_layer', width, 256),
    ...layer('vector_in.in_layer', width, 768),
    ...(guidance
      ? [...layer('guidance_in.in_layer', width, 256), ...layer('guidance_in.out_layer', width, width)]
      : []),
    ...fluxBlocks(width, double, single),
    ...layer('final_layer.linear', 64, width),
  ];
}

function fluxBlocks(width: number, double: number, single: number, modulation = true): Tensors {
  return [
    ...times(double, (index) =>
      ['img', 'txt'].flatMap((stream) => {
        const name = `double_blocks.${index}.${stream}`;
        return [
          ...(modulation ? layer(`${name}_mod.lin`, 6 * width, width) : []),
          ...layer(`${name}_attn.qkv`, 3 * width, width),
          tensor(`${name}_attn.norm.query_norm.scale`, 128),
          tensor(`${name}_attn.norm.key_norm.scale`, 128),
          ...layer(`${name}_attn.proj`, width, width),
          ...layer(`${name}_mlp.0`, 4 * width, width),
          ...layer(`${name}_mlp.2`, width, 4 * width),
        ];
      }),
    ),
    ...times(single, (index) => {
      const name = `single_blocks.${index}`;
      return [
        ...(modulation ? layer(`${name}.modulation.lin`, 3 * width, width) : []),
        ...layer(`${name}.linear1`, 7 * width, width),
        ...layer(`${name}.linear2`, width, 5 * width),
        tensor(`${name}.norm.key_norm.scale`, 128),
      ];
    }),
  ];
}

export function chroma(): Tensors {
  return [
    ...layer('img_in', 3072, 64),
    ...layer('txt_in', 3072, 4096),
    ...layer('distilled_guidance_layer.in_proj', 5120, 64),
    ...times(5, (index) => layer(`distilled_guidance_layer.layers.${index}.in_layer`, 5120, 5120)),
    ...fluxBlocks(3072, 19, 38, false),
  ];
}

export function flux2(width: number, double: number, single: number, text: number): Tensors {
  return [
    weight('img_in', width, 128),
    weight('txt_in', width, text),
    weight('double_stream_modulation_img.lin', 6 * width, width),
    weight('single_stream_modulation.lin', 3 * width, width),
    ...fluxBlocks(width, double, single, false),
  ];
}

/** Flux.1 as diffusers names it. */
export function fluxDiffusers(): Tensors {
  const width = 3072;
  return [
    ...layer('x_embedder', width, 64),
    ...layer('context_embedder', width, 4096),
    ...layer('time_text_embed.guidance_embedder.linear_1', width, 256),
    ...times(19, (index) => {
      const name = `transformer_blocks.${index}`;
      const parts = ['to_q', 'to_k', 'to_v', 'add_q_proj', 'add_k_proj', 'add_v_proj', 'to_out.0', 'to_add_out'];
      return [
        ...linears(width, width, ...parts.map((part) => `${name}.attn.${part}`)),
        ...layer(`${name}.norm1.linear`, 6 * width, width),
        ...layer(`${name}.ff.net.0.proj`, 4 * width, width),
      ];
    }),
    ...times(38, (index) => {
      const name = `single_transformer_blocks.${index}`;
      return [
        ...linears(width, width, ...['to_q', 'to_k', 'to_v'].map((part) => `${name}.attn.${part}`)),
        ...layer(`${name}.norm.linear`, 3 * width, width),
        ...layer(`${name}.proj_mlp`, 4 * width, width),
        ...layer(`${name}.proj_out`, width, 5 * width),
      ];
    }),
  ];
}

/** SD 3 and 3.5 as Stability names them. */
export function sd3(width: number, depth: number, options: { normed?: boolean; dual?: number } = {}): Tensors {
  const { normed = false, dual = 0 } = options;
  return [
    ...layer('x_embedder.proj', width, 16, 2, 2),
    tensor('pos_embed', 1, 36864, width),
    ...layer('context_embedder', width, 4096),
    ...layer('y_embedder.mlp.0', width, 2048),
    ...times(depth, (index) => {
      const name = `joint_blocks.${index}`;
      return [
        ...['context_block', 'x_block'].flatMap((stream) => [
          ...layer(`${name}.${stream}.adaLN_modulation.1`, 6 * width, width),
          ...layer(`${name}.${stream}.attn.qkv`, 3 * width, width),
          ...layer(`${name}.${stream}.attn.proj`, width, width),
          ...layer(`${name}.${stream}.mlp.fc1`, 4 * width, width),
          ...(normed ? [weight(`${name}.${stream}.attn.ln_q`, 64)] : []),
        ]),
        ...(index < dual ? layer(`${name}.x_block.attn2.qkv`, 3 * width, width) : []),
      ];
    }),
    ...layer('final_layer.linear', 64, width),
  ];
}

/** Wan as its authors name it. */
export function wan(
  width: number,
  depth: number,
  options: { inputs?: number; outputs?: number; image?: boolean } = {},
): Tensors {
  const { inputs = 16, outputs = 16, image = false } = options;
  return [
    ...layer('patch_embedding', width, inputs, 1, 2, 2),
    ...layer('text_embedding.0', width, 4096),
    ...layer('time_projection.1', 6 * width, width),
    ...(image ? [...layer('img_emb.proj.0', 1280), ...layer('img_emb.proj.1', 1280, 1280)] : []),
    ...times(depth, (index) => {
      const name = `blocks.${index}`;
      return [
        tensor(`${name}.modulation`, 1, 6, width),
        ...['self_attn', 'cross_attn'].flatMap((kind) => [
          ...linears(width, width, ...['q', 'k', 'v', 'o'].map((part) => `${name}.${kind}.${part}`)),
          weight(`${name}.${kind}.norm_k`, width),
        ]),
        ...(image ? linears(width, width, `${name}.cross_attn.k_img`, `${name}.cross_attn.v_img`) : []),
        ...layer(`${name}.ffn.0`, 4 * width, width),
        ...layer(`${name}.ffn.2`, width, 4 * width),
      ];
    }),
    tensor('head.modulation', 1, 2, width),
    ...layer('head.head', outputs * 4, width),
  ];
}

export function vace(width: number, depth: number): Tensors {
  return [
    ...wan(width, depth),
    ...layer('vace_patch_embedding', width, 96, 1, 2, 2),
    ...times(8, (index) => layer(`vace_blocks.${index}.after_proj`, width, width)),
  ];
}

export function qwenImage(): Tensors {
  const width = 3072;
  return [
    ...layer('img_in', width, 64),
    ...layer('txt_in', width, 3584),
    weight('txt_norm', 3584),
    ...layer('time_text_embed.timestep_embedder.linear_1', width, 256),
    ...times(60, (index) => {
      const name = `transformer_blocks.${index}`;
      const parts = ['to_q', 'to_k', 'to_v', 'add_q_proj', 'add_k_proj', 'add_v_proj', 'to_out.0', 'to_add_out'];
      return [
        ...linears(width, width, ...parts.map((part) => `${name}.attn.${part}`)),
        ...['img', 'txt'].flatMap((stream) => [
          ...layer(`${name}.${stream}_mod.1`, 6 * width, width),
          ...layer(`${name}.${stream}_mlp.net.0.proj`, 4 * width, width),
          ...layer(`${name}.${stream}_mlp.net.2`, width, 4 * width),
        ]),
      ];
    }),
    ...layer('proj_out', 64, width),
  ];
}

/** Lumina Image 2.0 (2304 wide) and Z-Image (3840). */
export function lumina(width: number, text: number, padToken: boolean): Tensors {
  const block = (name: string): Tensors => [
    weight(`${name}.attention.qkv`, 3 * width, width),
    weight(`${name}.attention.out`, width, width),
    weight(`${name}.attention.k_norm`, 128),
    ...['w1', 'w3'].map((part) => weight(`${name}.feed_forward.${part}`, 4 * width, width)),
    weight(`${name}.feed_forward.w2`, width, 4 * width),
  ];
  return [
    ...layer('x_embedder', width, 64),
    weight('cap_embedder.0', text),
    ...layer('cap_embedder.1', width, text),
    ...(padToken ? [tensor('cap_pad_token', 1, width), tensor('x_pad_token', 1, width)] : []),
    ...times(2, (index) => [...block(`noise_refiner.${index}`), ...block(`context_refiner.${index}`)]),
    ...times(26, (index) => block(`layers.${index}`)),
  ];
}

export function hunyuanVideo(inputs = 16): Tensors {
  const width = 3072;
  return [
    ...layer('img_in.proj', width, inputs, 1, 2, 2),
    ...layer('txt_in.input_embedder', width, 4096),
    ...times(2, (index) => layer(`txt_in.individual_token_refiner.blocks.${index}.norm1`, width)),
    ...layer('vector_in.in_layer', width, 768),
    ...layer('guidance_in.mlp.0', width, 256),
    ...times(20, (index) =>
      ['img', 'txt'].flatMap((stream) => [
        ...layer(`double_blocks.${index}.${stream}_mod.linear`, 6 * width, width),
        ...layer(`double_blocks.${index}.${stream}_attn_qkv`, 3 * width, width),
        ...layer(`double_blocks.${index}.${stream}_mlp.fc1`, 4 * width, width),
      ]),
    ),
    ...times(40, (index) => [
      ...layer(`single_blocks.${index}.linear1`, 7 * width, width),
      ...layer(`single_blocks.${index}.linear2`, width, 5 * width),
      ...layer(`single_blocks.${index}.modulation.linear`, 3 * width, width),
    ]),
  ];
}

export function pixart(micro: boolean): Tensors {
  const width = 1152;
  return [
    ...layer('x_embedder.proj', width, 4, 2, 2),
    ...layer('t_block.1', 6 * width, width),
    tensor('y_embedder.y_embedding', micro ? 120 : 300, 4096),
    ...(micro ? [...layer('ar_embedder.mlp.0', 384, 256), ...layer('csize_embedder.mlp.0', 384, 256)] : []),
    ...times(28, (index) => [
      ...layer(`blocks.${index}.attn.qkv`, 3 * width, width),
      ...layer(`blocks.${index}.cross_attn.kv_linear`, 2 * width, width),
      ...layer(`blocks.${index}.mlp.fc1`, 4 * width, width),
    ]),
  ];
}

export function ltxVideo(width: number, depth: number): Tensors {
  return [
    ...layer('patchify_proj', width, 128),
    ...layer('adaln_single.emb.timestep_embedder.linear_1', width, 256),
    ...layer('caption_projection.linear_1', width, 4096),
    ...times(depth, (index) => [
      tensor(`transformer_blocks.${index}.scale_shift_table`, 6, width),
      ...['attn1', 'attn2'].flatMap((kind) =>
        linears(width, width, ...['to_q', 'to_k', 'to_v'].map((part) => `transformer_blocks.${index}.${kind}.${part}`)),
      ),
      ...layer(`transformer_blocks.${index}.ff.net.0.proj`, 4 * width, width),
    ]),
  ];
}

export function cosmosPredict2(width: number, depth: number): Tensors {
  return [
    weight('x_embedder.proj.1', width, 68),
    weight('t_embedder.1.linear_1', width, width),
    ...times(depth, (index) => [
      weight(`blocks.${index}.self_attn.q_proj`, width, width),
      weight(`blocks.${index}.cross_attn.k_proj`, width, 1024),
      weight(`blocks.${index}.mlp.layer1`, 4 * width, width),
      weight(`blocks.${index}.adaln_modulation_mlp.1`, 256, width),
    ]),
  ];
}

export function cosmos1(width: number, depth: number): Tensors {
  return [
    weight('x_embedder.proj.1', width, 68),
    ...times(depth, (index) => [
      weight(`blocks.block${index}.blocks.0.block.attn.to_q.0`, width, width),
      weight(`blocks.block${index}.blocks.1.block.attn.to_k.0`, width, 1024),
    ]),
  ];
}

export function auraFlow(): Tensors {
  return [
    tensor('positional_encoding', 1, 9216, 3072),
    weight('cond_seq_linear', 3072, 2048),
    ...times(4, (index) =>
      ['w1q', 'w1k', 'w2q'].map((part) => weight(`double_layers.${index}.attn.${part}`, 3072, 3072)),
    ),
    ...times(32, (index) => [weight(`single_layers.${index}.attn.w1q`, 3072, 3072)]),
  ];
}

export function hiDream(): Tensors {
  return [
    ...times(49, (index) => [weight(`caption_projection.${index}.linear`, 2560, 4096)]),
    ...layer('x_embedder.proj', 2560, 64),
    ...times(16, (index) => [
      ...layer(`double_stream_blocks.${index}.block.attn1.to_q`, 2560, 2560),
      weight(`double_stream_blocks.${index}.block.ff_i.shared_experts.w1`, 3584, 2560),
    ]),
    ...times(32, (index) => layer(`single_stream_blocks.${index}.block.attn1.to_q`, 2560, 2560)),
  ];
}

export function cascade(stage: 'b' | 'c'): Tensors {
  const mapper = stage === 'c' ? layer('clip_txt_mapper', 2048, 1280) : layer('clip_mapper', 1280, 1280);
  return [
    ...mapper,
    ...layer('clf.1', 16, 2048, 1, 1),
    ...times(8, (index) => layer(`down_blocks.0.${index}.channelwise.0`, 8192, 2048)),
  ];
}
