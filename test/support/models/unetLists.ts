import { layer, linears, prefixed, tensor, type Tensors, times, weight } from './tensorLists.ts';

interface UnetShape {
  readonly channels: readonly number[];
  /** Transformer blocks at each level. */
  readonly depth: readonly number[];
  readonly middle: number;
  readonly context: number;
  readonly inputs?: number;
  /** Of the vector that is added to the time, SDXL's size conditions. */
  readonly added?: number;
}

export const SD1: UnetShape = { channels: [320, 640, 1280, 1280], depth: [1, 1, 1, 0], middle: 1, context: 768 };
export const SD2: UnetShape = { ...SD1, context: 1024 };
export const SDXL: UnetShape = {
  channels: [320, 640, 1280],
  depth: [0, 2, 10],
  middle: 10,
  context: 2048,
  added: 2816,
};
export const REFINER: UnetShape = {
  channels: [384, 768, 1536, 1536],
  depth: [0, 4, 4, 0],
  middle: 4,
  context: 1280,
  added: 2560,
};

function transformer(name: string, width: number, depth: number, context: number): Tensors {
  if (depth === 0) return [];
  return [
    ...layer(`${name}.norm`, width),
    ...layer(`${name}.proj_in`, width, width),
    ...times(depth, (index) => {
      const block = `${name}.transformer_blocks.${index}`;
      return [
        ...['to_q', 'to_k', 'to_v'].map((part) => weight(`${block}.attn1.${part}`, width, width)),
        ...layer(`${block}.attn1.to_out.0`, width, width),
        weight(`${block}.attn2.to_q`, width, width),
        ...['to_k', 'to_v'].map((part) => weight(`${block}.attn2.${part}`, width, context)),
        ...layer(`${block}.attn2.to_out.0`, width, width),
        ...layer(`${block}.ff.net.0.proj`, 8 * width, width),
        ...layer(`${block}.ff.net.2`, width, 4 * width),
      ];
    }),
    ...layer(`${name}.proj_out`, width, width),
  ];
}

function residual(name: string, columns: number, width: number): Tensors {
  return [...layer(`${name}.in_layers.2`, width, columns, 3, 3), ...layer(`${name}.out_layers.3`, width, width, 3, 3)];
}

/** The first half of a UNet, which a control net has too, as CompVis and Stability name it. */
function encoder({ channels, depth, middle, context, inputs = 4, added }: UnetShape): Tensors {
  const [first = 0] = channels;
  const last = channels.at(-1) ?? 0;
  let block = 0;
  const down = channels.flatMap((width, level) => [
    ...times(2, () => {
      block++;
      const name = `input_blocks.${block}`;
      return [...residual(`${name}.0`, width, width), ...transformer(`${name}.1`, width, depth[level] ?? 0, context)];
    }),
    ...(level === channels.length - 1 ? [] : layer(`input_blocks.${++block}.0.op`, width, width, 3, 3)),
  ]);
  return [
    ...layer('time_embed.0', 4 * first, first),
    ...layer('time_embed.2', 4 * first, 4 * first),
    ...(added === undefined
      ? []
      : [...layer('label_emb.0.0', 4 * first, added), ...layer('label_emb.0.2', 4 * first, 4 * first)]),
    ...layer('input_blocks.0.0', first, inputs, 3, 3),
    ...down,
    ...residual('middle_block.0', last, last),
    ...transformer('middle_block.1', last, middle, context),
  ];
}

export function ldmUnet(shape: UnetShape): Tensors {
  const { channels, depth, context } = shape;
  const [first = 0] = channels;
  let block = 0;
  return [
    ...encoder(shape),
    ...channels.toReversed().flatMap((width, index) =>
      times(3, () => {
        const name = `output_blocks.${block++}`;
        const level = channels.length - 1 - index;
        return [
          ...residual(`${name}.0`, 2 * width, width),
          ...transformer(`${name}.1`, width, depth[level] ?? 0, context),
        ];
      }),
    ),
    ...layer('out.2', 4, first, 3, 3),
  ];
}

export function ldmControlNet(shape: UnetShape): Tensors {
  return [
    ...encoder(shape),
    ...times(12, (index) => layer(`zero_convs.${index}.0`, 320, 320, 1, 1)),
    ...layer('input_hint_block.0', 16, 3, 3, 3),
    ...layer('middle_block_out.0', 1280, 1280, 1, 1),
  ];
}

