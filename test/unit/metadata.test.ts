import assert from 'node:assert/strict';
import fc from 'fast-check';
import { deflateSync } from 'node:zlib';

import { generationDataSchema } from '../../src/protocol/studioValues.ts';
import { generationData } from '../../src/studio/metadata/generationData.ts';
import { exifBlock, uprightExif } from '../../src/studio/metadata/exifBlock.ts';
import { readExifTexts } from '../../src/studio/metadata/exifTexts.ts';
import { readImageTexts } from '../../src/studio/metadata/imageTexts.ts';
import { parseLooseJson } from '../../src/studio/metadata/looseJson.ts';
import { readPngTexts, withPngTexts } from '../../src/studio/metadata/pngText.ts';
import { picturePng } from '../support/pngBytes.ts';

/** Random tests that fail print their seed; SEED repeats one. */
const SEED = process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) };
const png = picturePng({ width: 8, height: 8 });
/** Behind the signature and the first chunk. */
const HEADER_END = 33;

const said = (texts: Readonly<Record<string, string>>): ReturnType<typeof generationData> =>
  generationData(new Map(Object.entries(texts)));

describe('what an image says about how it was made', () => {
  describe('by AUTOMATIC1111 and those who write as it does', () => {
    it('is prompt, negative prompt and settings', () => {
      const parameters = [
        'a fox, <lora:ink_style:0.8> in the snow',
        'second line: of the prompt',
        'Negative prompt: blurry, bad hands',
        'Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 4294967296, Size: 832x1216, Model hash: abc, Model: dream_v2, Lora hashes: "ink_style: 12ab, other: 34cd", Version: v1.9',
      ].join('\n');
      assert.deepEqual(said({ parameters }), {
        source: 'a1111',
        prompt: 'a fox, <lora:ink_style:0.8> in the snow\nsecond line: of the prompt',
        negative: 'blurry, bad hands',
        steps: 28,
        sampler: 'DPM++ 2M',
        scheduler: 'Karras',
        cfg: 6.5,
        seed: 4_294_967_296,
        model: 'dream_v2',
        loras: [{ name: 'ink_style', strength: 0.8 }],
        more: { 'Model hash': 'abc', 'Lora hashes': 'ink_style: 12ab, other: 34cd', Version: 'v1.9' },
      });
    });

    it('may lack the negative prompt, the prompt, or the settings', () => {
      assert.deepEqual(said({ parameters: 'a fox\nSteps: 20, Seed: 1' }), {
        source: 'a1111',
        prompt: 'a fox',
        steps: 20,
        seed: 1,
      });
      assert.equal(said({ parameters: 'Steps: 20, Seed: 1' }).prompt, '');
      assert.deepEqual(said({ parameters: 'a fox\nNegative prompt: dogs' }), {
        source: 'a1111',
        prompt: 'a fox',
        negative: 'dogs',
      });
    });

    it('is shown as it is where it is of no known form', () => {
      assert.deepEqual(said({ parameters: 'just words' }), { source: 'unknown', more: { parameters: 'just words' } });
    });
  });

  describe('by ComfyUI', () => {
    const graph = {
      '3': {
        class_type: 'KSampler',
        inputs: {
          seed: 1,
          steps: 20,
          cfg: 8,
          sampler_name: 'euler',
          scheduler: 'normal',
          denoise: 1,
          model: ['10', 0],
          positive: ['6', 0],
          negative: ['7', 0],
          latent_image: ['5', 0],
        },
      },
      '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd15.safetensors' } },
      '5': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 512, batch_size: 1 } },
      '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a fox', clip: ['10', 1] } },
      '7': { class_type: 'CLIPTextEncode', inputs: { text: 'dogs', clip: ['10', 1] } },
      '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
      '9': { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: 'a' } },
      '10': {
        class_type: 'LoraLoader',
        inputs: {
          lora_name: 'ink.safetensors',
          strength_model: 0.7,
          strength_clip: 1,
          model: ['4', 0],
          clip: ['4', 1],
        },
      },
    };

    it('is followed back from what was saved', () => {
      const prompt = JSON.stringify(graph);
      assert.deepEqual(said({ prompt, workflow: '{"nodes":[]}' }), {
        source: 'comfyui',
        prompt: 'a fox',
        negative: 'dogs',
        seed: 1,
        steps: 20,
        cfg: 8,
        sampler: 'euler',
        scheduler: 'normal',
        model: 'sd15.safetensors',
        loras: [{ name: 'ink.safetensors', strength: 0.7 }],
        graph: prompt,
        workflow: '{"nodes":[]}',
      });
    });

    it('is read with NaN in it, and with a seed of 64 bits kept to its last digit', () => {
      const prompt = JSON.stringify(graph)
        .replace('"seed":1', '"seed":18446744073709551615')
        .replace('"batch_size":1', '"batch_size":NaN,"is_changed":[NaN,-Infinity]');
      const data = said({ prompt });
      assert.equal(data.seed, '18446744073709551615');
      assert.equal(data.prompt, 'a fox');
    });

    it('is found where noise, guider and steps are nodes of their own', () => {
      const prompt = JSON.stringify({
        '1': {
          class_type: 'SamplerCustomAdvanced',
          inputs: { noise: ['2', 0], guider: ['3', 0], sampler: ['4', 0], sigmas: ['5', 0], latent_image: ['9', 0] },
        },
        '2': { class_type: 'RandomNoise', inputs: { noise_seed: 77 } },
        '3': { class_type: 'BasicGuider', inputs: { model: ['6', 0], conditioning: ['7', 0] } },
        '4': { class_type: 'KSamplerSelect', inputs: { sampler_name: 'euler' } },
        '5': { class_type: 'BasicScheduler', inputs: { scheduler: 'simple', steps: 4, denoise: 1, model: ['6', 0] } },
        '6': { class_type: 'UNETLoader', inputs: { unet_name: 'flux.safetensors' } },
        '7': { class_type: 'FluxGuidance', inputs: { guidance: 3.5, conditioning: ['8', 0] } },
        '8': { class_type: 'CLIPTextEncode', inputs: { text: ['11', 0] } },
        '9': { class_type: 'EmptySD3LatentImage', inputs: { width: 8, height: 8 } },
        '10': { class_type: 'SaveImage', inputs: { images: ['1', 0] } },
        '11': { class_type: 'PrimitiveString', inputs: { value: 'a fox of flux' } },
      });
      const { graph: _graph, ...data } = said({ prompt });
      assert.deepEqual(data, {
        source: 'comfyui',
        prompt: 'a fox of flux',
        seed: 77,
        steps: 4,
        sampler: 'euler',
        scheduler: 'simple',
        model: 'flux.safetensors',
      });
    });

    it('is that of the first pass where a second one refines', () => {
      const second = {
        ...graph,
        '8': { class_type: 'VAEDecode', inputs: { samples: ['12', 0] } },
        '12': {
          class_type: 'KSampler',
          inputs: { seed: 2, steps: 5, denoise: 0.4, positive: ['6', 0], negative: ['7', 0], latent_image: ['3', 0] },
        },
      };
      assert.equal(said({ prompt: JSON.stringify(second) }).seed, 1);
    });

    it('is a graph that runs in a circle, or none, and no harm is done', () => {
      const circle = { '1': { class_type: 'KSampler', inputs: { positive: ['1', 0], latent_image: ['2', 0] } } };
      assert.equal(said({ prompt: JSON.stringify(circle) }).source, 'comfyui');
      assert.equal(said({ prompt: '{"1":5}' }).source, 'comfyui');
      assert.equal(said({ prompt: 'a fox' }).source, 'unknown');
    });

    it('takes its words from A1111 text that a node wrote beside the graph', () => {
      const prompt = JSON.stringify(graph);
      const data = said({ prompt, parameters: 'the real prompt\nSteps: 9, Seed: 5' });
      assert.deepEqual([data.source, data.prompt, data.steps, data.graph], ['comfyui', 'the real prompt', 9, prompt]);
    });
  });

  it('is read of InvokeAI, new and old', () => {
    const metadata = {
      positive_prompt: 'a fox',
      negative_prompt: 'dogs',
      seed: 7,
      steps: 30,
      cfg_scale: 7.5,
      scheduler: 'euler_a',
      model: { key: 'x', name: 'sdxl', base: 'sdxl' },
      loras: [{ model: { name: 'ink' }, weight: 0.5 }],
      width: 1024,
      app_version: '5.0',
    };
    assert.deepEqual(said({ invokeai_metadata: JSON.stringify(metadata) }), {
      source: 'invokeai',
      prompt: 'a fox',
      negative: 'dogs',
      seed: 7,
      steps: 30,
      cfg: 7.5,
      scheduler: 'euler_a',
      model: 'sdxl',
      loras: [{ name: 'ink', strength: 0.5 }],
      more: { width: '1024', app_version: '5.0' },
    });
    const old = {
      model_weights: 'sd15',
      image: { prompt: [{ prompt: 'a fox', weight: 1 }], seed: 3, steps: 9, sampler: 'lms' },
    };
    const { prompt, seed, model, sampler } = said({ 'sd-metadata': JSON.stringify(old) });
    assert.deepEqual([prompt, seed, model, sampler], ['a fox', 3, 'sd15', 'lms']);
  });

  it('is read of SwarmUI', () => {
    const parameters = {
      sui_image_params: {
        prompt: 'a fox',
        negativeprompt: 'dogs',
        model: 'sdxl',
        seed: 11,
        steps: 20,
        cfgscale: 7,
        sampler: 'euler',
        scheduler: 'normal',
        loras: ['ink'],
        loraweights: ['0.6'],
        swarm_version: '0.9',
      },
      sui_extra_data: { date: '2025-01-01' },
    };
    assert.deepEqual(said({ parameters: JSON.stringify(parameters) }), {
      source: 'swarmui',
      prompt: 'a fox',
      negative: 'dogs',
      seed: 11,
      steps: 20,
      cfg: 7,
      sampler: 'euler',
      scheduler: 'normal',
      model: 'sdxl',
      loras: [{ name: 'ink', strength: 0.6 }],
      more: { swarm_version: '0.9', date: '2025-01-01' },
    });
  });

  it('is read of a sidecar of ours before anything else', () => {
    const sidecar = {
      snapshot: {
        run: 'r1',
        brand: { name: 'Acme' },
        merged: { prompt: 'a fox, in ink', negative: '' },
        generation: { prompt: 'a fox', seed: 5, values: { steps: 12, model: 'sd15' } },
      },
      image: { seed: 6, model: 'sd15.safetensors' },
    };
    assert.deepEqual(said({ lakeside: JSON.stringify(sidecar), parameters: 'other\nSteps: 1' }), {
      source: 'lakeside',
      prompt: 'a fox, in ink',
      seed: 6,
      steps: 12,
      model: 'sd15.safetensors',
      more: { Brand: 'Acme', Run: 'r1' },
    });
  });

  it('is nothing where it says nothing', () => {
    assert.deepEqual(said({}), { source: 'unknown' });
    assert.deepEqual(said({ Software: 'GIMP' }), { source: 'unknown', more: { Software: 'GIMP' } });
  });
});

