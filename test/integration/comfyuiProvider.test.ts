import assert from 'node:assert/strict';
import sharp from 'sharp';

import { systemClock } from '../../src/base/clock.ts';
import { ComfyuiProvider } from '../../src/studio/providers/comfyui/comfyuiProvider.ts';
import type { PartRequest, ProducedImage } from '../../src/studio/providers/provider.ts';
import { type ComfyuiServer, type ComfyuiServerOptions, startComfyuiServer } from '../support/comfyuiServer.ts';
import { comfyuiPart, watchedContext, type WatchedContext } from '../support/partOf.ts';
import { pngText } from '../support/pngBytes.ts';

const servers: ComfyuiServer[] = [];

async function server(options: ComfyuiServerOptions = {}): Promise<ComfyuiServer> {
  const started = await startComfyuiServer(options);
  servers.push(started);
  return started;
}

const TIMING = { answerMs: 2_000, sendMs: 2_000, transferMs: 2_000, pollMs: 30, patienceMs: 400 };

function providerOf(...of: readonly ComfyuiServer[]): ComfyuiProvider {
  const named = of.map(({ url }, index) => ({ name: `server ${index + 1}`, url }));
  return new ComfyuiProvider({ servers: named, clock: systemClock, timing: TIMING });
}

async function generate(
  provider: ComfyuiProvider,
  part: PartRequest = comfyuiPart(),
  context: WatchedContext = watchedContext(),
): Promise<Buffer[]> {
  const ticket = await provider.submit(part, context);
  return bytesOf(await provider.observe(part, ticket, context));
}

function bytesOf(images: readonly ProducedImage[]): Buffer[] {
  return images.map((image) => (image.kind === 'bytes' ? Buffer.from(image.bytes) : Buffer.alloc(0)));
}

describe('the ComfyUI provider', () => {
  afterEach(async () => {
    for (const each of servers.splice(0)) await each.close();
  });

  it('makes an image with the prompt, the seed and the values of the run', async () => {
    const comfyui = await server();
    const part = comfyuiPart({
      prompt: 'a lake',
      negative: 'people',
      values: { width: 96, height: 64, steps: 5 },
      seed: 42,
    });
    const [image] = await generate(providerOf(comfyui), part);
    assert.ok(image);
    const { width, height } = await sharp(image).metadata();
    assert.deepEqual({ width, height }, { width: 96, height: 64 });
    const graph = JSON.parse(pngText(image).prompt ?? '') as Record<string, { inputs: Record<string, unknown> }>;
    assert.equal(graph['2']?.inputs.text, 'a lake');
    assert.equal(graph['3']?.inputs.text, 'people');
    assert.equal(graph['5']?.inputs.seed, 42);
    assert.equal(graph['5']?.inputs.steps, 5);
    assert.deepEqual(comfyui.accepted, [part.submission]);
  });

  it('tells of progress, which never goes back, and shows previews', async () => {
    const comfyui = await server({ pace: 15 });
    const context = watchedContext();
    await generate(providerOf(comfyui), comfyuiPart({ values: { width: 64, height: 64, steps: 20 } }), context);
    const shares = context.shares.map(({ share }) => share);
    assert.deepEqual(
      shares,
      [...shares].sort((a, b) => a - b),
    );
    assert.ok(
      context.shares.some(({ text }) => text === 'Sampler, step 10 of 20'),
      JSON.stringify(context.shares),
    );
    assert.ok(context.previews.length > 0);
    assert.equal((await sharp(context.previews[0]?.bytes).metadata()).format, 'jpeg');
  });
});