/** The names of diffusers, which kohya's scripts also use for adapters of SD 1.x. */
export function diffusersUnet({ channels, depth, middle, context, inputs = 4, added }: UnetShape): Tensors {
  const [first = 0] = channels;
  return [
    ...layer('conv_in', first, inputs, 3, 3),
    ...layer('time_embedding.linear_1', 4 * first, first),
    ...(added === undefined ? [] : layer('add_embedding.linear_1', 4 * first, added)),
    ...channels.flatMap((width, level) =>
      times(2, (index) => [
        ...layer(`down_blocks.${level}.resnets.${index}.conv1`, width, width, 3, 3),
        ...transformer(`down_blocks.${level}.attentions.${index}`, width, depth[level] ?? 0, context),
      ]),
    ),
    ...transformer('mid_block.attentions.0', channels.at(-1) ?? 0, middle, context),
    ...channels.flatMap((_, index) => {
      const level = channels.length - 1 - index;
      const width = channels[level] ?? 0;
      return times(3, (nth) => [
        ...layer(`up_blocks.${index}.resnets.${nth}.conv1`, width, 2 * width, 3, 3),
        ...transformer(`up_blocks.${index}.attentions.${nth}`, width, depth[level] ?? 0, context),
      ]);
    }),
  ];
}

/** As Hugging Face names CLIP's text model. */
export function clipText(width: number, layers: number): Tensors {
  return [
    tensor('text_model.embeddings.position_embedding.weight', 77, width),
    tensor('text_model.embeddings.token_embedding.weight', 49408, width),
    ...times(layers, (index) => {
      const name = `text_model.encoder.layers.${index}`;
      return [
        ...linears(width, width, ...['q', 'k', 'v', 'out'].map((part) => `${name}.self_attn.${part}_proj`)),
        ...layer(`${name}.mlp.fc1`, 4 * width, width),
        ...layer(`${name}.mlp.fc2`, width, 4 * width),
        ...layer(`${name}.layer_norm1`, width),
      ];
    }),
    ...layer('text_model.final_layer_norm', width),
  ];
}

/** As OpenCLIP names its text model. */
export function openClipText(width: number, layers: number): Tensors {
  return [
    tensor('positional_embedding', 77, width),
    tensor('token_embedding.weight', 49408, width),
    ...times(layers, (index) => {
      const name = `transformer.resblocks.${index}`;
      return [
        tensor(`${name}.attn.in_proj_weight`, 3 * width, width),
        ...layer(`${name}.mlp.c_fc`, 4 * width, width),
        ...layer(`${name}.mlp.c_proj`, width, 4 * width),
      ];
    }),
    ...layer('ln_final', width),
    tensor('text_projection', width, width),
  ];
}

/** The autoencoder of Stable Diffusion and Flux.1, as CompVis names it. */
export function klVae(latents: number, quantConvolution: boolean): Tensors {
  return [
    ...layer('encoder.conv_in', 128, 3, 3, 3),
    ...times(4, (level) => layer(`encoder.down.${level}.block.0.conv1`, 128, 128, 3, 3)),
    ...layer('encoder.conv_out', 2 * latents, 512, 3, 3),
    ...layer('decoder.conv_in', 512, latents, 3, 3),
    ...layer('decoder.mid.attn_1.q', 512, 512, 1, 1),
    ...times(4, (level) => layer(`decoder.up.${level}.block.0.conv1`, 128, 128, 3, 3)),
    ...layer('decoder.conv_out', 3, 128, 3, 3),
    ...(quantConvolution
      ? [...layer('quant_conv', 8, 8, 1, 1), ...layer('post_quant_conv', latents, latents, 1, 1)]
      : []),
  ];
}

export function sd1Checkpoint(shape: UnetShape = SD1): Tensors {
  return [
    ...prefixed('model.diffusion_model.', ldmUnet(shape)),
    ...prefixed('first_stage_model.', klVae(4, true)),
    ...prefixed('cond_stage_model.transformer.', clipText(768, 12)),
  ];
}

export function sdxlCheckpoint(shape: UnetShape = SDXL): Tensors {
  return [
    ...prefixed('model.diffusion_model.', ldmUnet(shape)),
    ...prefixed('first_stage_model.', klVae(4, true)),
    ...prefixed('conditioner.embedders.0.transformer.', clipText(768, 12)),
    ...prefixed('conditioner.embedders.1.model.', openClipText(1280, 32)),
  ];
}