describe('the texts in a PNG', () => {
  const text = 'ä prompt 日本 🎨';

  it('are read from tEXt, zTXt and iTXt, compressed or not', () => {
    const chunks: [type: string, data: Buffer, expected: string][] = [
      ['tEXt', Buffer.from('key\0caf\xe9', 'latin1'), 'café'],
      ['tEXt', Buffer.concat([Buffer.from('key\0'), Buffer.from(text)]), text],
      ['zTXt', Buffer.concat([Buffer.from('key\0\0'), deflateSync('packed')]), 'packed'],
      ['iTXt', Buffer.concat([Buffer.from('key\0\0\0en\0Key\0'), Buffer.from(text)]), text],
      ['iTXt', Buffer.concat([Buffer.from('key\0\x01\0\0\0'), deflateSync(text)]), text],
    ];
    for (const [type, data, expected] of chunks) {
      assert.equal(readPngTexts(withChunk(type, data)).texts.get('key'), expected, type);
    }
  });

  it('are left out where they are broken, or bombs', () => {
    const bomb = deflateSync(Buffer.alloc(40_000_000));
    for (const data of [
      Buffer.from('key\0\0notdeflated'),
      Buffer.concat([Buffer.from('key\0\0'), bomb]),
      Buffer.from('key'),
    ]) {
      assert.equal(readPngTexts(withChunk('zTXt', data)).texts.size, 0);
    }
  });

  it('are written without losing a part of an image whose pixels stand in thousands of chunks', () => {
    const many = Buffer.concat([
      png.subarray(0, HEADER_END),
      ...Array.from({ length: 20_000 }, () => chunkOf('IDAT', Buffer.alloc(1))),
      chunkOf('IEND', Buffer.alloc(0)),
    ]);
    assert.ok(many.equals(withPngTexts(many, new Map(), undefined)));
    const said = withPngTexts(many, new Map([['parameters', 'a fox']]), undefined);
    assert.equal(said.length, many.length + 12 + 'parameters\0a fox'.length);
  });

  it('are read as far as anybody may want to, of an image with a million of them', () => {
    const texts = Array.from({ length: 1_000_000 }, (_, index) => chunkOf('tEXt', Buffer.from(`${index}\0x`)));
    const read = readPngTexts(Buffer.concat([png.subarray(0, HEADER_END), ...texts])).texts;
    assert.equal(read.size, 10_000);
    const { bytes = Buffer.alloc(0), left } = exifBlock(read, 65_000);
    assert.ok(bytes.length > 64_900 && bytes.length <= 65_000, String(bytes.length));
    assert.equal(readImageTexts(withPngTexts(png, new Map(), bytes), 'png').size + left.length, 10_000);
  });

  it('come back as they were written', () => {
    const textArbitrary = fc.string({ unit: 'binary', maxLength: 300 }).filter((value) => value.isWellFormed());
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z_-]{1,40}$/), textArbitrary), (dictionary) => {
        const texts = new Map(Object.entries(dictionary));
        const written = withPngTexts(png, texts, undefined);
        assert.deepEqual(readPngTexts(written).texts, texts);
        assert.deepEqual(withPngTexts(written, texts, undefined), written);
      }),
      SEED,
    );
  });
});

