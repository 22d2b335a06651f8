import assert from 'node:assert/strict';

import { formatExactBytes, formatRate } from '../../webview/shared/formatting.ts';

describe('figures of panels', () => {
  it('say exact bytes and rates', () => {
    assert.equal(formatExactBytes(1), '1 byte');
    assert.equal(formatExactBytes(1_234_567), '1,234,567 bytes');
    assert.equal(formatRate(220_200_960.4), '210 MB/s');
  });
});
