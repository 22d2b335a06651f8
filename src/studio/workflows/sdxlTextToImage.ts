import type { WorkflowGraph } from '../../protocol/studioValues.ts';

/** Text to image as SDXL and its like take it: 1,024 pixels, one checkpoint, no refiner. */
export const sdxlTextToImage: WorkflowGraph = {
  '1': {
    class_type: 'CheckpointLoaderSimple',
    inputs: { ckpt_name: 'sd_xl_base_1.0.safetensors' },
    _meta: { title: 'Checkpoint' },
  },
  '2': { class_type: 'CLIPTextEncode', inputs: { text: '', clip: ['1', 1] }, _meta: { title: 'Prompt' } },
  '3': { class_type: 'CLIPTextEncode', inputs: { text: '', clip: ['1', 1] }, _meta: { title: 'Negative prompt' } },
  '4': {
    class_type: 'EmptyLatentImage',
    inputs: { width: 1024, height: 1024, batch_size: 1 },
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
      steps: 30,
      cfg: 6,
      sampler_name: 'dpmpp_2m',
      scheduler: 'karras',
      denoise: 1,
    },
    _meta: { title: 'Sampler' },
  },
  '6': { class_type: 'VAEDecode', inputs: { samples: ['5', 0], vae: ['1', 2] }, _meta: { title: 'Decode' } },
  '7': { class_type: 'SaveImage', inputs: { images: ['6', 0], filename_prefix: 'lakeside' }, _meta: { title: 'Save' } },
};
