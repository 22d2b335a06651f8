/** A top folder of a ComfyUI model folder, as people call what it holds. */
export interface ModelCategory {
  readonly label: string;
  /** Name of a codicon. */
  readonly icon: string;
}

/** By folder name in lower case. The names are those of ComfyUI's folder_paths.py and of well-known node packs. */
const CATEGORIES: Readonly<Record<string, ModelCategory>> = {
  checkpoints: { label: 'Checkpoints', icon: 'package' },
  loras: { label: 'LoRAs', icon: 'layers' },
  vae: { label: 'VAE', icon: 'symbol-color' },
  vae_approx: { label: 'VAE previews', icon: 'symbol-color' },
  controlnet: { label: 'ControlNet', icon: 'settings' },
  t2i_adapter: { label: 'T2I adapters', icon: 'settings' },
  ipadapter: { label: 'IP-Adapter', icon: 'file-media' },
  diffusion_models: { label: 'Diffusion models', icon: 'circuit-board' },
  unet: { label: 'UNet', icon: 'circuit-board' },
  diffusers: { label: 'Diffusers', icon: 'circuit-board' },
  text_encoders: { label: 'Text encoders', icon: 'text-size' },
  clip: { label: 'CLIP', icon: 'text-size' },
  clip_vision: { label: 'CLIP Vision', icon: 'eye' },
  embeddings: { label: 'Embeddings', icon: 'symbol-keyword' },
  hypernetworks: { label: 'Hypernetworks', icon: 'type-hierarchy' },
  upscale_models: { label: 'Upscale models', icon: 'zoom-in' },
  latent_upscale_models: { label: 'Latent upscale models', icon: 'zoom-in' },
  style_models: { label: 'Style models', icon: 'paintcan' },
  gligen: { label: 'GLIGEN', icon: 'symbol-field' },
  photomaker: { label: 'PhotoMaker', icon: 'account' },
  insightface: { label: 'InsightFace', icon: 'account' },
  facerestore_models: { label: 'Face restoration', icon: 'account' },
  audio_encoders: { label: 'Audio encoders', icon: 'unmute' },
  model_patches: { label: 'Model patches', icon: 'tools' },
  animatediff_models: { label: 'AnimateDiff', icon: 'play-circle' },
  animatediff_motion_lora: { label: 'AnimateDiff motion LoRAs', icon: 'play-circle' },
  ultralytics: { label: 'Detectors', icon: 'search' },
  sams: { label: 'Segment Anything', icon: 'symbol-misc' },
  llm: { label: 'Language models', icon: 'comment' },
  configs: { label: 'Configurations', icon: 'gear' },
};

/** What a top folder is known as; undefined for a folder of the person's own. */
export function modelCategory(folderName: string): ModelCategory | undefined {
  const name = folderName.toLowerCase();
  return Object.hasOwn(CATEGORIES, name) ? CATEGORIES[name] : undefined;
}
