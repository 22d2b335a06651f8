import type { WorkflowGraph } from '../../protocol/studioValues.ts';

/** Text to image as Stable Diffusion 1.5 and its like take it: 512 pixels, one checkpoint. */
export const sd15TextToImage: WorkflowGraph = {
  '1': {
    class_type: 'CheckpointLoaderSimple',
    inputs: { ckpt_name: 'v1-5-pruned-emaonly.safetensors' },
    _meta: { title: 'Checkpoint' },
  },
  '2': { class_type: 'CLIPTextEncode', inputs: { text: '', clip: ['1', 1] }, _meta: { title: 'Prompt' } },
  '3': { class_type: 'CLIPTextEncode', inputs: { text: '', clip: ['1', 1] }, _meta: { title: 'Negative prompt' } },
  '4': {
    class_type: 'EmptyLatentImage',
    inputs: { width: 512, height: 512, batch_size: 1 },
    _meta: { title: 'Size' },
  },
  '5': {
    class_type: 'KSampler',
    inputs: {
      model: ['1', 0],
      positive: ['2', 0],
      negative: ['3', 0],
      latent_image: ['4', 0],
      seed: 0,
      steps: 25,
      cfg: 7,
      sampler_name: 'dpmpp_2m',
      scheduler: 'karras',
      denoise: 1,
    },
    _meta: { title: 'Sampler' },
  },
  '6': { class_type: 'VAEDecode', inputs: { samples: ['5', 0], vae: ['1', 2] }, _meta: { title: 'Decode' } },
  '7': { class_type: 'SaveImage', inputs: { images: ['6', 0], filename_prefix: 'lakeside' }, _meta: { title: 'Save' } },
};
