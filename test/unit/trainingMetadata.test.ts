import assert from 'node:assert/strict';

import fc from 'fast-check';

import { namedArchitecture, settledArchitecture } from '../../src/library/models/architectureNames.ts';
import { bytesOf } from '../../src/library/models/byteSource.ts';
import { safetensorsFacts } from '../../src/library/models/safetensorsFacts.ts';
import { trainingFacts, type TrainingFacts } from '../../src/library/models/trainingMetadata.ts';
import { safetensorsFile } from '../support/models/safetensorsBytes.ts';

function facts(metadata: Readonly<Record<string, string>>): TrainingFacts {
  return trainingFacts(new Map(Object.entries(metadata)));
}

const FREQUENCY = JSON.stringify({
  '10_ohwx woman': { 'ohwx woman': 20, smile: 7, ' looking at viewer': 9 },
  '2_datasets/5_blue hat': { smile: 3, 'blue hat': 5 },
  img: { smile: 1 },
});

describe('the metadata of a model', () => {
  it('tell title, author, licence, description and resolution', () => {
    const { title, author, licence, description, resolution } = facts({
      'modelspec.title': 'My Model',
      'modelspec.author': 'Ada',
      'modelspec.license': 'CreativeML Open RAIL-M',
      'modelspec.description': 'One\nTwo\u0007',
      'modelspec.resolution': '1024x768',
    });
    assert.deepEqual(
      { title, author, licence, description, resolution },
      {
        title: 'My Model',
        author: 'Ada',
        licence: 'CreativeML Open RAIL-M',
        description: 'One\nTwo',
        resolution: '1024x768',
      },
    );
  });

  it('say nothing by None, by blanks, or by a title that a script made up', () => {
    assert.deepEqual(facts({ 'modelspec.author': 'None', 'modelspec.title': '  ', ss_network_dim: 'None' }), {
      triggerWords: [],
      tags: [],
      findings: [],
    });
    assert.equal(facts({ 'modelspec.title': 'LoRA@1700000000.5', ss_output_name: 'mine' }).title, 'mine');
  });

  it('tell rank, resolution and the file it was trained from as kohya writes them', () => {
    const { rank, resolution, trainedFrom } = facts({
      ss_network_dim: '32',
      ss_resolution: '(1024, 1024)',
      ss_sd_model_name: 'sd_xl_base_1.0.safetensors',
    });
    assert.deepEqual(
      { rank, resolution, trainedFrom },
      {
        rank: 32,
        resolution: '1024x1024',
        trainedFrom: 'sd_xl_base_1.0.safetensors',
      },
    );
    assert.equal(facts({ ss_resolution: '512' }).resolution, '512x512');
    assert.equal(facts({ ss_network_dim: 'Dynamic' }).rank, undefined);
  });

  it('tell trigger words as their author names them', () => {
    const named = facts({ 'modelspec.trigger_phrase': 'ohwx, blue hat,ohwx', ss_tag_frequency: FREQUENCY });
    assert.deepEqual(named.triggerWords, ['ohwx', 'blue hat']);
  });

  it('tell trigger words by the folders of the training, without repeats and without names that say nothing', () => {
    assert.deepEqual(facts({ ss_tag_frequency: FREQUENCY }).triggerWords, ['ohwx woman', 'blue hat']);
  });

  it('tell tags with their counts over all folders, the most common first', () => {
    assert.deepEqual(facts({ ss_tag_frequency: FREQUENCY }).tags, [
      { tag: 'ohwx woman', count: 20 },
      { tag: 'smile', count: 11 },
      { tag: 'looking at viewer', count: 9 },
      { tag: 'blue hat', count: 5 },
    ]);
  });

  it('keep what can be read of damaged counts, with a finding', () => {
    const { tags, findings } = facts({ ss_tag_frequency: '{"10_cat":{"cat":3,"dog":"many"}}' });
    assert.deepEqual(tags, [{ tag: 'cat', count: 3 }]);
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['MALFORMED_METADATA'],
    );
  });

  it('may hold tags named like parts of an object', () => {
    const { tags } = facts({ ss_tag_frequency: '{"1_a":{"__proto__":2,"constructor":1}}' });
    assert.deepEqual(tags, [
      { tag: '__proto__', count: 2 },
      { tag: 'constructor', count: 1 },
    ]);
  });

  it('are bounded: a million tags leave a thousand', () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`tag ${index}`, index]));
    const { tags } = facts({ ss_tag_frequency: JSON.stringify({ '1_x': many }) });
    assert.equal(tags.length, 1000);
  });

  it('never throw, whatever they are', () => {
    const keys = fc.constantFrom('ss_tag_frequency', 'modelspec.trigger_phrase', 'modelspec.title', 'ss_resolution');
    const values = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constant(FREQUENCY));
    fc.assert(
      fc.property(fc.dictionary(keys, values), (metadata) => {
        const { tags, triggerWords } = facts(metadata);
        assert.ok(tags.length <= 1000 && triggerWords.length <= 50);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a name of an architecture', () => {
  it('is known as training scripts and authors write it', () => {
    const rows: [name: string, architecture: string, baseModel: string][] = [
      ['stable-diffusion-v1/lora', 'sd1', 'SD 1.x'],
      ['sd_v1', 'sd1', 'SD 1.x'],
      ['stable-diffusion-v2-768-v', 'sd2', 'SD 2.x'],
      ['stable-diffusion-xl-v1-base/lora', 'sdxl', 'SDXL'],
      ['sdxl_base_v1-0', 'sdxl', 'SDXL'],
      ['sdxl_1.0', 'sdxl', 'SDXL'],
      ['stable-diffusion-xl-v1-refiner', 'sdxl-refiner', 'SDXL Refiner'],
      ['stable-diffusion-v3.5-large', 'sd3', 'SD 3.5 Large'],
      ['stable-diffusion-3-3-5-medium/lora', 'sd3', 'SD 3.5 Medium'],
      ['sd3_m', 'sd3', 'SD 3 Medium'],
      ['Flux.1-dev/lora', 'flux-1', 'Flux.1 dev'],
      ['flux-1-schnell', 'flux-1', 'Flux.1 schnell'],
      ['flux1', 'flux-1', 'Flux.1'],
      ['flux-1-dev-kontext', 'flux-1', 'Flux.1 Kontext'],
      ['Flux.2-dev', 'flux-2', 'Flux.2'],
      ['chroma/lora', 'chroma', 'Chroma'],
      ['wan2.1', 'wan', 'Wan 2.1'],
      ['wan22_5b', 'wan', 'Wan 2.2 TI2V 5B'],
      ['qwen-image-edit-plus', 'qwen-image', 'Qwen-Image Edit'],
      ['qwen_image', 'qwen-image', 'Qwen-Image'],
      ['zimage', 'z-image', 'Z-Image'],
      ['lumina-2', 'lumina-2', 'Lumina Image 2.0'],
      ['hunyuan_video', 'hunyuan-video', 'HunyuanVideo'],
      ['hyvid', 'hunyuan-video', 'HunyuanVideo'],
      ['auraflow-v1', 'auraflow', 'AuraFlow'],
      ['ltxv', 'ltx-video', 'LTX-Video'],
      ['nvidia-cosmos-predict2-t2i-2b', 'cosmos', 'Cosmos Predict2'],
      ['hidream-i1', 'hidream', 'HiDream I1'],
    ];
    for (const [name, architecture, baseModel] of rows) {
      assert.deepEqual(namedArchitecture(name), { architecture, baseModel, sure: 'certain' }, name);
    }
  });

  it('is not made up where it is not known', () => {
    for (const name of ['', 'something new', 'lora', '-']) assert.equal(namedArchitecture(name), undefined, name);
  });

  it('makes an answer finer, not coarser', () => {
    const wan = { architecture: 'wan', baseModel: 'Wan 2.1 I2V 14B', sure: 'likely' } as const;
    assert.equal(settledArchitecture(wan, namedArchitecture('wan2.1'))?.baseModel, 'Wan 2.1 I2V 14B');
    const qwen = { architecture: 'qwen-image', baseModel: 'Qwen-Image', sure: 'certain' } as const;
    assert.equal(settledArchitecture(qwen, namedArchitecture('qwen-image-edit'))?.baseModel, 'Qwen-Image Edit');
    assert.equal(settledArchitecture(qwen, undefined), qwen);
    assert.equal(settledArchitecture(undefined, undefined), undefined);
  });
});

describe('the facts of a safetensors file', () => {
  it('join what its tensors and its metadata say, as plain data', () => {
    const tensors = [
      { name: 'lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight', dtype: 'BF16', shape: [16, 3072] },
      { name: 'lora_unet_double_blocks_0_img_attn_qkv.lora_up.weight', dtype: 'BF16', shape: [9216, 16] },
      { name: 'lora_unet_double_blocks_0_img_attn_qkv.alpha', dtype: 'F32', shape: [] },
    ];
    const metadata = { 'modelspec.architecture': 'flux-1-dev/lora', ss_network_dim: '8', ss_tag_frequency: FREQUENCY };
    const file = safetensorsFile(tensors, metadata);
    const found = safetensorsFacts(bytesOf(file), '.safetensors');
    assert.deepEqual(structuredClone(found), found);
    const { tags, ...rest } = found;
    assert.equal(tags.length, 4);
    assert.deepEqual(rest, {
      format: 'safetensors',
      fileBytes: file.length,
      tensorBytes: 2 * 16 * (3072 + 9216) + 4,
      tensorCount: 3,
      parameters: 16 * (3072 + 9216) + 1,
      dtypes: [
        { dtype: 'BF16', parameters: 16 * (3072 + 9216) },
        { dtype: 'F32', parameters: 1 },
      ],
      kind: 'lora',
      rank: 16,
      architecture: 'flux-1',
      baseModel: 'Flux.1 dev',
      sure: 'certain',
      triggerWords: ['ohwx woman', 'blue hat'],
      findings: [],
    });
  });

  it('are told of a broken file, too', () => {
    const { kind, findings } = safetensorsFacts(bytesOf(Buffer.from('<html>')), '.safetensors');
    assert.equal(kind, 'unknown');
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['WRONG_EXTENSION'],
    );
  });
});
