import assert from 'node:assert/strict';
import fc from 'fast-check';

import { compareRelpaths } from '../../src/base/relpath.ts';
import { pairMoves, type SingleFile } from '../../src/library/diffMoves.ts';
import { type CompareRule, sameFile } from '../../src/library/diffRules.ts';

const quick: CompareRule = { mtimeStepMs: 2_000, content: false };
const byContent: CompareRule = { mtimeStepMs: 2_000, content: true };
const file = (path: string, blake3?: string, size = 10, mtimeMs = 5_000): SingleFile =>
  blake3 === undefined ? { path, size, mtimeMs } : { path, size, mtimeMs, blake3 };

describe('sameFile', () => {
  it('lets known hashes decide, whatever the times say', () => {
    assert.equal(sameFile(file('a', 'x', 10, 0), file('a', 'x', 10, 99_999), quick), true);
    assert.equal(sameFile(file('a', 'x'), file('a', 'y'), quick), false);
  });

  it('compares size and time within the step where a hash is missing', () => {
    assert.equal(sameFile(file('a', 'x', 10, 0), file('a', undefined, 10, 2_000), quick), true);
    assert.equal(sameFile(file('a', undefined, 10, 0), file('a', undefined, 10, 2_001), quick), false);
    assert.equal(sameFile(file('a', undefined, 10), file('a', undefined, 11), quick), false);
  });

  it('takes nothing for equal without both hashes when content decides', () => {
    assert.equal(sameFile(file('a', 'x'), file('a'), byContent), false);
    assert.equal(sameFile(file('a', 'x', 10, 0), file('a', 'x', 10, 99_999), byContent), true);
  });
});

describe('pairMoves', () => {
  it('pairs equal content one to one in path order', () => {
    assert.deepEqual(
      pairMoves([file('b', 'x'), file('a', 'x'), file('c', 'x')], [file('z', 'x'), file('y', 'x')], quick),
      [
        { path: 'a', movedFrom: 'y' },
        { path: 'b', movedFrom: 'z' },
      ],
    );
  });

  it('never pairs empty files or unknown content', () => {
    assert.deepEqual(pairMoves([file('a', 'x', 0), file('b')], [file('c', 'x', 0), file('d')], quick), []);
  });

  it('lets companions follow their model by content, or by size and time', () => {
    const missing = [file('new/m.safetensors', 'x'), file('new/m.preview.png'), file('new/m.txt', 't')];
    const extra = [file('old/n.safetensors', 'x'), file('old/n.preview.png'), file('old/n.txt', 'u')];
    assert.deepEqual(pairMoves(missing, extra, quick), [
      { path: 'new/m.preview.png', movedFrom: 'old/n.preview.png' },
      { path: 'new/m.safetensors', movedFrom: 'old/n.safetensors' },
    ]);
    assert.deepEqual(pairMoves(missing, extra, byContent), [
      { path: 'new/m.safetensors', movedFrom: 'old/n.safetensors' },
    ]);
  });

  it('keeps equal previews with their own models', () => {
    const missing = [file('1/a.pt', 'A'), file('1/a.png', 'p'), file('1/b.pt', 'B'), file('1/b.png', 'p')];
    const extra = [file('2/y.pt', 'A'), file('2/y.png', 'p'), file('2/x.pt', 'B'), file('2/x.png', 'p')];
    assert.deepEqual(pairMoves(missing, extra, quick), [
      { path: '1/a.png', movedFrom: '2/y.png' },
      { path: '1/a.pt', movedFrom: '2/y.pt' },
      { path: '1/b.png', movedFrom: '2/x.png' },
      { path: '1/b.pt', movedFrom: '2/x.pt' },
    ]);
  });

  it('is one to one, honest about content, whole by content, and the same from either side', () => {
    const path = fc
      .tuple(
        fc.constantFrom('a', 'b', 'c', 'd'),
        fc.constantFrom('.pt', '.safetensors', '.png', '.preview.png', '.txt', ''),
      )
      .map(([stem, suffix]) => stem + suffix);
    const files = fc.uniqueArray(
      fc.record({
        path,
        blake3: fc.option(fc.constantFrom('x', 'y', 'z'), { nil: undefined }),
        size: fc.constantFrom(0, 5),
      }),
      { selector: (entry) => entry.path, maxLength: 20 },
    );
    fc.assert(
      fc.property(files, files, fc.boolean(), (left, right, content) => {
        const rule = { mtimeStepMs: 1, content };
        const missing = left.map((entry) => file(`from/${entry.path}`, entry.blake3, entry.size));
        const extra = right.map((entry) => file(`to/${entry.path}`, entry.blake3, entry.size));
        const pairs = pairMoves(missing, extra, rule);
        assert.equal(new Set(pairs.map((pair) => pair.path)).size, pairs.length);
        assert.equal(new Set(pairs.map((pair) => pair.movedFrom)).size, pairs.length);
        assert.deepEqual(
          pairs.map((pair) => pair.path),
          pairs.map((pair) => pair.path).sort(compareRelpaths),
        );
        const of = (list: SingleFile[], wanted: string): SingleFile | undefined =>
          list.find((entry) => entry.path === wanted);
        for (const pair of pairs) {
          const [one, other] = [of(missing, pair.path), of(extra, pair.movedFrom)];
          assert.ok(one !== undefined && other !== undefined && sameFile(one, other, rule));
          assert.ok(one.size > 0);
        }
        // Whatever is left over by content is left over on one side only.
        const left0 = missing.filter((entry) => entry.size > 0 && !pairs.some((pair) => pair.path === entry.path));
        const right0 = extra.filter((entry) => entry.size > 0 && !pairs.some((pair) => pair.movedFrom === entry.path));
        for (const entry of left0) {
          if (entry.blake3 !== undefined) assert.ok(!right0.some((other) => other.blake3 === entry.blake3));
        }
        const mirrored = pairMoves(extra, missing, rule).map((pair) => ({
          path: pair.movedFrom,
          movedFrom: pair.path,
        }));
        assert.deepEqual(
          mirrored.sort((a, b) => compareRelpaths(a.path, b.path)),
          pairs,
        );
      }),
      { numRuns: 500 },
    );
  });
});
