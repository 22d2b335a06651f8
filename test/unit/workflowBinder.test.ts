import assert from 'node:assert/strict';

import type { WorkflowGraph } from '../../src/protocol/studioValues.ts';
import { bindableInputs } from '../../src/studio/workflows/bindableInputs.ts';
import { bindWorkflow } from '../../src/studio/workflows/binder.ts';
import { BUILT_IN_WORKFLOWS } from '../../src/studio/workflows/builtIn.ts';
import { inRunOrder } from '../../src/studio/workflows/graph.ts';
import { readNodeDescriptions } from '../../src/studio/workflows/nodeDescription.ts';
import { requireImageOutput } from '../../src/studio/workflows/readWorkflow.ts';
import { nodeInfos, withComboOptions } from '../support/comfyuiNodes.ts';

/** `name → node.input` of each binding. */
function bound(graph: WorkflowGraph): string[] {
  return bindWorkflow(graph).map(({ name, node, input }) => `${name} ${node}.${input}`);
}

const SAVE = { class_type: 'SaveImage', inputs: { images: ['decode', 0], filename_prefix: 'x' } };
const DECODE = { class_type: 'VAEDecode', inputs: { samples: ['sampler', 0], vae: ['model', 2] } };
const KSAMPLER = {
  model: ['model', 0],
  positive: ['positive', 0],
  negative: ['negative', 0],
  latent_image: ['latent', 0],
  seed: 1,
  steps: 20,
  cfg: 7,
  sampler_name: 'euler',
  scheduler: 'normal',
  denoise: 1,
};
const SIMPLE: WorkflowGraph = {
  save: SAVE,
  decode: DECODE,
  sampler: { class_type: 'KSampler', inputs: KSAMPLER },
  model: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a.safetensors' } },
  negative: { class_type: 'CLIPTextEncode', inputs: { text: 'bad', clip: ['model', 1] } },
  positive: { class_type: 'CLIPTextEncode', inputs: { text: 'good', clip: ['model', 1] } },
  latent: { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 768, batch_size: 1 } },
};

