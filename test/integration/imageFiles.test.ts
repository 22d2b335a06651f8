import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

import type { Engine } from '../../src/engine.ts';
import type { UseCaseInput, UseCaseOutput } from '../../src/protocol/useCases.ts';
import type { GenerationData } from '../../src/protocol/studioValues.ts';
import { documentOf, runCommand } from '../support/commandLine.ts';
import { convertDocument } from '../support/cliSchemas.ts';
import { engines } from '../support/engineOn.ts';
import { picturePng, pngText } from '../support/pngBytes.ts';
import { ended, generate, workItem } from '../support/studioOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const GRAPH = JSON.stringify({
  '1': { class_type: 'KSampler', inputs: { seed: 5, steps: 7, positive: ['2', 0], latent_image: ['3', 0] } },
  '2': { class_type: 'CLIPTextEncode', inputs: { text: 'ein Fuchs mit Ümläuten 狐 🦊' } },
  '3': { class_type: 'EmptyLatentImage', inputs: {} },
  '4': { class_type: 'SaveImage', inputs: { images: ['1', 0] } },
});
const PARAMETERS = 'ein Fuchs 狐 🦊\nNegative prompt: dogs\nSteps: 20, Sampler: Euler, Seed: 9, Model: sd15';
const FORMATS = ['png', 'jpeg', 'webp', 'avif'] as const;
const EXTENSION = { png: 'png', jpeg: 'jpg', webp: 'webp', avif: 'avif' } as const;

