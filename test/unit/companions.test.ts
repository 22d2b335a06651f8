import assert from 'node:assert/strict';

import { companionParts, companionsOf, modelOf } from '../../src/library/companions.ts';

describe('companions', () => {
  it('finds the previews and sidecars of a model by its stem, and nothing else', () => {
    const siblings = [
      'cat.safetensors',
      'cat.preview.png',
      'cat.civitai.info',
      'cat.cm-info.json',
      'cat.metadata.json',
      'cat.json',
      'cat.yaml',
      'cat.txt',
      'cat.webp',
      'cat-2.preview.png',
      'category.txt',
      'cat.zip',
    ];
    assert.deepEqual(companionsOf('loras/cat.safetensors', siblings), [
      'loras/cat.preview.png',
      'loras/cat.civitai.info',
      'loras/cat.cm-info.json',
      'loras/cat.metadata.json',
      'loras/cat.json',
      'loras/cat.yaml',
      'loras/cat.txt',
      'loras/cat.webp',
    ]);
  });

  it('keeps dots of the stem', () => {
    assert.deepEqual(companionsOf('v1.5.safetensors', ['v1.5.preview.PNG', 'v1.preview.png', 'v1.5.txt']), [
      'v1.5.preview.PNG',
      'v1.5.txt',
    ]);
  });

  it('gives a file without a model extension no companions', () => {
    assert.deepEqual(companionsOf('notes.txt', ['notes.json']), []);
    assert.deepEqual(companionsOf('loras/.safetensors', ['.png']), []);
  });

  it('names the model of a companion', () => {
    assert.equal(modelOf('loras/cat.preview.png', ['dog.ckpt', 'cat.safetensors']), 'loras/cat.safetensors');
    assert.equal(modelOf('cat.txt', ['cat.pt', 'cat.safetensors']), 'cat.safetensors');
    assert.equal(modelOf('cat.txt', ['dog.pt']), undefined);
    assert.equal(modelOf('cat.safetensors', ['cat.safetensors']), undefined);
  });

  it('prefers the longest suffix when a name can be read in two ways', () => {
    assert.deepEqual(
      companionParts('a/x.preview.png').map(({ stem }) => stem),
      ['a/x', 'a/x.preview'],
    );
    assert.equal(modelOf('x.preview.png', ['x.preview.pt', 'x.pt']), 'x.pt');
    assert.equal(modelOf('x.preview.png', ['x.preview.pt']), 'x.preview.pt');
  });
});
