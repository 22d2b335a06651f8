import { any, begins, blocks, columns, dimensions, has, lacks, not, rows, type TensorTest } from './tensorTests.ts';

/** `certain`: metadata says so, or a tensor that only it has. `likely`: shapes speak for it. `guess`: little does. */
export type Certainty = 'certain' | 'likely' | 'guess';

export interface ArchitectureRule {
  /** The family, short and in lower case: what one filters by. */
  readonly architecture: string;
  /** The model that others are made from, as people call it. */
  readonly baseModel: string;
  readonly sure: Certainty;
  /** All of them must hold. */
  readonly when: readonly TensorTest[];
}

// Cross attention of the UNets: its second dimension is what the text encoders give.
const CONTEXT = ['k', 'v'].flatMap((letter) =>
  [
    'input_blocks.*.*.transformer_blocks.*.attn2',
    'middle_block.*.transformer_blocks.*.attn2',
    'output_blocks.*.*.transformer_blocks.*.attn2',
    'down_blocks.*.attentions.*.transformer_blocks.*.attn2',
    'mid_block.attentions.*.transformer_blocks.*.attn2',
    'up_blocks.*.attentions.*.transformer_blocks.*.attn2',
  ].map((attention) => `${attention}.to_${letter}`),
);
const UNET_IN = ['input_blocks.*.*', 'conv_in'];
const ADDED = ['label_emb.*.*', 'label_emb.*.*.*', 'add_embedding.linear_*'];
const IP_KEYS = ['ip_adapter.*.to_k_ip', 'ip_adapter.*.to_v_ip'];
const SD1 = any(columns(CONTEXT, 768), columns(IP_KEYS, 768));
const SD2 = columns(CONTEXT, 1024);
const SDXL = any(columns(CONTEXT, 2048), columns(IP_KEYS, 2048), columns(ADDED, 2816));
const UNET = any(has(...CONTEXT), has('time_embed.*', 'time_embedding.linear_*'));
const LDM_BLOCKS = any(begins('input_blocks.*.*.transformer_blocks'), begins('output_blocks.*.*.transformer_blocks'));
const DIFFUSERS_BLOCKS = any(begins('down_blocks.*.attentions'), begins('up_blocks.*.attentions'));

const FLUX = any(
  has('double_blocks.*.img_attn.norm.key_norm.scale', 'double_blocks.*.img_attn.norm.key_norm'),
  has('single_blocks.*.linear1', 'single_blocks.*.linear2'),
);
const FLUX_DIFFUSERS = begins('single_transformer_blocks.*');
const FLUX_DOUBLE = begins('double_blocks.*.img_');
const SINGLE = [
  'single_blocks.*.linear1',
  'single_blocks.*.linear2',
  'single_blocks.*.modulation.linear',
  'single_blocks.*.modulation.lin',
];
const GUIDANCE = any(has('guidance_in.in_layer'), begins('time_text_embed.guidance_embedder'));
const FLUX_IN = ['img_in', 'x_embedder'];
const FLUX2_IN = [
  'single_stream_modulation.lin',
  'double_stream_modulation_img.lin',
  'single_transformer_blocks.*.attn.to_qkv_mlp_proj',
];

const WAN_CROSS = ['blocks.*.cross_attn.k', 'blocks.*.cross_attn.q', 'blocks.*.cross_attn.v', 'blocks.*.self_attn.q'];
const WAN_DIFFUSERS = ['blocks.*.attn2.to_k', 'blocks.*.attn2.to_q', 'blocks.*.attn1.to_q'];
const WAN = any(
  has('head.modulation'),
  has(...WAN_CROSS),
  begins('condition_embedder.time_embedder'),
  has('blocks.*.attn2.to_k'),
);
const WAN_WIDTH = [...WAN_CROSS, ...WAN_DIFFUSERS];
const WAN_IMAGE = any(has('blocks.*.cross_attn.k_img', 'blocks.*.attn2.add_k_proj'), begins('img_emb.proj'));
const WAN_36 = columns('patch_embedding', 36);

