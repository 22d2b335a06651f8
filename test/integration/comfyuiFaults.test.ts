import assert from 'node:assert/strict';

import type { WorkflowGraph } from '../../src/protocol/studioValues.ts';
import { BUILT_IN_WORKFLOWS } from '../../src/studio/workflows/builtIn.ts';
import type { Misbehaviour } from '../support/comfyuiMisbehaviour.ts';
import { comfyuiServers, failureOf, generate, providerOf } from '../support/comfyuiWorld.ts';
import { comfyuiPart, watchedContext } from '../support/partOf.ts';

/** A graph of few and quick nodes. */
function quickGraph(output: string, more: WorkflowGraph = {}): WorkflowGraph {
  return {
    '1': { class_type: 'EmptyImage', inputs: { width: 32, height: 32, batch_size: 1, color: 5 } },
    '2': { class_type: 'ImageInvert', inputs: { image: ['1', 0] } },
    '3': {
      class_type: output,
      inputs: { images: ['2', 0], ...(output === 'SaveImage' ? { filename_prefix: 'x' } : {}) },
    },
    ...more,
  };
}

function partWith(graph: WorkflowGraph): ReturnType<typeof comfyuiPart> {
  return comfyuiPart({ values: {}, workflow: { name: 'Mine', graph, bindings: [] } });
}

describe('before anything is sent to ComfyUI', () => {
  const server = comfyuiServers();

  it('says that it is absent, and what to do', async () => {
    const comfyui = await server();
    await comfyui.stop();
    const error = await failureOf(generate(providerOf([comfyui])));
    assert.equal(error.code, 'PROVIDER_AWAY');
    assert.equal(error.category, 'provider');
    assert.match(error.message, /"server 1" at http:\/\/127\.0\.0\.1:\d+ does not answer: nothing listens there/);
    assert.equal(error.retryable, true);
  });

  const rows: readonly [string, Misbehaviour, string, RegExp][] = [
    ['refuses', { kind: 'status', status: 403 }, 'PROVIDER_REFUSED', /refused \(HTTP 403/],
    [
      'sends elsewhere',
      { kind: 'status', status: 302, headers: { location: '/login' } },
      'PROVIDER_REFUSED',
      /another address/,
    ],
    ['fails inside', { kind: 'status', status: 502, body: '<html>bad gateway</html>' }, 'PROVIDER_AWAY', /HTTP 502\)/],
    ['hangs', { kind: 'hang' }, 'PROVIDER_TIMEOUT', /did not answer within 1 s/],
    ['stops in the middle of an answer', { kind: 'stall' }, 'PROVIDER_TIMEOUT', /did not answer/],
    ['answers HTML', { kind: 'html' }, 'PROVIDER_NONSENSE', /a web page where JSON was asked for/],
    ['answers what is no JSON', { kind: 'json', text: '{"queue_running": [' }, 'PROVIDER_NONSENSE', /not JSON/],
    ['answers JSON of another kind', { kind: 'json', text: '{"queue": 3}' }, 'PROVIDER_NONSENSE', /another shape/],
  ];
  for (const [what, how, code, said] of rows) {
    it(`says that it ${what}`, async () => {
      const comfyui = await server();
      comfyui.misbehave('/queue', how);
      const error = await failureOf(generate(providerOf([comfyui], { answerMs: 300 })));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, said);
      assert.deepEqual(comfyui.accepted, []);
    });
  }

  function assertNothingSent(comfyui: { requests: readonly { path: string }[] }): void {
    assert.ok(!comfyui.requests.some(({ path }) => path === '/prompt' || path === '/upload/image'));
  }

  it('says which nodes it lacks', async () => {
    const comfyui = await server({ without: ['KSampler'] });
    const error = await failureOf(generate(providerOf([comfyui])));
    assert.equal(error.code, 'WORKFLOW_NODE_MISSING');
    assert.match(error.message, /lacks a node of the workflow "Text to image \(SD 1\.5\)": KSampler/);
    assertNothingSent(comfyui);
  });

  it('says which model it lacks, and which it has', async () => {
    const comfyui = await server({ models: { checkpoints: ['mine.safetensors'] } });
    const error = await failureOf(generate(providerOf([comfyui])));
    assert.equal(error.code, 'WORKFLOW_MODEL_MISSING');
    assert.match(error.message, /does not have "v1-5-pruned-emaonly\.safetensors".* It has mine\.safetensors/);
    assertNothingSent(comfyui);
  });

  it('says that a workflow makes no image', async () => {
    const comfyui = await server();
    const { '1': first, '2': second } = quickGraph('SaveImage');
    assert.ok(first && second);
    const error = await failureOf(generate(providerOf([comfyui]), partWith({ '1': first, '2': second })));
    assert.equal(error.code, 'WORKFLOW_NO_OUTPUT');
    assertNothingSent(comfyui);
  });

  it('says that a value has no place in the workflow, or is of the wrong kind', async () => {
    const comfyui = await server();
    const unknown = await failureOf(generate(providerOf([comfyui]), comfyuiPart({ values: { stepz: 3 } })));
    assert.equal(unknown.code, 'VALUE_UNKNOWN');
    assert.match(unknown.message, /has no input named "stepz"\. It has: prompt, negative, seed/);
    const wrong = await failureOf(generate(providerOf([comfyui]), comfyuiPart({ values: { steps: 'many' } })));
    assert.match(wrong.message, /"steps" \(steps of Sampler\) must be a number, and is "many"/);
    assertNothingSent(comfyui);
  });

  it('says that the image to draw over is not chosen, or not there', async () => {
    const comfyui = await server();
    const workflow = BUILT_IN_WORKFLOWS.find(({ id }) => id === 'image-to-image');
    assert.ok(workflow);
    const none = await failureOf(generate(providerOf([comfyui]), comfyuiPart({ workflow, values: {} })));
    assert.equal(none.code, 'IMAGE_MISSING');
    const gone = comfyuiPart({ workflow, values: { image: '/nowhere/a.png' } });
    assert.match(
      (await failureOf(generate(providerOf([comfyui]), gone))).message,
      /Cannot read the image \/nowhere\/a\.png/,
    );
    assert.deepEqual(comfyui.accepted, []);
  });

  it('says in a sentence what ComfyUI itself refuses', async () => {
    const comfyui = await server();
    const error = await failureOf(generate(providerOf([comfyui]), comfyuiPart({ values: { steps: -5 } })));
    assert.equal(error.code, 'WORKFLOW_REFUSED');
    assert.match(error.message, /KSampler 5: Value -5 smaller than min of 1 \(steps\)\. Nothing was queued/);
    assert.equal(error.retryable, false);
  });
});

