import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Engine } from '../../src/engine.ts';
import { isInSample } from '../../src/library/verifySelection.ts';
import type { UseCaseInput } from '../../src/protocol/useCases.ts';
import { type Job, type VerifyReport, verifyReportSchema } from '../../src/protocol/values.ts';
import { runCommand } from '../support/commandLine.ts';
import { engines, OLD_MS, over, put, scan } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('verifying a root', () => {
  const folder = temporaryFolder();
  const open = engines();
  const lake = (): string => join(folder(), 'lake');
  const dataDir = (): string => join(folder(), 'data');
  const local = (): string => join(folder(), 'local');
  let engine: Engine;

  beforeEach(async () => {
    put(lake(), 'checkpoints/a.safetensors', 'aaaa');
    put(lake(), 'loras/b.safetensors', 'bbbb');
    put(lake(), 'loras/c.safetensors', 'cccc');
    engine = await open(dataDir());
    await engine.call('roots.add', { name: 'lake', path: lake() });
    await scan(engine, { hash: true });
  });

  /** As a disk does it: other content, the same size and time. */
  function rot(relpath: string, content: string, root = lake()): void {
    writeFileSync(join(root, relpath), content);
    utimesSync(join(root, relpath), OLD_MS / 1_000, OLD_MS / 1_000);
  }

  async function verify(
    input: Partial<UseCaseInput<'library.verify'>> = {},
  ): Promise<{ job: Job; report: VerifyReport }> {
    const [job] = await over(engine, [(await engine.call('library.verify', { root: 'lake', ...input })).job]);
    assert.equal(job?.status, 'succeeded', job?.error?.message);
    return { job, report: verifyReportSchema.parse(job.result) };
  }

  async function lakeRoot(): Promise<{ verifiedAt?: number | null | undefined; rottenFiles?: number | undefined }> {
    const { roots } = await engine.call('roots.list', {});
    return roots.find(({ name }) => name === 'lake') ?? assert.fail('the root is gone');
  }

  it('finds every file as it was hashed, and notes when', async () => {
    assert.equal((await lakeRoot()).verifiedAt, null);
    const { job, report } = await verify();
    assert.deepEqual(
      { verified: report.verified, bytes: report.verifiedBytes, rotten: report.rotten, problems: report.problems },
      { verified: 3, bytes: 12, rotten: 0, problems: [] },
    );
    assert.deepEqual(job.progress, { doneItems: 3, totalItems: 3, doneBytes: 12, totalBytes: 12 });
    assert.ok(((await lakeRoot()).verifiedAt ?? 0) > OLD_MS);
  });

  it('names bit rot with both hashes, and does not take the new content for true', async () => {
    rot('loras/b.safetensors', 'xxxx');
    const before = await engine.call('library.hashes', { root: 'lake' });
    const { report } = await verify();
    assert.deepEqual([report.verified, report.rotten], [2, 1]);
    assert.deepEqual(
      report.problems.map(({ code, path }) => [code, path]),
      [['BIT_ROT', 'loras/b.safetensors']],
    );
    assert.equal((await lakeRoot()).rottenFiles, 1);
    const { files } = await engine.call('library.rotten', { root: 'lake' });
    assert.equal(files.length, 1);
    assert.notEqual(files[0]?.expected, files[0]?.found);
    await scan(engine, { hash: true });
    assert.deepEqual(await engine.call('library.hashes', { root: 'lake' }), before);
    assert.equal((await lakeRoot()).rottenFiles, 1);
  });

  it('forgets a damaged file once it is seen to be well, or replaced', async () => {
    rot('loras/b.safetensors', 'xxxx');
    rot('loras/c.safetensors', 'xxxx');
    await verify();
    rot('loras/b.safetensors', 'bbbb');
    put(lake(), 'loras/c.safetensors', 'a new one');
    await scan(engine);
    assert.equal((await lakeRoot()).rottenFiles, 1);
    await verify({ paths: ['loras'] });
    assert.equal((await lakeRoot()).rottenFiles, 0);
  });

  it('says where a good copy is', async () => {
    mkdirSync(local());
    put(local(), 'mine/b.safetensors', 'bbbb');
    await engine.call('roots.add', { name: 'local', path: local() });
    await scan(engine, { hash: true });
    rot('loras/b.safetensors', 'xxxx');
    await verify();
    const { files } = await engine.call('library.rotten', { root: 'lake' });
    assert.deepEqual(files[0]?.copies, [{ root: 'local', path: 'mine/b.safetensors' }]);
  });

  describe('of which another root holds a damaged file whole', () => {
    const pair = { from: 'local', to: 'lake' };
    const DAMAGED = 'loras/b.safetensors';

    beforeEach(async () => {
      for (const [path, content] of [
        ['checkpoints/a.safetensors', 'aaaa'],
        [DAMAGED, 'bbbb'],
        ['loras/c.safetensors', 'cccc'],
      ] as const)
        put(local(), path, content);
      await engine.call('roots.add', { name: 'local', path: local() });
      await scan(engine, { hash: true });
      // The comparison is kept from now on, and must be made anew for what is found.
      assert.equal((await engine.call('library.diff', pair)).counts.equal, 3);
      rot(DAMAGED, 'xxxx');
      await verify();
    });

    async function apply(plan: string): Promise<void> {
      const confirmed = { deletes: 0, replaces: 1 };
      const [job] = await over(engine, [(await engine.call('plans.apply', { plan, confirmed })).job]);
      assert.equal(job?.status, 'succeeded', job?.error?.message);
    }

    async function isWholeAgain(): Promise<void> {
      for (const root of [local(), lake()]) assert.equal(readFileSync(join(root, DAMAGED), 'utf8'), 'bbbb');
      assert.equal((await lakeRoot()).rottenFiles, 0);
      assert.equal((await engine.call('library.diff', pair)).counts.equal, 3);
      assert.equal((await verify()).report.rotten, 0);
    }

    it('counts as different, by content too, and its side is named', async () => {
      for (const content of [false, true]) {
        const { counts, items } = await engine.call('library.diff', { ...pair, content });
        assert.deepEqual([counts.equal, counts.different], [2, 1]);
        assert.deepEqual(
          items.map(({ path, state, damaged }) => [path, state, damaged]),
          [[DAMAGED, 'different', 'to']],
        );
        assert.notEqual(items[0]?.from?.blake3, items[0]?.to?.blake3);
      }
      const back = await engine.call('library.diff', { from: 'lake', to: 'local' });
      assert.equal(back.items[0]?.damaged, 'from');
    });

    for (const kind of ['plans.update', 'plans.mirror', 'plans.both'] as const) {
      it(`is replaced by ${kind} from the whole one, and not taken for whole in the trash`, async () => {
        const { plan, header } = await engine.call(kind, pair);
        assert.equal(header.summary.copy.count, 1);
        await apply(plan);
        await isWholeAgain();
        const { items } = await engine.call('trash.list', { root: 'lake', fresh: true });
        const { files } = await engine.call('library.hashes', { root: 'local' });
        assert.equal(items.length, 1);
        assert.notEqual(items[0]?.blake3, files.find(({ path }) => path === DAMAGED)?.blake3);
      });
    }

    it('is never copied over the whole one, and both ways goes the other way', async () => {
      const back = { from: 'lake', to: 'local' };
      for (const kind of ['plans.update', 'plans.mirror'] as const) {
        const { header, problems = [] } = await engine.call(kind, back);
        assert.equal(header.summary.copy.count, 0);
        assert.deepEqual(
          problems.map(({ path, code }) => [path, code]),
          [[DAMAGED, 'BIT_ROT']],
        );
      }
      await apply((await engine.call('plans.both', back)).plan);
      await isWholeAgain();
    });

    it('is left alone where the other one is damaged, too', async () => {
      rot(DAMAGED, 'yyyy', local());
      await over(engine, [(await engine.call('library.verify', { root: 'local' })).job]);
      for (const kind of ['plans.update', 'plans.both'] as const) {
        assert.equal((await engine.call(kind, pair)).header.summary.copy.count, 0);
      }
      assert.equal((await engine.call('library.diff', pair)).counts.equal, 3);
    });

    it('comes back as what it was when that is undone', async () => {
      const { plan } = await engine.call('plans.update', pair);
      const { job } = await engine.call('plans.apply', { plan, confirmed: { deletes: 0, replaces: 1 } });
      await over(engine, [job]);
      const undo = await engine.call('plans.undo', { job });
      await over(engine, [
        (await engine.call('plans.apply', { plan: undo.plan, confirmed: { deletes: 0, replaces: 1 } })).job,
      ]);
      assert.equal(readFileSync(join(lake(), DAMAGED), 'utf8'), 'xxxx');
      await scan(engine, { hash: true });
      assert.equal((await engine.call('library.diff', pair)).counts.different, 1);
    });
  });

  it('calls a file that was modified changed, not damaged', async () => {
    put(lake(), 'loras/b.safetensors', 'xxxx', OLD_MS + 60_000);
    rmSync(join(lake(), 'loras/c.safetensors'));
    const { report } = await verify();
    assert.deepEqual([report.verified, report.rotten, report.changed], [1, 0, 1]);
    assert.deepEqual(
      report.problems.map(({ code }) => code),
      ['FILE_GONE'],
    );
  });

  it('reads only what is named, and counts what has no hash', async () => {
    put(lake(), 'loras/d.safetensors', 'dddd');
    await scan(engine);
    const { report } = await verify({ paths: ['loras/', 'loras/b.safetensors'] });
    assert.deepEqual([report.verified, report.unhashed], [2, 1]);
    assert.equal((await lakeRoot()).verifiedAt, null);
    await assert.rejects(engine.call('library.verify', { root: 'lake', paths: ['nowhere'] }), { code: 'PATH_UNKNOWN' });
  });

  it('takes a sample by chance, the same one whenever it is asked', () => {
    const selection = { paths: [''], percent: 5, seed: 'one' };
    const names = Array.from({ length: 20_000 }, (_, number) => `loras/${number}.safetensors`);
    const sample = names.filter((name) => isInSample(name, selection));
    assert.ok(sample.length > 800 && sample.length < 1_200, `${sample.length} of 20,000`);
    assert.deepEqual(
      names.filter((name) => isInSample(name, selection)),
      sample,
    );
    assert.notDeepEqual(
      names.filter((name) => isInSample(name, { ...selection, seed: 'two' })),
      sample,
    );
  });

  it('goes on where it was paused, and counts nothing twice', async () => {
    for (let number = 0; number < 400; number++) put(lake(), `many/${number}.safetensors`, `${number}`);
    await scan(engine, { hash: true });
    rot('many/1.safetensors', 'x');
    const { job } = await engine.call('library.verify', { root: 'lake' });
    for (let asked = 0; asked < 3; asked++) {
      await engine.call('jobs.pause', { what: 'job', id: job });
      await engine.call('jobs.resume', { what: 'job', id: job });
    }
    const [ended] = await over(engine, [job]);
    const report = verifyReportSchema.parse(ended?.result);
    assert.deepEqual([report.verified, report.rotten, report.problems.length], [402, 1, 1]);
  });

  it('does not copy a damaged file over a good one, and says why', async () => {
    mkdirSync(local());
    put(local(), 'loras/b.safetensors', 'older', OLD_MS - 60_000);
    await engine.call('roots.add', { name: 'local', path: local() });
    await scan(engine);
    rot('loras/b.safetensors', 'xxxx');
    const { plan } = await engine.call('plans.mirror', { from: 'lake', to: 'local' });
    const { job } = await engine.call('plans.apply', { plan });
    await over(engine, [job]);
    const { items } = await engine.call('plans.result', { job });
    const step = items.find(({ path }) => path === 'loras/b.safetensors');
    assert.equal(step?.status, 'skipped');
    assert.equal(step.code, 'SOURCE_ROTTEN');
    assert.match(step.reason ?? '', /damaged/);
  });

  it('does not count a damaged file as a copy that another one may be freed for', async () => {
    mkdirSync(local());
    for (const name of ['loras/b.safetensors', 'loras/c.safetensors'])
      put(local(), name, name.includes('b.') ? 'bbbb' : 'cccc');
    await engine.call('roots.add', { name: 'local', path: local(), allowDelete: true });
    await scan(engine, { hash: true });
    rot('loras/b.safetensors', 'xxxx');
    await verify();
    const { header } = await engine.call('plans.evict', { root: 'local', keptBy: 'lake', rules: {} });
    assert.equal(header.summary.delete.count, 1);
  });

  it('is a command: 1 where something is damaged, with the report as a document', async () => {
    await engine.close();
    assert.equal((await runCommand({ dataDir: dataDir() }, 'verify', 'lake')).code, 0);
    rot('loras/b.safetensors', 'xxxx');
    const { code, output } = await runCommand({ dataDir: dataDir() }, 'verify', 'lake', 'loras', '--json');
    assert.equal(code, 1);
    assert.equal(verifyReportSchema.parse(JSON.parse(output)).rotten, 1);
    assert.equal((await runCommand({ dataDir: dataDir() }, 'verify', 'lake', '--sample', '100%')).code, 1);
    assert.equal((await runCommand({ dataDir: dataDir() }, 'verify', 'lake', '--sample', 'all')).code, 2);
  });
});