describe('the texts in EXIF data', () => {
  it('keep their byte order where surrogates bring more zeros than letters do', () => {
    const { bytes } = exifBlock(new Map([['parameters', 'x\u{10000}\u{10000} x']]), 1_000);
    const read = readImageTexts(withPngTexts(png, new Map(), bytes), 'png');
    assert.equal(read.get('parameters'), 'x\u{10000}\u{10000} x');
  });

  it('come back as they were written, JSON and all signs', () => {
    const textArbitrary = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }).map((value) => `x${value}x`);
    fc.assert(
      fc.property(
        fc.record({
          parameters: fc.option(textArbitrary, { nil: undefined }),
          prompt: fc.option(
            textArbitrary.map((value) => JSON.stringify({ value })),
            { nil: undefined },
          ),
          workflow: fc.option(
            textArbitrary.map((value) => JSON.stringify({ value })),
            { nil: undefined },
          ),
          'some other': fc.option(textArbitrary, { nil: undefined }),
        }),
        (record) => {
          const texts = new Map(
            Object.entries(record).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
          );
          const { bytes, left } = exifBlock(texts, 1_000_000);
          assert.deepEqual(left, []);
          if (texts.size === 0) return;
          const read = readImageTexts(withPngTexts(png, new Map(), bytes), 'png');
          for (const [key, value] of texts) {
            const expected: unknown = key === 'prompt' || key === 'workflow' ? JSON.parse(value) : value;
            const found = read.get(key) ?? '';
            assert.deepEqual(key === 'prompt' || key === 'workflow' ? JSON.parse(found) : found, expected);
          }
        },
      ),
      SEED,
    );
  });

  it('lose what is missed least where there is little room', () => {
    const texts = new Map([
      ['workflow', 'w'.repeat(500)],
      ['prompt', 'p'.repeat(500)],
      ['parameters', 'a fox\nSteps: 20'],
    ]);
    const { bytes, left } = exifBlock(texts, 700);
    assert.deepEqual(left, ['workflow']);
    assert.deepEqual([...readExifTexts(bytes ?? Buffer.alloc(0)).keys()].sort(), ['parameters', 'prompt']);
    assert.deepEqual(exifBlock(texts, 10), { bytes: undefined, left: ['workflow', 'prompt', 'parameters'] });
  });

  it('are read as A1111 writes them: UTF-16 in either order, ASCII, or bare', () => {
    const comments: Buffer[] = [
      Buffer.concat([Buffer.from('UNICODE\0'), Buffer.from('a ü\nSteps: 2', 'utf16le').swap16()]),
      Buffer.concat([Buffer.from('UNICODE\0'), Buffer.from('a ü\nSteps: 2', 'utf16le')]),
      Buffer.concat([Buffer.alloc(8), Buffer.from('a ü\nSteps: 2')]),
      Buffer.from('a ü\nSteps: 2'),
    ];
    for (const comment of comments) {
      assert.equal(readExifTexts(userCommentExif(comment)).get('parameters'), 'a ü\nSteps: 2');
    }
  });
});

