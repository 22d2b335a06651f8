import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { makeWay } from '../../src/app/makeWay.ts';
import { Hold } from '../../src/library/hold.ts';
import { IoPool } from '../../src/library/ioPool.ts';
import { LANES_BEFORE, laneOf } from '../../src/queue/jobKinds.ts';
import { ManualClock } from '../support/manualClock.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import type { LiveProgress } from '../../src/protocol/values.ts';

describe('work that makes way', () => {
  const folder = temporaryFolder();
  const pools: IoPool[] = [];
  afterEach(async () => {
    for (const pool of pools.splice(0)) await pool.close();
  });

  function newPool(threads: number): IoPool {
    const pool = new IoPool({ threads });
    pools.push(pool);
    return pool;
  }

  function sparse(name: string, bytes: number): string {
    const path = join(folder(), name);
    writeFileSync(path, '');
    truncateSync(path, bytes);
    return path;
  }

  it('stands still in the middle of a file, leaves its thread to others, and goes on', async () => {
    const pool = newPool(1);
    const hold = new Hold();
    const begun = Promise.withResolvers<undefined>();
    let over = false;
    const long = pool.hash(sparse('long', 1024 * 1024 * 1024), { hold, onBytes: () => begun.resolve(undefined) });
    void long.then(() => (over = true));
    await begun.promise;
    hold.set(true);
    // The pool has one thread: this ends only because the other one makes way.
    assert.equal((await pool.hash(sparse('short', 5_000_000))).size, 5_000_000);
    assert.equal(over, false);
    hold.set(false);
    assert.equal((await long).size, 1024 * 1024 * 1024);
  });

  it('is not begun while it is held, and can be given up', async () => {
    const pool = newPool(1);
    const hold = new Hold();
    hold.set(true);
    const stop = new AbortController();
    const held = pool.hash(sparse('a', 10), { hold });
    const givenUp = pool.hash(sparse('b', 10), { hold, signal: stop.signal });
    assert.equal((await pool.hash(sparse('c', 10))).size, 10);
    stop.abort();
    await assert.rejects(givenUp, { code: 'CANCELED' });
    hold.set(false);
    assert.equal((await held).size, 10);
  });

  it('can be given up in the middle of a file while it stands still', async () => {
    const pool = newPool(1);
    const hold = new Hold();
    const begun = Promise.withResolvers<undefined>();
    const stop = new AbortController();
    const long = pool.hash(sparse('long', 1024 * 1024 * 1024), {
      hold,
      signal: stop.signal,
      onBytes: () => begun.resolve(undefined),
    });
    await begun.promise;
    hold.set(true);
    stop.abort();
    await assert.rejects(long, { code: 'CANCELED' });
  });

  it('looks twice a second whether something more urgent runs, and says that it waits', async () => {
    const clock = new ManualClock();
    let running = 0;
    const core = { clock, store: { leases: { runningIn: () => running } } };
    const told: LiveProgress[] = [];
    const end = Promise.withResolvers<undefined>();
    let held = false;
    const work = makeWay(
      core,
      { lanes: LANES_BEFORE.background, context: { progress: (progress) => told.push(progress) } },
      async (hold, progress) => {
        hold.onChange((is) => (held = is));
        progress({ doneItems: 1, totalItems: 2, doneBytes: 3, totalBytes: 4 });
        await end.promise;
      },
    );
    await clock.advance(1_000);
    assert.equal(held, false);
    running = 1;
    await clock.advance(500);
    assert.equal(held, true);
    assert.match(told.at(-1)?.text ?? '', /Waits/);
    running = 0;
    await clock.advance(500);
    assert.equal(held, false);
    assert.equal(told.at(-1)?.text, undefined);
    end.resolve(undefined);
    await work;
  });

  it('has lanes of its own, so that nothing asked for waits behind it', () => {
    assert.equal(laneOf('hash', { scope: 'unhashed', root: 'r' }), 'background');
    assert.equal(laneOf('hash', { scope: 'content', from: 'a', to: 'b' }), 'hash');
    assert.equal(laneOf('hash', { scope: 'paths', root: 'r', paths: [] }), 'hash');
    assert.equal(laneOf('verify', { root: 'r', seed: 's' }), 'verify');
  });
});
