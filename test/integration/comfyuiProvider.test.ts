import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

import { BUILT_IN_WORKFLOWS } from '../../src/studio/workflows/builtIn.ts';
import { bytesOf, comfyuiServers, failureOf, generate, providerOf } from '../support/comfyuiWorld.ts';
import { comfyuiPart, watchedContext } from '../support/partOf.ts';
import { picturePng, pngText } from '../support/pngBytes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('the ComfyUI provider', () => {
  const server = comfyuiServers();
  const folder = temporaryFolder();

  it('makes an image with the prompt, the seed and the values of the run', async () => {
    const comfyui = await server();
    const values = { width: 96, height: 64, steps: 5 };
    const part = comfyuiPart({ prompt: 'a lake', negative: 'people', values, seed: 42 });
    const [image] = await generate(providerOf([comfyui]), part);
    assert.ok(image);
    const { width, height } = await sharp(image).metadata();
    assert.deepEqual({ width, height }, { width: 96, height: 64 });
    const { prompt: said = '' } = pngText(image);
    const graph = JSON.parse(said) as Record<string, { inputs: Record<string, unknown> } | undefined>;
    assert.equal(graph['2']?.inputs.text, 'a lake');
    assert.equal(graph['3']?.inputs.text, 'people');
    assert.partialDeepStrictEqual(graph['5']?.inputs, { seed: 42, steps: 5, cfg: 7 });
    assert.deepEqual(comfyui.accepted, [part.submission]);
  });

  it('tells of progress, which never goes back, and shows previews', async () => {
    const comfyui = await server({ pace: 15 });
    const context = watchedContext();
    const part = comfyuiPart({ values: { width: 64, height: 64, steps: 20 } });
    await generate(providerOf([comfyui]), part, context);
    const shares = context.shares.map(({ share }) => share);
    assert.deepEqual(
      shares,
      [...shares].sort((a, b) => a - b),
    );
    assert.ok(context.shares.some(({ text }) => text === 'Sampler, step 10 of 20'));
    assert.ok(context.previews.length > 0);
    assert.equal((await sharp(context.previews[0]?.bytes).metadata()).format, 'jpeg');
  });

  for (const routes of ['bare', 'api'] as const) {
    it(`finds the routes of a server that has only the ${routes} ones`, async () => {
      const comfyui = await server({ routes, pace: 5 });
      const context = watchedContext();
      assert.equal((await generate(providerOf([comfyui]), comfyuiPart(), context)).length, 1);
      assert.ok(context.previews.length > 0, 'the socket was found too');
    });
  }

  it('understands the choices of newer servers', async () => {
    const comfyui = await server({ comboOptions: true });
    assert.equal((await generate(providerOf([comfyui]))).length, 1);
    const { fields } = await providerOf([comfyui]).fields(BUILT_IN_WORKFLOWS[0], new AbortController().signal);
    assert.ok(fields.find(({ name }) => name === 'sampler')?.choices?.includes('dpmpp_2m'));
  });

  it('finds its prompt on a server that gives ids of its own', async () => {
    const comfyui = await server({ ownIds: true });
    comfyui.misbehave('/prompt', { kind: 'lose' }, 1);
    assert.equal((await generate(providerOf([comfyui]))).length, 1);
    assert.equal(comfyui.accepted.length, 1);
  });

  it('brings a prompt of 100 KB whole', async () => {
    const comfyui = await server();
    const prompt = 'lake "\\ é 湖 '.repeat(8_000);
    const part = comfyuiPart({ prompt });
    await generate(providerOf([comfyui]), part);
    assert.equal(comfyui.graph(part.submission)?.['2']?.inputs.text, prompt);
  });

  it('draws over an image, by the name that the server gave it', async () => {
    const comfyui = await server();
    const path = join(folder(), 'ours.png');
    writeFileSync(path, picturePng({ width: 40, height: 30 }));
    const workflow = BUILT_IN_WORKFLOWS.find(({ id }) => id === 'image-to-image');
    assert.ok(workflow);
    const values = { image: path, width: 64, height: 64, steps: 4 };
    const part = comfyuiPart({ workflow, values });
    assert.equal((await generate(providerOf([comfyui]), part)).length, 1);
    const first = String(comfyui.graph(part.submission)?.['4']?.inputs.image);
    // Somebody else's file takes the name meanwhile.
    comfyui.putFile('input', first, Buffer.from('other'));
    const again = comfyuiPart({ workflow, values, seed: 8 });
    await generate(providerOf([comfyui]), again);
    const second = String(comfyui.graph(again.submission)?.['4']?.inputs.image);
    assert.equal(second, first.replace('.png', ' (1).png'));
    assert.deepEqual(comfyui.file('input', second), picturePng({ width: 40, height: 30 }));
  });

  it('takes every image that a run made, in their order', async () => {
    const comfyui = await server();
    comfyui.runs({ images: 3 });
    const images = await generate(providerOf([comfyui]));
    assert.equal(new Set(images.map((image) => image.toString('base64'))).size, 3);
  });

  it('makes the same image of the same seed, also from the cache of the server', async () => {
    const comfyui = await server();
    const [first] = await generate(providerOf([comfyui]), comfyuiPart());
    const [second] = await generate(providerOf([comfyui]), comfyuiPart());
    assert.ok(first !== undefined && second !== undefined);
    assert.deepEqual(await sharp(first).raw().toBuffer(), await sharp(second).raw().toBuffer());
  });

  it('knows the choices of its fields as the server has them, and takes one that is there for the default', async () => {
    const comfyui = await server({ models: { checkpoints: ['mine.safetensors', 'other.safetensors'] } });
    const { fields, problems } = await providerOf([comfyui]).fields(
      BUILT_IN_WORKFLOWS[0],
      new AbortController().signal,
    );
    assert.deepEqual(problems, []);
    const model = fields.find(({ name }) => name === 'model');
    assert.deepEqual(model?.choices, ['mine.safetensors', 'other.safetensors']);
    assert.equal(model.default, 'mine.safetensors');
    assert.deepEqual(
      fields.find(({ name }) => name === 'steps'),
      { name: 'steps', label: 'Steps', type: 'integer', default: 25, min: 1, max: 10_000 },
    );
  });

  it('knows its fields without a server too, and says why their choices are not known', async () => {
    const comfyui = await server();
    await comfyui.stop();
    const { fields, problems } = await providerOf([comfyui]).fields(
      BUILT_IN_WORKFLOWS[0],
      new AbortController().signal,
    );
    assert.ok(fields.some(({ name }) => name === 'prompt'));
    assert.equal(problems[0]?.code, 'PROVIDER_AWAY');
  });

  it('can work when one of its servers answers', async () => {
    const [away, there] = [await server(), await server()];
    await away.stop();
    await providerOf([away, there]).check(new AbortController().signal);
    const error = await failureOf(providerOf([away]).check(new AbortController().signal));
    assert.equal(error.code, 'PROVIDER_AWAY');
  });

  describe('with several servers', () => {
    it('takes the least busy one', async () => {
      const [busy, idle] = [await server(), await server()];
      busy.pretendBusy(3);
      await generate(providerOf([busy, idle]));
      assert.deepEqual([busy.accepted.length, idle.accepted.length], [0, 1]);
    });

    it('counts what is on its way, so that runs begun at once are spread', async () => {
      const [one, two] = [await server({ hold: true }), await server({ hold: true })];
      const provider = providerOf([one, two]);
      await Promise.all([1, 2, 3, 4].map((seed) => provider.submit(comfyuiPart({ seed }), watchedContext())));
      assert.deepEqual([one.accepted.length, two.accepted.length], [2, 2]);
    });

    it('passes over one that is away, or lacks what the workflow needs', async () => {
      const [away, poor, good] = [await server(), await server({ models: { checkpoints: [] } }), await server()];
      await away.stop();
      good.pretendBusy(5);
      await generate(providerOf([away, poor, good]));
      assert.equal(good.accepted.length, 1);
    });
  });

  describe('asked to cancel', () => {
    it('removes its prompt from the queue and leaves the others', async () => {
      const comfyui = await server({ hold: true });
      const provider = providerOf([comfyui]);
      const [first, second, third] = [comfyuiPart(), comfyuiPart(), comfyuiPart()];
      const tickets = [];
      for (const part of [first, second, third]) tickets.push(await provider.submit(part, watchedContext()));
      await comfyui.held();
      await provider.cancel(second, tickets[1] ?? {}, new AbortController().signal);
      assert.deepEqual(comfyui.queue(), { running: [first.submission], pending: [third.submission] });
    });

    it('interrupts its prompt where it runs', async () => {
      const comfyui = await server({ hold: true });
      const provider = providerOf([comfyui]);
      const part = comfyuiPart();
      const ticket = await provider.submit(part, watchedContext());
      await comfyui.held();
      await provider.cancel(part, ticket, new AbortController().signal);
      assert.equal((await failureOf(provider.observe(part, ticket, watchedContext()))).code, 'PROVIDER_INTERRUPTED');
    });

    it('never interrupts the prompt of somebody else, also when its own is done or unknown', async () => {
      const comfyui = await server();
      const provider = providerOf([comfyui]);
      const part = comfyuiPart();
      const ticket = await provider.submit(part, watchedContext());
      await provider.observe(part, ticket, watchedContext());
      comfyui.hold();
      const other = comfyui.submit(comfyui.graph(part.submission) === undefined ? {} : otherGraph());
      await comfyui.held();
      await provider.cancel(part, ticket, new AbortController().signal);
      comfyui.loseHistory();
      await provider.cancel(part, ticket, new AbortController().signal);
      assert.deepEqual(comfyui.queue().running, [other]);
      assert.ok(!comfyui.requests.some(({ path }) => path === '/interrupt'));
    });
  });

  describe('in a later process', () => {
    it('adopts a prompt that runs, by its ticket', async () => {
      const comfyui = await server({ hold: true });
      const part = comfyuiPart();
      const ticket = await providerOf([comfyui]).submit(part, watchedContext());
      await comfyui.held();
      const later = providerOf([comfyui]);
      const adopted = await later.adopt(part, ticket, watchedContext());
      assert.ok(adopted);
      comfyui.release();
      assert.equal(bytesOf(await later.observe(part, adopted, watchedContext())).length, 1);
      assert.deepEqual(comfyui.accepted, [part.submission]);
    });

    it('adopts a prompt that it had no ticket of yet, on whichever server it is', async () => {
      const [one, two] = [await server(), await server({ hold: true })];
      one.pretendBusy(9);
      const part = comfyuiPart();
      await providerOf([one, two]).submit(part, watchedContext());
      const later = providerOf([one, two]);
      const adopted = await later.adopt(part, undefined, watchedContext());
      assert.ok(adopted);
      two.release();
      assert.equal((await later.observe(part, adopted, watchedContext())).length, 1);
    });

    it('adopts a prompt that is done meanwhile', async () => {
      const comfyui = await server();
      const part = comfyuiPart();
      await generate(providerOf([comfyui]), part);
      const later = providerOf([comfyui]);
      const adopted = await later.adopt(part, undefined, watchedContext());
      assert.ok(adopted);
      assert.equal((await later.observe(part, adopted, watchedContext())).length, 1);
    });

    it('may send again what never arrived', async () => {
      const comfyui = await server();
      assert.equal(await providerOf([comfyui]).adopt(comfyuiPart(), undefined, watchedContext()), undefined);
    });

    it('does not send again while a server that may have it is away', async () => {
      const [away, there] = [await server(), await server()];
      await away.stop();
      const error = await failureOf(providerOf([away, there]).adopt(comfyuiPart(), undefined, watchedContext()));
      assert.equal(error.code, 'PROVIDER_AWAY');
      assert.equal(error.retryable, true);
    });
  });

  it('stops waiting at once when nobody waits any more, and leaves the prompt alone', async () => {
    const comfyui = await server({ hold: true });
    const provider = providerOf([comfyui]);
    const part = comfyuiPart();
    const context = watchedContext();
    const ticket = await provider.submit(part, context);
    await comfyui.held();
    const failure = failureOf(provider.observe(part, ticket, context));
    context.abort.abort();
    assert.equal((await failure).code, 'CANCELED');
    assert.deepEqual(comfyui.queue().running, [part.submission]);
  });
});

/** Of somebody else, and nothing of it in the cache. */
function otherGraph(): Record<string, { class_type: string; inputs: Record<string, unknown> }> {
  return {
    '1': { class_type: 'EmptyImage', inputs: { width: 32, height: 32, batch_size: 1, color: 99 } },
    '2': { class_type: 'ImageInvert', inputs: { image: ['1', 0] } },
    '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'theirs' } },
  };
}
