import assert from 'node:assert/strict';
import fc from 'fast-check';

import { mergePrompt, type PromptTexts } from '../../src/studio/mergePrompt.ts';

describe('the merged prompt', () => {
  it('is what the person typed where there are no instructions', () => {
    const prompt = 'a red fox,\n\n  in snow: white\nstyle: ink\nstyle: ink\n(masterpiece:1.2) <lora:fox:0.8>';
    assert.deepEqual(mergePrompt({ prompt, negative: 'blurry,  text,' }), {
      prompt,
      negative: 'blurry,  text,',
      parts: [{ from: 'prompt', text: prompt }],
    });
  });

  it('puts the person first, then item, project, brand, voice and user, and tells the parts the other way round', () => {
    const merged = mergePrompt({
      user: 'from user',
      voice: 'from voice',
      brand: 'from brand',
      project: 'from project',
      item: 'from item',
      prompt: 'a fox.',
    });
    assert.equal(merged.prompt, 'a fox.\nfrom item,\nfrom project,\nfrom brand,\nfrom voice,\nfrom user');
    assert.deepEqual(
      merged.parts.map(({ from }) => from),
      ['user', 'voice', 'brand', 'project', 'item', 'prompt'],
    );
  });

  it('keeps of lines with one name that of the most particular scope', () => {
    const merged = mergePrompt({
      user: 'Style: oil\nlight: noon',
      voice: 'palette: red',
      brand: 'style: ink',
      project: 'STYLE: chalk\nlight: dusk',
      item: 'palette: teal',
    });
    assert.equal(merged.prompt, 'palette: teal,\nSTYLE: chalk\nlight: dusk');
    assert.deepEqual(merged.parts, [
      { from: 'project', text: 'STYLE: chalk\nlight: dusk' },
      { from: 'item', text: 'palette: teal' },
    ]);
  });

  it('lets the prompt itself win by name', () => {
    assert.equal(mergePrompt({ brand: 'style: ink', prompt: 'a fox\nstyle: oil' }).prompt, 'a fox\nstyle: oil');
  });

  it('takes away what more general scopes say of a name that has no value', () => {
    const merged = mergePrompt({
      brand: 'style: ink\nwarm light',
      item: 'style:',
      prompt: 'a fox\nmood:',
      user: 'mood: x',
    });
    assert.equal(merged.prompt, 'a fox,\nwarm light');
  });

  it('keeps a name without a value where there is nothing to take away: it is a heading', () => {
    const prompt = 'a poster\nText on it:\nSALE';
    assert.equal(mergePrompt({ prompt, brand: 'Avoid:\nclutter' }).prompt, `${prompt},\nAvoid:\nclutter`);
  });

  it('counts the last line of a name within one text', () => {
    assert.equal(mergePrompt({ brand: 'style: ink\nstyle: oil' }).prompt, 'style: oil');
  });

  it('gathers the negative lines of all scopes behind what the person typed there, each phrase once', () => {
    const merged = mergePrompt({
      user: 'Negative: watermark',
      brand: 'negative: Text, logo\nwarm light\nnegative: blurry',
      item: 'negative prompt: people',
      prompt: 'a fox\nnegative: snow',
      negative: 'blurry, text',
    });
    assert.equal(merged.prompt, 'a fox,\nwarm light');
    assert.equal(merged.negative, 'blurry, text, snow, people, logo, watermark');
    assert.deepEqual(merged.parts[1], { from: 'brand', text: 'negative: Text, logo\nwarm light' });
  });

  it('leaves out lines that say what was said already', () => {
    const merged = mergePrompt({ user: 'warm light\nsoft', brand: 'Warm light', prompt: 'a fox' });
    assert.equal(merged.prompt, 'a fox,\nWarm light,\nsoft');
  });

  it('takes neither addresses, times nor weights for names', () => {
    const lines = 'https://example.com/a\nat 10:30\nfox:1.2\n(fox: red)\nthis is a sentence with a colon: yes';
    const merged = mergePrompt({ user: lines, brand: lines.split('\n').reverse().join('\n') });
    assert.deepEqual(merged.prompt.split(/,?\n/).sort(), lines.split('\n').sort());
  });

  it('reads every kind of line end', () => {
    assert.equal(
      mergePrompt({ brand: 'style: ink\r\nwarm\rsoft', item: 'style: oil' }).prompt,
      'style: oil,\nwarm\nsoft',
    );
  });

  it('takes a prompt of 100 KB and instructions as long in its stride', () => {
    const long = 'a very red fox, '.repeat(6_400);
    const merged = mergePrompt({
      prompt: long,
      brand: `${'word '.repeat(20_000)}\n${'x'.repeat(100_000)}`,
      negative: long,
    });
    assert.ok(merged.prompt.startsWith(long.trim()));
    assert.equal(merged.negative, long.trim());
  });

  it('loses no line without a name, and makes none up', () => {
    const text = fc.array(fc.stringMatching(/^[a-e ]{0,6}$/), { maxLength: 5 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(
        fc.record({ user: text, voice: text, brand: text, project: text, item: text, prompt: text }),
        (texts) => {
          const linesOf = (joined: string): Set<string> =>
            new Set(
              joined
                .split('\n')
                .map((line) => line.replace(/,$/, '').trim())
                .filter((line) => line !== ''),
            );
          const given: PromptTexts = texts;
          assert.deepEqual(linesOf(mergePrompt(given).prompt), linesOf(Object.values(texts).join('\n')));
        },
      ),
    );
  });
});