describe('the binder', () => {
  it('tells prompt and negative apart by what they are linked to, whatever their order', () => {
    assert.deepEqual(bound(SIMPLE), [
      'prompt positive.text',
      'negative negative.text',
      'seed sampler.seed',
      'width latent.width',
      'height latent.height',
      'steps sampler.steps',
      'cfg sampler.cfg',
      'sampler sampler.sampler_name',
      'scheduler sampler.scheduler',
      'model model.ckpt_name',
    ]);
  });

  it('finds everything in the ready workflows', () => {
    const names = BUILT_IN_WORKFLOWS.map(({ bindings }) => bindings.map(({ name }) => name).join(' '));
    const common = 'prompt negative seed width height steps cfg sampler scheduler';
    assert.deepEqual(names, [`${common} model`, `${common} model`, `${common} denoise model image`]);
  });

  it('follows primitive nodes to where a value is written', () => {
    const graph: WorkflowGraph = {
      ...SIMPLE,
      positive: { class_type: 'CLIPTextEncode', inputs: { text: ['words', 0], clip: ['model', 1] } },
      words: { class_type: 'PrimitiveString', inputs: { value: 'good' } },
      sampler: { class_type: 'KSampler', inputs: { ...KSAMPLER, seed: ['dice', 0] } },
      dice: { class_type: 'PrimitiveInt', inputs: { value: 5 } },
    };
    const found = bound(graph);
    assert.ok(found.includes('prompt words.value'), found.join());
    assert.ok(found.includes('seed dice.value'), found.join());
  });

  it('binds both texts of SDXL, and the seeds of both samplers, but not of one that adds no noise', () => {
    const { sampler } = SIMPLE;
    assert.ok(sampler);
    const graph: WorkflowGraph = {
      ...SIMPLE,
      positive: { class_type: 'CLIPTextEncodeSDXL', inputs: { text_g: 'good', text_l: 'good', clip: ['model', 1] } },
      second: { class_type: 'KSampler', inputs: { ...KSAMPLER, latent_image: ['sampler', 0], denoise: 0.4 } },
      refiner: {
        class_type: 'KSamplerAdvanced',
        inputs: { ...KSAMPLER, noise_seed: 3, seed: undefined, add_noise: 'disable', latent_image: ['second', 0] },
      },
      decode: { class_type: 'VAEDecode', inputs: { samples: ['refiner', 0], vae: ['model', 2] } },
    };
    const found = bound(graph);
    assert.deepEqual(
      found.filter((line) => /^(prompt|seed|steps)/.test(line)),
      [
        'prompt positive.text_g',
        'prompt positive.text_l',
        'seed sampler.seed',
        'seed second.seed',
        'steps sampler.steps',
      ],
    );
  });

  it('binds a graph of guiders, as Flux has', () => {
    const graph: WorkflowGraph = {
      save: SAVE,
      decode: DECODE,
      sampler: {
        class_type: 'SamplerCustomAdvanced',
        inputs: {
          noise: ['noise', 0],
          guider: ['guider', 0],
          sampler: ['select', 0],
          sigmas: ['sigmas', 0],
          latent_image: ['latent', 0],
        },
      },
      noise: { class_type: 'RandomNoise', inputs: { noise_seed: 9 } },
      guider: { class_type: 'BasicGuider', inputs: { model: ['lora', 0], conditioning: ['flux', 0] } },
      flux: { class_type: 'FluxGuidance', inputs: { conditioning: ['text', 0], guidance: 3.5 } },
      text: { class_type: 'CLIPTextEncode', inputs: { text: 'good', clip: ['clip', 0] } },
      clip: { class_type: 'DualCLIPLoader', inputs: { clip_name1: 'a', clip_name2: 'b', type: 'flux' } },
      select: { class_type: 'KSamplerSelect', inputs: { sampler_name: 'euler' } },
      sigmas: {
        class_type: 'BasicScheduler',
        inputs: { model: ['lora', 0], scheduler: 'simple', steps: 20, denoise: 1 },
      },
      latent: { class_type: 'EmptySD3LatentImage', inputs: { width: 1024, height: 1024, batch_size: 1 } },
      lora: {
        class_type: 'LoraLoaderModelOnly',
        inputs: { model: ['unet', 0], lora_name: 'film', strength_model: 0.8 },
      },
      unet: { class_type: 'UNETLoader', inputs: { unet_name: 'flux', weight_dtype: 'default' } },
      model: { class_type: 'VAELoader', inputs: { vae_name: 'ae' } },
    };
    assert.deepEqual(bound(graph), [
      'prompt text.text',
      'seed noise.noise_seed',
      'width latent.width',
      'height latent.height',
      'steps sigmas.steps',
      'cfg flux.guidance',
      'sampler select.sampler_name',
      'scheduler sigmas.scheduler',
      'model unet.unet_name',
      'lora lora.lora_name',
      'lora_strength lora.strength_model',
    ]);
  });

  it('takes the LoRAs in the order the model meets them', () => {
    const lora = (model: string, name: string): WorkflowGraph[string] => ({
      class_type: 'LoraLoader',
      inputs: { model: [model, 0], clip: [model, 1], lora_name: name, strength_model: 1, strength_clip: 1 },
    });
    const graph: WorkflowGraph = {
      ...SIMPLE,
      sampler: { class_type: 'KSampler', inputs: { ...KSAMPLER, model: ['outer', 0] } },
      outer: lora('inner', 'second'),
      inner: lora('model', 'first'),
    };
    assert.deepEqual(
      bound(graph).filter((line) => /^(lora|model)/.test(line)),
      [
        'model model.ckpt_name',
        'lora inner.lora_name',
        'lora_strength inner.strength_model',
        'lora_strength inner.strength_clip',
        'lora_2 outer.lora_name',
        'lora_strength_2 outer.strength_model',
        'lora_strength_2 outer.strength_clip',
      ],
    );
  });

  it('does not take a negative that is the prompt zeroed out for one', () => {
    const graph: WorkflowGraph = {
      ...SIMPLE,
      negative: { class_type: 'ConditioningZeroOut', inputs: { conditioning: ['positive', 0] } },
    };
    assert.deepEqual(
      bound(graph).filter((line) => /^(prompt|negative)/.test(line)),
      ['prompt positive.text'],
    );
  });

  it('finds what it can where no sampler is known', () => {
    const graph: WorkflowGraph = {
      '1': {
        class_type: 'SomeService',
        inputs: { prompt: 'good', negative_prompt: 'bad', seed: 4, width: 64, height: 32 },
      },
      '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
    };
    assert.deepEqual(bound(graph), [
      'prompt 1.prompt',
      'negative 1.negative_prompt',
      'seed 1.seed',
      'width 1.width',
      'height 1.height',
    ]);
  });

  it('takes a seed of 64 bits, which is kept as its digits', () => {
    const graph: WorkflowGraph = {
      ...SIMPLE,
      sampler: { class_type: 'KSampler', inputs: { ...KSAMPLER, seed: '18446744073709551615' } },
    };
    assert.ok(bound(graph).includes('seed sampler.seed'));
  });

  it('ends on graphs that run in circles, or link to nothing, or are one long chain', () => {
    const circle: WorkflowGraph = {
      a: {
        class_type: 'KSampler',
        inputs: { ...KSAMPLER, positive: ['b', 0], negative: ['a', 0], model: ['b', 0], latent_image: ['a', 0] },
      },
      b: {
        class_type: 'ConditioningCombine',
        inputs: { conditioning_1: ['a', 0], conditioning_2: ['constructor', 0], seed: ['__proto__', 0] },
      },
    };
    assert.equal(inRunOrder(circle).length, 2);
    bindWorkflow(circle);
    const chain: WorkflowGraph = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [
        `n${index}`,
        { class_type: 'Reroute', inputs: index === 0 ? { text: 'x' } : { in: [`n${index - 1}`, 0] } },
      ]),
    );
    assert.equal(inRunOrder(chain).at(-1)?.[0], 'n19999');
    bindWorkflow(chain);
  });

  it('lists every input that a name can be bound to, with the node as the person calls it', () => {
    const inputs = bindableInputs({
      ...SIMPLE,
      positive: {
        class_type: 'CLIPTextEncode',
        inputs: { text: 'good', clip: ['model', 1] },
        _meta: { title: 'What to draw' },
      },
    });
    assert.deepEqual(
      inputs.find(({ node }) => node === 'positive'),
      { node: 'positive', title: 'What to draw', input: 'text', type: 'text', value: 'good' },
    );
    assert.deepEqual(
      inputs.filter(({ node }) => node === 'sampler').map(({ input, type }) => `${input}: ${type}`),
      [
        'seed: integer',
        'steps: integer',
        'cfg: number',
        'sampler_name: choice',
        'scheduler: choice',
        'denoise: number',
      ],
    );
  });
});

