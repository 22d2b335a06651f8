/** A kind of model in ComfyUI's folders. Sizes are numbers of half-precision weights: small, but in proportion. */
export interface ModelCategory {
  readonly folder: string;
  readonly architecture: string;
  readonly weights: readonly [least: number, most: number];
  /** Paths below the folder, without extension. */
  readonly names: readonly string[];
}

const styles = ['inkwash', 'risograph', 'gouache', 'tilt-shift', 'film-grain', 'claymation', 'blueprint', 'woodcut'];
const subjects = ['lighthouse-keeper', 'harbour-town', 'night-market', 'paper-theatre', 'glass-garden', 'old-trams'];
const tools = ['detail-tweaker', 'lighting-control', 'hands-fix', 'background-depth', 'add-contrast', 'sharp-focus'];

/** Every pair of two lists as a path. */
function combined(folder: string, firsts: readonly string[], seconds: readonly string[]): string[] {
  return firsts.flatMap((first) => seconds.map((second) => `${folder}/${first}_${second}`));
}

export const modelCategories: readonly ModelCategory[] = [
  {
    folder: 'checkpoints',
    architecture: 'stable-diffusion-xl-v1-base',
    weights: [150_000, 400_000],
    names: [
      ...['sd_xl_base_1.0', 'sd_xl_refiner_1.0', 'v1-5-pruned-emaonly', 'sd_turbo', 'sd3.5_large', 'sd3.5_medium'],
      ...['XL/lakelightXL_v4', 'XL/lakelightXL_v5', 'XL/northernRealism_v20', 'XL/paperAndInk_v11', 'XL/studioMix_v3'],
      ...['SD15/gentleAnime_v7', 'SD15/meadowMix_v2', 'SD15/photoDay_v51', 'SD15/photoDay_v51-inpainting'],
      ...['XL/turbo/lakelightXL_turbo', 'XL/lightning/studioMix_lightning_4step', 'XL/pastelWorld_v6'],
    ],
  },
  {
    folder: 'diffusion_models',
    architecture: 'flux-1-dev',
    weights: [300_000, 600_000],
    names: [
      ...['flux1-dev', 'flux1-schnell', 'flux1-dev-fp8', 'flux1-fill-dev', 'hunyuan_video_t2v_720p_bf16'],
      ...['qwen_image_fp8_e4m3fn', 'wan2.1_t2v_14B_fp8_scaled', 'wan2.2_i2v_high_noise_14B_fp8', 'z_image_turbo_bf16'],
    ],
  },
  {
    folder: 'loras',
    architecture: 'stable-diffusion-xl-v1-base/lora',
    weights: [8_000, 60_000],
    names: [
      ...combined('SDXL/style', styles, ['v1', 'v2', 'soft', 'bold']),
      ...combined('SDXL/subject', subjects, ['v1', 'v2', 'epoch08', 'epoch12']),
      ...combined('Flux/style', styles, ['rank16', 'rank32']),
      ...combined('Flux/subject', subjects, ['rank16', 'rank32']),
      ...combined('SD15', [...styles, ...subjects], ['v1', 'v3']),
      ...combined('tools', tools, ['xl', 'flux']),
      ...['lcm-lora-sdxl', 'Hyper-SDXL-8steps-lora', 'flux-turbo-alpha', 'Überblendung_zart', '水墨_v2'],
    ],
  },
  {
    folder: 'vae',
    architecture: 'vae',
    weights: [40_000, 90_000],
    names: ['ae', 'sdxl_vae', 'sdxl_vae_fp16_fix', 'vae-ft-mse-840000-ema-pruned', 'wan_2.1_vae', 'qwen_image_vae'],
  },
  {
    folder: 'controlnet',
    architecture: 'controlnet',
    weights: [80_000, 200_000],
    names: [
      ...combined('SD15', ['control_v11p_sd15'], ['canny', 'depth', 'openpose', 'lineart', 'tile', 'scribble', 'seg']),
      ...combined('SDXL', ['controlnet-sdxl'], ['canny', 'depth', 'openpose', 'softedge', 'union-promax']),
      ...combined('FLUX', ['flux-controlnet'], ['canny', 'depth', 'upscaler']),
    ],
  },
  {
    folder: 'text_encoders',
    architecture: 'text-encoder',
    weights: [100_000, 250_000],
    names: ['clip_g', 'clip_l', 't5xxl_fp16', 't5xxl_fp8_e4m3fn_scaled', 'qwen_2.5_vl_7b_fp8_scaled', 'umt5_xxl_fp8'],
  },
  {
    folder: 'clip_vision',
    architecture: 'clip-vision',
    weights: [60_000, 120_000],
    names: ['clip_vision_g', 'clip_vision_h', 'sigclip_vision_patch14_384', 'CLIP-ViT-H-14-laion2B-s32B-b79K'],
  },
  {
    folder: 'upscale_models',
    architecture: 'esrgan',
    weights: [15_000, 40_000],
    names: [
      '4x-UltraSharp',
      '4x_foolhardy_Remacri',
      '4xNomos8kSC',
      'RealESRGAN_x4plus',
      '1x-ITF-SkinDiffDetail-Lite-v1',
    ],
  },
  {
    folder: 'embeddings',
    architecture: 'textual-inversion',
    weights: [800, 4_000],
    names: ['SD15/bad-hands-5', 'SD15/easynegative', 'SD15/ng_deepnegative_v1_75t', 'SDXL/negativeXL_D', 'SDXL/zPDXL2'],
  },
];
