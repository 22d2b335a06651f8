import type { ModelKind } from '../../../src/library/models/modelKind.ts';
import { kohyaLora, loha, lokr, peftLora, tensor, type Tensors, times, weight, withMagnitudes } from './tensorLists.ts';
import {
  chroma,
  cosmosPredict2,
  flux,
  fluxDiffusers,
  hiDream,
  hunyuanVideo,
  lumina,
  ltxVideo,
  qwenImage,
  wan,
} from './transformerLists.ts';
import { clipText, diffusersUnet, ldmUnet, SD1, SDXL } from './unetLists.ts';

export interface PublishedModel {
  readonly name: string;
  readonly tensors: Tensors;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly kind: ModelKind;
  readonly architecture?: string;
  readonly baseModel?: string;
  readonly rank?: number;
}

const ATTENTION = /attn|attention/;
const BLOCKS = /blocks/;

/** A LoRA of CLIP-L, as kohya's scripts train it beside the UNet. */
function textLora(prefix: string, width: number, layers: number, rank: number): Tensors {
  return kohyaLora(prefix, clipText(width, layers), /mlp|self_attn/, rank);
}

/** Adapters as the usual training scripts save them. */
export const PUBLISHED_ADAPTERS: readonly PublishedModel[] = [
  lora(
    'SD 1.5 LoRA of kohya',
    [...kohyaLora('lora_unet_', diffusersUnet(SD1), ATTENTION, 32), ...textLora('lora_te_', 768, 12, 32)],
    'lora',
    'sd1',
    'SD 1.x',
    32,
  ),
  lora('SD 1.5 LoRA of the text encoder alone', textLora('lora_te_', 768, 12, 8), 'lora', 'sd1', 'SD 1.x', 8),
  lora('SD 1.5 LoRA of diffusers', peftLora('unet.', diffusersUnet(SD1), /attn/, 4), 'lora', 'sd1', 'SD 1.x', 4),
  lora('SD 1.5 LoCon', kohyaLora('lora_unet_', diffusersUnet(SD1), /attn|conv/, 16), 'locon', 'sd1', 'SD 1.x', 16),
  lora('SD 1.5 LoHa', loha('lora_unet_', diffusersUnet(SD1), /attn/, 8), 'loha', 'sd1', 'SD 1.x', 8),
  lora(
    'SDXL LoRA of kohya',
    [
      ...kohyaLora('lora_unet_', ldmUnet(SDXL), ATTENTION, 64),
      ...textLora('lora_te1_', 768, 12, 64),
      ...textLora('lora_te2_', 1280, 32, 64),
    ],
    'lora',
    'sdxl',
    'SDXL',
    64,
  ),
  lora('SDXL DoRA', withMagnitudes(kohyaLora('lora_unet_', ldmUnet(SDXL), ATTENTION, 16)), 'dora', 'sdxl', 'SDXL', 16),
  lora('SDXL LoKr', lokr('lycoris_', diffusersUnet(SDXL), /attn/, 4), 'lokr', 'sdxl', 'SDXL', 4),
  lora('Flux.1 LoRA of kohya', kohyaLora('lora_unet_', flux(), BLOCKS, 16), 'lora', 'flux-1', 'Flux.1', 16),
  lora(
    'Flux.1 LoRA of ai-toolkit',
    peftLora('transformer.', fluxDiffusers(), /blocks.*(attn|proj)/, 16),
    'lora',
    'flux-1',
    'Flux.1',
    16,
  ),
  lora(
    'Flux.1 LoRA of single blocks alone',
    kohyaLora('lora_unet_', flux(), /single_blocks\.7\./, 4),
    'lora',
    'flux-1',
    'Flux.1',
    4,
  ),
  lora(
    'SD 3.5 Large LoRA',
    peftLora(
      'transformer.',
      times(38, (index) =>
        ['to_q', 'to_k', 'add_q_proj', 'add_k_proj'].map((part) =>
          weight(`transformer_blocks.${index}.attn.${part}`, 2432, 2432),
        ),
      ),
      /attn/,
      64,
    ),
    'lora',
    'sd3',
    'SD 3.5 Large',
    64,
  ),
  lora(
    'Wan 2.1 14B LoRA of musubi',
    kohyaLora('lora_unet_', wan(5120, 40), /blocks.*(attn\.[qkvo]\.|ffn)/, 32),
    'lora',
    'wan',
    'Wan 2.1 / 2.2 14B',
    32,
  ),
  lora(
    'Wan 1.3B LoRA of diffusion-pipe',
    peftLora('diffusion_model.', wan(1536, 30), /blocks.*attn\.[qkvo]\./, 32),
    'lora',
    'wan',
    'Wan 2.1 1.3B',
    32,
  ),
  lora(
    'Wan 2.1 I2V LoRA',
    peftLora('diffusion_model.', wan(5120, 40, { inputs: 36, image: true }), /blocks.*attn/, 16),
    'lora',
    'wan',
    'Wan 2.1 I2V 14B',
    16,
  ),
  lora('Qwen-Image LoRA', peftLora('transformer.', qwenImage(), /blocks/, 32), 'lora', 'qwen-image', 'Qwen-Image', 32),
  lora(
    'Qwen-Image LoRA of attention alone',
    peftLora('', qwenImage(), /attn/, 16),
    'lora',
    'qwen-image',
    'Qwen-Image',
    16,
  ),
  lora(
    'Z-Image LoRA',
    peftLora('diffusion_model.', lumina(3840, 2560, true), /^layers.*(attention\.qkv|feed_forward)/, 32),
    'lora',
    'z-image',
    'Z-Image',
    32,
  ),
  lora(
    'HunyuanVideo LoRA',
    kohyaLora('lora_unet_', hunyuanVideo(), BLOCKS, 32),
    'lora',
    'hunyuan-video',
    'HunyuanVideo',
    32,
  ),
  lora(
    'LTX-Video LoRA',
    peftLora('diffusion_model.', ltxVideo(2048, 28), /attn/, 128),
    'lora',
    'ltx-video',
    'LTX-Video 2B',
    128,
  ),
  lora(
    'HiDream LoRA',
    peftLora('diffusion_model.', hiDream(), /stream_blocks/, 16),
    'lora',
    'hidream',
    'HiDream I1',
    16,
  ),
  {
    ...lora(
      'Chroma LoRA, told by its metadata',
      kohyaLora('lora_unet_', chroma(), BLOCKS, 16),
      'lora',
      'chroma',
      'Chroma',
      16,
    ),
    metadata: { 'modelspec.architecture': 'chroma/lora' },
  },

  lora(
    'Flux.1 LoRA of XLabs',
    times(19, (index) =>
      ['qkv_lora1', 'proj_lora1', 'qkv_lora2', 'proj_lora2'].flatMap((part) => [
        weight(`double_blocks.${index}.processor.${part}.down`, 16, 3072),
        weight(`double_blocks.${index}.processor.${part}.up`, part.startsWith('qkv') ? 9216 : 3072, 16),
      ]),
    ),
    'lora',
    'flux-1',
    'Flux.1',
    16,
  ),
  lora(
    'Flux.1 Canny LoRA',
    [
      ...peftLora('', flux({ inputs: 128 }), /img_in|blocks/, 128),
      ...times(19, (index) => [tensor(`double_blocks.${index}.img_attn.norm.key_norm.scale`, 128)]),
    ],
    'lora',
    'flux-1',
    'Flux.1 Canny / Depth',
    128,
  ),
  lora(
    'Anima LoRA',
    kohyaLora('lora_unet_', cosmosPredict2(2048, 28), /blocks.*attn|mlp/, 8),
    'lora',
    'anima',
    'Anima',
    8,
  ),
];

function lora(
  name: string,
  tensors: Tensors,
  kind: ModelKind,
  architecture: string,
  baseModel: string,
  rank: number,
): PublishedModel {
  return { name, tensors, kind, architecture, baseModel, rank };
}
