import { readFileSync } from 'node:fs';
import path from 'node:path';

/** One event of a recording; `comfyui/README.md` tells of them. */
export interface RecordedEvent {
  readonly ms: number;
  readonly kind: 'request' | 'response' | 'ws-open' | 'ws-sent' | 'ws-text' | 'ws-binary' | 'ws-closed';
  readonly method?: string;
  readonly path?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly data?: unknown;
}

export type RecordingName =
  | 'success'
  | 'cached'
  | 'given-prompt-id'
  | 'refused'
  | 'missing-model'
  | 'upload-and-edit'
  | 'interrupted'
  | 'failed'
  | 'reconnect'
  | 'information';

/** What a real ComfyUI 0.3.64 said. */
export function recording(name: RecordingName): readonly RecordedEvent[] {
  const file = path.join(import.meta.dirname, 'comfyui', `${name}.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { events: RecordedEvent[] }).events;
}

/** The recorded answer to a request. */
export function recordedAnswer(name: RecordingName, requestPath: string): RecordedEvent {
  const answer = recording(name).find((event) => event.kind === 'response' && event.path === requestPath);
  if (answer === undefined) throw new Error(`${name} has no answer to ${requestPath}`);
  return answer;
}

export type InputSpec = readonly [type: string | readonly string[], options?: Readonly<Record<string, unknown>>];
export interface NodeInfo {
  readonly input: {
    readonly required: Readonly<Record<string, InputSpec>>;
    readonly optional?: Readonly<Record<string, InputSpec>>;
    readonly hidden?: Readonly<Record<string, string>>;
  };
  readonly output: readonly string[];
  readonly name: string;
  readonly display_name: string;
  readonly category: string;
  readonly output_node: boolean;
  readonly [more: string]: unknown;
}

/** The lists of names that hang on the server's folders. */
export interface ModelFolders {
  readonly checkpoints: readonly string[];
  readonly loras: readonly string[];
  readonly vae: readonly string[];
  readonly diffusion_models: readonly string[];
  readonly text_encoders: readonly string[];
  readonly upscale_models: readonly string[];
}

function node(
  name: string,
  required: NodeInfo['input']['required'],
  output: readonly string[],
  more: Partial<NodeInfo> = {},
): NodeInfo {
  return {
    input: { required },
    input_order: { required: Object.keys(required) },
    output,
    output_is_list: output.map(() => false),
    output_name: output,
    name,
    display_name: name,
    description: '',
    python_module: 'nodes',
    category: 'made up',
    output_node: false,
    ...more,
  };
}

const SIZE: InputSpec = ['INT', { default: 512, min: 16, max: 16384, step: 8 }];
const BATCH: InputSpec = ['INT', { default: 1, min: 1, max: 4096 }];

/**
 * The nodes a server has: those that were recorded, and further ones of the same release (source: nodes.py and
 * comfy_extras of 0.3.64), with the models of its folders as choices.
 */
export function nodeInfos(models: ModelFolders, inputImages: readonly string[]): Record<string, NodeInfo> {
  const recorded = [
    ...['KSampler', 'CheckpointLoaderSimple', 'LoraLoader', 'SaveImage', 'LoadImage', 'EmptyLatentImage'],
    ...['CLIPTextEncode', 'EmptyImage', 'ImageInvert', 'ImageScale'],
  ];
  const infos: Record<string, NodeInfo> = {};
  for (const name of recorded) {
    Object.assign(infos, recordedAnswer('information', `/object_info/${name}`).body as Record<string, NodeInfo>);
  }
  const recordedSampler = infos.KSampler;
  if (recordedSampler === undefined) throw new Error('KSampler was not recorded');
  const { sampler_name, scheduler } = recordedSampler.input.required;
  const samplers = sampler_name ?? ['COMBO'];
  const further = [
    node('CheckpointLoaderSimple', { ckpt_name: [models.checkpoints, {}] }, ['MODEL', 'CLIP', 'VAE'], {
      display_name: 'Load Checkpoint',
    }),
    node(
      'LoraLoader',
      {
        model: ['MODEL', {}],
        clip: ['CLIP', {}],
        lora_name: [models.loras, {}],
        strength_model: ['FLOAT', { default: 1, min: -100, max: 100, step: 0.01 }],
        strength_clip: ['FLOAT', { default: 1, min: -100, max: 100, step: 0.01 }],
      },
      ['MODEL', 'CLIP'],
      { display_name: 'Load LoRA' },
    ),
    node(
      'LoraLoaderModelOnly',
      {
        model: ['MODEL', {}],
        lora_name: [models.loras, {}],
        strength_model: ['FLOAT', { default: 1, min: -100, max: 100, step: 0.01 }],
      },
      ['MODEL'],
    ),
    node('LoadImage', { image: [inputImages, { image_upload: true }] }, ['IMAGE', 'MASK'], {
      display_name: 'Load Image',
    }),
    node('VAEDecode', { samples: ['LATENT', {}], vae: ['VAE', {}] }, ['IMAGE'], { display_name: 'VAE Decode' }),
    node('VAEEncode', { pixels: ['IMAGE', {}], vae: ['VAE', {}] }, ['LATENT'], { display_name: 'VAE Encode' }),
    node('VAELoader', { vae_name: [models.vae, {}] }, ['VAE'], { display_name: 'Load VAE' }),
    node('CLIPSetLastLayer', { clip: ['CLIP', {}], stop_at_clip_layer: ['INT', { default: -1, min: -24, max: -1 }] }, [
      'CLIP',
    ]),
    node('UNETLoader', { unet_name: [models.diffusion_models, {}], weight_dtype: [['default', 'fp8_e4m3fn'], {}] }, [
      'MODEL',
    ]),
    node(
      'DualCLIPLoader',
      {
        clip_name1: [models.text_encoders, {}],
        clip_name2: [models.text_encoders, {}],
        type: [['sdxl', 'sd3', 'flux'], {}],
      },
      ['CLIP'],
    ),
    node('EmptySD3LatentImage', { width: SIZE, height: SIZE, batch_size: BATCH }, ['LATENT']),
    node(
      'FluxGuidance',
      { conditioning: ['CONDITIONING', {}], guidance: ['FLOAT', { default: 3.5, min: 0, max: 100 }] },
      ['CONDITIONING'],
    ),
    node('BasicGuider', { model: ['MODEL', {}], conditioning: ['CONDITIONING', {}] }, ['GUIDER']),
    node('RandomNoise', { noise_seed: ['INT', { default: 0, min: 0, max: 18446744073709552000 }] }, ['NOISE']),
    node('KSamplerSelect', { sampler_name: samplers }, ['SAMPLER']),
    node(
      'BasicScheduler',
      {
        model: ['MODEL', {}],
        scheduler: scheduler ?? ['COMBO'],
        steps: ['INT', { default: 20, min: 1, max: 10000 }],
        denoise: ['FLOAT', { default: 1, min: 0, max: 1, step: 0.01 }],
      },
      ['SIGMAS'],
    ),
    node(
      'SamplerCustomAdvanced',
      {
        noise: ['NOISE', {}],
        guider: ['GUIDER', {}],
        sampler: ['SAMPLER', {}],
        sigmas: ['SIGMAS', {}],
        latent_image: ['LATENT', {}],
      },
      ['LATENT', 'LATENT'],
    ),
    node('ConditioningCombine', { conditioning_1: ['CONDITIONING', {}], conditioning_2: ['CONDITIONING', {}] }, [
      'CONDITIONING',
    ]),
    node('PrimitiveString', { value: ['STRING', {}] }, ['STRING']),
    node('PrimitiveInt', { value: ['INT', { min: -9007199254740991, max: 9007199254740991 }] }, ['INT']),
    node('PreviewImage', { images: ['IMAGE', {}] }, [], { display_name: 'Preview Image', output_node: true }),
    node('PreviewAny', { source: ['*', {}] }, [], { display_name: 'Preview Any', output_node: true }),
  ];
  for (const info of further) infos[info.name] = info;
  return infos;
}

/** The same as newer servers say it: a choice is `["COMBO", {"options": […]}]`. */
export function withComboOptions(infos: Readonly<Record<string, NodeInfo>>): Record<string, NodeInfo> {
  const convert = (inputs: Readonly<Record<string, InputSpec>>): Record<string, InputSpec> =>
    Object.fromEntries(
      Object.entries(inputs).map(([name, [type, options = {}]]) => [
        name,
        typeof type === 'string' ? [type, options] : ['COMBO', { ...options, options: type }],
      ]),
    );
  return Object.fromEntries(
    Object.entries(infos).map(([name, info]) => [
      name,
      { ...info, input: { ...info.input, required: convert(info.input.required) } },
    ]),
  );
}
