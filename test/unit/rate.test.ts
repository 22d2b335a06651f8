import assert from 'node:assert/strict';

import { addSample, type RateSample, rateOf, timeLeftMs } from '../../src/base/rate.ts';

/** Samples as they are kept, from pairs of milliseconds and what was done. */
function kept(...pairs: readonly (readonly [atMs: number, done: number])[]): readonly RateSample[] {
  return pairs.reduce<readonly RateSample[]>((samples, [atMs, done]) => addSample(samples, { atMs, done }), []);
}

describe('a rate', () => {
  it('is not known from one sample, nor from a moment', () => {
    assert.equal(rateOf(kept([0, 0])), undefined);
    assert.equal(rateOf(kept([0, 0], [900, 900])), undefined);
  });

  it('is that of the last ten seconds, so that a stall shows', () => {
    const seconds = Array.from(
      { length: 61 },
      (_, second) => [second * 1_000, Math.max(0, second - 40) * 100] as const,
    );
    assert.equal(rateOf(kept(...seconds)), 100);
    assert.equal(kept(...seconds).length, 11);
    assert.equal(rateOf(kept([0, 0], [1_000, 100_000], [12_000, 100_000], [14_000, 100_000])), 0);
  });

  it('is known also where news comes seldom', () => {
    assert.equal(rateOf(kept([0, 0], [15_000, 1_500], [30_000, 3_000])), 100);
  });

  it('begins anew with a count that falls, as it does when a job starts over', () => {
    assert.deepEqual(kept([0, 900], [2_000, 100]), [{ atMs: 2_000, done: 100 }]);
  });
});

describe('the time that is left', () => {
  it('follows from the rate', () => {
    assert.equal(timeLeftMs(500, 1_000, 250), 2_000);
    assert.equal(timeLeftMs(1_000, 1_000, 250), 0);
  });

  it('is unknown without an end, or while nothing moves', () => {
    assert.equal(timeLeftMs(500, null, 250), undefined);
    assert.equal(timeLeftMs(500, 1_000, 0), undefined);
    assert.equal(timeLeftMs(500, 1_000, undefined), undefined);
  });
});
