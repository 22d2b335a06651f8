import assert from 'node:assert/strict';

import fc from 'fast-check';

import { type ModelFacts, modelFacts } from '../../src/library/models/modelFacts.ts';
import { MODEL_KINDS } from '../../src/library/models/modelKind.ts';
import type { TensorInfo } from '../../src/library/models/tensorInfo.ts';
import type { PublishedModel } from '../support/models/publishedAdapters.ts';
import { PUBLISHED_MODELS } from '../support/models/publishedModels.ts';
import type { Tensors } from '../support/models/tensorLists.ts';

function factsOf(tensors: Tensors, metadata: Readonly<Record<string, string>> = {}): ModelFacts {
  const infos: TensorInfo[] = tensors.map(({ name, dtype = 'F16', shape }) => ({ name, dtype, shape }));
  return modelFacts({
    format: 'safetensors',
    fileBytes: 1,
    tensorBytes: 1,
    tensors: infos,
    metadata: new Map(Object.entries(metadata)),
    findings: [],
  });
}

/** What is said of a model and what should be, of the fields that are known. */
function compared(model: PublishedModel): { readonly told: object; readonly expected: object } {
  const { kind, architecture, baseModel, rank } = factsOf(model.tensors, model.metadata);
  return {
    told: { kind, architecture, baseModel, rank },
    expected: { kind: model.kind, architecture: model.architecture, baseModel: model.baseModel, rank: model.rank },
  };
}

describe('the kind and the architecture of published models', () => {
  it('are told from names and shapes', () => {
    const fields = ['kind', 'architecture', 'baseModel', 'rank'] as const;
    const right = new Map<string, number>();
    const wrong: string[] = [];
    for (const model of PUBLISHED_MODELS) {
      const facts = factsOf(model.tensors, model.metadata);
      for (const field of fields) {
        if (facts[field] === model[field]) right.set(field, (right.get(field) ?? 0) + 1);
        else wrong.push(`${model.name}: ${field} ${String(facts[field])} instead of ${String(model[field])}`);
      }
    }
    const total = PUBLISHED_MODELS.length;
    const rates = fields.map((field) => `${field} ${right.get(field) ?? 0}/${total}`);
    console.log(`      ${total} models: ${rates.join(', ')}`);
    assert.deepEqual(wrong, []);
  }).timeout(60_000);

  it('are many', () => {
    assert.ok(PUBLISHED_MODELS.length >= 25);
    assert.equal(new Set(PUBLISHED_MODELS.map(({ name }) => name)).size, PUBLISHED_MODELS.length);
  });

  it('do not depend on the order of the tensors', () => {
    for (const model of PUBLISHED_MODELS) {
      const { told, expected } = compared({ ...model, tensors: model.tensors.toReversed() });
      assert.deepEqual(told, expected, model.name);
    }
  }).timeout(60_000);

  it('are told of half of the tensors, as far as a family goes, for most', () => {
    const known = PUBLISHED_MODELS.filter(({ architecture }) => architecture !== undefined);
    const right = known.filter(({ tensors, architecture, metadata }) => {
      const half = tensors.slice(Math.floor(tensors.length / 4), Math.ceil((3 * tensors.length) / 4));
      return factsOf(half, metadata).architecture === architecture;
    });
    console.log(`      of the middle half of the tensors: ${right.length}/${known.length}`);
    assert.ok(right.length / known.length > 0.6);
  }).timeout(60_000);
});

describe('how sure an architecture is', () => {
  function sureOf(name: string): string | undefined {
    const model = PUBLISHED_MODELS.find((one) => one.name === name);
    assert.ok(model, name);
    return factsOf(model.tensors, model.metadata).sure;
  }

  it('is certain where a tensor gives it away or metadata say so', () => {
    for (const name of ['SDXL 1.0 base', 'Chroma', 'Qwen-Image', 'Flux.1 Kontext, told by its metadata']) {
      assert.equal(sureOf(name), 'certain', name);
    }
  });

  it('is likely where shapes speak for it, and a guess where little is left', () => {
    assert.equal(sureOf('Wan 2.1 T2V 14B'), 'likely');
    assert.equal(sureOf('Flux.1 LoRA of kohya'), 'likely');
    assert.equal(sureOf('SD 1.5 LoRA of the text encoder alone'), 'guess');
  });

  it('believes the tensors where metadata name another family, and metadata where tensors only guess', () => {
    const sdxl = PUBLISHED_MODELS.find(({ name }) => name === 'SDXL UNet alone');
    assert.equal(factsOf(sdxl?.tensors ?? [], { ss_base_model_version: 'sd_v1' }).architecture, 'sdxl');
    const guessed = PUBLISHED_MODELS.find(({ name }) => name === 'SD 1.5 LoRA of the text encoder alone');
    assert.equal(factsOf(guessed?.tensors ?? [], { ss_base_model_version: 'sdxl_base_v1-0' }).architecture, 'sdxl');
  });
});

describe('tensors that are of nothing known', () => {
  it('are of an unknown kind and have no architecture', () => {
    const { kind, architecture, rank } = factsOf([
      { name: 'foo.weight', shape: [3, 3] },
      { name: 'bar', shape: [] },
    ]);
    assert.deepEqual({ kind, architecture, rank }, { kind: 'unknown', architecture: undefined, rank: undefined });
    assert.equal(factsOf([]).kind, 'unknown');
  });

  it('are taken in, however many and however strangely named they are', () => {
    const names: ((index: number) => string)[] = [
      (index) => `tensor${index}x`,
      (index) => `a_${'1_'.repeat(60)}${index}x`,
      (index) => `double_blocks.${index}.${index}x.lora_down.weight`,
      (index) => `${'_'.repeat(150)}${index}`,
    ];
    for (const name of names) {
      const tensors = Array.from({ length: 50_000 }, (_, index) => ({ name: name(index), shape: [index, 3, 3, 3] }));
      assert.equal(factsOf(tensors).tensorCount, tensors.length);
    }
  }).timeout(60_000);

  it('are never refused: any names and shapes have facts', () => {
    const words = [
      'lora_unet_',
      'model.',
      'blocks',
      '.0',
      '_1',
      'attn',
      '.weight',
      '.lora_down.weight',
      '.hada_w1_a',
      'é',
    ];
    const name = fc.array(fc.constantFrom(...words), { maxLength: 6 }).map((parts) => parts.join(''));
    const shape = fc.array(fc.constantFrom(0, 1, 768, 1280, 2 ** 53 - 1), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(fc.record({ name, shape }), { maxLength: 12 }), (tensors) => {
        const { kind, parameters } = factsOf(tensors);
        assert.ok(MODEL_KINDS.includes(kind));
        assert.ok(Number.isSafeInteger(parameters));
      }),
      { numRuns: 1000 },
    );
  });
});
