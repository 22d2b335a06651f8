import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Engine } from '../../src/engine.ts';
import { apply, engines, exists, put, scan } from '../support/engineOn.ts';
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
    assert.deepEqual(info.sides, {
      from: { steps: 2, copy: { count: 2, bytes: 40 }, deletes: 0, replaces: 1 },
      to: { steps: 1, copy: { count: 1, bytes: 17 }, deletes: 0, replaces: 0 },
    });
    const { result } = await apply(engine, plan);
    assert.deepEqual([result.done, result.skipped, result.undecided], [3, 1, 1]);
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

  it('free space by what another root holds verified, companions with their models, until it is enough', async () => {
    put(local(), 'loras/large.safetensors', 'x'.repeat(50_000));
    put(local(), 'loras/large.preview.png', 'its preview');
    put(local(), 'loras/large.txt', 'a note that only local has');
    put(local(), 'loras/small.safetensors', 'small');
    put(local(), 'loras/small.preview.png', 'another preview');
    put(local(), 'loras/changed.safetensors', 'as it was when it was scanned');
    put(local(), 'loras/here.safetensors', 'nobody else has it');
    put(lake(), 'elsewhere/large.safetensors', 'x'.repeat(50_000));
    for (const name of ['large.preview.png', 'small.safetensors', 'small.preview.png']) {
      put(lake(), `loras/${name}`, readFileSync(join(local(), 'loras', name), 'utf8'));
    }
    put(lake(), 'loras/changed.safetensors', 'as it was when it was scanned');
    const engine = await withRoots();
    await assert.rejects(engine.call('plans.evict', { root: 'local', rules: {} }), { code: 'NOTHING_KEPT_ELSEWHERE' });
    await scan(engine, { hash: true });
    put(local(), 'loras/changed.safetensors', 'it is not any more', Date.now() - 60_000);
    const all = await engine.call('plans.evict', { root: 'local', rules: {} });
    assert.deepEqual(await steps(engine, all.plan), [
      'delete loras/large.preview.png',
      'delete loras/large.safetensors',
      'delete loras/small.preview.png',
      'delete loras/small.safetensors',
    ]);
    assert.deepEqual(
      all.problems?.map(({ path, code }) => [path, code]),
      [['loras/changed.safetensors', 'FILE_CHANGED']],
    );
    assert.deepEqual([all.header.from.root, all.header.to.root, all.header.kind], ['lake', 'local', 'evict']);

    const old = await engine.call('plans.evict', { root: 'local', rules: { minSize: 10_000, olderThanDays: 30 } });
    assert.deepEqual(await steps(engine, old.plan), [
      'delete loras/large.preview.png',
      'delete loras/large.safetensors',
    ]);
    const [, large] = (await engine.call('plans.page', { plan: old.plan })).items;
    assert.equal(large?.fromPath, 'elsewhere/large.safetensors');
    const young = await engine.call('plans.evict', { root: 'local', rules: { olderThanDays: 100_000 } });
    assert.equal(young.header.summary.delete.count, 0);
    const enough = await engine.call('plans.evict', { root: 'local', rules: { freeBytes: 1 } });
    assert.deepEqual([enough.header.summary.delete.count, enough.notes.length], [0, 1]);
    const never = await engine.call('plans.evict', { root: 'local', rules: { freeBytes: 2 ** 52 } });
    assert.match(never.notes.at(-1) ?? '', /With all that may go/);

    const { result } = await apply(engine, old.plan);
    assert.deepEqual([result.done, result.skipped, result.failed], [2, 0, 0]);
    assert.ok(!exists(local(), 'loras/large.safetensors'));
    assert.ok(exists(local(), 'loras/large.txt'), 'what nobody else has stays');
    assert.ok(!exists(local(), '.lakeside/trash'));
    const { files } = await engine.call('library.hashes', { root: 'local' });
    assert.ok(!files.some(({ path }) => path === 'loras/large.safetensors'));
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
