import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Engine } from '../../src/engine.ts';
import { LakesideError } from '../../src/base/errors.ts';
import { runCommand } from '../support/commandLine.ts';
import { apply, engines, exists, over, put, scan } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { openTwoRoots } from '../support/twoRoots.ts';

describe('Applying a plan that takes much away', () => {
  const folder = temporaryFolder();
  const open = engines();
  let engine: Engine;

  beforeEach(async () => {
    const { engine: opened, local, lake } = await openTwoRoots(open, folder());
    engine = opened;
    for (let index = 0; index < 60; index++) {
      if (index >= 24) put(local, `models/${index}.bin`, `model ${index}`);
      put(lake, `models/${index}.bin`, index < 30 ? `older ${index}` : `model ${index}`);
    }
    await scan(engine, { hash: true });
  });

  it('is refused without a confirmation, which the plan asks for in numbers, and with one of other numbers', async () => {
    const { plan } = await engine.call('plans.mirror', { from: 'local', to: 'lake', delete: true });
    const { confirmation } = await engine.call('plans.info', { plan });
    assert.deepEqual(confirmation, {
      deletes: 24,
      replaces: 6,
      files: 60,
      question: 'This plan deletes 24 files and replaces 6 in Lake, 50 % of its 60 files.',
      afterwards: 'They go to the trash of their root, and stay there for 30 days.',
    });
    for (const confirmed of [undefined, { deletes: 24, replaces: 5 }]) {
      await assert.rejects(
        engine.call('plans.apply', { plan, ...(confirmed === undefined ? {} : { confirmed }) }),
        (error: unknown) => {
          assert.ok(error instanceof LakesideError);
          assert.equal(error.code, 'PLAN_NEEDS_CONFIRMATION');
          assert.equal(error.category, 'policy');
          assert.deepEqual({ ...error.context, plan: '' }, { plan: '', deletes: 24, replaces: 6, files: 60 });
          assert.match(error.message, /deletes 24 files and replaces 6 in Lake/);
          const other = ' Confirmed were 24 deletes and 5 replacements.';
          assert.equal(error.message.endsWith(other), confirmed !== undefined, error.message);
          return true;
        },
      );
    }
    assert.ok(exists(join(folder(), 'lake'), 'models/0.bin'));
    const { job } = await engine.call('plans.apply', { plan, confirmed: { deletes: 24, replaces: 6 } });
    const [ended] = await over(engine, [job]);
    assert.equal(ended?.status, 'succeeded');
    assert.ok(!exists(join(folder(), 'lake'), 'models/0.bin'));
  });

  it('counts ticked steps alone', async () => {
    const { plan } = await engine.call('plans.mirror', { from: 'local', to: 'lake', delete: true });
    const info = await engine.call('plans.tick', { plan, ticked: false, filter: { ops: ['delete'] } });
    assert.equal(info.confirmation, undefined);
    const { job } = await apply(engine, plan);
    assert.equal(job.status, 'succeeded');
    // That those steps were applied says nothing of the others.
    await engine.call('plans.tick', { plan, ticked: true });
    await assert.rejects(engine.call('plans.apply', { plan }), { code: 'PLAN_NEEDS_CONFIRMATION' });
  });

  it('ends the command line with 2 and the flags that confirm it', async () => {
    const out = join(folder(), 'much.lakeplan.json');
    await engine.call('plans.mirror', { from: 'local', to: 'lake', delete: true, out });
    await engine.close();
    const dataDir = join(folder(), 'data');
    const refused = await runCommand({ dataDir }, 'apply', out);
    assert.equal(refused.code, 2);
    assert.match(
      refused.errors,
      /deletes 24 files and replaces 6 in Lake.* Add: --confirm-deletes 24 --confirm-replaces 6/,
    );
    const wrong = await runCommand({ dataDir }, 'apply', out, '--confirm-deletes', '24');
    assert.equal(wrong.code, 2);
    const done = await runCommand({ dataDir }, 'apply', out, '--confirm-deletes', '24', '--confirm-replaces', '6');
    assert.equal(done.code, 0, done.errors);
    assert.ok(!exists(join(folder(), 'lake'), 'models/0.bin'));
    const again = await runCommand({ dataDir }, 'apply', out);
    assert.equal(again.code, 0, 'what was confirmed once is not asked again');
  });
});

