import assert from 'node:assert/strict';
import { join } from 'node:path';

import { LakesideError } from '../../src/base/errors.ts';
import type { Engine } from '../../src/engine.ts';
import { engines } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

async function refusal(promise: Promise<unknown>): Promise<LakesideError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof LakesideError, `refused with ${String(error)}`);
  if (error.code !== 'INVALID_INPUT') assert.match(error.message, /\w+ .* \w+.*[.)]$/s, 'the refusal is a sentence');
  return error;
}

describe('brands, projects and work items', () => {
  const folder = temporaryFolder();
  const start = engines();
  const data = (): string => join(folder(), 'data');
  let engine: Engine;

  beforeEach(async () => {
    engine = await start(data());
  });

  it('come one in the other, each with its folder name and counts', async () => {
    const { brand } = await engine.call('brands.add', { name: 'Café Zürich', voice: 'warm light' });
    assert.deepEqual(
      [brand.slug, brand.voice, brand.projects, brand.archived],
      ['cafe-zurich', 'warm light', 0, false],
    );
    const { project } = await engine.call('projects.add', { name: 'Summer menu', brand: brand.id });
    assert.deepEqual(
      [project.slug, project.brand.slug, project.currency, project.imagesFolder],
      ['summer-menu', 'cafe-zurich', 'USD', join(data(), 'images')],
    );
    const { item } = await engine.call('items.add', {
      project: project.id,
      name: 'Poster',
      brief: 'A jug of lemonade',
    });
    assert.deepEqual([item.slug, item.project.slug, item.brief], ['poster', 'summer-menu', 'A jug of lemonade']);
    assert.deepEqual([item.runs, item.images, item.picked], [0, 0, 0]);
    assert.deepEqual((await engine.call('items.get', { id: item.id })).item, item);
    assert.equal((await engine.call('brands.list', {})).brands[0]?.projects, 1);
    assert.equal((await engine.call('projects.list', { brand: brand.id })).projects[0]?.items, 1);
    assert.deepEqual((await engine.call('items.list', { project: project.id })).items, [item]);
  });

  it('are refused where they are not known', async () => {
    assert.equal((await refusal(engine.call('items.get', { id: 'nope' }))).code, 'ITEM_UNKNOWN');
  });
});
