import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Engine } from '../../src/engine.ts';
import type { UseCaseOutput } from '../../src/protocol/useCases.ts';
import { engines } from '../support/engineOn.ts';
import { ended, generate, workItem } from '../support/studioOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('the overview', () => {
  const folder = temporaryFolder();
  const open = engines();
  let engine: Engine;
  const overview = (): Promise<UseCaseOutput<'overview.get'>> => engine.call('overview.get', {});

  beforeEach(async () => {
    engine = await open(join(folder(), 'data'));
  });

  it('is empty where there is nothing yet', async () => {
    assert.deepEqual(await overview(), {
      ...{ jobs: [], runs: [], failures: [], toPick: [], latest: [], roots: [] },
      counts: { brands: 0, projects: 0, items: 0, runs: 0, images: 0 },
    });
  });

  it('tells of runs, failures, what waits for a pick, images, roots, and how much there is', async () => {
    mkdirSync(join(folder(), 'models'));
    await engine.call('roots.add', { name: 'local', path: join(folder(), 'models') });
    const item = await workItem(engine);
    const first = await ended(engine, await generate(engine, item, { count: 2 }));
    const second = await ended(engine, await generate(engine, item));
    const failed = await ended(engine, await generate(engine, item, { values: { width: 3 } }));
    const [judged] = second.images;
    assert.ok(judged !== undefined);
    await engine.call('images.judge', { images: [judged.id], pick: 'picked' });

    const { jobs, runs, failures, toPick, latest, roots, counts } = await overview();
    const ids = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);
    assert.deepEqual(jobs, []);
    assert.deepEqual(ids(runs), [failed.run.id, second.run.id, first.run.id]);
    assert.deepEqual(ids(failures), [failed.run.id]);
    assert.equal(failures[0]?.error?.code, 'VALUE_INVALID');
    assert.deepEqual(ids(toPick), [first.run.id]);
    assert.deepEqual(ids(latest).sort(), ids([...first.images, ...second.images]).sort());
    assert.deepEqual(
      roots.map(({ name, mounted }) => [name, mounted]),
      [['local', true]],
    );
    assert.deepEqual(counts, { brands: 1, projects: 1, items: 1, runs: 3, images: 3 });
    const listed = (await engine.call('items.list', {})).items;
    assert.deepEqual(
      listed.map(({ runs: made, images, picked }) => ({ made, images, picked })),
      [{ made: 3, images: 3, picked: 1 }],
    );
    assert.equal((await engine.call('projects.list', {})).projects[0]?.images, 3);
  });

  it('counts nothing that is archived, and asks for no pick there', async () => {
    const id = await workItem(engine);
    await ended(engine, await generate(engine, id));
    const { item } = await engine.call('items.get', { id });
    await engine.call('projects.update', { id: item.project.id, archived: true });
    const { toPick, counts } = await overview();
    assert.deepEqual(toPick, []);
    assert.deepEqual(counts, { brands: 1, projects: 0, items: 0, runs: 1, images: 1 });
  });
});
