import assert from 'node:assert/strict';

import { formatExactBytes, formatRate } from '../../webview/shared/formatting.ts';
import { addSample, type RateSample, rateOf, timeLeft } from '../../webview/shared/transferRate.ts';

describe('figures of panels', () => {
  it('say exact bytes and rates', () => {
    assert.equal(formatExactBytes(1), '1 byte');
    assert.equal(formatExactBytes(1_234_567), '1,234,567 bytes');
    assert.equal(formatRate(220_200_960.4), '210 MB/s');
  });
});

describe('the rate of a transfer', () => {
  const fold = (samples: RateSample[]): readonly RateSample[] =>
    samples.reduce<readonly RateSample[]>((kept, sample) => addSample(kept, sample), []);

  it('is unknown until a second has passed', () => {
    assert.equal(rateOf(fold([{ atMs: 0, doneBytes: 0 }])), undefined);
    assert.equal(
      rateOf(
        fold([
          { atMs: 0, doneBytes: 0 },
          { atMs: 900, doneBytes: 900 },
        ]),
      ),
      undefined,
    );
  });

  it('looks at the last ten seconds only, so that a stall shows', () => {
    const samples = fold([
      { atMs: 0, doneBytes: 0 },
      { atMs: 1_000, doneBytes: 100_000 },
      { atMs: 12_000, doneBytes: 100_000 },
      { atMs: 14_000, doneBytes: 100_000 },
    ]);
    assert.equal(rateOf(samples), 0);
    assert.equal(timeLeft(samples, 200_000), undefined);
  });

  it('tells the time that is left', () => {
    const samples = fold([
      { atMs: 0, doneBytes: 0 },
      { atMs: 2_000, doneBytes: 500 },
    ]);
    assert.equal(timeLeft(samples, 1_000), 2_000);
    assert.equal(timeLeft(samples, null), undefined);
  });

  it('starts afresh when the count falls, as it does on a retry', () => {
    const samples = fold([
      { atMs: 0, doneBytes: 900 },
      { atMs: 2_000, doneBytes: 100 },
    ]);
    assert.deepEqual(samples, [{ atMs: 2_000, doneBytes: 100 }]);
  });
});
