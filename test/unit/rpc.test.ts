import assert from 'node:assert/strict';
import * as z from 'zod';

import { isCanceled, LakesideError } from '../../src/base/errors.ts';
import { connect, contract, type Handlers } from '../../src/protocol/rpc.ts';
import { ManualClock } from '../support/manualClock.ts';
import { settle } from '../support/settle.ts';
import { memoryChannelPair } from '../support/memoryChannel.ts';

const service = contract({
  requests: {
    double: { input: z.strictObject({ value: z.int() }), output: z.object({ value: z.int() }) },
    hang: { input: z.strictObject({}), output: z.object({}) },
    lie: { input: z.strictObject({}), output: z.object({ value: z.int() }) },
    refuse: { input: z.strictObject({}), output: z.object({}) },
    crash: { input: z.strictObject({}), output: z.object({}) },
  },
  events: { changed: z.object({ what: z.string() }) },
});
const nothing = contract({ requests: {}, events: {} });

function setUp(overrides: Partial<Handlers<typeof service>> = {}) {
  const pair = memoryChannelPair();
  const clock = new ManualClock();
  const seen: { aborted: boolean; protocolErrors: string[] } = { aborted: false, protocolErrors: [] };
  const server = connect({
    channel: pair.right,
    local: service,
    remote: nothing,
    clock,
    handlers: {
      double: ({ value }) => ({ value: value * 2 }),
      hang: (_input, { signal }) =>
        new Promise(() => {
          signal.addEventListener('abort', () => (seen.aborted = true));
        }),
      lie: () => JSON.parse('{"value":"not a number"}') as { value: number },
      refuse: () => {
        throw new LakesideError('NO_SUCH_ROOT', 'validation', 'There is no root named x.', { context: { root: 'x' } });
      },
      crash: () => {
        throw new TypeError('oops');
      },
      ...overrides,
    },
  });
  const client = connect({
    channel: pair.left,
    local: nothing,
    handlers: {},
    remote: service,
    clock,
    onProtocolError: (error) => seen.protocolErrors.push(error.code),
  });
  return { pair, clock, server, client, seen };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof LakesideError ? error.code : `not ours: ${String(error)}`),
  );
}

describe('rpc', () => {
  it('answers a request', async () => {
    const { client } = setUp();
    assert.deepEqual(await client.remote.request('double', { value: 21 }), { value: 42 });
  });

  it('carries an error with code, category and context to the caller', async () => {
    const { client } = setUp();
    await assert.rejects(client.remote.request('refuse', {}), (error: unknown) => {
      assert.ok(error instanceof LakesideError);
      assert.deepEqual([error.code, error.category, error.context], ['NO_SUCH_ROOT', 'validation', { root: 'x' }]);
      return true;
    });
  });

  it('wraps an unexpected exception, so that nothing but our errors crosses', async () => {
    assert.equal(await codeOf(setUp().client.remote.request('crash', {})), 'INTERNAL');
  });

  it('refuses an input that breaks the contract', async () => {
    const { pair } = setUp();
    const answers: unknown[] = [];
    pair.left.onMessage((message) => answers.push(message));
    pair.left.post({ kind: 'request', id: 900, name: 'double', input: { value: 'x' } });
    await settle();
    assert.match(JSON.stringify(answers), /INVALID_INPUT/);
  });

  it('refuses an answer that breaks the contract', async () => {
    assert.equal(await codeOf(setUp().client.remote.request('lie', {})), 'BAD_ANSWER');
  });

  it('refuses a request that is not in the contract, also by the names every object has', async () => {
    const { pair } = setUp();
    const answers: unknown[] = [];
    pair.left.onMessage((message) => answers.push(message));
    for (const name of ['nonsense', 'constructor', '__proto__'])
      pair.left.post({ kind: 'request', id: 1, name, input: {} });
    await settle();
    assert.equal(JSON.stringify(answers).match(/UNKNOWN_REQUEST/g)?.length, 3);
  });

  it('gives up after its time limit and tells the other end', async () => {
    const { client, clock, seen } = setUp();
    const outcome = codeOf(client.remote.request('hang', {}, { timeoutMs: 5_000 }));
    await clock.advance(4_999);
    await clock.advance(1);
    assert.equal(await outcome, 'TIMEOUT');
    await settle();
    assert.equal(seen.aborted, true);
  });

  it('cancels by signal, before and after the request was sent', async () => {
    const { client, seen } = setUp();
    const abort = new AbortController();
    const outcome = client.remote.request('hang', {}, { signal: abort.signal });
    await settle();
    abort.abort();
    await assert.rejects(outcome, isCanceled);
    await settle();
    assert.equal(seen.aborted, true);
    await assert.rejects(client.remote.request('hang', {}, { signal: AbortSignal.abort() }), isCanceled);
  });

  it('settles every open request when the channel closes, and refuses later ones', async () => {
    const { client, pair } = setUp();
    const outcomes = [codeOf(client.remote.request('hang', {})), codeOf(client.remote.request('hang', {}))];
    await settle();
    pair.close('The engine crashed.');
    assert.deepEqual(await Promise.all(outcomes), ['CLOSED', 'CLOSED']);
    assert.equal(await codeOf(client.remote.request('double', { value: 1 })), 'CLOSED');
  });

  it('settles open requests when it is disposed itself', async () => {
    const { client } = setUp();
    const outcome = codeOf(client.remote.request('hang', {}));
    client.dispose();
    assert.equal(await outcome, 'CLOSED');
  });

  it('delivers events, and reports those that break the contract', async () => {
    const { client, server, pair, seen } = setUp();
    const heard: string[] = [];
    client.remote.on('changed', ({ what }) => heard.push(what));
    server.emit('changed', { what: 'files' });
    pair.right.post({ kind: 'event', name: 'changed', payload: { what: 3 } });
    pair.right.post('noise');
    await settle();
    assert.deepEqual(heard, ['files']);
    assert.deepEqual(seen.protocolErrors, ['BAD_EVENT', 'BAD_MESSAGE']);
  });

  it('ignores an answer that comes after the caller has given up', async () => {
    let finish: (value: { value: number }) => void = () => undefined;
    const { client, clock, seen } = setUp({ double: () => new Promise((resolve) => (finish = resolve)) });
    const outcome = codeOf(client.remote.request('double', { value: 1 }, { timeoutMs: 10 }));
    await clock.advance(10);
    finish({ value: 2 });
    await settle();
    assert.equal(await outcome, 'TIMEOUT');
    assert.deepEqual(seen.protocolErrors, []);
  });
});