describe('while a prompt is sent to ComfyUI', () => {
  const server = comfyuiServers();

  it('does not send it twice when the answer is lost', async () => {
    const comfyui = await server();
    comfyui.misbehave('/prompt', { kind: 'lose' });
    const part = comfyuiPart();
    assert.equal((await generate(providerOf([comfyui]), part)).length, 1);
    assert.deepEqual(comfyui.accepted, [part.submission]);
  });

  it('does not send it twice when the answer takes too long', async () => {
    const comfyui = await server();
    comfyui.misbehave('/prompt', { kind: 'late', ms: 60_000 });
    const part = comfyuiPart();
    assert.equal((await generate(providerOf([comfyui], { sendMs: 200 }), part)).length, 1);
    assert.deepEqual(comfyui.accepted, [part.submission]);
  });

  it('does not send it twice when a proxy answers for it', async () => {
    const comfyui = await server();
    comfyui.misbehave('/prompt', { kind: 'html' }, 1);
    const part = comfyuiPart();
    assert.equal((await generate(providerOf([comfyui]), part)).length, 1);
    assert.deepEqual(comfyui.accepted, [part.submission]);
  });

  it('sends it again when it surely did not arrive', async () => {
    const comfyui = await server();
    comfyui.misbehave('/prompt', { kind: 'drop' }, 1);
    const part = comfyuiPart();
    assert.equal((await generate(providerOf([comfyui]), part)).length, 1);
    assert.deepEqual(comfyui.accepted, [part.submission]);
  });

  it('looks for it, once the server answers again, when it cannot be told whether it arrived', async () => {
    const comfyui = await server();
    const provider = providerOf([comfyui], { patienceMs: 5_000 });
    const part = comfyuiPart();
    comfyui.misbehave('/prompt', { kind: 'lose' });
    comfyui.misbehave('/history', { kind: 'status', status: 503 }, 2);
    const ticket = await provider.submit(part, watchedContext());
    assert.equal((await provider.observe(part, ticket, watchedContext())).length, 1);
    assert.deepEqual(comfyui.accepted, [part.submission]);
  });

  it('may send it again when it turns out that it did not arrive', async () => {
    const comfyui = await server();
    const provider = providerOf([comfyui]);
    const part = comfyuiPart();
    comfyui.misbehave('/prompt', { kind: 'drop' }, 1);
    comfyui.misbehave('/history', { kind: 'status', status: 503 }, 2);
    const ticket = await provider.submit(part, watchedContext());
    assert.deepEqual(comfyui.accepted, []);
    const error = await failureOf(provider.observe(part, ticket, watchedContext()));
    assert.equal(error.retryable, true);
    assert.match(error.message, /did not get the run/);
    assert.equal(await provider.adopt(part, ticket, watchedContext()), undefined);
  });
});

