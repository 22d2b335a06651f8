import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Engine } from '../../src/engine.ts';
import { trashReportSchema, type TrashReport } from '../../src/protocol/values.ts';
import { errorDocument, trashDocument, trashReportDocument } from '../support/cliSchemas.ts';
import { type CommandResult, documentOf, runCommand } from '../support/commandLine.ts';
import { apply, engines, exists, OLD_MS, over, put, scan } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { openTwoRoots } from '../support/twoRoots.ts';

describe('The trash', () => {
  const folder = temporaryFolder();
  const open = engines();
  let engine: Engine;
  let local: string;
  let lake: string;

  beforeEach(async () => {
    ({ engine, local, lake } = await openTwoRoots(open, folder()));
  });

  /** Mirrors Local to Lake with deletes; gives the apply's job. */
  async function mirror(): Promise<string> {
    await scan(engine, { hash: true });
    const { plan } = await engine.call('plans.mirror', { from: 'local', to: 'lake', delete: true });
    const { job } = await apply(engine, plan);
    assert.equal(job.status, 'succeeded', job.error?.message);
    return job.id;
  }

  async function list(text?: string): ReturnType<typeof engine.call<'trash.list'>> {
    return engine.call('trash.list', { fresh: true, ...(text === undefined ? {} : { text }) });
  }

  async function ended(job: string): Promise<TrashReport> {
    const [done] = await over(engine, [job]);
    assert.equal(done?.status, 'succeeded', done?.error?.message);
    return trashReportSchema.parse(done.result);
  }

  const restore = async (ids: string[]): Promise<TrashReport> =>
    ended((await engine.call('trash.restore', { root: 'lake', ids })).job);
  const purge = async (asked: {
    ids?: string[];
    olderThanDays?: number;
    lastCopies?: string[];
  }): Promise<TrashReport> => ended((await engine.call('trash.purge', { root: 'lake', ...asked })).job);
  const idOf = async (path: string): Promise<string> =>
    (await list()).items.find((item) => item.path === path)?.id ?? assert.fail(`${path} is not in the trash`);

  describe('after an apply', () => {
    it('holds what was deleted and replaced, with the job that put it there and its hash', async () => {
      put(local, 'a.bin', 'new A');
      put(lake, 'a.bin', 'old A', OLD_MS - 10_000);
      put(lake, 'gone/b.bin', 'B');
      const job = await mirror();
      const { total, bytes, items } = await engine.call('trash.list', {});
      assert.deepEqual({ total, bytes }, { total: 2, bytes: 6 });
      assert.deepEqual(
        items.map((item) => [item.root, item.path, item.size, item.mtimeMs, item.job, item.lastCopy]),
        [
          ['lake', 'a.bin', 5, OLD_MS - 10_000, job, true],
          ['lake', 'gone/b.bin', 1, OLD_MS, job, true],
        ],
      );
      assert.ok(items.every(({ blake3 }) => blake3 !== undefined));
    });

    it('finds by text whatever its case, and pages', async () => {
      for (const name of ['Éclair', 'b', 'c', 'd']) put(lake, `loras/${name}.bin`, name);
      await mirror();
      assert.deepEqual(
        (await list('éCL')).items.map(({ path }) => path),
        ['loras/Éclair.bin'],
      );
      assert.equal((await list('LORAS/B')).total, 1);
      const page = await engine.call('trash.list', { offset: 1, limit: 2 });
      assert.deepEqual([page.total, page.items.map(({ path }) => path)], [4, ['loras/c.bin', 'loras/d.bin']]);
    });
  });

  describe('filled and emptied by others', () => {
    it('is what lies on the disk', async () => {
      put(lake, 'a.bin', 'A');
      put(lake, 'b.bin', 'B');
      await mirror();
      const trash = join(lake, '.lakeside', 'trash');
      const [ours = assert.fail()] = readdirSync(trash);
      rmSync(join(trash, ours, 'a.bin'));
      put(lake, '.lakeside/trash/2020-01-02T03-04-05-678Z-0123456789ab/x/old.bin', 'from another machine');
      put(lake, '.lakeside/trash/put here by hand/y.bin', 'Y');
      const { items } = await list();
      assert.deepEqual(items.map(({ path }) => path).sort(), ['b.bin', 'x/old.bin', 'y.bin']);
      const old = items.find(({ path }) => path === 'x/old.bin');
      assert.equal(old?.trashedAt, Date.UTC(2020, 0, 2, 3, 4, 5, 678));
      assert.equal(old.job, undefined);
    });

    it('follows no link out of the root', async () => {
      put(folder(), 'outside/secret.bin', 'S');
      mkdirSync(join(lake, '.lakeside', 'trash'), { recursive: true });
      symlinkSync(join(folder(), 'outside'), join(lake, '.lakeside', 'trash', 'link'));
      put(lake, '.lakeside/trash/real/a.bin', 'A');
      symlinkSync(join(folder(), 'outside'), join(lake, '.lakeside', 'trash', 'real', 'b'));
      assert.deepEqual(
        (await list()).items.map(({ path }) => path),
        ['a.bin'],
      );
    });
  });

  describe('restore', () => {
    it('brings files back with their time, and companions with their model', async () => {
      put(lake, 'loras/x.safetensors', 'X');
      put(lake, 'loras/x.preview.png', 'picture');
      put(lake, 'loras/other.bin', 'O');
      await mirror();
      const viewsAreTold = new Promise<void>((resolve) =>
        engine.on('changed')(({ topics }) => topics.includes('trash') && resolve()),
      );
      const report = await restore([await idOf('loras/x.safetensors')]);
      await viewsAreTold;
      assert.deepEqual({ ...report, ms: 0 }, { done: 2, kept: 0, bytes: 8, problems: [], ms: 0 });
      assert.equal(readFileSync(join(lake, 'loras/x.safetensors'), 'utf8'), 'X');
      assert.ok(exists(lake, 'loras/x.preview.png'));
      assert.deepEqual(
        (await list()).items.map(({ path }) => path),
        ['loras/other.bin'],
      );
      const { files } = await engine.call('library.hashes', { root: 'lake' });
      assert.deepEqual(
        files.map(({ path, mtimeMs, blake3 }) => [path, mtimeMs, typeof blake3]),
        [
          ['loras/x.preview.png', OLD_MS, 'string'],
          ['loras/x.safetensors', OLD_MS, 'string'],
        ],
      );
    });

    it('never overwrites: a place that is taken by now is told by name', async () => {
      put(local, 'a.bin', 'new A');
      put(lake, 'a.bin', 'old A', OLD_MS - 10_000);
      await mirror();
      const report = await restore([await idOf('a.bin')]);
      assert.deepEqual([report.done, report.kept], [0, 1]);
      assert.equal(report.problems[0]?.code, 'TARGET_EXISTS');
      assert.match(report.problems[0].message, /a\.bin .* is taken by now/);
      assert.equal(readFileSync(join(lake, 'a.bin'), 'utf8'), 'new A');
      assert.equal((await list()).total, 1);
    });

    it('leaves no empty folders in the trash', async () => {
      put(lake, 'deep/er/a.bin', 'A');
      await mirror();
      await restore([await idOf('deep/er/a.bin')]);
      assert.ok(!exists(lake, '.lakeside/trash') || readdirSync(join(lake, '.lakeside', 'trash')).length === 0);
      assert.ok(exists(lake, 'deep/er/a.bin'));
    });
  });

  describe('purge', () => {
    it('removes what another file holds, and keeps the last copy of a content', async () => {
      put(local, 'kept.bin', 'same');
      put(lake, 'twice.bin', 'same');
      put(lake, 'only.bin', 'only here');
      put(local, 'other.bin', 'different');
      put(lake, 'other.bin', 'same', OLD_MS - 10_000);
      await mirror();
      const report = await purge({ olderThanDays: 0 });
      assert.deepEqual([report.done, report.kept, report.bytes], [1, 1, 4]);
      assert.deepEqual(
        report.problems.map(({ path, code }) => [path, code]),
        [['only.bin', 'LAST_COPY']],
      );
      assert.deepEqual(
        (await list()).items.map(({ path }) => path),
        ['only.bin'],
      );
    });

    it('removes the last copy where it is named', async () => {
      put(lake, 'only.bin', 'only here');
      await mirror();
      const id = await idOf('only.bin');
      assert.deepEqual((await purge({ ids: [id] })).kept, 1);
      const report = await purge({ ids: [id], lastCopies: [id] });
      assert.deepEqual([report.done, report.kept], [1, 0]);
      assert.equal((await list()).total, 0);
    });

    it('keeps one of two that lie in the trash with the same content', async () => {
      put(lake, 'one.bin', 'same');
      put(lake, 'two.bin', 'same');
      await mirror();
      const { items } = await list();
      assert.deepEqual(
        items.map(({ lastCopy }) => lastCopy),
        [false, false],
      );
      const report = await purge({ ids: items.map(({ id }) => id) });
      assert.deepEqual([report.done, report.kept], [1, 1]);
      assert.deepEqual(
        (await list()).items.map(({ lastCopy }) => lastCopy),
        [true],
      );
    });

    it('hashes first what has no hash', async () => {
      put(local, 'kept.bin', 'same');
      put(lake, '.lakeside/trash/by hand/twice.bin', 'same');
      put(lake, '.lakeside/trash/by hand/only.bin', 'only');
      await scan(engine, { hash: true });
      await list();
      const report = await purge({ olderThanDays: 0 });
      assert.deepEqual([report.done, report.kept], [1, 1]);
      const [left] = (await list()).items;
      assert.deepEqual([left?.path, typeof left?.blake3], ['only.bin', 'string']);
    });

    it('relies on no file that has changed or gone since it was hashed', async () => {
      put(local, 'kept.bin', 'same');
      put(lake, 'twice.bin', 'same');
      put(local, 'twice.bin', 'other');
      await scan(engine, { hash: true });
      const { plan } = await engine.call('plans.mirror', { from: 'local', to: 'lake', delete: true });
      await apply(engine, plan);
      // Of `kept.bin` there are two by now.
      for (const root of [local, lake]) writeFileSync(join(root, 'kept.bin'), 'changed behind our back');
      const report = await purge({ olderThanDays: 0 });
      assert.deepEqual(
        report.problems.map(({ path, code }) => [path, code]),
        [['twice.bin', 'LAST_COPY']],
      );
    });

    it('relies on no file that was found to be damaged', async () => {
      put(local, 'kept.bin', 'same');
      put(lake, 'twice.bin', 'same');
      put(lake, 'kept.bin', 'same');
      await mirror();
      // Size and time stay: only reading it again tells.
      for (const [name, root] of Object.entries({ local, lake })) {
        put(root, 'kept.bin', 'rots');
        await over(engine, [(await engine.call('library.verify', { root: name })).job]);
      }
      const report = await purge({ olderThanDays: 0 });
      assert.deepEqual(
        report.problems.map(({ path, code }) => [path, code]),
        [['twice.bin', 'LAST_COPY']],
      );
    });

    it('relies on no file of a root that is away', async () => {
      put(local, 'kept.bin', 'same');
      put(lake, '.lakeside/trash/by hand/twice.bin', 'same');
      await scan(engine, { hash: true });
      await list();
      renameSync(local, `${local}-away`);
      const report = await purge({ olderThanDays: 0 });
      assert.equal(report.problems[0]?.code, 'LAST_COPY');
      assert.equal(report.done, 0);
    });

    it('takes only what has lain there long enough', async () => {
      put(local, 'kept.bin', 'same');
      put(local, 'a.bin', 'A');
      put(lake, 'kept.bin', 'same');
      put(lake, 'a.bin', 'same', OLD_MS - 10_000);
      put(lake, '.lakeside/trash/2020-01-02T03-04-05-678Z-0123456789ab/old.bin', 'same');
      await mirror();
      await list();
      const report = await purge({ olderThanDays: 30 });
      assert.deepEqual([report.done, report.kept], [1, 0]);
      assert.deepEqual(
        (await list()).items.map(({ path }) => path),
        ['a.bin'],
      );
    });

    it('says what is missing where nothing is named', async () => {
      await assert.rejects(engine.call('trash.purge', { root: 'lake' }), { code: 'TRASH_NOTHING_NAMED' });
    });
  });

  it('says that a root is away', async () => {
    renameSync(lake, `${lake}-away`);
    await assert.rejects(engine.call('trash.list', { root: 'lake' }), { code: 'ROOT_NOT_MOUNTED' });
    assert.equal((await engine.call('trash.list', {})).total, 0);
  });
});

