import assert from 'node:assert/strict';

import { generationText } from '../../src/host/generationText.ts';
import { sampleGenerationData } from '../support/sampleStudio.ts';

describe('the text of what an image says', () => {
  it('lists what is known, and leaves out what is not', () => {
    const text = generationText(
      'a.png',
      sampleGenerationData({
        prompt: 'a fox',
        seed: '18446744073709551615',
        steps: 20,
        loras: [{ name: 'ink', strength: 0.8 }],
      }),
    );
    assert.equal(
      text,
      [
        '# a.png',
        '',
        'Made with  ComfyUI',
        'Image      512 × 512, PNG, 293 KB',
        'Seed       18446744073709551615',
        'Steps      20',
        'LoRA       ink (0.8)',
        '',
        '## Prompt',
        '',
        'a fox',
        '',
      ].join('\n'),
    );
  });

  it('says so where the file says nothing', () => {
    const text = generationText('a.jpg', sampleGenerationData({ source: 'unknown', format: 'jpeg' }));
    assert.match(text, /The file does not say how it was made\./);
  });

  it('indents graphs, and keeps what is not JSON as it is', () => {
    const text = generationText('a.png', sampleGenerationData({ graph: '{"1":{}}', workflow: '{"x": NaN}' }));
    assert.match(text, /## Graph \(API format\)\n\n\{\n {2}"1": \{\}\n\}/);
    assert.match(text, /## Workflow\n\n\{"x": NaN\}/);
  });
});