describe('while ComfyUI runs a prompt', () => {
  const server = comfyuiServers();

  for (const mode of ['refuse', 'silent', 'noisy'] as const) {
    it(`needs no socket: ${mode}`, async () => {
      const comfyui = await server();
      comfyui.setSockets(mode);
      assert.equal((await generate(providerOf([comfyui]))).length, 1);
    });
  }

  it('survives a socket that is lost and comes back, and shows previews again', async () => {
    const comfyui = await server({ hold: true, pace: 10 });
    const provider = providerOf([comfyui]);
    const part = comfyuiPart({ values: { width: 64, height: 64, steps: 30 } });
    const context = watchedContext();
    const ticket = await provider.submit(part, context);
    const done = provider.observe(part, ticket, context);
    await comfyui.held();
    comfyui.dropSockets();
    while (comfyui.sockets === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const before = context.previews.length;
    comfyui.release();
    assert.equal((await done).length, 1);
    assert.ok(context.previews.length > before);
    const shares = context.shares.map(({ share }) => share);
    assert.deepEqual(
      shares,
      [...shares].sort((a, b) => a - b),
    );
  });

  it('takes no progress and no previews of somebody else, and says how many are before it', async () => {
    const comfyui = await server({ hold: true });
    comfyui.submit(quickGraph('SaveImage'));
    await comfyui.held();
    const provider = providerOf([comfyui]);
    const part = comfyuiPart();
    const context = watchedContext();
    const ticket = await provider.submit(part, context);
    const waits = context.until((_, text) => text === 'Waiting on ComfyUI "server 1", 1 before it');
    const done = provider.observe(part, ticket, context);
    await waits;
    assert.equal(context.shares.at(-1)?.share, 0);
    comfyui.release();
    assert.equal((await done).length, 1);
  });

  const passing: readonly [string, Misbehaviour][] = [
    ['is away for a moment', { kind: 'drop' }],
    ['is overloaded for a moment', { kind: 'status', status: 503 }],
    ['is slow for a moment', { kind: 'hang' }],
    ['is hidden by a proxy for a moment', { kind: 'html' }],
  ];
  for (const [what, how] of passing) {
    it(`waits for a server that ${what}`, async () => {
      const comfyui = await server({ hold: true });
      const provider = providerOf([comfyui], { answerMs: 200, patienceMs: 20_000 });
      const part = comfyuiPart();
      const context = watchedContext();
      const ticket = await provider.submit(part, context);
      await comfyui.held();
      comfyui.misbehave('/queue', how, 3);
      const noticed = context.until((_, text) => text === 'Waiting for ComfyUI "server 1" to answer');
      const done = provider.observe(part, ticket, context);
      await noticed;
      comfyui.release();
      assert.equal((await done).length, 1);
      assert.deepEqual(comfyui.accepted, [part.submission]);
    });
  }

  it('lets go of a server that stays away, so that the run is taken up later', async () => {
    const comfyui = await server({ hold: true });
    const provider = providerOf([comfyui]);
    const part = comfyuiPart();
    const ticket = await provider.submit(part, watchedContext());
    await comfyui.held();
    comfyui.misbehave('/queue', { kind: 'drop' });
    const error = await failureOf(provider.observe(part, ticket, watchedContext()));
    assert.equal(error.code, 'PROVIDER_AWAY');
    assert.equal(error.retryable, true);
    comfyui.behave();
    comfyui.release();
    const adopted = await provider.adopt(part, ticket, watchedContext());
    assert.ok(adopted);
    assert.equal((await provider.observe(part, adopted, watchedContext())).length, 1);
    assert.deepEqual(comfyui.accepted, [part.submission]);
  });

  it('sends a prompt again that a restart of the server took away before an image was made', async () => {
    const comfyui = await server({ hold: true });
    const provider = providerOf([comfyui], { patienceMs: 20_000 });
    const part = comfyuiPart();
    const context = watchedContext();
    const ticket = await provider.submit(part, context);
    await comfyui.held();
    const done = failureOf(provider.observe(part, ticket, context));
    await comfyui.stop();
    await comfyui.start();
    const error = await done;
    assert.equal(error.code, 'PROVIDER_AWAY', error.message);
    assert.equal(error.retryable, true);
    assert.match(error.message, /was started again and has forgotten the run; none of its images was made/);
    assert.equal(await provider.adopt(part, ticket, context), undefined);
    comfyui.release();
    assert.equal((await generate(provider, comfyuiPart())).length, 1);
  });

  it('finds images by their names when a restart of the server took its history away', async () => {
    const comfyui = await server();
    const provider = providerOf([comfyui]);
    const part = comfyuiPart();
    const ticket = await provider.submit(part, watchedContext());
    const right = await provider.observe(part, ticket, watchedContext());
    await comfyui.stop();
    await comfyui.start();
    const later = providerOf([comfyui]);
    assert.ok(await later.adopt(part, ticket, watchedContext()));
    assert.ok(await later.adopt(part, undefined, watchedContext()));
    assert.deepEqual(await later.observe(part, ticket, watchedContext()), right);
    assert.deepEqual(comfyui.accepted, [part.submission]);
  });

  it('leaves it to the person when it cannot be told whether a forgotten prompt made images', async () => {
    const comfyui = await server({ hold: true });
    const provider = providerOf([comfyui], { patienceMs: 20_000 });
    const part = partWith(quickGraph('PreviewImage'));
    const ticket = await provider.submit(part, watchedContext());
    await comfyui.held();
    await comfyui.stop();
    await comfyui.start();
    const error = await failureOf(provider.observe(part, ticket, watchedContext()));
    assert.equal(error.code, 'OUTCOME_UNKNOWN');
    assert.equal(error.retryable, false);
    assert.equal((await failureOf(provider.adopt(part, ticket, watchedContext()))).code, 'OUTCOME_UNKNOWN');
  });

  it('does not bring back what somebody removed from the queue', async () => {
    const comfyui = await server({ hold: true });
    const provider = providerOf([comfyui]);
    comfyui.submit(quickGraph('SaveImage'));
    await comfyui.held();
    const part = comfyuiPart();
    const context = watchedContext();
    const ticket = await provider.submit(part, context);
    const done = failureOf(provider.observe(part, ticket, context));
    while (comfyui.sockets === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await context.until((_, text) => text?.startsWith('Waiting on') === true);
    await fetch(`${comfyui.url}/queue`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ delete: [part.submission] }),
    });
    const error = await done;
    assert.equal(error.code, 'PROVIDER_INTERRUPTED');
    assert.equal(error.retryable, false);
    assert.match(error.message, /removed from ComfyUI "server 1" by somebody else/);
  });

  it('says that somebody stopped it', async () => {
    const comfyui = await server({ hold: true });
    const provider = providerOf([comfyui]);
    const part = comfyuiPart();
    const ticket = await provider.submit(part, watchedContext());
    await comfyui.held();
    const done = failureOf(provider.observe(part, ticket, watchedContext()));
    await fetch(`${comfyui.url}/interrupt`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt_id: part.submission }),
    });
    assert.match((await done).message, /was stopped on ComfyUI "server 1"/);
  });

  it('says in which node it failed, and why', async () => {
    const comfyui = await server();
    comfyui.runs({ failAt: 'KSampler', failWith: { type: 'OSError', message: 'Truncated File Read\n' } });
    const error = await failureOf(generate(providerOf([comfyui])));
    assert.equal(error.code, 'PROVIDER_FAILED');
    assert.match(error.message, /failed in KSampler: Truncated File Read\. Correct the workflow/);
  });

  it('says what to do when the memory did not suffice', async () => {
    const comfyui = await server();
    const message = 'CUDA out of memory. Tried to allocate 2.00 GiB.';
    comfyui.runs({ failAt: 'VAEDecode', failWith: { type: 'torch.OutOfMemoryError', message } });
    assert.match((await failureOf(generate(providerOf([comfyui])))).message, /Choose a smaller size/);
  });
});

