import assert from 'node:assert/strict';
import fc from 'fast-check';

import {
  baseName,
  compareRelpaths,
  describeRelpathProblem,
  foldName,
  joinRelpath,
  parentFolder,
  relpathProblem,
} from '../../src/base/relpath.ts';

describe('a relpath', () => {
  const unsafe: readonly (readonly [string, string])[] = [
    ['', 'empty'],
    ['a//b', 'empty'],
    ['a/', 'empty'],
    ['/etc/passwd', 'absolute'],
    ['../up', 'traversal'],
    ['a/../../up', 'traversal'],
    ['./a', 'traversal'],
    ['a\0b', 'control'],
    ['a\uD800b', 'not-unicode'],
    ['a\uFFFDb', 'not-unicode'],
    ['.lakeside/root.json', 'private'],
    ['.LakeSide/trash/x', 'private'],
    ['.lake\u200Dside/root.json', 'private'],
    ['.lakeſide/root.json', 'private'],
    ['LAKESI~1/root.json', 'private'],
    [`a/${'x'.repeat(256)}`, 'too-long'],
    [`a/${'ä'.repeat(128)}`, 'too-long'],
  ];
  for (const [path, problem] of unsafe) {
    it(`${JSON.stringify(path).slice(0, 24)} is refused on every system: ${problem}`, () => {
      assert.equal(relpathProblem(path, { windows: false }), problem);
      assert.notEqual(relpathProblem(path, { windows: true }), undefined);
    });
  }

  const windowsOnly: readonly (readonly [string, string])[] = [
    ['C:/models/a', 'drive'],
    ['c:a', 'drive'],
    ['\\\\server\\share', 'absolute'],
    ['a\\..\\b', 'backslash'],
    ['loras/CON', 'reserved'],
    ['loras/nul.safetensors', 'reserved'],
    ['loras/com¹.txt', 'reserved'],
    ['loras/a:stream', 'reserved'],
    ['loras/a?.bin', 'reserved'],
    ['loras/a.', 'trailing'],
    ['loras /a', 'trailing'],
    ['a\u0007b', 'control'],
  ];
  for (const [path, problem] of windowsOnly) {
    it(`${JSON.stringify(path)} is refused on Windows: ${problem}`, () => {
      assert.equal(relpathProblem(path, { windows: true }), problem);
      assert.equal(relpathProblem(path, { windows: false }), undefined);
    });
  }

  it('of an ordinary model is fine everywhere', () => {
    for (const path of [
      'loras/SDXL/style v1.0 (final).safetensors',
      'vae/日本語.pt',
      'console/aux1',
      '.hidden/a',
      'a..b',
    ]) {
      assert.equal(relpathProblem(path, { windows: true }), undefined, path);
    }
  });

  it('has its problem said in words', () => {
    assert.equal(describeRelpathProblem('traversal'), 'leaves its folder');
  });

  it('sorts as its UTF-8 bytes do, which is the order of the index', () => {
    const byBytes = (left: string, right: string): number =>
      Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right)));
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    fc.assert(
      fc.property(text, text, (left, right) => {
        assert.equal(Math.sign(compareRelpaths(left, right)), byBytes(left, right));
      }),
    );
    assert.equal(compareRelpaths('a\uFFFC', 'a\u{1F600}'), -1);
  });

  it('folds names as case-insensitive and Unicode-folding systems do', () => {
    assert.equal(foldName('É.PT'), foldName('e\u0301.pt'));
    assert.notEqual(foldName('a'), foldName('b'));
  });

  it('is taken apart and joined', () => {
    assert.deepEqual(
      [parentFolder('a/b/c'), baseName('a/b/c'), parentFolder('c'), baseName('c')],
      ['a/b', 'c', '', 'c'],
    );
    assert.deepEqual([joinRelpath('a/b', 'c'), joinRelpath('', 'c')], ['a/b/c', 'c']);
  });
});
