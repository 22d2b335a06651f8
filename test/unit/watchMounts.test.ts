import assert from 'node:assert/strict';

import { notMounted, type RootProbe } from '../../src/library/probeRoot.ts';
import { watchMounts } from '../../src/library/watchMounts.ts';
import { ManualClock } from '../support/manualClock.ts';

const root = { id: 'id', name: 'lake', path: '/lake' };

describe('the watch on mounts', () => {
  it('tells within 15 s that a drive does not answer any more, once, and that it is back', async () => {
    const clock = new ManualClock();
    let there = true;
    let told = 0;
    const lost: RootProbe = { mounted: false, problem: notMounted(root, 'did not answer') };
    const watch = watchMounts({
      roots: () => [root],
      // A lost connection: nothing is heard until the probe's own limit.
      probe: () =>
        there
          ? Promise.resolve({ mounted: true, readOnly: false })
          : new Promise((resolve) => clock.after(10_000, () => resolve(lost))),
      clock,
      onChange: () => told++,
      onError: (error) => assert.fail(String(error)),
    });
    await clock.advance(30_000);
    assert.equal(told, 0);
    there = false;
    await clock.advance(15_000);
    assert.equal(told, 1);
    await clock.advance(60_000);
    assert.equal(told, 1);
    there = true;
    await clock.advance(15_000);
    assert.equal(told, 2);
    watch.dispose();
    there = false;
    await clock.advance(60_000);
    assert.equal(told, 2);
  });
});