describe('With the trash turned off', () => {
  const folder = temporaryFolder();
  const open = engines();
  let engine: Engine;
  const local = (): string => join(folder(), 'local');
  const lake = (): string => join(folder(), 'lake');

  beforeEach(async () => {
    for (const root of [local(), lake()]) mkdirSync(root);
    engine = await open(join(folder(), 'data'));
    await engine.call('roots.add', { name: 'local', path: local() });
    await engine.call('roots.add', { name: 'lake', path: lake(), allowDelete: true });
    await engine.call('engine.configure', { settings: { 'trash.enabled': false } });
    put(local(), 'a.bin', 'kept');
    put(lake(), 'twice.bin', 'kept');
    put(lake(), 'a.bin', 'kept');
    put(lake(), 'only.bin', 'only');
    put(local(), 'r.bin', 'new');
    put(lake(), 'r.bin', 'only one too', 1_500_000_000_000);
    // Not hashed: found out when it matters.
    await scan(engine);
  });

  it('an apply removes and replaces what another file keeps, and no last copy', async () => {
    const { plan } = await engine.call('plans.mirror', { from: 'local', to: 'lake', delete: true });
    await scan(engine, { hash: true });
    const { result } = await apply(engine, plan);
    assert.deepEqual(
      result.items.map(({ path, status, code }) => [path, code ?? status]),
      [
        ['only.bin', 'LAST_COPY'],
        ['r.bin', 'LAST_COPY'],
        ['twice.bin', 'done'],
      ],
    );
    assert.ok(exists(lake(), 'only.bin') && !exists(lake(), 'twice.bin'));
  });

  it('a file whose hash is not known is hashed first', async () => {
    await engine.call('library.hash', { root: 'local' }).then(({ job }) => over(engine, [job]));
    const { plan } = await engine.call('plans.mirror', { from: 'local', to: 'lake', delete: true });
    const { result } = await apply(engine, plan);
    assert.equal(result.items.find(({ path }) => path === 'twice.bin')?.status, 'done');
    assert.equal(result.items.find(({ path }) => path === 'only.bin')?.code, 'LAST_COPY');
  });

  it('the last copy goes where the plan names that file, which its seal covers', async () => {
    await scan(engine, { hash: true });
    const { plan } = await engine.call('plans.mirror', { from: 'local', to: 'lake', delete: true });
    const named = await engine.call('plans.nameLastCopies', { plan, paths: ['only.bin'], allowed: true });
    assert.equal(named.dirty, true);
    const reverted = await engine.call('plans.revert', { plan });
    assert.equal(reverted.dirty, false);
    await assert.rejects(engine.call('plans.nameLastCopies', { plan, paths: ['none.bin'], allowed: true }), {
      code: 'PLAN_PATH_UNKNOWN',
    });
    await engine.call('plans.nameLastCopies', { plan, paths: ['only.bin'], allowed: true });
    const file = join(folder(), 'named.lakeplan.json');
    assert.equal((await engine.call('plans.save', { plan, path: file })).dirty, false);
    const opened = await engine.call('plans.open', { path: file });
    const page = await engine.call('plans.page', { plan: opened.plan });
    assert.deepEqual(
      page.items.map(({ path, lastCopy }) => [path, lastCopy ?? false]),
      [
        ['only.bin', true],
        ['r.bin', false],
        ['twice.bin', false],
      ],
    );
    const { result } = await apply(engine, opened.plan);
    assert.equal(result.items.find(({ path }) => path === 'only.bin')?.status, 'done');
    assert.ok(!exists(lake(), 'only.bin'));
    assert.equal(result.items.find(({ path }) => path === 'r.bin')?.code, 'LAST_COPY');
  });
});
