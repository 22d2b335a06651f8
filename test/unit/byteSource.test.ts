import assert from 'node:assert/strict';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import fc from 'fast-check';

import { errnoOf } from '../../src/base/errors.ts';
import { type ByteSource, bytesOf, fileBytes, READ_BUDGET_BYTES } from '../../src/library/models/byteSource.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const BYTES = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);

function inFile(folder: string, use: (file: number) => void): void {
  const file = path.join(folder, 'bytes');
  writeFileSync(file, BYTES);
  const descriptor = openSync(file, 'r');
  try {
    use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function assertTooMuch(work: () => unknown): void {
  assert.throws(work, (error) => errnoOf(error) === 'TOO_MUCH');
}

describe('a byte source', () => {
  const folder = temporaryFolder();

  it('gives the bytes of any range, from memory and from a file alike', () => {
    inFile(folder(), (file) => {
      const number = fc.oneof(fc.integer({ min: -10, max: 1100 }), fc.double());
      fc.assert(
        fc.property(number, number, (position, length) => {
          const expected =
            Number.isSafeInteger(position) && position >= 0 && length > 0
              ? BYTES.subarray(position, position + Math.floor(Math.min(length, 1e6)))
              : new Uint8Array(0);
          assert.deepEqual(Array.from(fileBytes(file, BYTES.length).read(position, length)), Array.from(expected));
          assert.deepEqual(Array.from(bytesOf(BYTES).read(position, length)), Array.from(expected));
        }),
      );
    });
  });

  it('gives fewer bytes where the file became shorter than its size', () => {
    inFile(folder(), (file) => assert.equal(fileBytes(file, 5000).read(900, 500).length, 100));
  });

  it('refuses to read more than its budget, in one read or in many', () => {
    inFile(folder(), (file) => {
      const sources: ((budget: number) => ByteSource)[] = [
        (budget) => bytesOf(BYTES, budget),
        (budget) => fileBytes(file, BYTES.length, budget),
      ];
      for (const sourceOf of sources) {
        assertTooMuch(() => sourceOf(99).read(0, 100));
        const source = sourceOf(250);
        source.read(0, 100);
        source.read(0, 100);
        assertTooMuch(() => source.read(0, 100));
        assert.equal(source.read(0, 50).length, 50);
      }
    });
  });

  it('counts only what the file has, and allocates nothing for a length that lies', () => {
    const source = bytesOf(BYTES, 1000);
    assert.equal(source.read(0, Number.MAX_SAFE_INTEGER).length, 1000);
    inFile(folder(), (file) => assertTooMuch(() => fileBytes(file, 2 ** 52).read(0, READ_BUDGET_BYTES + 1)));
  });

  it('throws what the system says of a file that cannot be read', () => {
    let closed = -1;
    inFile(folder(), (file) => (closed = file));
    assert.throws(
      () => fileBytes(closed, 10).read(0, 1),
      (error) => errnoOf(error) === 'EBADF',
    );
  });
});