describe('what a server says of its nodes', () => {
  const models = {
    checkpoints: ['a.safetensors'],
    loras: [],
    vae: [],
    diffusion_models: [],
    text_encoders: [],
    upscale_models: [],
  };
  const infos = nodeInfos(models, ['one.png']);

  for (const [what, said] of [
    ['older', infos],
    ['newer', withComboOptions(infos)],
  ] as const) {
    it(`is read as ${what} servers say it`, () => {
      const nodes = readNodeDescriptions(said);
      assert.deepEqual(nodes?.get('CheckpointLoaderSimple')?.inputs.get('ckpt_name')?.choices, ['a.safetensors']);
      assert.deepEqual(nodes.get('KSampler')?.inputs.get('steps'), {
        type: 'INT',
        default: 20,
        min: 1,
        max: 10_000,
        upload: false,
      });
      assert.equal(nodes.get('LoadImage')?.inputs.get('image')?.upload, true);
      assert.equal(nodes.get('SaveImage')?.isOutput, true);
    });
  }

  it('is read as far as it makes sense', () => {
    const nodes = readNodeDescriptions({
      Good: { input: { required: { a: ['INT', { default: 'x', min: 'y' }], b: [[1, 2]] } }, output_node: 'yes' },
      Odd: 7,
      Empty: { input: {} },
    });
    assert.deepEqual([...(nodes?.keys() ?? [])], ['Good', 'Empty']);
    assert.deepEqual(nodes?.get('Good')?.inputs.get('b')?.choices, ['1', '2']);
    assert.equal(readNodeDescriptions('<html>'), undefined);
  });

  it('decides what makes an image, before the names of classes do', () => {
    const graph: WorkflowGraph = {
      '1': { class_type: 'EmptyImage', inputs: {} },
      '2': { class_type: 'SendToWall', inputs: { images: ['1', 0] } },
    };
    requireImageOutput(graph, 'It');
    const said = (isOutput: boolean): ReturnType<typeof readNodeDescriptions> =>
      readNodeDescriptions({ SendToWall: { input: {}, output_node: isOutput } });
    requireImageOutput(graph, 'It', said(true));
    assert.throws(() => requireImageOutput(graph, 'It', said(false)), { code: 'WORKFLOW_NO_OUTPUT' });
    const { '1': alone = SAVE } = graph;
    assert.throws(() => requireImageOutput({ '1': alone }, 'It'), { code: 'WORKFLOW_NO_OUTPUT' });
  });
});