describe('lakeside trash', () => {
  const folder = temporaryFolder();
  const lake = (): string => join(folder(), 'lake');
  const run = (...args: string[]): Promise<CommandResult> =>
    runCommand({ dataDir: join(folder(), 'data'), workingDir: folder() }, ...args);

  beforeEach(async () => {
    put(lake(), 'kept.bin', 'same');
    put(lake(), '.lakeside/trash/2020-01-02T03-04-05-678Z-0123456789ab/a.bin', 'first');
    put(lake(), '.lakeside/trash/2021-01-02T03-04-05-678Z-0123456789ab/a.bin', 'second');
    put(lake(), '.lakeside/trash/2021-01-02T03-04-05-678Z-0123456789ab/twice.bin', 'same');
    await run('roots', 'add', 'lake', 'lake');
    await run('scan', '--hash');
  });

  it('lists, for people and as a document', async () => {
    const { code, output } = await run('trash', 'list', 'lake');
    assert.equal(code, 0);
    assert.match(output, /2021-01-02 03:04 +lake +6 B +a\.bin/);
    const document = documentOf(await run('--json', 'trash', 'list', '--text', 'A.BIN'), trashDocument);
    assert.deepEqual([document.total, document.items.map(({ size }) => size)], [2, [6, 5]]);
  });

  it('restores the newest of a path, or the one of an id', async () => {
    const report = documentOf(await run('--json', 'trash', 'restore', 'lake', 'a.bin'), trashReportDocument);
    assert.deepEqual([report.done, report.kept], [1, 0]);
    assert.equal(readFileSync(join(lake(), 'a.bin'), 'utf8'), 'second');
    const taken = await run('--json', 'trash', 'restore', 'lake', '2020-01-02T03-04-05-678Z-0123456789ab/a.bin');
    assert.equal(taken.code, 1);
    assert.equal(documentOf(taken, trashReportDocument).problems[0]?.code, 'TARGET_EXISTS');
    const none = await run('--json', 'trash', 'restore', 'lake', 'no.bin');
    assert.equal(none.code, 2);
    assert.equal(documentOf(none, errorDocument).error.code, 'TRASH_NOT_FOUND');
  });

  it('purges, and keeps last copies unless they are named', async () => {
    const report = await run('--json', 'trash', 'purge', 'lake', '--older-than', '30d');
    assert.equal(report.code, 1);
    assert.deepEqual(
      [documentOf(report, trashReportDocument).done, documentOf(report, trashReportDocument).kept],
      [1, 2],
    );
    const named = await run('--json', 'trash', 'purge', 'lake', '--last-copy', 'a.bin');
    assert.equal(named.code, 0, named.errors);
    const left = documentOf(await run('--json', 'trash', 'list'), trashDocument);
    assert.deepEqual(
      left.items.map(({ size, lastCopy }) => [size, lastCopy]),
      [[5, true]],
    );
    assert.equal((await run('trash', 'purge', 'lake')).code, 2);
    assert.equal((await run('trash', 'purge', 'lake', '--older-than', 'soon')).code, 2);
  });
});
