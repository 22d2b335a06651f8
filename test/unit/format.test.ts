import assert from 'node:assert/strict';

import { formatBytes, formatCount, formatDuration, formatQuantity } from '../../src/base/format.ts';

describe('numbers for people', () => {
  it('shows bytes with three digits', () => {
    const shown = [0, 1, 999, 1024, 10_240, 1_048_576, 7_451_234_567, 2_000_000_000_000].map(formatBytes);
    assert.deepEqual(shown, ['0 B', '1 B', '999 B', '1.00 KB', '10.0 KB', '1.00 MB', '6.94 GB', '1.82 TB']);
  });

  it('never shows four digits or a rounded-up thousand', () => {
    for (let bytes = 1; bytes < 2 ** 52; bytes = Math.ceil(bytes * 1.01)) {
      assert.match(formatBytes(bytes), /^(\d{1,3}|\d\d\.\d|\d\.\d\d) [KMGTP]?B$/);
    }
  });

  it('groups the digits of counts and bends their noun', () => {
    assert.equal(formatCount(1_234_567), '1,234,567');
    assert.equal(formatQuantity(1, 'file'), '1 file');
    assert.equal(formatQuantity(0, 'file'), '0 files');
    assert.equal(formatQuantity(2, 'copy', 'copies'), '2 copies');
  });

  it('shows a length of time in one or two units', () => {
    const shown = [0, 1_400, 59_400, 60_000, 3_600_000, 7_500_000, 100_000_000].map(formatDuration);
    assert.deepEqual(shown, ['0 s', '1 s', '59 s', '1 min', '1 h', '2 h 5 min', '1 d 3 h']);
  });
});
