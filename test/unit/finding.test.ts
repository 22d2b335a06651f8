import assert from 'node:assert/strict';

import { quoteFromFile } from '../../src/library/models/finding.ts';

describe('text of a file in a message', () => {
  it('is quoted as it is where it is short and harmless', () => {
    assert.equal(quoteFromFile('double_blocks.0.img_mod.lin.weight'), '"double_blocks.0.img_mod.lin.weight"');
    assert.equal(quoteFromFile('模型 ü'), '"模型 ü"');
  });

  it('is cut where it is long, without halving a character', () => {
    assert.equal(quoteFromFile('a'.repeat(81)), `"${'a'.repeat(80)}…"`);
    assert.equal(quoteFromFile('🌊'.repeat(1000)), `"${'🌊'.repeat(80)}…"`);
  });

  it('loses line breaks, control characters, marks of direction and lone surrogates', () => {
    assert.equal(quoteFromFile('a\nb\u001b[31m\u202e\ud800\u2028'), '"a\u{fffd}b\u{fffd}[31m\u{fffd}\u{fffd}\u{fffd}"');
  });
});
