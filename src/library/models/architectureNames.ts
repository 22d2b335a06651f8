import type { ArchitectureFound } from './architectures.ts';

/**
 * Names that metadata give a model: `modelspec.architecture` (https://github.com/Stability-AI/ModelSpec),
 * `ss_base_model_version` of kohya's and other training scripts, `general.architecture` of GGUF. In lower case, with a
 * dash for all that is neither letter nor digit. The first that fits is taken.
 */
const NAMES: readonly (readonly [name: RegExp, architecture: string, baseModel: string])[] = [
  [/^(stable-diffusion-xl|sd-?xl).*refiner/, 'sdxl-refiner', 'SDXL Refiner'],
  [/^(stable-diffusion-xl|sd-?xl)/, 'sdxl', 'SDXL'],
  [/^(stable-diffusion|sd-?3).*3-5-large/, 'sd3', 'SD 3.5 Large'],
  [/^(stable-diffusion|sd-?3).*3-5-medium/, 'sd3', 'SD 3.5 Medium'],
  [/^sd-?3-?5-large/, 'sd3', 'SD 3.5 Large'],
  [/^sd-?3-?5-medium/, 'sd3', 'SD 3.5 Medium'],
  [/^(stable-diffusion-v?-?3|sd-?3).*(medium|-m$|-m-)/, 'sd3', 'SD 3 Medium'],
  [/^(stable-diffusion-v?-?3|sd-?3)/, 'sd3', 'SD 3'],
  [/^(stable-diffusion-v?-?2|sd-?v?-?2)/, 'sd2', 'SD 2.x'],
  [/^(stable-diffusion-v?-?1|sd-?v?-?1)/, 'sd1', 'SD 1.x'],
  [/^stable-cascade/, 'stable-cascade', 'Stable Cascade'],
  [/^(stable-video-diffusion|svd)/, 'svd', 'Stable Video Diffusion'],
  [/^stable-audio/, 'stable-audio', 'Stable Audio'],
  [/^flux-?2.*klein.*9b/, 'flux-2', 'Flux.2 klein 9B'],
  [/^flux-?2.*klein/, 'flux-2', 'Flux.2 klein'],
  [/^flux-?2/, 'flux-2', 'Flux.2'],
  [/^flux.*kontext/, 'flux-1', 'Flux.1 Kontext'],
  [/^flux.*(fill|inpaint)/, 'flux-1', 'Flux.1 Fill'],
  [/^flux.*(canny|depth)/, 'flux-1', 'Flux.1 Canny / Depth'],
  [/^flux.*schnell/, 'flux-1', 'Flux.1 schnell'],
  [/^flux.*dev/, 'flux-1', 'Flux.1 dev'],
  [/^flux/, 'flux-1', 'Flux.1'],
  [/^chroma/, 'chroma', 'Chroma'],
  [/^z-?image-turbo/, 'z-image', 'Z-Image Turbo'],
  [/^z-?image/, 'z-image', 'Z-Image'],
  [/^qwen-?image-layered/, 'qwen-image', 'Qwen-Image Layered'],
  [/^qwen-?image-edit/, 'qwen-image', 'Qwen-Image Edit'],
  [/^qwen-?image/, 'qwen-image', 'Qwen-Image'],
  [/^wan-?2-?2.*5b/, 'wan', 'Wan 2.2 TI2V 5B'],
  [/^wan-?2-?2/, 'wan', 'Wan 2.2'],
  [/^wan-?2-?1/, 'wan', 'Wan 2.1'],
  [/^wan/, 'wan', 'Wan'],
  [/^framepack/, 'hunyuan-video', 'FramePack'],
  [/^hunyuan-?video-?1-?5/, 'hunyuan-video', 'HunyuanVideo 1.5'],
  [/^(hunyuan-?video|hyvid)/, 'hunyuan-video', 'HunyuanVideo'],
  [/^hunyuan-?image/, 'hunyuan-image', 'HunyuanImage 2.1'],
  [/^hunyuan-?dit/, 'hunyuan-dit', 'Hunyuan-DiT'],
  [/^lumina-?(image-)?2/, 'lumina-2', 'Lumina Image 2.0'],
  [/^pixart.*sigma/, 'pixart', 'PixArt Sigma'],
  [/^pixart.*alpha/, 'pixart', 'PixArt Alpha'],
  [/^pixart/, 'pixart', 'PixArt'],
  [/^aura/, 'auraflow', 'AuraFlow'],
  [/^hi-?dream/, 'hidream', 'HiDream I1'],
  [/^(lightricks-)?ltx-?(video-|v-)?2/, 'ltx-video', 'LTX-2'],
  [/^(lightricks-)?ltx/, 'ltx-video', 'LTX-Video'],
  [/^(nvidia-)?cosmos-predict-?2/, 'cosmos', 'Cosmos Predict2'],
  [/^(nvidia-)?cosmos/, 'cosmos', 'Cosmos 1.0'],
  [/^animatediff/, 'animatediff', 'AnimateDiff'],
  [/^anima/, 'anima', 'Anima'],
  [/^(nvidia-)?sana/, 'sana', 'Sana'],
  [/^(genmo-)?mochi/, 'mochi', 'Mochi 1'],
  [/^kolors/, 'kolors', 'Kolors'],
  [/^omnigen-?2/, 'omnigen-2', 'OmniGen 2'],
  [/^krea-?2/, 'krea-2', 'Krea 2'],
  [/^cogvideo-?x/, 'cogvideox', 'CogVideoX'],
];

const MAX_NAME = 200;

/** The architecture that metadata name; undefined where the name is not known. */
export function namedArchitecture(name: string): ArchitectureFound | undefined {
  const plain = name
    .slice(0, MAX_NAME)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  const found = NAMES.find(([pattern]) => pattern.test(plain));
  return found === undefined ? undefined : { architecture: found[1], baseModel: found[2], sure: 'certain' };
}

/**
 * One answer from what the tensors say and what metadata say. Metadata know what shapes do not tell (Flux.1 Kontext has
 * those of dev), but they outlive merges and copies: where the two name different families, tensors that are certain are
 * believed.
 */
export function settledArchitecture(
  tensors: ArchitectureFound | undefined,
  metadata: ArchitectureFound | undefined,
): ArchitectureFound | undefined {
  if (tensors === undefined || metadata === undefined) return tensors ?? metadata;
  if (tensors.architecture !== metadata.architecture) return tensors.sure === 'certain' ? tensors : metadata;
  const finer = metadata.baseModel.startsWith(tensors.baseModel);
  const coarser = tensors.baseModel.startsWith(metadata.baseModel);
  const { baseModel } = coarser || (tensors.sure === 'certain' && !finer) ? tensors : metadata;
  return { architecture: tensors.architecture, baseModel, sure: 'certain' };
}