const LAYERS = [
  'layers.*.attention.qkv',
  'layers.*.attention.to_q',
  'layers.*.attention.to_k',
  'layers.*.feed_forward.w1',
];
const SD3_WIDTH = [
  'joint_blocks.*.context_block.attn.qkv',
  'joint_blocks.*.x_block.attn.qkv',
  'transformer_blocks.*.attn.add_q_proj',
  'transformer_blocks.*.attn.add_k_proj',
  'transformer_blocks.*.attn.to_q',
  'transformer_blocks.*.attn.to_k',
];
const SD3 = any(
  begins('joint_blocks.*'),
  has(
    'transformer_blocks.*.attn.add_q_proj',
    'transformer_blocks.*.attn.add_k_proj',
    'transformer_blocks.*.attn.to_q',
    'transformer_blocks.*.attn.to_k',
  ),
);
const SD3_DUAL = any(
  has('joint_blocks.*.x_block.attn2.qkv'),
  has('transformer_blocks.*.attn2.to_k', 'transformer_blocks.*.attn2.to_q'),
);
const LTX = ['transformer_blocks.*.attn2.to_k', 'transformer_blocks.*.attn2.to_q', 'transformer_blocks.*.attn1.to_q'];
const HUNYUAN = any(begins('txt_in.individual_token_refiner'), begins('context_embedder.token_refiner'));
const COSMOS2_WIDTH = ['blocks.*.self_attn.q_proj', 'blocks.*.cross_attn.q_proj', 'blocks.*.mlp.layer1'];
const COSMOS2 = any(has('blocks.*.mlp.layer1'), has('blocks.*.self_attn.q_proj', 'blocks.*.cross_attn.q_proj'));

/**
 * Which model a denoiser, or an adapter or control net for one, is of. The first rule that holds is taken, so what is
 * special stands before what is general. To teach Lakeside a new architecture, add a line; a tensor that only it has is
 * best, since then nothing else can be taken for it.
 *
 * Sources of names and shapes: the reference implementations and the loaders of ComfyUI, diffusers and kohya's sd-scripts.
 */
