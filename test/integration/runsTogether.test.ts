import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';

import { nativeFile } from '../../src/base/installation.ts';
import { LakesideError } from '../../src/base/errors.ts';
import { createEngine, type Engine } from '../../src/engine.ts';
import type { RunImage } from '../../src/protocol/studioValues.ts';
import { sidecarSchema } from '../../src/studio/runs/sidecar.ts';
import { commandSettings, generatorCommand, setCommands } from '../support/commandSettings.ts';
import { engines } from '../support/engineOn.ts';
import { ended, generate, workItem } from '../support/studioOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

function judgementOn(image: RunImage): [rating: number, pick: string] {
  const { rating, pick } = sidecarSchema.parse(JSON.parse(readFileSync(`${image.path}.json`, 'utf8'))).image;
  return [rating, pick];
}

async function madeImages(engine: Engine, count: number): Promise<RunImage[]> {
  return (await ended(engine, await generate(engine, await workItem(engine), { count }))).images;
}

describe('images that are judged', () => {
  const open = engines();
  const folder = temporaryFolder();

  it('keep rating and pick in rows, sidecars and audits, and tell how they were before', async () => {
    const engine = await open(folder());
    const images = await madeImages(engine, 2);
    const ids = images.map(({ id }) => id);
    const first = await engine.call('images.judge', { images: ids, rating: 4 });
    assert.deepEqual(
      first.before.map(({ rating, pick }) => [rating, pick]),
      [
        [0, 'none'],
        [0, 'none'],
      ],
    );
    const second = await engine.call('images.judge', { images: ids.slice(0, 1), pick: 'picked' });
    assert.deepEqual(second.before, [{ id: ids[0], rating: 4, pick: 'none' }]);
    const { images: page, total } = await engine.call('images.page', { picks: ['picked'], minRating: 4 });
    assert.deepEqual([total, page.map(({ id }) => id)], [1, ids.slice(0, 1)]);
    const { audits } = await engine.call('audits.list', { subject: 'image', id: ids[0] ?? '' });
    assert.deepEqual(
      audits.map(({ action, before, after }) => [action, before, after]),
      [
        ['image.judge', { rating: 4, pick: 'none' }, { rating: 4, pick: 'picked' }],
        ['image.judge', { rating: 0, pick: 'none' }, { rating: 4, pick: 'none' }],
      ],
    );
    for (const [index, expected] of [[4, 'picked'] as const, [4, 'none'] as const].entries()) {
      const image = images[index];
      assert.ok(image);
      while (judgementOn(image).join() !== expected.join()) await delay(5);
    }
    const [run] = (await engine.call('runs.list', {})).runs;
    assert.equal(run?.unpicked, 1);
    assert.deepEqual(
      await engine.call('images.scope', { run: run.id }).then(({ total: all, picked }) => [all, picked]),
      [2, 1],
    );
  });

  it('are judged all or none when one is not known, and not by nothing', async () => {
    const engine = await open(folder());
    const [image] = await madeImages(engine, 1);
    const ids = [image?.id ?? '', 'nobody'];
    for (const input of [{ images: ids, rating: 3 }, { images: ids.slice(0, 1) }]) {
      await assert.rejects(engine.call('images.judge', input), LakesideError);
    }
    assert.equal((await engine.call('images.get', { id: image?.id ?? '' })).image.rating, 0);
  });

  it('stay judged when their sidecar is gone', async () => {
    const engine = await open(folder());
    const [image] = await madeImages(engine, 1);
    writeFileSync(`${image?.path}.json`, 'damaged');
    const { images } = await engine.call('images.judge', { images: [image?.id ?? ''], pick: 'rejected' });
    assert.equal(images[0]?.pick, 'rejected');
  });

  it('are paged, newest first, of a run, an item, a project or all', async () => {
    const engine = await open(folder());
    const item = await workItem(engine);
    const runs = [await generate(engine, item, { count: 3 }), await generate(engine, await workItem(engine, 'Other'))];
    for (const run of runs) await ended(engine, run);
    const all = await engine.call('images.page', {});
    assert.equal(all.total, 4);
    const times = all.images.map(({ createdAt }) => createdAt);
    assert.deepEqual(
      times,
      [...times].sort((a, b) => b - a),
    );
    const second = await engine.call('images.page', { offset: 1, limit: 2 });
    assert.deepEqual(
      second.images.map(({ id }) => id),
      all.images.slice(1, 3).map(({ id }) => id),
    );
    assert.equal((await engine.call('images.page', { item })).total, 3);
    assert.equal((await engine.call('images.page', { run: runs[1] ?? '' })).total, 1);
    assert.deepEqual((await engine.call('images.scope', { item })).path, ['Summer menu', 'Poster']);
    await assert.rejects(engine.call('images.page', { item, run: runs[0] ?? '' }), LakesideError);
  });
});

