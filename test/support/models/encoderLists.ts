import { layer, tensor, type Tensors, times, weight } from './tensorLists.ts';

/** T5 v1.1 and UMT5, of which each layer has a position bias of its own. */
export function t5(width: number, layers: number, vocabulary: number, everyBias = false): Tensors {
  return [
    weight('shared', vocabulary, width),
    ...times(layers, (index) => [
      ...['q', 'k', 'v', 'o'].map((part) =>
        weight(`encoder.block.${index}.layer.0.SelfAttention.${part}`, width, width),
      ),
      ...(index === 0 || everyBias
        ? [weight(`encoder.block.${index}.layer.0.SelfAttention.relative_attention_bias`, 32, 64)]
        : []),
      ...['wi_0', 'wi_1'].map((part) => weight(`encoder.block.${index}.layer.1.DenseReluDense.${part}`, 10240, width)),
      weight(`encoder.block.${index}.layer.1.DenseReluDense.wo`, width, 10240),
    ]),
    weight('encoder.final_layer_norm', width),
  ];
}

interface LanguageModel {
  readonly width: number;
  readonly layers: number;
  readonly vocabulary: number;
  readonly keys: number;
  readonly bias?: boolean;
  readonly normed?: boolean;
  readonly feedForwardNorm?: boolean;
}

export function languageModel(shape: LanguageModel): Tensors {
  const { width, layers, vocabulary, keys, bias = false, normed = false, feedForwardNorm = false } = shape;
  return [
    weight('model.embed_tokens', vocabulary, width),
    ...times(layers, (index) => {
      const name = `model.layers.${index}`;
      return [
        weight(`${name}.self_attn.q_proj`, width, width),
        weight(`${name}.self_attn.k_proj`, keys, width),
        ...(bias ? [tensor(`${name}.self_attn.k_proj.bias`, keys)] : []),
        ...(normed ? [weight(`${name}.self_attn.q_norm`, 128), weight(`${name}.self_attn.k_norm`, 128)] : []),
        ...(feedForwardNorm ? [weight(`${name}.post_feedforward_layernorm`, width)] : []),
        weight(`${name}.post_attention_layernorm`, width),
        weight(`${name}.mlp.gate_proj`, 4 * width, width),
      ];
    }),
    weight('model.norm', width),
  ];
}

export function qwenVl(): Tensors {
  return [
    ...languageModel({ width: 3584, layers: 28, vocabulary: 152064, keys: 512, bias: true }),
    ...times(32, (index) => layer(`visual.blocks.${index}.attn.qkv`, 3840, 1280)),
  ];
}

export function clipVision(width: number, layers: number): Tensors {
  return [
    weight('vision_model.embeddings.patch_embedding', width, 3, 14, 14),
    ...times(layers, (index) => [
      ...layer(`vision_model.encoder.layers.${index}.self_attn.q_proj`, width, width),
      ...layer(`vision_model.encoder.layers.${index}.mlp.fc1`, 4 * width, width),
    ]),
    weight('visual_projection', 1024, width),
  ];
}

export function wanVae(next: boolean): Tensors {
  const up = next ? 'decoder.upsamples.0.upsamples.0' : 'decoder.upsamples.0';
  return [
    ...layer('encoder.conv1', 96, 3, 3, 3, 3),
    ...times(2, (index) => [
      tensor(`decoder.middle.${2 * index}.residual.0.gamma`, 384, 1, 1, 1),
      ...layer(`${up}.residual.2`, 384, 384, 3, 3, 3),
    ]),
    tensor('decoder.head.0.gamma', 96, 1, 1, 1),
  ];
}

export function hunyuanVae(): Tensors {
  return [
    ...layer('encoder.conv_in.conv', 128, 3, 3, 3, 3),
    ...layer('decoder.conv_in.conv', 512, 16, 3, 3, 3),
    ...layer('decoder.mid.attn_1.k', 512, 512, 1, 1, 1),
    ...layer('post_quant_conv', 16, 16, 1, 1, 1),
  ];
}

/** ESRGAN as its first code names it, and as BasicSR does. */
export function esrgan(basicSr: boolean): Tensors {
  const block = (index: number, nth: number, conv: number): string =>
    basicSr ? `body.${index}.rdb${nth}.conv${conv}` : `model.1.sub.${index}.RDB${nth}.conv${conv}.0`;
  return [
    ...layer(basicSr ? 'conv_first' : 'model.0', 64, 3, 3, 3),
    ...times(23, (index) => [1, 2, 3].flatMap((nth) => layer(block(index, nth, 1), 32, 64, 3, 3))),
    ...layer(basicSr ? 'conv_last' : 'model.10', 3, 64, 3, 3),
  ];
}
