import assert from 'node:assert/strict';
import fc from 'fast-check';

import { formatBytes } from '../../src/base/format.ts';
import { parseBytes, parseSizeRange } from '../../src/base/parseBytes.ts';

const GIB = 1024 ** 3;

describe('a size as people type it', () => {
  it('is read with any unit', () => {
    const read = ['50 GB', '50gb', '50 GiB', '50g', '1,5 TB', '800 MB', '12 B', '12'].map((text) => parseBytes(text));
    const mib = 1024 ** 2;
    assert.deepEqual(read, [50 * GIB, 50 * GIB, 50 * GIB, 50 * GIB, 1.5 * 1024 * GIB, 800 * mib, 12, 12]);
    assert.equal(parseBytes('50', 'GB'), 50 * GIB);
    assert.equal(parseBytes('50 B', 'GB'), 50);
  });

  it('is nothing where it is no size', () => {
    for (const text of ['', 'GB', '-1 GB', '1 XB', '1e9', '1 GB more', '99999999 PB']) {
      assert.equal(parseBytes(text), undefined, text);
    }
  });

  it('is read as it is written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (bytes) => {
        const read = parseBytes(formatBytes(bytes)) ?? Number.NaN;
        assert.ok(
          Math.abs(read - bytes) <= bytes * 0.06,
          `${bytes} was written ${formatBytes(bytes)} and read ${read}`,
        );
      }),
    );
  });

  it('may be a range', () => {
    assert.deepEqual(parseSizeRange(' '), {});
    assert.deepEqual(parseSizeRange('1 GB - 6 GB'), { minSize: GIB, maxSize: 6 * GIB });
    assert.deepEqual(parseSizeRange('> 500 MB'), { minSize: 500 * 1024 ** 2 });
    assert.deepEqual(parseSizeRange('<2'), { maxSize: 2 * GIB });
    assert.deepEqual(parseSizeRange('3'), { minSize: 3 * GIB });
    for (const text of ['6 - 1', '1-2-3', 'many']) assert.equal(parseSizeRange(text), undefined, text);
  });
});