describe('two windows', () => {
  const open = engines();
  const folder = temporaryFolder();
  const log = (): string => join(folder(), 'log');

  it('generate and rate at once: each run runs once, and every judgement is kept', async function () {
    this.timeout(60_000);
    const data = join(folder(), 'data');
    mkdirSync(data);
    const command = generatorCommand(['--ms', '50', '--log', log(), '--seed', '{seed}']);
    // Two engines of one process would take each other for dead, so the second window only asks.
    const first = await open(data);
    const second = await createEngine({ dataDir: data, version: '0', runQueue: false, watch: false });
    try {
      for (const engine of [first, second]) await setCommands(engine, command);
      const item = await workItem(first);
      const seeds = [10, 20, 30, 40];
      const runs = await Promise.all(
        seeds.map((seed, index) =>
          generate(index % 2 === 0 ? first : second, item, { provider: 'generator', seed, count: 2, values: {} }),
        ),
      );
      const images = (await Promise.all(runs.map((run) => ended(first, run)))).flatMap((run) => run.images);
      assert.equal(images.length, 8);
      const started = readFileSync(log(), 'utf8')
        .trim()
        .split('\n')
        .map(Number)
        .sort((a, b) => a - b);
      assert.deepEqual(
        started,
        seeds.flatMap((seed) => [seed, seed + 1]),
      );
      await Promise.all(
        images.flatMap(({ id }, index) => [
          first.call('images.judge', { images: [id], rating: index % 6 }),
          second.call('images.judge', { images: [id], pick: index % 2 === 0 ? 'picked' : 'rejected' }),
        ]),
      );
      const { images: judged } = await second.call('images.page', {});
      const byId = new Map(judged.map((image) => [image.id, image]));
      for (const [index, { id }] of images.entries()) {
        const image = byId.get(id);
        assert.deepEqual([image?.rating, image?.pick], [index % 6, index % 2 === 0 ? 'picked' : 'rejected']);
      }
    } finally {
      await second.close();
    }
  });

  it('see a run wait where no window has its provider, and its end where one cancels it', async () => {
    const data = join(folder(), 'data');
    const asking = await createEngine({ dataDir: data, version: '0', runQueue: false, watch: false });
    try {
      await setCommands(asking, generatorCommand([]));
      const run = await generate(asking, await workItem(asking), { provider: 'generator', values: {} });
      assert.equal((await asking.call('runs.get', { id: run })).run.status, 'queued');
      await asking.call('jobs.cancel', { id: run });
      const { run: canceled } = await asking.call('runs.get', { id: run });
      assert.equal(canceled.status, 'canceled');
      await asking.call('jobs.clear', {});
      assert.equal((await asking.call('runs.list', {})).runs[0]?.status, 'canceled', 'the run outlives its job');
    } finally {
      await asking.close();
    }
  });
});

describe('a run that is canceled while no process has it', () => {
  const open = engines();
  const folder = temporaryFolder();

  it('ends the program that still works for it', async () => {
    const data = join(folder(), 'data');
    const [log, pid] = [join(folder(), 'log'), join(folder(), 'pid')];
    const command = generatorCommand(['--mode', 'hang', '--pid', pid, '--log', log]);
    const engine = await open(data);
    await setCommands(engine, command);
    const run = await generate(engine, await workItem(engine), { provider: 'generator', values: {} });
    while (!existsSync(pid) || readFileSync(pid, 'utf8') === '') await delay(10);
    await engine.close();
    const asking = await createEngine({ dataDir: data, version: '0', runQueue: false, watch: false });
    await asking.call('engine.configure', { settings: commandSettings(command) });
    await asking.call('jobs.cancel', { id: run });
    await asking.close();
    const later = await open(data);
    await setCommands(later, command);
    const [program = 0] = readFileSync(pid, 'utf8').split(' ').map(Number);
    const isThere = (): boolean =>
      existsSync(`/proc/${program}`) && !readFileSync(`/proc/${program}/stat`, 'utf8').includes(') Z ');
    for (let look = 0; look < 1_000 && isThere(); look++) await delay(10);
    assert.ok(!isThere());
    for (;;) {
      const { run: settled } = await later.call('runs.get', { id: run });
      assert.equal(settled.status, 'canceled');
      if (settled.finishedAt !== null) break;
      await delay(10);
    }
  });
});

describe('a database that another process keeps locked for ten seconds', () => {
  const open = engines();
  const folder = temporaryFolder();

  it('keeps a run waiting, and loses nothing of it', async function () {
    this.timeout(60_000);
    const engine = await open(folder());
    const item = await workItem(engine);
    const run = await generate(engine, item, { count: 2 });
    const locking = new Database(join(folder(), 'lakeside.db'), { nativeBinding: nativeFile('better-sqlite3.node') });
    locking.exec('BEGIN IMMEDIATE');
    const began = Date.now();
    const judged = engine.call('items.ensure', { project: 'Summer menu', item: 'Another' });
    await delay(10_000);
    locking.exec('COMMIT');
    locking.close();
    await judged;
    const { run: made, images } = await ended(engine, run);
    assert.deepEqual([made.status, images.length], ['succeeded', 2], made.error?.message);
    assert.ok(Date.now() - began >= 10_000);
  });
});