export const ARCHITECTURES: readonly ArchitectureRule[] = [
  // Video and motion on top of a UNet
  rule('svd', 'Stable Video Diffusion', 'certain', begins('input_blocks.*.*.time_stack'), has('label_emb.*.*')),
  rule('svd', 'Stable Video Diffusion', 'certain', begins('down_blocks.*.attentions.*.temporal_transformer_blocks')),
  rule('animatediff', 'AnimateDiff', 'certain', begins('down_blocks.*.motion_modules')),

  // Stable Cascade
  rule('stable-cascade', 'Stable Cascade stage C', 'certain', has('clip_txt_mapper')),
  rule('stable-cascade', 'Stable Cascade stage B', 'certain', has('clip_mapper'), has('clf.*')),

  // Transformers that a tensor of their own gives away
  rule('chroma', 'Chroma Radiance', 'certain', begins('distilled_guidance_layer'), begins('nerf_blocks')),
  rule('chroma', 'Chroma', 'certain', begins('distilled_guidance_layer')),
  rule('flux-2', 'Flux.2 dev', 'certain', has(...FLUX2_IN), any(rows(FLUX_IN, 6144), columns(FLUX2_IN, 6144))),
  rule('flux-2', 'Flux.2 klein 9B', 'certain', has(...FLUX2_IN), any(rows(FLUX_IN, 4096), columns(FLUX2_IN, 4096))),
  rule('flux-2', 'Flux.2 klein 4B', 'certain', has(...FLUX2_IN), any(rows(FLUX_IN, 3072), columns(FLUX2_IN, 3072))),
  rule('flux-2', 'Flux.2', 'certain', has(...FLUX2_IN)),
  rule('hunyuan-image', 'HunyuanImage 2.1', 'certain', begins('byt5_in'), dimensions('img_in.proj', 4)),
  rule('hunyuan-video', 'HunyuanVideo 1.5', 'certain', HUNYUAN, has('cond_type_embedding', 'cond_type_embed')),
  rule('hunyuan-video', 'HunyuanVideo I2V', 'certain', HUNYUAN, columns('img_in.proj', 32, 33)),
  rule('hunyuan-video', 'HunyuanVideo', 'certain', HUNYUAN),
  rule('hunyuan-dit', 'Hunyuan-DiT', 'certain', has('mlp_t5.*')),
  rule('hunyuan-3d', 'Hunyuan3D', 'certain', has('latent_in'), has('cond_in')),
  rule('auraflow', 'AuraFlow', 'certain', has('double_layers.*.attn.w1q')),
  rule(
    'auraflow',
    'AuraFlow',
    'certain',
    begins('joint_transformer_blocks.*.attn'),
    begins('single_transformer_blocks.*.attn'),
  ),
  rule('hidream', 'HiDream I1', 'certain', begins('double_stream_blocks.*.block')),
  rule('hidream', 'HiDream I1', 'certain', begins('single_stream_blocks.*.block')),
  rule('mochi', 'Mochi 1', 'certain', has('t5_yproj', 'blocks.*.attn.qkv_x')),
  rule(
    'cosmos',
    'Cosmos 1.0 7B',
    'certain',
    has('blocks.block0.blocks.*.block.attn.to_q.*'),
    rows('x_embedder.proj.*', 4096),
  ),
  rule('cosmos', 'Cosmos 1.0 14B', 'certain', has('blocks.block0.blocks.*.block.attn.to_q.*')),
  rule('anima', 'Anima', 'certain', begins('llm_adapter.blocks')),
  rule('cosmos', 'Cosmos Predict2 2B', 'certain', has('blocks.*.mlp.layer1'), rows('x_embedder.proj.*', 2048)),
  rule('cosmos', 'Cosmos Predict2 14B', 'certain', has('blocks.*.mlp.layer1'), rows('x_embedder.proj.*', 5120)),
  // Adapters of Anima and of Cosmos Predict2 2B have the same shapes; those of Anima are the common ones
  rule('anima', 'Anima', 'guess', COSMOS2, columns(COSMOS2_WIDTH, 2048)),
  rule('cosmos', 'Cosmos Predict2', 'likely', COSMOS2),
  rule('sana', 'Sana', 'certain', has('attention_y_norm'), has('blocks.*.cross_attn.q_linear', 'blocks.*.attn.qkv')),
  rule('omnigen-2', 'OmniGen 2', 'certain', begins('time_caption_embed.timestep_embedder')),
  rule('krea-2', 'Krea 2', 'certain', has('txtfusion.projector')),
  rule('ideogram-4', 'Ideogram 4', 'certain', has('embed_image_indicator')),
  rule('kandinsky-5', 'Kandinsky 5', 'certain', begins('visual_transformer_blocks.*.cross_attention')),
  rule('ace-step', 'ACE-Step 1.5', 'certain', begins('encoder.lyric_encoder')),
  rule('ace-step', 'ACE-Step', 'certain', has('genre_embedder')),
  rule(
    'stable-audio',
    'Stable Audio',
    'certain',
    has('transformer.rotary_pos_emb.inv_freq', 'rotary_pos_emb.inv_freq'),
    has('to_cond_embed.*', 'project_in', 'transformer.project_in'),
  ),
  rule('cogvideox', 'CogVideoX', 'certain', has('patch_embed.text_proj')),
  rule('seedvr-2', 'SeedVR2', 'certain', begins('blocks.*.mlp.vid')),
  rule('seedvr-2', 'SeedVR2', 'certain', begins('blocks.*.mlp.all')),

  // PixArt and LTX-Video share the names of their time embedding
  rule('pixart', 'PixArt Alpha', 'certain', has('t_block.*'), begins('ar_embedder')),
  rule('pixart', 'PixArt Sigma', 'certain', has('t_block.*'), has('y_embedder.y_embedding')),
  rule('pixart', 'PixArt', 'certain', begins('adaln_single.emb'), has('pos_embed.proj')),
  rule('ltx-video', 'LTX-2', 'certain', begins('audio_adaln_single')),
  rule('ltx-video', 'LTX-Video 13B', 'certain', has('patchify_proj'), columns(LTX, 4096)),
  rule('ltx-video', 'LTX-Video 2B', 'certain', has('patchify_proj')),

  // Lumina 2 and its kin
  rule('lumina-2', 'NewBie', 'certain', begins('clip_text_pooled_proj')),
  rule('z-image', 'Z-Image', 'certain', has('cap_pad_token', 'x_pad_token'), begins('noise_refiner')),
  rule('z-image', 'Z-Image', 'likely', columns(LAYERS, 3840)),
  rule('lumina-2', 'Lumina Image 2.0', 'certain', begins('noise_refiner'), has('cap_embedder.*')),
  rule('lumina-2', 'Lumina Image 2.0', 'likely', columns(LAYERS, 2304)),

  // Qwen-Image
  rule('qwen-image', 'Qwen-Image Layered', 'certain', begins('time_text_embed.addition_t_embedding')),
  rule('qwen-image', 'Qwen-Image Edit 2511', 'certain', has('__index_timestep_zero__')),
  rule('qwen-image', 'Qwen-Image', 'certain', has('txt_norm'), begins('transformer_blocks.*.img_mod')),
  rule('qwen-image', 'Qwen-Image', 'certain', begins('transformer_blocks.*.img_mlp.net'), not(FLUX_DIFFUSERS)),
  rule(
    'qwen-image',
    'Qwen-Image',
    'likely',
    blocks('transformer_blocks.*.attn.add_k_proj', 40),
    columns('transformer_blocks.*.attn.add_k_proj', 3072),
  ),

  // Wan: 2.2 14B text-to-video has the shapes of 2.1
  rule('wan', 'Wan 2.1 VACE 14B', 'certain', begins('vace_blocks'), columns(WAN_WIDTH, 5120)),
  rule('wan', 'Wan 2.1 VACE 1.3B', 'certain', begins('vace_blocks')),
  rule('wan', 'Wan 2.2 Animate 14B', 'certain', begins('face_adapter.fuser_blocks')),
  rule('wan', 'Wan 2.2 S2V 14B', 'certain', begins('casual_audio_encoder')),
  rule('wan', 'Wan 2.2 TI2V 5B', 'certain', WAN, columns(WAN_WIDTH, 3072)),
  rule('wan', 'Wan 2.1 FLF2V 14B', 'certain', has('img_emb.emb_pos'), has('head.modulation')),
  rule('wan', 'Wan 2.1 I2V 14B', 'certain', WAN_IMAGE, columns(WAN_WIDTH, 5120), has('patch_embedding')),
  rule('wan', 'Wan 2.2 I2V 14B', 'certain', WAN, WAN_36, columns(WAN_WIDTH, 5120)),
  rule('wan', 'Wan 2.1 I2V 14B', 'likely', WAN_IMAGE, columns(WAN_WIDTH, 5120)),
  rule('wan', 'Wan 2.1 1.3B', 'certain', has('head.modulation'), columns(WAN_WIDTH, 1536)),
  rule('wan', 'Wan 2.1 1.3B', 'likely', WAN, columns(WAN_WIDTH, 1536)),
  rule('wan', 'Wan 2.1 / 2.2 14B', 'likely', WAN, columns(WAN_WIDTH, 5120)),
  rule('wan', 'Wan', 'certain', has('head.modulation')),

  // Flux.1; Kontext has the shapes of dev
  rule(
    'hunyuan-video',
    'HunyuanVideo',
    'likely',
    FLUX_DOUBLE,
    has('double_blocks.*.img_mod.linear', 'double_blocks.*.img_mlp.fc1'),
  ),
  rule(
    'hunyuan-video',
    'HunyuanVideo',
    'likely',
    any(...SINGLE.map((module) => blocks(module, 39)), blocks('single_transformer_blocks.*.attn.to_q', 39)),
    lacks(...FLUX2_IN),
  ),
  rule('flux-1', 'Flux.1', 'certain', begins('double_blocks.*.ip_adapter')),
  rule(
    'longcat-image',
    'LongCat-Image',
    'certain',
    any(FLUX, FLUX_DIFFUSERS),
    columns(['txt_in', 'context_embedder'], 3584),
  ),
  rule('ovis-image', 'Ovis-Image', 'certain', FLUX_DOUBLE, has('double_blocks.*.img_mlp.gate_proj')),
  rule('joyimage', 'JoyImage', 'certain', begins('double_blocks.*.attn.img_attn')),
  rule('flux-1', 'Flux.1 Fill', 'certain', any(FLUX, FLUX_DIFFUSERS), columns(FLUX_IN, 384)),
  rule('flux-1', 'Flux.1 Canny / Depth', 'certain', any(FLUX, FLUX_DIFFUSERS), columns(FLUX_IN, 128)),
  rule('flux-1', 'Flux.1 dev', 'likely', any(FLUX, FLUX_DIFFUSERS), GUIDANCE),
  rule('flux-1', 'Flux.1 schnell', 'likely', any(FLUX, FLUX_DIFFUSERS), columns(FLUX_IN, 64)),
  rule(
    'flux-1',
    'Flux.1',
    'likely',
    any(
      FLUX,
      FLUX_DOUBLE,
      FLUX_DIFFUSERS,
      begins('single_blocks.*.linear'),
      has('double_blocks.*.qkv', 'double_blocks.*.proj'),
    ),
  ),

  // Stable Diffusion 3
  rule('sd3', 'SD 3.5 Large', 'certain', begins('joint_blocks.*'), columns(SD3_WIDTH, 2432)),
  rule('sd3', 'SD 3.5 Medium', 'certain', begins('joint_blocks.*'), SD3_DUAL),
  rule(
    'sd3',
    'SD 3 Medium',
    'certain',
    has('joint_blocks.*.context_block.attn.qkv'),
    columns('x_embedder.proj', 16),
    columns(SD3_WIDTH, 1536),
  ),
  rule('sd3', 'SD 3.5 Large', 'likely', SD3, columns(SD3_WIDTH, 2432)),
  rule('sd3', 'SD 3.5 Medium', 'likely', SD3_DUAL, columns(SD3_WIDTH, 1536)),
  rule('sd3', 'SD 3 Medium', 'likely', SD3, columns(SD3_WIDTH, 1536)),

  // Adapters of transformers of which only the width is left
  rule('ltx-video', 'LTX-Video 2B', 'likely', columns(LTX, 2048)),
  rule('ltx-video', 'LTX-Video 13B', 'likely', columns(LTX, 4096)),
  rule('pixart', 'PixArt', 'likely', columns(LTX, 1152)),
  rule('qwen-image', 'Qwen-Image', 'guess', columns('transformer_blocks.*.attn.to_q', 3072)),
  rule('cogvideox', 'CogVideoX', 'guess', columns('transformer_blocks.*.attn1.to_q', 1920, 3072)),

  // Stable Diffusion with a UNet
  rule('kolors', 'Kolors', 'certain', has('encoder_hid_proj')),
  rule('playground-2.5', 'Playground 2.5', 'certain', has('edm_mean')),
  rule('sdxl', 'SDXL Inpainting', 'certain', SDXL, columns(UNET_IN, 9), UNET),
  rule('sdxl', 'SDXL', 'certain', SDXL, columns(ADDED, 2816)),
  rule('sdxl', 'SDXL', 'certain', SDXL),
  rule('sdxl-refiner', 'SDXL Refiner', 'certain', any(columns(CONTEXT, 1280), columns(ADDED, 2560))),
  rule('sd2', 'SD x4 Upscaler', 'certain', SD2, columns(UNET_IN, 7)),
  rule('sd2', 'SD 2.x Inpainting', 'certain', SD2, columns(UNET_IN, 9), UNET),
  rule('sd2', 'SD 2.x', 'certain', SD2),
  rule('sd1', 'SD 1.x Inpainting', 'certain', SD1, columns(UNET_IN, 9), UNET),
  rule('sd1', 'InstructPix2Pix', 'certain', SD1, columns(UNET_IN, 8), UNET),
  rule('sd1', 'SD 1.x', 'certain', SD1),
  rule('sdxl', 'SDXL', 'guess', LDM_BLOCKS),
  rule('sd1', 'SD 1.x', 'guess', DIFFUSERS_BLOCKS),
];

function rule(
  architecture: string,
  baseModel: string,
  sure: Certainty,
  ...when: readonly TensorTest[]
): ArchitectureRule {
  return { architecture, baseModel, sure, when };
}
