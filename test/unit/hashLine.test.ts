import assert from 'node:assert/strict';
import fc from 'fast-check';

import {
  escapeName,
  hashesHeader,
  hashLine,
  parseHashLine,
  readHashesHeader,
  unescapeName,
} from '../../src/library/hashLine.ts';
import type { KnownHash } from '../../src/store/fileStore.ts';

const known: KnownHash = {
  relpath: 'checkpoints/sdxl.safetensors',
  size: 2_132_625_894,
  mtimeMs: 1_712_345_678_901,
  blake3: Buffer.alloc(32, 7),
};

const anyKnown: fc.Arbitrary<KnownHash> = fc.record<KnownHash>(
  {
    relpath: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }).filter((name) => name.isWellFormed()),
    size: fc.maxSafeNat(),
    mtimeMs: fc.maxSafeInteger(),
    blake3: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
  },
  { noNullPrototype: true },
);

/** A line without its end. */
function bytesOf(line: KnownHash): Buffer {
  return Buffer.from(hashLine(line).slice(0, -1));
}

describe('a line of the portable hashes', () => {
  it('says what it was made of, whatever the name', () => {
    fc.assert(
      fc.property(anyKnown, (line) => {
        const text = hashLine(line);
        assert.equal(text.indexOf('\n'), text.length - 1);
        assert.deepEqual(parseHashLine(bytesOf(line)), line);
      }),
    );
  });

  it('is not believed where it was cut off', () => {
    const line = bytesOf(known);
    for (let length = 0; length < line.length; length++) {
      assert.equal(parseHashLine(line.subarray(0, length)), undefined, `cut to ${length} bytes`);
    }
  });

  it('is not believed where any byte of it is another', () => {
    fc.assert(
      fc.property(fc.nat(bytesOf(known).length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const line = bytesOf(known);
        line[position] = (line[position] ?? 0) ^ change;
        assert.equal(parseHashLine(line), undefined);
      }),
    );
  });

  it('is not believed where two were written into each other', () => {
    fc.assert(
      fc.property(anyKnown, anyKnown, fc.double({ min: 0, max: 1, noNaN: true }), (one, other, share) => {
        const [first, second] = [bytesOf(one), bytesOf(other)];
        const cut = Math.floor(first.length * share);
        const mixed = Buffer.concat([first.subarray(0, cut), second, first.subarray(cut)]);
        assert.equal(parseHashLine(mixed), undefined);
      }),
    );
  });

  it('names a first line of this version alone', () => {
    const generation = '0b7c0f5e-8a51-4f0e-9f55-3d0f4f2b3c11';
    assert.equal(readHashesHeader(hashesHeader(generation).trimEnd()), generation);
    assert.equal(readHashesHeader(`# lakeside-hashes 2 ${generation}`), undefined);
    assert.equal(readHashesHeader('# lakeside-hashes 1'), undefined);
    assert.equal(readHashesHeader('anything'), undefined);
  });

  it('escapes names as b3sum does, and knows what no escaping gives', () => {
    assert.equal(escapeName('a\\b\nc\rd'), 'a\\\\b\\nc\\rd');
    assert.equal(unescapeName('a\\\\b\\nc\\rd'), 'a\\b\nc\rd');
    assert.equal(unescapeName('a\\x'), undefined);
    assert.equal(unescapeName('a\\'), undefined);
  });
});
