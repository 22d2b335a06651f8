import assert from 'node:assert/strict';

import { type RootSpace, RootSpaces } from '../../src/app/rootSpaces.ts';
import { ManualClock } from '../support/manualClock.ts';

const SPACE: RootSpace = { freeBytes: 1, totalBytes: 2 };

describe('the space of roots', () => {
  it('is asked at most every five seconds', async () => {
    const clock = new ManualClock();
    let asked = 0;
    const spaces = new RootSpaces(clock, () => Promise.resolve({ ...SPACE, freeBytes: ++asked }));
    assert.equal((await spaces.of('/a'))?.freeBytes, 1);
    await clock.advance(4_000);
    assert.equal((await spaces.of('/a'))?.freeBytes, 1);
    await clock.advance(1_000);
    assert.equal((await spaces.of('/a'))?.freeBytes, 2);
  });

  it('keeps nobody waiting for a drive that hangs, and does not ask it twice', async () => {
    const clock = new ManualClock();
    const answer = Promise.withResolvers<RootSpace>();
    let asked = 0;
    const spaces = new RootSpaces(clock, () => {
      asked++;
      return answer.promise;
    });
    for (let round = 0; round < 10; round++) {
      const space = spaces.of('/a');
      await clock.advance(5_000);
      assert.equal(await space, undefined);
    }
    assert.equal(asked, 1);
    answer.resolve(SPACE);
    assert.deepEqual(await spaces.of('/a'), SPACE);
  });

  it('is what was known while a drive is slow, and nothing where it does not say', async () => {
    const clock = new ManualClock();
    const answers = [Promise.resolve(SPACE), new Promise<RootSpace>(() => undefined)];
    const spaces = new RootSpaces(clock, () => answers.shift() ?? Promise.reject(new Error('gone')));
    await spaces.of('/a');
    await clock.advance(5_000);
    const slow = spaces.of('/a');
    await clock.advance(1_000);
    assert.deepEqual(await slow, SPACE);
    assert.equal(await spaces.of('/b'), undefined);
  });
});
