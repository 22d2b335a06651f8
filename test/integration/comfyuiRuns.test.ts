import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';

import type { Engine } from '../../src/engine.ts';
import type { ComfyuiServer } from '../support/comfyuiServer.ts';
import { comfyuiServers } from '../support/comfyuiWorld.ts';
import { engines } from '../support/engineOn.ts';
import { bombPng, pngText } from '../support/pngBytes.ts';
import { ended, type EndedRun, generate, type Generating, workItem } from '../support/studioOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const SMALL: Generating = { provider: 'comfyui', prompt: 'a lake', values: { width: 64, height: 64, steps: 4 } };

describe('a run on ComfyUI', () => {
  const server = comfyuiServers();
  const open = engines();
  const folder = temporaryFolder();

  async function engineWith(...servers: readonly ComfyuiServer[]): Promise<Engine> {
    const engine = await open(folder());
    const named = servers.map(({ url }, index) => ({ name: `server ${index + 1}`, url }));
    await engine.call('engine.configure', { settings: { 'comfyui.servers': named } });
    return engine;
  }

  async function run(engine: Engine, generation: Generating = SMALL): Promise<EndedRun> {
    return ended(engine, await generate(engine, await workItem(engine), generation));
  }

  it('keeps its images as ComfyUI made them, their workflow included', async () => {
    const comfyui = await server();
    const { run: made, images, job } = await run(await engineWith(comfyui), { ...SMALL, count: 3, seed: 11 });
    assert.equal(made.status, 'succeeded', job.error?.message);
    assert.deepEqual(
      images.map(({ seed, model }) => [seed, model]),
      [11, 12, 13].map((seed) => [seed, 'v1-5-pruned-emaonly.safetensors']),
    );
    for (const { path } of images) assert.match(pngText(readFileSync(path)).prompt ?? '', /"text": "a lake"/);
    assert.equal(comfyui.accepted.length, 3);
  });

  it('shows previews of what is being made', async () => {
    const comfyui = await server({ hold: true });
    const engine = await engineWith(comfyui);
    const shown = new Promise<string>((resolve) => engine.on('preview')(({ path }) => resolve(path)));
    const id = await generate(engine, await workItem(engine), SMALL);
    assert.equal((await sharp(await shown).metadata()).format, 'jpeg');
    comfyui.release();
    assert.equal((await ended(engine, id)).run.status, 'succeeded');
  });

  const bad: readonly [string, (right: Buffer) => Buffer, string][] = [
    ['a truncated PNG', (right) => right.subarray(0, Math.floor(right.length * 0.7)), 'IMAGE_TRUNCATED'],
    ['a bomb of 300 megapixels', () => bombPng(), 'IMAGE_TOO_LARGE'],
    ['something that is no image', () => Buffer.from('<svg/>'.repeat(50)), 'NOT_AN_IMAGE'],
  ];
  for (const [what, imageBytes, code] of bad) {
    it(`fails, and keeps nothing, when it is sent ${what}`, async () => {
      const comfyui = await server();
      comfyui.runs({ imageBytes });
      const before = process.memoryUsage.rss();
      const { run: made, images, job } = await run(await engineWith(comfyui));
      assert.equal(made.status, 'failed');
      assert.equal(made.error?.code, code, made.error?.message);
      assert.equal(job.error?.code, code);
      assert.deepEqual(images, []);
      assert.ok(process.memoryUsage.rss() - before < 200 * 1024 * 1024, 'its memory is bounded');
    });
  }

  it('fails with a sentence when a model is missing, and does on retry what was wrong before', async () => {
    const poor = await server({ models: { checkpoints: ['mine.safetensors'] } });
    const engine = await engineWith(poor);
    const { run: made } = await run(engine);
    assert.equal(made.error?.code, 'WORKFLOW_MODEL_MISSING');
    assert.deepEqual(poor.accepted, []);
    const again = await run(engine, { ...SMALL, values: { ...SMALL.values, model: 'mine.safetensors' } });
    assert.deepEqual([again.run.status, again.images[0]?.model], ['succeeded', 'mine.safetensors']);
  });

  it('goes on where the engine that began it left it, and pays once', async () => {
    const comfyui = await server({ hold: true });
    const engine = await engineWith(comfyui);
    const id = await generate(engine, await workItem(engine), SMALL);
    await comfyui.held();
    await engine.close();
    assert.equal(comfyui.queue().running.length, 1, 'the end of an engine is no cancel');
    const later = await engineWith(comfyui);
    comfyui.release();
    const { run: made, images } = await ended(later, id);
    assert.deepEqual([made.status, images.length], ['succeeded', 1]);
    assert.equal(comfyui.accepted.length, 1);
  });

  it('is ended on the server when it is canceled, and nothing else is', async () => {
    const comfyui = await server({ hold: true });
    const engine = await engineWith(comfyui);
    const id = await generate(engine, await workItem(engine), SMALL);
    await comfyui.held();
    const { run: made } = await engine.call('runs.get', { id });
    await engine.call('jobs.cancel', { id: made.job });
    assert.equal((await ended(engine, id)).run.status, 'canceled');
    while (comfyui.queue().running.length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const stops = comfyui.requests.filter(({ path }) => path === '/interrupt');
    assert.deepEqual(
      stops.map(({ body }) => body),
      [{ prompt_id: comfyui.accepted[0] }],
    );
  });

  it('survives a restart of the server that forgets it', async () => {
    const comfyui = await server({ hold: true });
    const engine = await engineWith(comfyui);
    const id = await generate(engine, await workItem(engine), SMALL);
    await comfyui.held();
    await comfyui.stop();
    await comfyui.start();
    comfyui.release();
    const { run: made, images } = await ended(engine, id);
    assert.deepEqual([made.status, images.length], ['succeeded', 1]);
    assert.equal(comfyui.accepted.length, 2, 'what was lost is sent once more');
  });
});