describe('reading any bytes', () => {
  it('never fails, and gives what the contract allows', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      // A real file with some bytes changed finds more ways in than noise.
      fc
        .tuple(
          fc.constantFrom(...corpus()),
          fc.array(fc.tuple(fc.nat(2_000), fc.nat(255)), { maxLength: 12 }),
          fc.nat(2_000),
        )
        .map(([file, changes, cut]) => {
          const copy = Uint8Array.from(file);
          for (const [at, byte] of changes) copy[at % copy.length] = byte;
          return copy.subarray(0, Math.max(1, copy.length - (cut % copy.length)));
        }),
    );
    fc.assert(
      fc.property(bytes, fc.constantFrom('png', 'jpeg', 'webp', 'avif'), (data, format) => {
        const texts = readImageTexts(data, format);
        generationDataSchema.parse({ ...generationData(texts), width: 1, height: 1, format, bytes: 1 });
      }),
      { numRuns: 1_500, ...SEED },
    );
  });

  it('holds for any texts under the known keys', () => {
    const anyText = fc.oneof(fc.string({ maxLength: 500 }), fc.json(), a1111Like());
    const keys = ['parameters', 'prompt', 'workflow', 'invokeai_metadata', 'sd-metadata', 'lakeside', 'other'] as const;
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), anyText), (texts) => {
        generationDataSchema.parse({ ...said(texts), width: 1, height: 1, format: 'png', bytes: 1 });
      }),
      { numRuns: 1_000, ...SEED },
    );
  });

  it('takes no longer the more brackets and quotes a text has', () => {
    for (const text of [
      '['.repeat(1_000_000),
      '{"a":'.repeat(200_000),
      '"\\'.repeat(500_000),
      'Steps: 1, '.repeat(100_000),
    ]) {
      parseLooseJson(text);
      said({ parameters: `a fox\nSteps: 1, ${text}`, prompt: text, workflow: text });
    }
  });

  it('gives the same as JSON does for what is JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const strict: unknown = JSON.parse(text);
        const hasLargeNumbers = /\d{16}/.test(text);
        if (!hasLargeNumbers) assert.deepEqual(parseLooseJson(text), strict);
      }),
      SEED,
    );
    assert.deepEqual(
      parseLooseJson('{"a NaN \\" 12345678901234567890":[NaN,-Infinity,1e400,12345678901234567890,1.5]}'),
      {
        'a NaN " 12345678901234567890': [null, null, Infinity, '12345678901234567890', 1.5],
      },
    );
  });

  it('turns the direction in EXIF data upright, and never fails', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        uprightExif(noise);
        uprightExif(Buffer.concat([Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0]), noise]));
      }),
      SEED,
    );
  });
});