describe('when ComfyUI has finished', () => {
  const server = comfyuiServers();

  it('says that it made no image', async () => {
    const comfyui = await server();
    comfyui.runs({ images: 0 });
    const error = await failureOf(generate(providerOf([comfyui])));
    assert.equal(error.code, 'PROVIDER_NONSENSE');
    assert.match(error.message, /finished the workflow without an image/);
  });

  it('says that an image of its history is not there', async () => {
    const comfyui = await server();
    comfyui.runs({ missingFiles: true });
    const error = await failureOf(generate(providerOf([comfyui])));
    assert.equal(error.code, 'PROVIDER_NONSENSE');
    assert.match(error.message, /says that it made gone-.* and does not have it/);
  });

  it('fetches an image again whose transfer was cut', async () => {
    const comfyui = await server();
    comfyui.misbehave('/view', { kind: 'half' }, 2);
    assert.equal((await generate(providerOf([comfyui], { patienceMs: 10_000 }))).length, 1);
  });

  it('cuts off an image that never ends', async () => {
    const comfyui = await server();
    comfyui.misbehave('/view', { kind: 'endless' });
    const error = await failureOf(generate(providerOf([comfyui], { imageBytes: 8 * 1024 * 1024 })));
    assert.equal(error.code, 'IMAGE_TOO_LARGE');
  });

  it('takes a web page for no image', async () => {
    const comfyui = await server();
    comfyui.misbehave('/view', { kind: 'html' });
    assert.equal((await failureOf(generate(providerOf([comfyui])))).code, 'PROVIDER_NONSENSE');
  });

  it('takes what is only shown where nothing is kept', async () => {
    const comfyui = await server();
    assert.equal((await generate(providerOf([comfyui]), partWith(quickGraph('PreviewImage')))).length, 1);
  });

  it('fetches no images by the thousand, and says so', async () => {
    const comfyui = await server();
    const images = Array.from({ length: 101 }, (_, n) => ({
      filename: `../../${n}.png`,
      subfolder: '..',
      type: 'output',
    }));
    comfyui.runs({
      historyEntry: () => ({ outputs: { 9: { images } }, status: { status_str: 'success', messages: [] } }),
    });
    const error = await failureOf(generate(providerOf([comfyui])));
    assert.equal(error.code, 'PROVIDER_NONSENSE');
    assert.match(error.message, /made 101 images where one was asked for/);
  });

  it('takes a history of another shape for nonsense', async () => {
    const comfyui = await server();
    comfyui.runs({ historyEntry: () => ({ outputs: 'none' }) });
    assert.equal((await failureOf(generate(providerOf([comfyui])))).code, 'PROVIDER_NONSENSE');
  });
});
