import assert from 'node:assert/strict';

import { makeStudioId } from '../../src/studio/makeStudioId.ts';

describe('ids of the studio', () => {
  const zeros = new Uint8Array(7);
  const ones = new Uint8Array(7).fill(255);

  it('are sixteen lower-case letters and digits', () => {
    assert.match(makeStudioId(1_700_000_000_000, ones), /^[0-9a-hjkmnp-tv-z]{16}$/);
  });

  it('sort by the time they were made, whatever their random end', () => {
    const times = [0, 1, 31, 32, 1_699_999_999_999, 1_700_000_000_000, 32 ** 9 - 1];
    const ids = times.map((time, index) => makeStudioId(time, index % 2 === 0 ? ones : zeros));
    assert.deepEqual([...ids].sort(), ids);
  });

  it('are names of folders that no system reserves', () => {
    for (const id of [makeStudioId(0, zeros), makeStudioId(Date.now(), ones)]) assert.match(id, /^\w{16}$/);
  });
});
