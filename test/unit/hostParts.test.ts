import assert from 'node:assert/strict';
import path from 'node:path';

import { changedFolder } from '../../src/host/changedFolders.ts';
import { planFileName } from '../../src/host/commands/planFileName.ts';
import { mayRestart } from '../../src/host/restartPolicy.ts';
import { Throttle } from '../../src/host/throttle.ts';
import { ManualClock } from '../support/manualClock.ts';

describe('a throttled task', () => {
  it('runs soon, then not again before its time, then once for all that asked', async () => {
    const clock = new ManualClock(0);
    const runs: number[] = [];
    const throttle = new Throttle(() => runs.push(clock.now()), 1_000, clock, 250);
    throttle.ask();
    await clock.advance(250);
    throttle.ask();
    throttle.ask();
    await clock.advance(5_000);
    throttle.ask();
    await clock.advance(250);
    assert.deepEqual(runs, [250, 1_250, 5_500]);
  });

  it('does not run once it is disposed', async () => {
    const clock = new ManualClock(0);
    const throttle = new Throttle(() => assert.fail('it ran'), 10, clock);
    throttle.ask();
    throttle.dispose();
    throttle.ask();
    await clock.advance(1_000);
  });
});

describe('an engine that crashed', () => {
  it('may start again three times in five minutes', () => {
    assert.equal(mayRestart([0, 60_000, 120_000], 120_000), true);
    assert.equal(mayRestart([0, 60_000, 120_000, 180_000], 180_000), false);
    assert.equal(mayRestart([0, 60_000, 120_000, 301_000], 301_000), true);
  });
});

describe('a change on the disk', () => {
  it('means its folder, as the index names it', () => {
    const windows = (changed: string): string | undefined => changedFolder('D:\\models', changed, path.win32);
    assert.equal(changedFolder('/models', '/models/loras/a.safetensors', path.posix), 'loras');
    assert.equal(changedFolder('/models', '/models/a.ckpt', path.posix), '');
    assert.equal(windows('D:\\models\\loras\\style\\a.safetensors'), 'loras/style');
    assert.equal(windows('E:\\models\\a.ckpt'), undefined);
  });

  it('is none of our business outside the root, or in our own folder', () => {
    for (const changed of ['/models', '/other/a', '/models-2/a', '/models/.lakeside/root.json']) {
      assert.equal(changedFolder('/models', changed, path.posix), undefined, changed);
    }
  });
});

describe('the name of a plan file', () => {
  it('sorts by time and says what it is', () => {
    const time = new Date(2026, 0, 31, 9, 5, 3);
    assert.equal(planFileName('mirror', 'lake', 'local', time), '2026-01-31-090503-mirror-lake-to-local.lakeplan.json');
    assert.equal(
      planFileName('copy', 'Old disk 2.', 'local', time),
      '2026-01-31-090503-copy-Old-disk-2-to-local.lakeplan.json',
    );
  });
});
