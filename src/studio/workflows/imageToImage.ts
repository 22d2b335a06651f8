import type { WorkflowGraph } from '../../protocol/studioValues.ts';

/** A picture drawn over by the words: scaled to the size (cut, never stretched), then denoised in part. */
export const imageToImage: WorkflowGraph = {
  '1': {
    class_type: 'CheckpointLoaderSimple',
    inputs: { ckpt_name: 'sd_xl_base_1.0.safetensors' },
    _meta: { title: 'Checkpoint' },
  },
  '2': { class_type: 'CLIPTextEncode', inputs: { text: '', clip: ['1', 1] }, _meta: { title: 'Prompt' } },
  '3': { class_type: 'CLIPTextEncode', inputs: { text: '', clip: ['1', 1] }, _meta: { title: 'Negative prompt' } },
  '4': { class_type: 'LoadImage', inputs: { image: '' }, _meta: { title: 'Image' } },
  '5': {
    class_type: 'ImageScale',
    inputs: { image: ['4', 0], upscale_method: 'lanczos', width: 1024, height: 1024, crop: 'center' },
    _meta: { title: 'Size' },
  },
  '6': { class_type: 'VAEEncode', inputs: { pixels: ['5', 0], vae: ['1', 2] }, _meta: { title: 'Encode' } },
  '7': {
    class_type: 'KSampler',
    inputs: {
      model: ['1', 0],
      positive: ['2', 0],
      negative: ['3', 0],
      latent_image: ['6', 0],
      seed: 0,
      steps: 30,
      cfg: 6,
      sampler_name: 'dpmpp_2m',
      scheduler: 'karras',
      denoise: 0.6,
    },
    _meta: { title: 'Sampler' },
  },
  '8': { class_type: 'VAEDecode', inputs: { samples: ['7', 0], vae: ['1', 2] }, _meta: { title: 'Decode' } },
  '9': { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: 'lakeside' }, _meta: { title: 'Save' } },
};
