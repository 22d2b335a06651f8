import assert from 'node:assert/strict';

import {
  formatBytes,
  formatCountOf,
  formatDuration,
  formatExactBytes,
  formatRate,
} from '../../webview/shared/formatting.ts';
import { addSample, type RateSample, rateOf, timeLeft } from '../../webview/shared/transferRate.ts';

describe('figures of panels', () => {
  it('says bytes in the unit that needs the fewest digits', () => {
    const rows: [bytes: number, words: string][] = [
      [0, '0 B'],
      [1023, '1023 B'],
      [1024, '1.0 KB'],
      [1_048_575, '1.0 MB'],
      [999.4 * 1024, '999 KB'],
      [6_979_321_856, '6.5 GB'],
      [100 * 1024 ** 3, '100 GB'],
      [2 * 1024 ** 4, '2.0 TB'],
      [3_000 * 1024 ** 5, '3,000 PB'],
    ];
    for (const [bytes, words] of rows) assert.equal(formatBytes(bytes), words);
  });

  it('says exact bytes, counts and rates', () => {
    assert.equal(formatExactBytes(1), '1 byte');
    assert.equal(formatExactBytes(1_234_567), '1,234,567 bytes');
    assert.equal(formatCountOf(1, 'step'), '1 step');
    assert.equal(formatCountOf(1_200, 'step'), '1,200 steps');
    assert.equal(formatRate(220_200_960.4), '210 MB/s');
  });

  it('says a duration in its two largest units', () => {
    const rows: [ms: number, words: string][] = [
      [999, 'less than a second'],
      [45_000, '45 s'],
      [59_600, '1 min'],
      [200_000, '3 min 20 s'],
      [4_320_000, '1 h 12 min'],
      [183_600_000, '2 d 3 h'],
    ];
    for (const [ms, words] of rows) assert.equal(formatDuration(ms), words);
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
