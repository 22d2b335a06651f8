import assert from 'node:assert/strict';

import { Refresher } from '../../webview/shared/refresher.ts';
import { ManualClock } from '../support/manualClock.ts';
import { settle } from '../support/settle.ts';

describe('fetching what a panel shows', () => {
  let clock: ManualClock;
  let fetches: (() => void)[];
  let refresher: Refresher;

  beforeEach(() => {
    clock = new ManualClock();
    fetches = [];
    refresher = new Refresher(clock, () => new Promise((resolve) => fetches.push(resolve)));
  });

  it('is one fetch at a time, and one more for all that was asked meanwhile', async () => {
    void refresher.now();
    void refresher.now();
    void refresher.now();
    assert.equal(fetches.length, 1);
    fetches[0]?.();
    await settle();
    assert.equal(fetches.length, 2);
    fetches[1]?.();
    await settle();
    assert.equal(fetches.length, 2);
  });

  it('is over for who asked when that is fetched, though hints keep coming', async () => {
    let done = false;
    void refresher.now().then(() => (done = true));
    // A hint with every fetch, as while many files are copied on a slow machine.
    for (let round = 0; round < 5; round++) {
      void refresher.now();
      fetches[round]?.();
      await settle();
      assert.equal(done, true, `still waiting after ${round + 1} fetches`);
    }
  });

  it('gathers hints, and settles whoever waits when the panel goes', async () => {
    refresher.soon();
    refresher.soon();
    await clock.advance(120);
    assert.equal(fetches.length, 1);
    const waiting = refresher.now();
    refresher.dispose();
    await waiting;
    await refresher.now();
    assert.equal(fetches.length, 1);
  });
});
