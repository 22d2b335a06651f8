import assert from 'node:assert/strict';

import { formatBytes, formatCount, formatDuration, formatQuantity } from '../../src/base/format.ts';

describe('numbers for people', () => {
  it('shows bytes in the unit that suits them', () => {
    const shown = [0, 1, 999, 1024, 10_240, 1_048_576, 7_451_234_567, 2_000_000_000_000].map(formatBytes);
    assert.deepEqual(shown, ['0 B', '1 B', '999 B', '1.0 KB', '10.0 KB', '1.0 MB', '6.9 GB', '1.8 TB']);
  });

  it('never shows more digits than a glance can take', () => {
    for (let bytes = 1; bytes < 2 ** 52; bytes = Math.ceil(bytes * 1.01)) {
      assert.match(formatBytes(bytes), /^(\d{1,4} B|(\d{1,2}\.\d|\d{3}) [KMGTP]B)$/);
    }
  });

  it('groups the digits of counts and bends their noun', () => {
    assert.equal(formatCount(1_234_567), '1,234,567');
    assert.equal(formatQuantity(1, 'file'), '1 file');
    assert.equal(formatQuantity(0, 'file'), '0 files');
    assert.equal(formatQuantity(2, 'copy', 'copies'), '2 copies');
  });

  it('shows a length of time in one or two units', () => {
    const shown = [0, 1_400, 59_400, 60_000, 200_000, 3_600_000, 7_500_000, 100_000_000].map(formatDuration);
    assert.deepEqual(shown, [
      'less than a second',
      '1 s',
      '59 s',
      '1 min',
      '3 min 20 s',
      '1 h',
      '2 h 5 min',
      '1 d 3 h',
    ]);
  });
});
