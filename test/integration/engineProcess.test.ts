import assert from 'node:assert/strict';
import path from 'node:path';

import type { Clock } from '../../src/base/clock.ts';
import { toDisposable } from '../../src/base/disposables.ts';
import type { EngineState } from '../../src/host/engineClient.ts';
import { EngineProcess, type EngineProcessOptions } from '../../src/host/engineProcess.ts';

const file = path.join(import.meta.dirname, '..', 'support', 'scriptedEngine.ts');
const silentLog = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };

/** A clock whose time the test moves; `after` fires at once when told to hurry. */
class TestClock implements Clock {
  time = 0;
  hurry = false;
  now(): number {
    return this.time;
  }
  after(ms: number, callback: () => void): ReturnType<Clock['after']> {
    const timer = setTimeout(callback, this.hurry ? 0 : ms);
    return toDisposable(() => clearTimeout(timer));
  }
}

describe('the engine as a worker thread', () => {
  let running: EngineProcess[] = [];

  function engine(script: string, options: Partial<EngineProcessOptions> = {}): EngineProcess {
    const made = new EngineProcess({
      describe: () => ({ file, workerData: { script } }),
      configure: async (call) => {
        await call('engine.configure', { settings: {} });
      },
      log: silentLog,
      ...options,
    });
    running.push(made);
    return made;
  }

  function states(of: EngineProcess): EngineState['kind'][] {
    const seen: EngineState['kind'][] = [];
    of.onStateChange((state) => seen.push(state.kind));
    return seen;
  }

  function reached(of: EngineProcess, kind: EngineState['kind']): Promise<void> {
    return new Promise((resolve) => {
      const listening = of.onStateChange((state) => {
        if (state.kind !== kind) return;
        listening.dispose();
        resolve();
      });
    });
  }

  afterEach(async () => {
    await Promise.all(running.map((each) => each.stop()));
    running = [];
  });

  it('starts with the first call and once for many', async () => {
    const process = engine('ready');
    const seen = states(process);
    assert.equal(process.state.kind, 'stopped');
    const [first, second] = await Promise.all([process.call('engine.info', {}), process.call('engine.info', {})]);
    assert.equal(first.version, second.version);
    assert.deepEqual(seen, ['starting', 'ready']);
  });

  it('passes on what the engine tells right after it is up', async () => {
    const process = engine('ready');
    const heard = new Promise((resolve) => process.on('changed', resolve));
    await process.call('engine.info', {});
    assert.deepEqual(await heard, { topics: ['jobs'] });
  });

  it('is configured before the first use case', async () => {
    const done: string[] = [];
    const process = engine('ready', {
      configure: async (call) => {
        await call('engine.configure', { settings: {} });
        done.push('configured');
      },
    });
    await process.call('engine.info', {});
    done.push('called');
    assert.deepEqual(done, ['configured', 'called']);
  });

  it('fails with the sentence the engine refused with, and stays failed until it is restarted', async () => {
    const process = engine('fatal');
    await assert.rejects(process.call('engine.info', {}), { code: 'SCHEMA_NEWER' });
    assert.equal(process.state.kind, 'failed');
    await assert.rejects(process.call('engine.info', {}), { code: 'SCHEMA_NEWER' });
    await assert.rejects(process.restart(), { code: 'SCHEMA_NEWER' });
  });

  it('names the error of an engine that dies while it starts', async () => {
    await assert.rejects(engine('throw').call('engine.info', {}), {
      code: 'ENGINE_START_FAILED',
      message: /no such table/,
    });
  });

  it('gives up on an engine that never says that it is up', async () => {
    const clock = new TestClock();
    clock.hurry = true;
    await assert.rejects(engine('silent', { clock }).call('engine.info', {}), {
      message: /no sign of life within 60 s/,
    });
  });

  it('does not try a Node without the interface the database needs', async () => {
    const process = engine('ready', { versions: { node: '20.1.0', napi: '9' } });
    await assert.rejects(process.call('engine.info', {}), { code: 'NODE_TOO_OLD', message: /runs Node 20\.1\.0/ });
  });

  it('lets a caller go who cancels while it starts', async () => {
    const abort = new AbortController();
    const call = engine('silent').call('engine.info', {}, { signal: abort.signal });
    abort.abort();
    await assert.rejects(call, { code: 'CANCELED' });
  });

  it('starts again after a crash, and the call that was under way is told', async () => {
    const process = engine('ready');
    const { version } = await process.call('engine.info', {});
    const ready = reached(process, 'ready');
    await assert.rejects(process.call('roots.list', {}), { code: 'CLOSED', message: /ended with code 7/ });
    await ready;
    assert.notEqual((await process.call('engine.info', {})).version, version);
  });

  it('gives up after three restarts in five minutes and starts again when told to', async () => {
    const process = engine('ready', { clock: new TestClock() });
    await process.call('engine.info', {});
    for (let crash = 1; crash <= 3; crash++) {
      const ready = reached(process, 'ready');
      await assert.rejects(process.call('roots.list', {}), { code: 'CLOSED' });
      await ready;
    }
    const failed = reached(process, 'failed');
    await assert.rejects(process.call('roots.list', {}), { code: 'CLOSED' });
    await failed;
    await assert.rejects(process.call('engine.info', {}), { code: 'ENGINE_CRASHED', message: /stopped 4 times/ });
    await process.restart();
    assert.equal(process.state.kind, 'ready');
  });

  it('forgets crashes that are long past', async () => {
    const clock = new TestClock();
    const process = engine('ready', { clock });
    await process.call('engine.info', {});
    for (let crash = 1; crash <= 5; crash++) {
      const ready = reached(process, 'ready');
      await assert.rejects(process.call('roots.list', {}), { code: 'CLOSED' });
      await ready;
      clock.time += 2 * 60_000;
    }
    assert.equal(process.state.kind, 'ready');
  });

  it('lets who calls during a restart wait for the new engine, and starts it only when the old one has ended', async () => {
    const process = engine('ready');
    const { version } = await process.call('engine.info', {});
    const seen = states(process);
    const restarted = process.restart();
    const meanwhile = process.call('engine.info', {});
    await restarted;
    assert.deepEqual(seen, ['stopped', 'starting', 'ready']);
    assert.notEqual((await meanwhile).version, version);
    assert.equal((await meanwhile).version, (await process.call('engine.info', {})).version, 'only one was started');
  });

  it('ends an engine that does not listen', async () => {
    const clock = new TestClock();
    const process = engine('deaf', { clock });
    await process.call('engine.info', {});
    clock.hurry = true;
    await process.stop();
    await assert.rejects(process.call('engine.info', {}), { code: 'CLOSED' });
  });
});
