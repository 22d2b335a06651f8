import type { ModelKind } from '../../../src/library/models/modelKind.ts';
import { PUBLISHED_ADAPTERS, type PublishedModel } from './publishedAdapters.ts';
import { clipVision, esrgan, hunyuanVae, languageModel, qwenVl, t5, wanVae } from './encoderLists.ts';
import { as, layer, prefixed, tensor, type Tensors, times, weight } from './tensorLists.ts';
import {
  auraFlow,
  cascade,
  chroma,
  cosmos1,
  cosmosPredict2,
  flux,
  flux2,
  fluxDiffusers,
  hiDream,
  hunyuanVideo,
  lumina,
  ltxVideo,
  pixart,
  qwenImage,
  sd3,
  vace,
  wan,
} from './transformerLists.ts';
import {
  clipText,
  diffusersUnet,
  klVae,
  ldmControlNet,
  ldmUnet,
  openClipText,
  REFINER,
  SD1,
  SD2,
  sd1Checkpoint,
  SDXL,
  sdxlCheckpoint,
} from './unetLists.ts';

/** Tensor lists like those of models that are published, and what one should be told of them. */
export const PUBLISHED_MODELS: readonly PublishedModel[] = [
  // Stable Diffusion with a UNet
  model('Stable Diffusion 1.5, checkpoint', sd1Checkpoint(), 'checkpoint', 'sd1', 'SD 1.x'),
  model(
    'Stable Diffusion 1.5 inpainting',
    sd1Checkpoint({ ...SD1, inputs: 9 }),
    'checkpoint',
    'sd1',
    'SD 1.x Inpainting',
  ),
  model('InstructPix2Pix', sd1Checkpoint({ ...SD1, inputs: 8 }), 'checkpoint', 'sd1', 'InstructPix2Pix'),
  model(
    'Stable Diffusion 1.5, EMA kept',
    [...sd1Checkpoint(), ...prefixed('model_ema.', [tensor('diffusion_modeltime_embed0weight', 1280, 320)])],
    'checkpoint',
    'sd1',
    'SD 1.x',
  ),
  model('Stable Diffusion 1.5 UNet of diffusers', diffusersUnet(SD1), 'diffusion model', 'sd1', 'SD 1.x'),
  model(
    'Stable Diffusion 2.1',
    [
      ...prefixed('model.diffusion_model.', ldmUnet(SD2)),
      ...prefixed('cond_stage_model.model.', openClipText(1024, 24)),
      ...prefixed('first_stage_model.', klVae(4, true)),
    ],
    'checkpoint',
    'sd2',
    'SD 2.x',
  ),
  model('SDXL 1.0 base', sdxlCheckpoint(), 'checkpoint', 'sdxl', 'SDXL'),
  model('SDXL UNet alone', prefixed('model.diffusion_model.', ldmUnet(SDXL)), 'diffusion model', 'sdxl', 'SDXL'),
  model('SDXL UNet of diffusers', diffusersUnet(SDXL), 'diffusion model', 'sdxl', 'SDXL'),
  model(
    'SDXL 1.0 refiner',
    [
      ...prefixed('model.diffusion_model.', ldmUnet(REFINER)),
      ...prefixed('conditioner.embedders.0.model.', openClipText(1280, 32)),
      ...prefixed('first_stage_model.', klVae(4, true)),
    ],
    'checkpoint',
    'sdxl-refiner',
    'SDXL Refiner',
  ),
  model('Stable Cascade stage C', cascade('c'), 'diffusion model', 'stable-cascade', 'Stable Cascade stage C'),
  model('Stable Cascade stage B', cascade('b'), 'diffusion model', 'stable-cascade', 'Stable Cascade stage B'),
  model(
    'Stable Video Diffusion',
    [
      ...prefixed('model.diffusion_model.', [
        ...ldmUnet({ ...SD2, inputs: 8, added: 768 }),
        ...layer('input_blocks.1.0.time_stack.in_layers.2', 320, 320, 3, 1, 1),
      ]),
      ...prefixed('first_stage_model.', klVae(4, false)),
    ],
    'checkpoint',
    'svd',
    'Stable Video Diffusion',
  ),

  // Stable Diffusion 3
  model('SD 3 Medium', prefixed('model.diffusion_model.', sd3(1536, 24)), 'diffusion model', 'sd3', 'SD 3 Medium'),
  model(
    'SD 3.5 Large with its encoders',
    [
      ...prefixed('model.diffusion_model.', sd3(2432, 38, { normed: true })),
      ...prefixed('text_encoders.clip_l.transformer.', clipText(768, 12)),
      ...prefixed('first_stage_model.', klVae(16, false)),
    ],
    'checkpoint',
    'sd3',
    'SD 3.5 Large',
  ),
  model('SD 3.5 Medium', sd3(1536, 24, { normed: true, dual: 13 }), 'diffusion model', 'sd3', 'SD 3.5 Medium'),

  // Flux
  model('Flux.1 dev', flux(), 'diffusion model', 'flux-1', 'Flux.1 dev'),
  model(
    'Flux.1 dev in FP8, with encoders',
    [
      ...as('F8_E4M3', prefixed('model.diffusion_model.', flux())),
      ...prefixed('text_encoders.clip_l.transformer.', clipText(768, 12)),
      ...prefixed('vae.', klVae(16, false)),
    ],
    'checkpoint',
    'flux-1',
    'Flux.1 dev',
  ),
  model('Flux.1 schnell', flux({ guidance: false }), 'diffusion model', 'flux-1', 'Flux.1 schnell'),
  model('Flux.1 Fill', flux({ inputs: 384 }), 'diffusion model', 'flux-1', 'Flux.1 Fill'),
  model('Flux.1 Canny', flux({ inputs: 128 }), 'diffusion model', 'flux-1', 'Flux.1 Canny / Depth'),
  model('Flux.1 dev of diffusers', fluxDiffusers(), 'diffusion model', 'flux-1', 'Flux.1 dev'),
  model('Flux.1 Kontext, told by its metadata', flux(), 'diffusion model', 'flux-1', 'Flux.1 Kontext', {
    metadata: { 'modelspec.architecture': 'Flux.1-kontext-dev' },
  }),
  model('Flux.2 dev', flux2(6144, 8, 48, 15360), 'diffusion model', 'flux-2', 'Flux.2 dev'),
  model('Flux.2 klein 4B', flux2(3072, 5, 20, 7680), 'diffusion model', 'flux-2', 'Flux.2 klein 4B'),
  model('Chroma', chroma(), 'diffusion model', 'chroma', 'Chroma'),

  // Other transformers
  model('Wan 2.1 T2V 1.3B', wan(1536, 30), 'diffusion model', 'wan', 'Wan 2.1 1.3B'),
  model(
    'Wan 2.1 T2V 14B',
    prefixed('model.diffusion_model.', wan(5120, 40)),
    'diffusion model',
    'wan',
    'Wan 2.1 / 2.2 14B',
  ),
  model('Wan 2.1 I2V 14B', wan(5120, 40, { inputs: 36, image: true }), 'diffusion model', 'wan', 'Wan 2.1 I2V 14B'),
  model('Wan 2.2 I2V 14B', wan(5120, 40, { inputs: 36 }), 'diffusion model', 'wan', 'Wan 2.2 I2V 14B'),
  model('Wan 2.2 TI2V 5B', wan(3072, 30, { inputs: 48, outputs: 48 }), 'diffusion model', 'wan', 'Wan 2.2 TI2V 5B'),
  model('Wan 2.1 VACE 14B', vace(5120, 40), 'diffusion model', 'wan', 'Wan 2.1 VACE 14B'),
  model('Qwen-Image', qwenImage(), 'diffusion model', 'qwen-image', 'Qwen-Image'),
  model('Z-Image Turbo', lumina(3840, 2560, true), 'diffusion model', 'z-image', 'Z-Image'),
  model(
    'Lumina Image 2.0',
    prefixed('model.diffusion_model.', lumina(2304, 2304, false)),
    'diffusion model',
    'lumina-2',
    'Lumina Image 2.0',
  ),
  model('HunyuanVideo', prefixed('model.model.', hunyuanVideo()), 'diffusion model', 'hunyuan-video', 'HunyuanVideo'),
  model('HunyuanVideo I2V', hunyuanVideo(33), 'diffusion model', 'hunyuan-video', 'HunyuanVideo I2V'),
  model('PixArt Alpha', pixart(true), 'diffusion model', 'pixart', 'PixArt Alpha'),
  model('PixArt Sigma', pixart(false), 'diffusion model', 'pixart', 'PixArt Sigma'),
  model(
    'LTX-Video 2B with its VAE',
    [
      ...prefixed('model.diffusion_model.', ltxVideo(2048, 28)),
      ...prefixed('vae.', layer('decoder.up_blocks.0.res_blocks.0.conv1.conv', 512, 512, 3, 3, 3)),
    ],
    'checkpoint',
    'ltx-video',
    'LTX-Video 2B',
  ),
  model('LTX-Video 13B', ltxVideo(4096, 48), 'diffusion model', 'ltx-video', 'LTX-Video 13B'),
  model('Cosmos 1.0 7B', prefixed('net.', cosmos1(4096, 28)), 'diffusion model', 'cosmos', 'Cosmos 1.0 7B'),
  model(
    'Cosmos Predict2 2B',
    prefixed('net.', cosmosPredict2(2048, 28)),
    'diffusion model',
    'cosmos',
    'Cosmos Predict2 2B',
  ),
  model(
    'Anima',
    prefixed('net.', [...cosmosPredict2(2048, 28), weight('llm_adapter.blocks.0.cross_attn.q_proj', 1024, 1024)]),
    'diffusion model',
    'anima',
    'Anima',
  ),
  model('AuraFlow', auraFlow(), 'diffusion model', 'auraflow', 'AuraFlow'),
  model('HiDream I1', hiDream(), 'diffusion model', 'hidream', 'HiDream I1'),

  ...PUBLISHED_ADAPTERS,

  // Control
  model('SD 1.5 control net', prefixed('control_model.', ldmControlNet(SD1)), 'control net', 'sd1', 'SD 1.x'),
  model('SD 1.5 control net without prefix', ldmControlNet(SD1), 'control net', 'sd1', 'SD 1.x'),
  model(
    'SDXL control net of diffusers',
    [
      ...diffusersUnet(SDXL),
      ...layer('controlnet_cond_embedding.conv_in', 16, 3, 3, 3),
      ...times(9, (index) => layer(`controlnet_down_blocks.${index}`, 320, 320, 1, 1)),
    ],
    'control net',
    'sdxl',
    'SDXL',
  ),
  model(
    'Flux.1 control net of XLabs',
    [...flux({ double: 2, single: 0 }), ...times(2, (index) => layer(`controlnet_blocks.${index}`, 3072, 3072))],
    'control net',
    'flux-1',
    'Flux.1 dev',
  ),
  model(
    'SDXL control LoRA',
    [
      tensor('lora_controlnet'),
      ...layer('input_hint_block.0', 16, 3, 3, 3),
      ...times(9, (index) => [
        tensor(`input_blocks.${index + 1}.1.transformer_blocks.0.attn2.to_k.down`, 128, 2048),
        tensor(`input_blocks.${index + 1}.1.transformer_blocks.0.attn2.to_k.up`, 640, 128),
      ]),
    ],
    'control lora',
    'sdxl',
    'SDXL',
  ),
  model(
    'SD 1.5 T2I adapter',
    [
      ...layer('conv_in', 320, 192, 3, 3),
      ...times(8, (index) => [
        ...layer(`body.${index}.block1`, 320, 320, 3, 3),
        ...layer(`body.${index}.block2`, 320, 320, 1, 1),
      ]),
    ],
    't2i adapter',
  ),
  model(
    'SDXL IP adapter',
    [
      ...layer('image_proj.proj', 8192, 1280),
      ...layer('image_proj.norm', 2048),
      ...times(70, (index) => [
        weight(`ip_adapter.${2 * index + 1}.to_k_ip`, 1280, 2048),
        weight(`ip_adapter.${2 * index + 1}.to_v_ip`, 1280, 2048),
      ]),
    ],
    'ip adapter',
    'sdxl',
    'SDXL',
  ),
  model(
    'SD 1.5 IP adapter FaceID',
    [
      ...layer('image_proj.proj.0', 1024, 512),
      ...times(16, (index) => [
        weight(`ip_adapter.${2 * index + 1}.to_k_ip`, 320, 768),
        weight(`ip_adapter.${index}.to_q_lora.down`, 128, 320),
        weight(`ip_adapter.${index}.to_q_lora.up`, 320, 128),
        weight(`ip_adapter.${index}.to_k_lora.down`, 128, 320),
        weight(`ip_adapter.${index}.to_k_lora.up`, 320, 128),
      ]),
    ],
    'ip adapter',
    'sd1',
    'SD 1.x',
  ),
  model(
    'Flux.1 IP adapter of XLabs',
    times(19, (index) => layer(`double_blocks.${index}.processor.ip_adapter_double_stream_k_proj`, 3072, 4096)),
    'ip adapter',
    'flux-1',
    'Flux.1',
  ),
  model('Flux.1 Redux', [...layer('redux_up', 12288, 1152), ...layer('redux_down', 4096, 12288)], 'style model'),
  model(
    'AnimateDiff motion module',
    times(4, (level) => layer(`down_blocks.${level}.motion_modules.0.temporal_transformer.proj_in`, 320, 320)),
    'motion module',
    'animatediff',
    'AnimateDiff',
  ),

  // Encoders and VAEs
  model('CLIP-L', clipText(768, 12), 'text encoder', 'clip-l', 'CLIP-L'),
  model('CLIP-G', clipText(1280, 32), 'text encoder', 'clip-g', 'CLIP-G'),
  model('T5-XXL', t5(4096, 24, 32128), 'text encoder', 't5-xxl', 'T5-XXL'),
  model('T5-XXL in FP8', as('F8_E4M3', t5(4096, 24, 32128)), 'text encoder', 't5-xxl', 'T5-XXL'),
  model('UMT5-XXL of Wan', t5(4096, 24, 256384, true), 'text encoder', 'umt5-xxl', 'UMT5-XXL'),
  model('Qwen2.5-VL 7B', qwenVl(), 'text encoder', 'qwen2.5-vl-7b', 'Qwen2.5-VL 7B'),
  model(
    'Llama 3.1 8B',
    languageModel({ width: 4096, layers: 32, vocabulary: 128256, keys: 1024 }),
    'text encoder',
    'llama-3-8b',
    'Llama 3 8B',
  ),
  model(
    'Gemma 2 2B',
    languageModel({ width: 2304, layers: 26, vocabulary: 256000, keys: 1024, feedForwardNorm: true }),
    'text encoder',
    'gemma-2-2b',
    'Gemma 2 2B',
  ),
  model(
    'Qwen3 4B',
    languageModel({ width: 2560, layers: 36, vocabulary: 151936, keys: 1024, normed: true }),
    'text encoder',
    'qwen3-4b',
    'Qwen3 4B',
  ),
  model('CLIP vision ViT-H', clipVision(1280, 32), 'clip vision', 'clip-vision-h', 'CLIP vision ViT-H'),
  model('SD 1.x VAE', klVae(4, true), 'vae', 'sd', 'SD 1.x / SDXL VAE'),
  model('Flux.1 VAE', klVae(16, false), 'vae', 'flux-1', 'Flux.1 / SD3 VAE'),
  model('Wan 2.1 VAE', wanVae(false), 'vae', 'wan', 'Wan 2.1 / Qwen-Image VAE'),
  model('Wan 2.2 VAE', wanVae(true), 'vae', 'wan', 'Wan 2.2 VAE'),
  model('HunyuanVideo VAE', hunyuanVae(), 'vae', 'hunyuan-video', 'HunyuanVideo VAE'),
  model(
    'Stable Cascade stage A',
    [weight('vquantizer.codebook', 8192, 4), ...layer('up_blocks.0.0', 384, 4, 1, 1)],
    'vae',
    'stable-cascade',
    'Stable Cascade stage A',
  ),

  // Small ones
  model('SD 1.5 embedding', [tensor('emb_params', 8, 768)], 'embedding', 'sd1', 'SD 1.x'),
  model('SDXL embedding', [tensor('clip_g', 8, 1280), tensor('clip_l', 8, 768)], 'embedding', 'sdxl', 'SDXL'),
  model('ESRGAN', esrgan(false), 'upscaler'),
  model('Real-ESRGAN', esrgan(true), 'upscaler'),
  model(
    'Real-ESRGAN compact',
    times(34, (index) => layer(`body.${index}`, 64, 64, 3, 3)),
    'upscaler',
  ),
  model(
    'Hypernetwork',
    ['768', '320', '640', '1280'].flatMap((width) => layer(`${width}.0.linear.0`, 2 * Number(width), Number(width))),
    'hypernetwork',
  ),
];

function model(
  name: string,
  tensors: Tensors,
  kind: ModelKind,
  architecture?: string,
  baseModel?: string,
  more: Pick<PublishedModel, 'metadata'> = {},
): PublishedModel {
  const base = {
    ...(architecture === undefined ? {} : { architecture }),
    ...(baseModel === undefined ? {} : { baseModel }),
  };
  return { name, tensors, kind, ...base, ...more };
}
