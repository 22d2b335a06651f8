import assert from 'node:assert/strict';

import { companionParts, modelParts, modelStems } from '../../src/library/companions.ts';

/** Which of these names are companions of the model, by its stem. */
function companionsOf(model: string, names: readonly string[]): string[] {
  const stem = modelParts(model)?.stem;
  return names.filter((name) => companionParts(name).some((parts) => parts.stem === stem));
}

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
    assert.deepEqual(companionsOf('cat.safetensors', siblings), [
      'cat.preview.png',
      'cat.civitai.info',
      'cat.cm-info.json',
      'cat.metadata.json',
      'cat.json',
      'cat.yaml',
      'cat.txt',
      'cat.webp',
    ]);
  });

  it('keeps dots of the stem', () => {
    assert.deepEqual(companionsOf('v1.5.safetensors', ['v1.5.preview.PNG', 'v1.preview.png', 'v1.5.txt']), [
      'v1.5.preview.PNG',
      'v1.5.txt',
    ]);
  });

  it('knows models by their endings, in any case', () => {
    assert.deepEqual([...modelStems(['a/cat.safetensors', 'a/cat.GGUF', 'a/dog.pt', 'a/dog.txt'])], ['a/cat', 'a/dog']);
    assert.deepEqual([...modelStems(['notes.txt', 'loras/.safetensors'])], []);
  });

  it('reads the longest suffix first when a name can be read in two ways', () => {
    assert.deepEqual(
      companionParts('a/x.preview.png').map(({ stem }) => stem),
      ['a/x', 'a/x.preview'],
    );
  });
});