describe('image files', () => {
  const folder = temporaryFolder();
  const openEngine = engines();
  let engine: Engine;
  const put = (name: string, bytes: Uint8Array): string => {
    const path = join(folder(), name);
    writeFileSync(path, bytes);
    return path;
  };
  const convert = async (
    input: UseCaseInput<'images.convert'>,
  ): Promise<UseCaseOutput<'images.convert'>['files'][number]> => {
    const { files } = await engine.call('images.convert', input);
    const [first] = files;
    assert.ok(first);
    return first;
  };
  const read = async (path: string): Promise<GenerationData> => (await engine.call('images.read', { path })).data;
  /** What is said, without what the encoding changes. */
  const said = async (path: string): Promise<Partial<GenerationData>> => {
    const {
      width: _width,
      height: _height,
      format: _format,
      bytes: _bytes,
      graph,
      workflow,
      ...rest
    } = await read(path);
    // Signs beyond ASCII may be written as escapes: the same JSON.
    const json = (text: string): string => JSON.stringify(JSON.parse(text));
    return {
      ...rest,
      ...(graph === undefined ? {} : { graph: json(graph) }),
      ...(workflow === undefined ? {} : { workflow: json(workflow) }),
    };
  };

  beforeEach(async () => {
    engine = await openEngine(join(folder(), 'data'));
  });

  it('say how they were made, with size and format', async () => {
    const path = put('a.png', picturePng({ width: 40, height: 20, text: { prompt: GRAPH } }));
    const data = await read(path);
    assert.deepEqual(
      [data.source, data.prompt, data.seed, data.width, data.height, data.format],
      ['comfyui', 'ein Fuchs mit Ümläuten 狐 🦊', 5, 40, 20, 'png'],
    );
  });

  it('say it even when they are cut off', async () => {
    const png = picturePng({ width: 200, height: 200, text: { parameters: PARAMETERS } });
    const { seed } = await read(put('a.png', png.subarray(0, png.length - 500)));
    assert.equal(seed, 9);
  });

  it('are refused where they are none, by their name', async () => {
    const path = put('a.png', Buffer.from('<html>'));
    await assert.rejects(read(path), { code: 'NOT_AN_IMAGE' });
    await assert.rejects(read('a.png'), { code: 'PATH_NOT_ABSOLUTE' });
    await assert.rejects(read(join(folder(), 'none.png')), { code: 'ENOENT' });
  });

  it('keep what they say through every conversion and back', async () => {
    const texts = { parameters: PARAMETERS, prompt: GRAPH, workflow: '{"nodes":["ä"]}', Title: 'Füchse' };
    const source = put('source.png', picturePng({ width: 120, height: 80, seed: 3, text: texts }));
    const expected = await said(source);
    assert.equal(expected.prompt, 'ein Fuchs 狐 🦊');
    for (const to of FORMATS) {
      const out = join(folder(), to);
      const there = await convert({ files: [source], to, out });
      const target = join(out, `source.${EXTENSION[to]}`);
      assert.deepEqual(
        { ...there, bytes: 0 },
        { from: source, status: 'done', to: target, width: 120, height: 80, bytes: 0 },
      );
      assert.equal((await read(target)).format, to);
      assert.deepEqual(await said(target), expected, to);
      for (const back of FORMATS) {
        const again = await convert({ files: [target], to: back, out: join(out, back) });
        assert.equal(again.status, 'done', again.reason);
        assert.deepEqual(await said(again.to ?? ''), expected, `${to} to ${back}`);
      }
    }
  });

  it('are decoded by others after conversion, with the same pixels', async () => {
    const source = put('a.png', picturePng({ width: 64, height: 64, seed: 4, text: { prompt: GRAPH } }));
    const pixels = await sharp(source).removeAlpha().raw().toBuffer();
    for (const to of FORMATS) {
      const { to: target = '' } = await convert({ files: [source], to, quality: 100, out: join(folder(), to) });
      const now = await sharp(target).removeAlpha().raw().toBuffer();
      const error = now.reduce((sum, value, index) => sum + Math.abs(value - (pixels[index] ?? 0)), 0) / now.length;
      assert.ok(error < (to === 'png' ? 0.001 : 4), `${to}: ${error}`);
    }
  });

  it('keep a workflow of a megabyte where there is room, and say what is left out where there is none', async () => {
    const workflow = JSON.stringify({ nodes: 'n'.repeat(1_000_000) });
    const source = put('a.png', picturePng({ width: 8, height: 8, text: { parameters: PARAMETERS, workflow } }));
    for (const to of FORMATS) {
      const done = await convert({ files: [source], to, out: join(folder(), to) });
      const data = await read(done.to ?? '');
      assert.equal(data.seed, 9);
      const hasRoom = to === 'png' || to === 'webp';
      assert.equal(data.workflow, hasRoom ? workflow : undefined, to);
      assert.equal(done.code, hasRoom ? undefined : 'METADATA_LEFT_OUT', to);
    }
  });

  it('keep the data of our own sidecar, which stays with the original', async () => {
    const source = put('a.png', picturePng({ width: 8, height: 8 }));
    const sidecar = {
      format: 'lakeside-image',
      version: 1,
      image: { seed: 4, model: 'm' },
      snapshot: { run: 'r', merged: { prompt: 'a fox' }, generation: { prompt: 'a fox', seed: 4, values: {} } },
    };
    put('a.png.json', Buffer.from(JSON.stringify(sidecar)));
    const expected = await said(source);
    assert.equal(expected.source, 'lakeside');
    for (const to of FORMATS) {
      const done = await convert({ files: [source], to, out: join(folder(), to) });
      assert.deepEqual(await said(done.to ?? ''), expected);
    }
  });

  it('lose it all, and their profile, when they are stripped', async () => {
    const png = await sharp(picturePng({ width: 8, height: 8 }))
      .withMetadata({ icc: 'p3' })
      .png()
      .toBuffer();
    const source = put('a.png', png);
    const texts = put('b.png', picturePng({ width: 8, height: 8, text: { parameters: PARAMETERS } }));
    for (const to of FORMATS) {
      const out = join(folder(), to);
      const kept = await convert({ files: [source], to, out: join(out, 'kept') });
      assert.ok((await sharp(kept.to).metadata()).icc, to);
      await engine.call('images.convert', { files: [source, texts], to, out, strip: true });
      const { icc, exif } = await sharp(join(out, `a.${EXTENSION[to]}`)).metadata();
      assert.deepEqual([icc, exif], [undefined, undefined], to);
      const stripped = join(out, `b.${EXTENSION[to]}`);
      assert.equal((await read(stripped)).source, 'unknown');
      assert.deepEqual(pngText(readFileSync(stripped)), {});
    }
  });

  it('become smaller by width, never larger, and stand upright', async () => {
    const photo = await sharp(picturePng({ width: 300, height: 200 }))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const source = put('a.jpg', photo);
    const small = await convert({ files: [source], to: 'webp', width: 100 });
    assert.deepEqual([small.width, small.height], [100, 150]);
    assert.equal((await sharp(small.to).metadata()).orientation ?? 1, 1);
    const large = await convert({ files: [source], to: 'avif', width: 5_000 });
    assert.deepEqual([large.width, large.height], [200, 300]);
  });

  it('are never overwritten without being forced', async () => {
    const source = put('a.png', picturePng({ width: 8, height: 8 }));
    const there = put('a.webp', Buffer.from('mine'));
    const skipped = await convert({ files: [source], to: 'webp' });
    assert.deepEqual([skipped.status, skipped.code, skipped.to], ['skipped', 'FILE_EXISTS', there]);
    assert.equal(readFileSync(there, 'utf8'), 'mine');
    assert.equal((await convert({ files: [source], to: 'webp', force: true })).status, 'done');
    assert.equal((await sharp(there).metadata()).format, 'webp');
    assert.deepEqual(readdirSync(folder()).sort(), ['a.png', 'a.webp', 'data']);
  });

  it('are left as they are when two would become one, one is broken, or one moves', async () => {
    const good = put('a.png', picturePng({ width: 8, height: 8 }));
    const same = put('A.jpg', await sharp(good).jpeg().toBuffer());
    const broken = put('b.png', picturePng({ width: 99, height: 99 }).subarray(0, 300));
    const frames = await sharp(Buffer.concat([Buffer.alloc(8 * 8 * 3, 1), Buffer.alloc(8 * 8 * 3, 200)]), {
      raw: { width: 8, height: 16, channels: 3, pageHeight: 8 },
    })
      .webp({ loop: 0, delay: [100, 100] })
      .toBuffer();
    const animated = put('c.webp', frames);
    const { files } = await engine.call('images.convert', {
      files: [good, same, broken, animated, join(folder(), 'none.png')],
      to: 'avif',
      out: join(folder(), 'out'),
      force: true,
    });
    assert.deepEqual(
      files.map(({ status, code }) => [status, code]),
      [
        ['done', undefined],
        ['failed', 'SAME_TARGET'],
        ['failed', 'IMAGE_TRUNCATED'],
        ['failed', 'IMAGE_ANIMATED'],
        ['failed', 'ENOENT'],
      ],
    );
    assert.deepEqual(readdirSync(join(folder(), 'out')), ['a.avif']);
  });

  it('go into no folder that is a file, and say so', async () => {
    const out = put('out', Buffer.from('a file'));
    const { code, reason } = await convert({
      files: [put('a.png', picturePng({ width: 8, height: 8 }))],
      to: 'webp',
      out,
    });
    assert.equal(code, 'EEXIST');
    assert.match(reason ?? '', /something of that name stands where it is to be made/);
    assert.equal(readFileSync(out, 'utf8'), 'a file');
  });

  it('never take the place of another one that is to be converted too', async () => {
    const png = put('a.png', picturePng({ width: 8, height: 8, seed: 1 }));
    const webp = put(
      'a.webp',
      await sharp(picturePng({ width: 9, height: 9, seed: 2 }))
        .webp()
        .toBuffer(),
    );
    const { files } = await engine.call('images.convert', { files: [png, webp], to: 'webp', force: true });
    assert.deepEqual(
      files.map(({ status, code }) => [status, code]),
      [
        ['failed', 'SAME_TARGET'],
        ['done', undefined],
      ],
    );
    assert.equal((await sharp(webp).metadata()).width, 9);
  });

  it('of a run have thumbnails, made as they are asked for', async () => {
    const item = await workItem(engine);
    const { images } = await ended(
      engine,
      await generate(engine, item, { count: 3, values: { width: 640, height: 320 } }),
    );
    const [first, second, third] = images;
    assert.ok(first && second && third);
    rmSync(second.path);
    writeFileSync(third.path, 'overwritten');
    const ask = (): Promise<UseCaseOutput<'images.thumbnails'>> =>
      engine.call('images.thumbnails', { images: [first.id, second.id, third.id, 'nobody'] });
    const { thumbnails } = await ask();
    assert.deepEqual(
      thumbnails.map(({ id, error }) => [id, error?.code]),
      [
        [first.id, undefined],
        [second.id, 'ENOENT'],
        [third.id, 'NOT_AN_IMAGE'],
        ['nobody', 'IMAGE_NOT_FOUND'],
      ],
    );
    const path = thumbnails[0]?.path ?? '';
    assert.equal(path, join(folder(), 'data', 'thumbs', first.blake3.slice(0, 2), `${first.blake3}-256.webp`));
    assert.equal((await sharp(path).metadata()).width, 256);
    assert.deepEqual((await ask()).thumbnails[0], thumbnails[0]);
    const data = await read(first.path);
    assert.deepEqual([data.source, data.seed], ['lakeside', first.seed]);
  });

  it('are said not to be in the studio where they are not', async () => {
    const { thumbnails } = await engine.call('images.thumbnails', { images: ['nobody'] });
    assert.deepEqual(
      thumbnails.map(({ id, path, error }) => [id, path, error?.code]),
      [['nobody', undefined, 'IMAGE_NOT_FOUND']],
    );
  });

  it('are converted from the command line, with a document and an exit code', async () => {
    const work = join(folder(), 'work');
    mkdirSync(work);
    writeFileSync(join(work, 'a.png'), picturePng({ width: 30, height: 20, text: { parameters: PARAMETERS } }));
    writeFileSync(join(work, 'b.png'), 'nothing');
    const run = (...args: string[]): ReturnType<typeof runCommand> =>
      runCommand({ dataDir: join(folder(), 'cli'), workingDir: work }, 'convert', ...args);
    const done = await run('--json', 'a.png', '--to', 'jpeg', '--quality', '80', '--width', '15', '--out', 'out');
    assert.equal(done.code, 0, done.errors);
    const { files } = documentOf(done, convertDocument);
    assert.deepEqual(
      files.map(({ status, to, width }) => [status, to, width]),
      [['done', join(work, 'out', 'a.jpg'), 15]],
    );
    assert.equal((await read(join(work, 'out', 'a.jpg'))).seed, 9);

    const partly = await run('a.png', 'b.png', '--to', 'webp', '--strip');
    assert.equal(partly.code, 1);
    assert.match(partly.output, /a\.webp +30 × 20/);
    assert.match(partly.errors, /b\.png: failed: b\.png is not a PNG/);
    assert.ok(existsSync(join(work, 'a.webp')));
    assert.equal((await run('a.png', '--to', 'gif')).code, 2);
    assert.equal((await run('a.png', '--to', 'webp', '--quality', 'much')).code, 2);
    assert.equal((await run('a.png', '--to', 'webp', '--quality', '0')).code, 2);
    assert.equal((await run('a.png')).code, 2);
  });
});
