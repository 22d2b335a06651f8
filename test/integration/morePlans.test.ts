import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Engine } from '../../src/engine.ts';
import { apply, engines, put, scan } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('plans of more kinds', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  const start = engines();
  const local = (): string => join(folder(), 'local');
  const lake = (): string => join(folder(), 'lake');

  async function withRoots(): Promise<Engine> {
    for (const root of [local(), lake()]) mkdirSync(root, { recursive: true });
    const engine = await start(join(folder(), 'data'));
    await engine.call('roots.add', { name: 'local', path: local() });
    await engine.call('roots.add', { name: 'lake', path: lake() });
    await scan(engine);
    return engine;
  }

  async function steps(engine: Engine, plan: string): Promise<string[]> {
    const { items } = await engine.call('plans.page', { plan });
    return items.map(({ op, path, movedFrom, direction }) =>
      [op, movedFrom, path, direction].filter((part) => part !== undefined).join(' '),
    );
  }

  it('find renamed folders by size and name, and hash only those', async () => {
    put(local(), 'loras/style/cat.safetensors', 'a cat');
    put(local(), 'loras/style/cat.preview.png', 'its preview');
    put(local(), 'loras/other.safetensors', 'not the same name');
    put(lake(), 'loras/new style/cat.safetensors', 'a cat');
    put(lake(), 'loras/new style/cat.preview.png', 'its preview');
    put(lake(), 'loras/another.safetensors', 'not the same name');
    const engine = await withRoots();
    const pair = { from: 'lake', to: 'local' };
    const quick = await engine.call('plans.mirror', pair);
    assert.deepEqual([quick.header.summary.copy.count, quick.header.summary.move.count], [3, 0]);
    const found = await engine.call('plans.mirror', { ...pair, findMoves: true });
    assert.deepEqual(await steps(engine, found.plan), [
      'copy loras/another.safetensors',
      'move loras/style/cat.preview.png loras/new style/cat.preview.png',
      'move loras/style/cat.safetensors loras/new style/cat.safetensors',
    ]);
    assert.equal(found.header.options.findMoves, true);
    const hashed = (await engine.call('library.hashes', { root: 'lake' })).files.filter(
      ({ blake3 }) => blake3 !== null,
    );
    assert.deepEqual(
      hashed.map(({ path }) => path),
      ['loras/new style/cat.preview.png', 'loras/new style/cat.safetensors'],
    );
    const jobs = await engine.call('jobs.list', {});
    await engine.call('library.diff', { ...pair, findMoves: true });
    assert.equal((await engine.call('jobs.list', {})).jobs.length, jobs.jobs.length, 'nothing is left to hash');
  });

  it('bring two roots together once conflicts are decided, and the index knows it', async () => {
    put(local(), 'loras/mine.safetensors', 'only local has it');
    put(lake(), 'loras/theirs.safetensors', 'only the lake has it');
    put(local(), 'notes.txt', 'an older note');
    put(lake(), 'notes.txt', 'a newer note, longer');
    put(local(), 'todo.txt', 'of local');
    put(lake(), 'todo.txt', 'of the lake, longer');
    const engine = await withRoots();
    const pair = { from: 'local', to: 'lake' };
    const { plan, header } = await engine.call('plans.both', pair);
    assert.deepEqual([header.summary.copy.count, header.summary.conflict?.count], [2, 2]);
    const info = await engine.call('plans.resolve', { plan, keep: 'to', filter: { text: 'notes' } });
    assert.deepEqual([info.ticked.copy.count, info.all?.conflict?.count, info.replaces, info.dirty], [3, 1, 1, true]);
    const { result } = await apply(engine, plan);
    assert.deepEqual([result.done, result.skipped], [3, 1]);
    assert.deepEqual(
      result.items.filter(({ status }) => status === 'skipped').map(({ path, code }) => [path, code]),
      [['todo.txt', 'CONFLICT_UNDECIDED']],
    );
    assert.equal(readFileSync(join(local(), 'notes.txt'), 'utf8'), 'a newer note, longer');
    const { items } = await engine.call('library.diff', pair);
    assert.deepEqual(
      items.map(({ path, state }) => [path, state]),
      [['todo.txt', 'different']],
    );
    const mirror = await engine.call('plans.mirror', pair);
    await assert.rejects(engine.call('plans.resolve', { plan: mirror.plan, keep: 'to' }), {
      code: 'PLAN_WITHOUT_CONFLICTS',
    });
  });

  it('are about a part of the library, companions with their models, and nothing else', async () => {
    put(lake(), 'loras/cat.safetensors', 'a cat, which is larger');
    put(lake(), 'loras/cat.preview.png', 'small');
    put(lake(), 'vae/x.pt', 'elsewhere');
    put(local(), 'loras/gone.safetensors', 'only here, and large enough');
    put(local(), 'vae/gone.pt', 'only here, elsewhere');
    const engine = await withRoots();
    const pair = { from: 'lake', to: 'local' };
    const mirror = await engine.call('plans.mirror', {
      ...pair,
      delete: true,
      select: { folders: ['loras'], minSize: 10 },
    });
    assert.deepEqual(await steps(engine, mirror.plan), [
      'copy loras/cat.preview.png',
      'copy loras/cat.safetensors',
      'delete loras/gone.safetensors',
    ]);
    const update = await engine.call('plans.update', { ...pair, select: { globs: ['**/*.pt'] } });
    assert.deepEqual(await steps(engine, update.plan), ['copy vae/x.pt']);
    await assert.rejects(engine.call('plans.update', { ...pair, select: { folders: ['lora'] } }), {
      code: 'PATH_UNKNOWN',
    });
  });
});