function withChunk(type: string, data: Buffer): Buffer {
  return Buffer.concat([png.subarray(0, HEADER_END), chunkOf(type, data), png.subarray(HEADER_END)]);
}

/** The checksum is not looked at: what a text says is worth showing all the same. */
function chunkOf(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
}

/** A TIFF structure, little-endian, with nothing but a user comment. */
function userCommentExif(comment: Buffer): Buffer {
  const bytes = Buffer.alloc(8 + 18 + 18);
  bytes.write('II*\0', 0, 'latin1');
  bytes.writeUInt32LE(8, 4);
  const row = (at: number, tag: number, type: number, count: number, value: number): void => {
    bytes.writeUInt16LE(1, at);
    bytes.writeUInt16LE(tag, at + 2);
    bytes.writeUInt16LE(type, at + 4);
    bytes.writeUInt32LE(count, at + 6);
    bytes.writeUInt32LE(value, at + 10);
  };
  row(8, 0x8769, 4, 1, 26);
  row(26, 0x9286, 7, comment.length, 44);
  return Buffer.concat([bytes, comment]);
}

function corpus(): Uint8Array[] {
  const texts = new Map([
    ['parameters', 'a fox\nNegative prompt: dogs\nSteps: 20, Seed: 1, Lora hashes: "a: b"'],
    ['prompt', '{"1":{"class_type":"KSampler","inputs":{"seed":NaN,"positive":["1",0]}}}'],
    ['workflow', '{"nodes":[]}'],
    ['invokeai_metadata', '{"positive_prompt":"a fox","loras":[{"lora":{"model_name":"x"},"weight":1}]}'],
  ]);
  const { bytes = Buffer.alloc(0) } = exifBlock(texts, 100_000);
  const app1 = Buffer.alloc(4);
  app1.writeUInt16BE(0xffe1, 0);
  app1.writeUInt16BE(bytes.length + 8, 2);
  const jpeg = Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    app1,
    Buffer.from('Exif\0\0'),
    bytes,
    Buffer.from([0xff, 0xd9]),
  ]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  const webp = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBPEXIF'), size, bytes]);
  return [withPngTexts(png, texts, bytes), jpeg, webp, bytes];
}

function a1111Like(): fc.Arbitrary<string> {
  const part = fc.constantFrom(
    '\n',
    'Negative prompt:',
    'Steps: ',
    ', ',
    'Seed: ',
    ': ',
    '"',
    '\\',
    '<lora:',
    '>',
    '9',
    'a',
  );
  return fc.array(part, { maxLength: 60 }).map((parts) => parts.join(''));
}
