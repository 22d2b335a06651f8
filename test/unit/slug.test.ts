import assert from 'node:assert/strict';
import fc from 'fast-check';

import { slug as slugSchema } from '../../src/protocol/studioValues.ts';
import { relpathProblem } from '../../src/base/relpath.ts';
import { LATIN_LETTERS } from '../../src/studio/latinLetters.ts';
import { freeSlug, slugOf } from '../../src/studio/slug.ts';

describe('a slug', () => {
  for (const [name, slug] of [
    ['Summer menu', 'summer-menu'],
    ['  Café  Zürich! ', 'cafe-zurich'],
    ['Smørrebrød & Straße', 'smorrebrod-strasse'],
    ['İstanbul ısı', 'istanbul-isi'],
    ['Łódź', 'lodz'],
    ['Летнее меню', 'letnee-menyu'],
    ['Щука и ёж', 'shchuka-i-ezh'],
    ['Αθήνα', 'athina'],
    ['Don’t panic', 'dont-panic'],
    ['ﬁne ①②', 'fine-12'],
    ['v1.2 — final_final', 'v1-2-final-final'],
    ['../..', 'item'],
    ['../../etc/passwd', 'etc-passwd'],
    ['C:\\Windows\\System32', 'c-windows-system32'],
    ['..', 'item'],
    ['.lakeside', 'lakeside'],
    ['🎉🎉', 'item'],
    ['🎉 party', 'party'],
    ['夏のメニュー', 'item'],
    ['\u0000\u202e\u200b', 'item'],
    ['\ud800', 'item'],
    ['CON', 'con-item'],
    ['con.', 'con-item'],
    ['LPT¹', 'lpt1-item'],
    ['Aux', 'aux-item'],
    ['nul', 'nul-item'],
    ['COM10', 'com10'],
    ['Console', 'console'],
    ['Archive', 'archive-item'],
    ['x'.repeat(500), 'x'.repeat(64)],
    [`${'x'.repeat(63)} y`, 'x'.repeat(63)],
    ['🎉'.repeat(500), 'item'],
  ] as const) {
    it(`of ${JSON.stringify(name.length > 40 ? `${name.slice(0, 20)}… (${name.length})` : name)} is ${slug}`, () => {
      assert.equal(slugOf(name, 'item'), slug);
    });
  }

  it('has a spelling for each letter of its alphabets', () => {
    assert.equal(LATIN_LETTERS.size, 12 + 25 + 29 + 9 + 2);
    for (const [letter, latin] of LATIN_LETTERS) {
      assert.equal(letter, letter.normalize('NFKD').toLowerCase());
      assert.match(latin, letter === 'ъ' || letter === 'ь' ? /^$/ : /^[a-z]+$/, letter);
    }
  });

  it('is a folder name on every system, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const slug = slugOf(name, 'item');
        assert.equal(slugSchema.parse(slug), slug);
        assert.equal(relpathProblem(slug, { windows: true }), undefined);
        assert.equal(slugOf(slug, 'item'), slug, 'a slug is its own slug');
      }),
    );
  });

  it('that is taken gets the first free number', () => {
    const taken = new Set(['a', 'a-2', 'a-4']);
    assert.equal(
      freeSlug('b', (slug) => taken.has(slug)),
      'b',
    );
    assert.equal(
      freeSlug('a', (slug) => taken.has(slug)),
      'a-3',
    );
  });

  it('stays as short as a slug may be when it gets a number', () => {
    const long = `${'x'.repeat(61)}-yz`;
    const numbered = freeSlug(long, (slug) => slug === long);
    assert.equal(numbered, `${'x'.repeat(61)}-2`);
    const tenth = freeSlug('x'.repeat(64), (slug) => !slug.endsWith('-10'));
    assert.equal(tenth, `${'x'.repeat(61)}-10`);
    for (const slug of [numbered, tenth]) assert.equal(slugSchema.parse(slug), slug);
  });
});
