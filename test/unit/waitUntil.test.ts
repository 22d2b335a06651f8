import assert from 'node:assert/strict';

import { waitUntil } from '../../src/app/waitUntil.ts';
import { Emitter } from '../../src/base/events.ts';
import { ManualClock } from '../support/manualClock.ts';

function world() {
  const clock = new ManualClock();
  const changed = new Emitter<undefined>();
  const caller = new AbortController();
  const engine = new AbortController();
  const wait = (condition: () => boolean): Promise<boolean> =>
    waitUntil({
      condition,
      changes: changed.event,
      timeoutMs: 1_000,
      clock,
      signal: caller.signal,
      closing: engine.signal,
    });
  return { clock, changed, caller, engine, wait };
}

describe('waiting for a condition', () => {
  it('ends at once where it holds, and else with the change that makes it hold', async () => {
    const { changed, wait } = world();
    assert.equal(await wait(() => true), true);
    let holds = false;
    const waiting = wait(() => holds);
    changed.fire(undefined);
    holds = true;
    changed.fire(undefined);
    assert.equal(await waiting, true);
  });

  it('says false when time is up', async () => {
    const { clock, wait } = world();
    const waiting = wait(() => false);
    await clock.advance(1_000);
    assert.equal(await waiting, false);
  });

  it('ends with what the condition throws, also when time is up', async () => {
    const { clock, wait } = world();
    await assert.rejects(
      wait(() => {
        throw new Error('the job is gone');
      }),
      /the job is gone/,
    );
    let gone = false;
    const waiting = wait(() => {
      if (gone) throw new Error('the job is gone');
      return false;
    });
    const refused = assert.rejects(waiting, /the job is gone/);
    gone = true;
    await clock.advance(1_000);
    await refused;
  });

  it('ends when its caller gives up, and when the engine closes', async () => {
    const given = world();
    const canceled = given.wait(() => false);
    given.caller.abort();
    await assert.rejects(canceled, { code: 'CANCELED' });
    await assert.rejects(
      given.wait(() => true),
      { code: 'CANCELED' },
    );
    const { engine, wait } = world();
    const closed = wait(() => false);
    engine.abort();
    await assert.rejects(closed, { code: 'CLOSED' });
  });
});
