import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import Database from 'better-sqlite3';

import { LakesideError } from '../../src/base/errors.ts';
import { nativeFile } from '../../src/base/installation.ts';
import type { Engine } from '../../src/engine.ts';
import { defaultSettings } from '../../src/protocol/settings.ts';
import { DATABASE_FILE } from '../../src/store/databaseFile.ts';
import { apply, engines, exists, over, put, scan } from '../support/engineOn.ts';
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

describe('the engine', () => {
  const folder = temporaryFolder();
  const start = engines();
  const local = (): string => join(folder(), 'local');
  const lake = (): string => join(folder(), 'lake');
  const data = (): string => join(folder(), 'data');

  async function withRoots(): Promise<Engine> {
    mkdirSync(local(), { recursive: true });
    mkdirSync(lake(), { recursive: true });
    const engine = await start(data());
    await engine.call('roots.add', { name: 'local', path: local() });
    await engine.call('roots.add', { name: 'lake', path: lake() });
    return engine;
  }

  describe('main job', () => {
    beforeEach(() => {
      put(local(), 'loras/same.safetensors', 'same');
      put(lake(), 'loras/same.safetensors', 'same');
      put(lake(), 'checkpoints/new.safetensors', 'only the lake has it');
      put(lake(), 'checkpoints/new.preview.png', 'its preview');
      put(local(), 'vae/only-here.safetensors', 'only local has it');
      put(local(), 'loras/other.safetensors', 'old content');
      put(lake(), 'loras/other.safetensors', 'newer content');
      put(local(), 'loras/old-place.safetensors', 'a moved model');
      put(lake(), 'loras/style/new-place.safetensors', 'a moved model');
    });

    it('scans, compares, plans, applies, and finds nothing left to do', async () => {
      const engine = await withRoots();
      await scan(engine, { hash: true });
      const before = await engine.call('library.diff', { from: 'lake', to: 'local' });
      assert.deepEqual(before.counts, { equal: 1, missing: 2, extra: 1, different: 1, moved: 1 });

      const { plan, header } = await engine.call('plans.mirror', { from: 'lake', to: 'local', delete: true });
      assert.deepEqual([header.summary.copy.count, header.summary.move.count, header.summary.delete.count], [3, 1, 1]);
      const { job, result } = await apply(engine, plan);
      assert.equal(job.status, 'succeeded');
      assert.deepEqual([result.done, result.failed, result.skipped], [5, 0, 0]);

      const after = await engine.call('library.diff', { from: 'lake', to: 'local', content: true });
      assert.deepEqual(after.counts, { equal: 5, missing: 0, extra: 0, different: 0, moved: 0 });
      assert.equal(readFileSync(join(local(), 'loras/other.safetensors'), 'utf8'), 'newer content');
      assert.equal(exists(local(), 'vae/only-here.safetensors'), false);
      assert.equal(exists(local(), 'vae'), false, 'an emptied folder is removed');
    });

    it('keeps what it replaced and deleted in the trash', async () => {
      const engine = await withRoots();
      await scan(engine, { hash: true });
      const { plan } = await engine.call('plans.mirror', { from: 'lake', to: 'local', delete: true });
      await apply(engine, plan);
      const trash = join(local(), '.lakeside', 'trash');
      const [run = ''] = readdirSync(trash);
      assert.equal(readFileSync(join(trash, run, 'loras/other.safetensors'), 'utf8'), 'old content');
      assert.equal(readFileSync(join(trash, run, 'vae/only-here.safetensors'), 'utf8'), 'only local has it');
    });

    it('deletes nothing without being asked to', async () => {
      const engine = await withRoots();
      await scan(engine);
      const { plan, header } = await engine.call('plans.mirror', { from: 'lake', to: 'local' });
      assert.equal(header.summary.delete.count, 0);
      await apply(engine, plan);
      assert.equal(exists(local(), 'vae/only-here.safetensors'), true);
    });

    it('reports what is finished as already when a plan is applied again', async () => {
      const engine = await withRoots();
      await scan(engine, { hash: true });
      const out = join(folder(), 'mirror.lakeplan.json');
      await engine.call('plans.mirror', { from: 'lake', to: 'local', delete: true, out });
      const { plan } = await engine.call('plans.open', { path: out });
      await apply(engine, plan);
      const again = await engine.call('plans.open', { path: out });
      assert.equal(again.progress?.done, 5, 'it is shown with what became of it');
      const { result } = await apply(engine, again.plan);
      assert.deepEqual([result.done, result.already, result.failed], [0, 5, 0]);
    });

    it('does only the ticked steps, and saving them makes a plan of just these', async () => {
      const engine = await withRoots();
      await scan(engine, { hash: true });
      const { plan } = await engine.call('plans.mirror', { from: 'lake', to: 'local', delete: true });
      const { items } = await engine.call('plans.page', { plan, filter: { ops: ['delete'] } });
      const info = await engine.call('plans.tick', { plan, ticked: false, steps: items.map(({ step }) => step) });
      assert.deepEqual([info.dirty, info.ticked.delete.count], [true, 0]);
      const path = join(folder(), 'saved.lakeplan.json');
      assert.equal((await engine.call('plans.save', { plan, path })).dirty, false);
      const reopened = await engine.call('plans.open', { path });
      assert.equal(reopened.header.summary.delete.count, 0);
      await apply(engine, plan);
      assert.equal(exists(local(), 'vae/only-here.safetensors'), true);
    });

    it('skips a step whose file changed since the plan, and says so', async () => {
      const engine = await withRoots();
      await scan(engine, { hash: true });
      const { plan } = await engine.call('plans.mirror', { from: 'lake', to: 'local', delete: true });
      put(local(), 'loras/other.safetensors', 'changed by hand since', 1_650_000_000_000);
      const { job, result } = await apply(engine, plan);
      assert.equal(job.status, 'succeeded');
      const step = result.items.find(({ path }) => path === 'loras/other.safetensors');
      assert.deepEqual([step?.status, step?.code], ['skipped', 'TARGET_CHANGED']);
      assert.equal(readFileSync(join(local(), 'loras/other.safetensors'), 'utf8'), 'changed by hand since');
    });

    it('copies a selection with its companions and leaves the rest alone', async () => {
      const engine = await withRoots();
      await scan(engine, { hash: true });
      const copy = await engine.call('plans.copy', {
        from: 'lake',
        to: 'local',
        paths: ['checkpoints/new.safetensors'],
      });
      assert.equal(copy.replaces, 0);
      const { result } = await apply(engine, copy.plan);
      assert.deepEqual(
        result.items.map(({ path }) => path),
        ['checkpoints/new.preview.png', 'checkpoints/new.safetensors'],
      );
      const other = await engine.call('plans.copy', { from: 'lake', to: 'local', paths: ['loras'] });
      assert.equal(other.replaces, 1);
    });

    it('shows each folder with what the other root lacks or has more', async () => {
      const engine = await withRoots();
      await scan(engine, { hash: true });
      const top = await engine.call('library.folder', { root: 'local', compareTo: 'lake', absent: true });
      assert.deepEqual(
        top.entries.map(({ name, absent }) => [name, absent]),
        [
          ['checkpoints', true],
          ['loras', false],
          ['vae', false],
        ],
      );
      const loras = await engine.call('library.folder', {
        root: 'local',
        folder: 'loras',
        compareTo: 'lake',
        absent: true,
      });
      const states = loras.entries.flatMap((entry) => (entry.type === 'file' ? [[entry.name, entry.state]] : []));
      assert.deepEqual(states, [
        ['old-place.safetensors', 'moved'],
        ['other.safetensors', 'different'],
        ['same.safetensors', 'equal'],
      ]);
    });

    it('applies a plan once, however often it is asked to while it runs', async () => {
      const engine = await withRoots();
      await scan(engine, { hash: true });
      const { plan } = await engine.call('plans.mirror', { from: 'lake', to: 'local' });
      const [first, second] = await Promise.all([
        engine.call('plans.apply', { plan }),
        engine.call('plans.apply', { plan }),
      ]);
      assert.equal(first.job, second.job);
      await over(engine, [first.job]);
    });
  });

  it('keeps the hash of an unchanged file and drops that of a changed one', async () => {
    put(local(), 'a.safetensors', 'one');
    put(local(), 'b.safetensors', 'two');
    const engine = await withRoots();
    await scan(engine, { hash: true });
    put(local(), 'b.safetensors', 'two!', 1_610_000_000_000);
    await scan(engine);
    const { files } = await engine.call('library.hashes', { root: 'local' });
    assert.deepEqual(
      files.map(({ path, blake3 }) => [path, blake3 !== null]),
      [
        ['a.safetensors', true],
        ['b.safetensors', false],
      ],
    );
  });

  it('hashes by content only what has to be compared', async () => {
    put(local(), 'same-size.safetensors', 'aaaa', 1_600_000_000_000);
    put(lake(), 'same-size.safetensors', 'aaaa', 1_610_000_000_000);
    put(local(), 'lonely.safetensors', 'of a size nobody else has');
    const engine = await withRoots();
    await scan(engine);
    assert.equal((await engine.call('library.diff', { from: 'local', to: 'lake' })).counts.different, 1);
    assert.equal((await engine.call('library.diff', { from: 'local', to: 'lake', content: true })).counts.equal, 1);
    const { files } = await engine.call('library.hashes', { root: 'local' });
    assert.deepEqual(
      files.map(({ path, blake3 }) => [path, blake3 !== null]),
      [
        ['lonely.safetensors', false],
        ['same-size.safetensors', true],
      ],
    );
  });

  /** Writes a file again and again, since the watcher may not be listening yet, until the engine knows it. */
  async function writeUntilSeen(engine: Engine): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      engine.on('changed')(() => {
        const look = engine.call('library.hashes', { root: 'local' });
        void look.then(({ files }) => files.length > 1 && resolve());
      });
    });
    const writing = setInterval(() => put(local(), 'loras/b.safetensors', String(Math.random()), Date.now()), 200);
    await seen;
    clearInterval(writing);
  }

  it('notices a new file when it watches', async () => {
    mkdirSync(local(), { recursive: true });
    const engine = await start(data(), { watch: true });
    await engine.call('roots.add', { name: 'local', path: local() });
    put(local(), 'loras/a.safetensors', 'a');
    await scan(engine);
    await writeUntilSeen(engine);
  });

  it('begins to watch when a setting says so', async () => {
    mkdirSync(local(), { recursive: true });
    const engine = await start(data(), { watch: true });
    const watcher = async (): Promise<string | undefined> =>
      (await engine.call('roots.list', {})).roots.map((root) => root.watcher)[0];
    await engine.call('engine.configure', { settings: { ...defaultSettings(), 'watch.mode': 'off' } });
    await engine.call('roots.add', { name: 'local', path: local() });
    put(local(), 'loras/a.safetensors', 'a');
    await scan(engine);
    assert.equal(await watcher(), 'none');
    await engine.call('engine.configure', { settings: defaultSettings() });
    assert.equal(await watcher(), 'engine');
    await writeUntilSeen(engine);
  });

  it('answers a command with the same key once', async () => {
    const engine = await withRoots();
    const options = { idempotencyKey: 'press-1' };
    const first = await engine.call('library.scan', { roots: ['local'] }, options);
    await over(
      engine,
      first.jobs.map(({ job }) => job),
    );
    assert.deepEqual(await engine.call('library.scan', { roots: ['local'] }, options), first);
    const other = await engine.call('library.scan', { roots: ['local'] }, { idempotencyKey: 'press-2' });
    assert.notDeepEqual(other, first);
  });

  it('hands unfinished work to the next engine on the same data dir', async () => {
    put(local(), 'a.safetensors', 'a');
    const first = await withRoots();
    const { jobs } = await first.call('library.scan', { roots: ['local'] });
    await first.close();
    const second = await start(data());
    const [job] = await over(
      second,
      jobs.map(({ job: id }) => id),
    );
    assert.equal(job?.status, 'succeeded');
  });

  it('takes its roots from the settings, and says which of them it cannot take', async () => {
    mkdirSync(local(), { recursive: true });
    const engine = await start(data());
    const { problems } = await engine.call('engine.configure', {
      settings: { ...defaultSettings(), 'local.root': local(), 'lake.root': join(folder(), 'nowhere') },
      scanNew: true,
    });
    assert.equal((await engine.call('jobs.list', {})).jobs[0]?.kind, 'scan', 'what was added is scanned');
    assert.deepEqual(
      problems.map(({ setting, code }) => [setting, code]),
      [['lake.root', 'ROOT_NOT_FOUND']],
    );
    const { roots } = await engine.call('roots.list', {});
    assert.deepEqual(
      roots.map(({ name, role }) => [name, role]),
      [['local', 'local']],
    );
  });

  it('stops its queue and asks for a reload when newer code has changed the database', async () => {
    const engine = await withRoots();
    const noticed = new Promise<string>((resolve) => engine.on('notice')(({ code }) => resolve(code)));
    const newer = new Database(join(data(), DATABASE_FILE), { nativeBinding: nativeFile('better-sqlite3.node') });
    newer.prepare("INSERT INTO schema_migrations VALUES ('9999_future', 'x', 1)").run();
    newer.close();
    assert.equal(await noticed, 'RELOAD_NEEDED');
    const info = await engine.call('engine.info', {});
    assert.deepEqual([info.reloadNeeded, info.queueRunning], [true, false]);
    assert.equal((await refusal(engine.call('library.scan', {}))).code, 'RELOAD_NEEDED');
  });

  it('shows another process its changes within a second', async () => {
    const first = await withRoots();
    const second = await start(data());
    const heard = new Promise<void>((resolve) =>
      second.on('changed')(({ topics }) => topics.includes('jobs') && resolve()),
    );
    await first.call('library.scan', { roots: ['local'] });
    await heard;
    assert.equal((await second.call('jobs.list', {})).jobs.length, 1);
  });

  it('follows a root that moved, by its marker, and asks before another folder takes its place', async () => {
    const engine = await withRoots();
    const moved = join(folder(), 'moved');
    renameSync(local(), moved);
    const settings = { ...defaultSettings(), 'local.root': moved };
    assert.deepEqual((await engine.call('engine.configure', { settings })).problems, []);
    mkdirSync(join(folder(), 'else'));
    const { problems } = await engine.call('engine.configure', {
      settings: { ...defaultSettings(), 'local.root': join(folder(), 'else') },
    });
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['ROOT_PATH_DIFFERS'],
    );
  });

  describe('refuses, with a sentence and a code', () => {
    const cases: readonly (readonly [string, string, (engine: Engine) => Promise<unknown>])[] = [
      [
        'a root that does not exist',
        'ROOT_NOT_FOUND',
        (engine) => engine.call('roots.add', { name: 'x', path: join(folder(), 'nowhere') }),
      ],
      [
        'a root that is a file',
        'ROOT_NOT_A_FOLDER',
        (engine) => {
          writeFileSync(join(folder(), 'file'), '');
          return engine.call('roots.add', { name: 'x', path: join(folder(), 'file') });
        },
      ],
      [
        'a root inside another',
        'ROOT_NESTED',
        (engine) => {
          mkdirSync(join(local(), 'inner'));
          return engine.call('roots.add', { name: 'x', path: join(local(), 'inner') });
        },
      ],
      ['a root around another', 'ROOT_NESTED', (engine) => engine.call('roots.add', { name: 'x', path: folder() })],
      [
        'a root by a relative path',
        'ROOT_NOT_ABSOLUTE',
        (engine) => engine.call('roots.add', { name: 'x', path: 'models' }),
      ],
      [
        'a root whose name is taken',
        'ROOT_NAME_TAKEN',
        (engine) => {
          mkdirSync(join(folder(), 'third'));
          return engine.call('roots.add', { name: 'Local', path: join(folder(), 'third') });
        },
      ],
      [
        'a copied root',
        'ROOT_ID_TAKEN',
        (engine) => {
          put(
            join(folder(), 'copy'),
            '.lakeside/root.json',
            readFileSync(join(local(), '.lakeside/root.json'), 'utf8'),
          );
          return engine.call('roots.add', { name: 'copy', path: join(folder(), 'copy') });
        },
      ],
      [
        'to scan a root that is not there',
        'ROOT_UNKNOWN',
        (engine) => engine.call('library.scan', { roots: ['nothing'] }),
      ],
      [
        'to scan a root that is not mounted',
        'ROOT_NOT_MOUNTED',
        (engine) => {
          rmSync(lake(), { recursive: true });
          return engine.call('library.scan', { roots: ['lake'] });
        },
      ],
      [
        'to scan a root that lost its marker',
        'ROOT_NOT_MOUNTED',
        (engine) => {
          rmSync(join(lake(), '.lakeside'), { recursive: true });
          return engine.call('library.scan', { roots: ['lake'] });
        },
      ],
      [
        'to scan a folder that carries the marker of another root',
        'ROOT_NOT_MOUNTED',
        (engine) => {
          writeFileSync(join(lake(), '.lakeside/root.json'), readFileSync(join(local(), '.lakeside/root.json')));
          return engine.call('library.scan', { roots: ['lake'] });
        },
      ],
      [
        'to compare what was never scanned',
        'ROOT_NOT_SCANNED',
        (engine) => engine.call('library.diff', { from: 'local', to: 'lake' }),
      ],
      [
        'to compare a root with itself',
        'SAME_ROOT',
        async (engine) => {
          await scan(engine);
          return engine.call('library.diff', { from: 'local', to: 'local' });
        },
      ],
      [
        'a plan file that is not there',
        'PLAN_FILE_NOT_FOUND',
        (engine) => engine.call('plans.open', { path: join(folder(), 'no.lakeplan.json') }),
      ],
      [
        'a plan file that is none',
        'PLAN_FORMAT',
        (engine) => {
          writeFileSync(join(folder(), 'x.lakeplan.json'), '{"format":"shopping-list"}');
          return engine.call('plans.open', { path: join(folder(), 'x.lakeplan.json') });
        },
      ],
      ['a plan that is no longer known', 'PLAN_NOT_FOUND', (engine) => engine.call('plans.info', { plan: 'gone' })],
      ['a job that is not there', 'JOB_NOT_FOUND', (engine) => engine.call('jobs.cancel', { id: 'gone' })],
      [
        'to retry a job that succeeded',
        'JOB_STATE',
        async (engine) => {
          const [job] = await scan(engine);
          return engine.call('jobs.retry', { id: job?.id ?? '' });
        },
      ],
      [
        'an input of the wrong shape',
        'INVALID_INPUT',
        (engine) => engine.call('roots.add', { name: '../x', path: '/x' }),
      ],
    ];
    for (const [what, code, run] of cases) {
      it(what, async () => {
        const engine = await withRoots();
        assert.equal((await refusal(run(engine))).code, code);
      });
    }
  });

  it('refuses an edited plan, and one for roots that are not known', async () => {
    put(lake(), 'a.safetensors', 'a');
    const engine = await withRoots();
    await scan(engine);
    const out = join(folder(), 'mirror.lakeplan.json');
    await engine.call('plans.mirror', { from: 'lake', to: 'local', out });
    const text = readFileSync(out, 'utf8');
    const edited = join(folder(), 'edited.lakeplan.json');
    writeFileSync(edited, text.replace('a.safetensors', 'b.safetensors'));
    assert.equal((await refusal(engine.call('plans.open', { path: edited }))).code, 'PLAN_EDITED');
    await engine.call('roots.remove', { name: 'lake' });
    assert.equal((await refusal(engine.call('plans.open', { path: out }))).code, 'PLAN_OTHER_ROOTS');
  });

  it('never writes outside a root through a symbolic link in the target', async () => {
    put(lake(), 'loras/a.safetensors', 'a');
    const engine = await withRoots();
    await scan(engine);
    const { plan } = await engine.call('plans.mirror', { from: 'lake', to: 'local' });
    const outside = join(folder(), 'outside');
    mkdirSync(outside);
    symlinkSync(outside, join(local(), 'loras'));
    const { result } = await apply(engine, plan);
    assert.notEqual(result.items[0]?.status, 'done');
    assert.deepEqual(readdirSync(outside), []);
  });

  it('lets an apply wait while a root is away, and finishes it when the root is back', async () => {
    put(lake(), 'a.safetensors', 'a');
    const engine = await withRoots();
    await scan(engine);
    const { plan } = await engine.call('plans.mirror', { from: 'lake', to: 'local' });
    const { job } = await engine.call('plans.apply', { plan });
    await over(engine, [job]);
    rmSync(join(local(), 'a.safetensors'));
    const second = await engine.call('plans.mirror', { from: 'lake', to: 'local' });
    const away = join(folder(), 'away');
    renameSync(lake(), away);
    assert.equal((await refusal(engine.call('plans.apply', { plan: second.plan }))).code, 'ROOT_NOT_MOUNTED');
    renameSync(away, lake());
    chmodSync(lake(), 0o755);
    assert.equal((await apply(engine, plan)).result.items.length, 1);
  });
});
