import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';

import {
  applyDocument,
  diffDocument,
  errorDocument,
  hashesDocument,
  jobsDocument,
  logDocument,
  planDocument,
  planHeaderDocument,
  rootsDocument,
  scanDocument,
} from '../support/cliSchemas.ts';
import { type CommandResult, documentOf, openRealEngine, runCommand } from '../support/commandLine.ts';
import { exists, put } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('the command line', () => {
  const folder = temporaryFolder();
  const local = (): string => join(folder(), 'local');
  const lake = (): string => join(folder(), 'lake');
  const dataDir = (): string => join(folder(), 'data');
  const run = (...args: string[]): Promise<CommandResult> =>
    runCommand({ dataDir: dataDir(), workingDir: folder() }, ...args);

  /** Runs with --json, expects this exit code, and gives the document. */
  async function json<T>(schema: z.ZodType<T>, code: number, ...args: string[]): Promise<T> {
    const result = await run('--json', ...args);
    assert.equal(result.code, code, result.output + result.errors);
    return documentOf(result, schema);
  }

  /** Two roots: one file equal, one missing, one extra, one different, one moved. */
  async function twoRoots(): Promise<void> {
    put(local(), 'checkpoints/equal.safetensors', 'the same');
    put(lake(), 'checkpoints/equal.safetensors', 'the same');
    put(local(), 'checkpoints/missing.safetensors', 'only local');
    put(lake(), 'loras/extra.safetensors', 'only the lake');
    put(local(), 'loras/different.safetensors', 'one');
    put(lake(), 'loras/different.safetensors', 'another');
    put(local(), 'vae/new.safetensors', 'moved content');
    put(lake(), 'vae/old.safetensors', 'moved content');
    await json(rootsDocument, 0, 'roots', 'add', 'local', 'local');
    await json(rootsDocument, 0, 'roots', 'add', 'lake', 'lake', '--allow-delete');
    await json(scanDocument, 0, 'scan', '--hash');
  }

  it('adds, lists and removes roots, and gives what there is after each', async () => {
    mkdirSync(local());
    mkdirSync(lake());
    const added = await json(rootsDocument, 0, 'roots', 'add', 'local', 'local');
    assert.deepEqual(
      added.roots.map((root) => ({ ...root, id: '' })),
      [{ name: 'local', id: '', path: local(), allowDelete: false, mounted: true, files: 0, bytes: 0 }],
    );
    await json(rootsDocument, 0, 'roots', 'add', 'lake', lake(), '--allow-delete');
    const listed = await json(rootsDocument, 0, 'roots', 'list');
    assert.deepEqual(
      listed.roots.map(({ name, allowDelete }) => [name, allowDelete]),
      [
        ['local', false],
        ['lake', true],
      ],
    );
    const left = await json(rootsDocument, 0, 'roots', 'remove', 'local');
    assert.deepEqual(
      left.roots.map(({ name }) => name),
      ['lake'],
    );
    assert.equal(exists(local(), '.lakeside/root.json'), true);
  });

  it('shows roots as a table to a person, and why one is not mounted', async () => {
    mkdirSync(local());
    assert.match((await run('roots', 'list')).output, /no root yet.*roots add local/);
    assert.deepEqual(await json(scanDocument, 0, 'scan'), { roots: [] });
    assert.match((await run('scan')).output, /no root yet/);
    await run('roots', 'add', 'local', 'local');
    rmSync(local(), { recursive: true });
    const { code, output, errors } = await run('roots', 'list');
    assert.equal(code, 0);
    assert.match(output, /^ROOT +FILES +SIZE +WITHOUT TRASH +MOUNTED +FOLDER\nlocal +not scanned +no +no +\S+\n$/);
    assert.match(errors, /^local: .*\n.*lakeside roots move NAME DIR/);
  });

  it('finds a root again where its folder lies now', async () => {
    put(local(), 'a.safetensors', 'a');
    await run('roots', 'add', 'local', 'local');
    await run('scan');
    renameSync(local(), join(folder(), 'elsewhere'));
    mkdirSync(lake());
    const wrong = await json(errorDocument, 3, 'roots', 'move', 'local', 'lake');
    assert.match(wrong.error.code, /^ROOT_/);
    const [moved] = (await json(rootsDocument, 0, 'roots', 'move', 'local', 'elsewhere')).roots;
    assert.deepEqual([moved?.path, moved?.mounted, moved?.files], [join(folder(), 'elsewhere'), true, 1]);
  });

  it('has no row for a root that was not scanned, but its reason', async () => {
    put(local(), 'a.safetensors', 'a');
    mkdirSync(lake());
    await run('roots', 'add', 'local', 'local');
    await run('roots', 'add', 'lake', 'lake');
    rmSync(lake(), { recursive: true });
    const { code, output, errors } = await run('scan');
    assert.equal(code, 1);
    assert.match(output, /^ROOT .*\nlocal [^\n]*\n$/);
    assert.match(errors, /lake: 1 problem\n  The root .* is not mounted/);
  });

  it('scans, counting what came, changed and went, and hashes on demand', async () => {
    put(local(), 'a.safetensors', 'aa');
    put(local(), 'b.safetensors', 'bbb');
    await run('roots', 'add', 'local', 'local');
    const [first] = (await json(scanDocument, 0, 'scan', 'local')).roots;
    assert.deepEqual(
      { ...first, ms: 0 },
      {
        ...{ name: 'local', files: 2, bytes: 5, added: 2, changed: 0, removed: 0 },
        ...{ hashed: 0, hashedBytes: 0, problems: [], ms: 0 },
      },
    );
    rmSync(join(local(), 'a.safetensors'));
    put(local(), 'b.safetensors', 'b', 1_650_000_000_000);
    put(local(), 'c.safetensors', 'cccc');
    const [second] = (await json(scanDocument, 0, 'scan', '--hash')).roots;
    assert.deepEqual(
      { ...second, ms: 0 },
      {
        ...{ name: 'local', files: 2, bytes: 5, added: 1, changed: 1, removed: 1 },
        ...{ hashed: 2, hashedBytes: 5, problems: [], ms: 0 },
      },
    );
    const { code, output } = await run('scan');
    assert.equal(code, 0);
    assert.match(
      output,
      /^ROOT +FILES +SIZE +ADDED +CHANGED +REMOVED +HASHED +TIME\nlocal +2 +5 B +0 +0 +0 +0 +\d+ ms\n$/,
    );
  });

  it('gives every file with its hash, or null where it is not known', async () => {
    put(local(), 'b/known.safetensors', '');
    await run('roots', 'add', 'local', 'local');
    await run('scan', '--hash');
    put(local(), 'a.safetensors', 'later');
    await run('scan');
    assert.deepEqual(await json(hashesDocument, 0, 'hashes', 'local'), {
      files: [
        { path: 'a.safetensors', size: 5, mtimeMs: 1_600_000_000_000, blake3: null },
        {
          path: 'b/known.safetensors',
          size: 0,
          mtimeMs: 1_600_000_000_000,
          blake3: 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262',
        },
      ],
    });
    const { output, errors } = await run('hashes', 'local');
    assert.equal(output, 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262  b/known.safetensors\n');
    assert.match(errors, /^1 file has no hash yet.*scan "local" --hash/);
  });

  it('compares two roots by the index', async () => {
    await twoRoots();
    const diff = await json(diffDocument, 0, 'diff', '--from', 'local', '--to', 'lake');
    assert.deepEqual(diff.counts, { equal: 1, missing: 1, extra: 1, different: 1, moved: 1 });
    assert.deepEqual(
      diff.items.map(({ state, path, movedFrom }) => [state, path, movedFrom]),
      [
        ['missing', 'checkpoints/missing.safetensors', undefined],
        ['different', 'loras/different.safetensors', undefined],
        ['extra', 'loras/extra.safetensors', undefined],
        ['moved', 'vae/new.safetensors', 'vae/old.safetensors'],
      ],
    );
    const all = await json(diffDocument, 0, 'diff', '--from', 'local', '--to', 'lake', '--all');
    assert.equal(all.items.length, 5);
    const { output } = await run('diff', '--from', 'local', '--to', 'lake');
    assert.match(output, /^equal +1 +in both\nmissing +1 +in local, not in lake\n/);
    assert.match(output, /\nmoved +13 B +vae\/new\.safetensors {2}\(there: vae\/old\.safetensors\)\n$/);
  });

  it('decides by content what size and time leave open', async () => {
    put(local(), 'a.safetensors', 'one');
    put(lake(), 'a.safetensors', 'two');
    await run('roots', 'add', 'local', 'local');
    await run('roots', 'add', 'lake', 'lake');
    await run('scan');
    const diff = ['diff', '--from', 'local', '--to', 'lake'];
    assert.equal((await json(diffDocument, 0, ...diff)).counts.equal, 1);
    assert.equal((await json(diffDocument, 0, ...diff, '--content')).counts.different, 1);
  });

  it('prints a whole plan that apply takes, and applies it again without doing anything twice', async () => {
    await twoRoots();
    const mirror = ['plan', 'mirror', '--from', 'local', '--to', 'lake', '--delete'];
    const printed = await run('--json', ...mirror);
    assert.equal(printed.code, 0);
    const plan = documentOf(printed, planDocument);
    assert.deepEqual(
      plan.items.map(({ op, path }) => [op, path]),
      [
        ['copy', 'checkpoints/missing.safetensors'],
        ['copy', 'loras/different.safetensors'],
        ['delete', 'loras/extra.safetensors'],
        ['move', 'vae/new.safetensors'],
      ],
    );
    const file = join(folder(), 'night.lakeplan.json');
    writeFileSync(file, printed.output);
    const applied = await json(applyDocument, 0, 'apply', 'night.lakeplan.json');
    assert.deepEqual([applied.done, applied.already, applied.skipped, applied.failed, applied.bytes], [4, 0, 0, 0, 13]);
    assert.equal(readFileSync(join(lake(), 'loras/different.safetensors'), 'utf8'), 'one');
    assert.equal(exists(lake(), 'loras/extra.safetensors'), false);
    const again = await json(applyDocument, 0, 'apply', file);
    assert.deepEqual([again.done, again.already], [0, 4]);
    const after = await json(diffDocument, 0, 'diff', '--from', 'local', '--to', 'lake');
    assert.deepEqual(after.items, []);
  });

  it('writes a plan to a file and prints it without its items', async () => {
    await twoRoots();
    const mirror = ['plan', 'mirror', '--from', 'local', '--to', 'lake'];
    const header = await json(planHeaderDocument, 0, ...mirror, '--out', 'plan.lakeplan.json');
    assert.equal(header.summary.delete.count, 0);
    const written = planDocument.parse(JSON.parse(readFileSync(join(folder(), 'plan.lakeplan.json'), 'utf8')));
    const { items, ...rest } = written;
    assert.deepEqual(rest, header);
    assert.equal(items.length, 3);
    const { output, errors } = await run(...mirror);
    assert.match(
      output,
      /^copy +2 +13 B\n +replacing a file +1\nmove +1 +13 B\ndelete +0 +0 B\n\ncopy +10 B +checkpoints\/missing/,
    );
    assert.match(errors, /--out FILE/);
  });

  it('says what it did to a person, and that there is nothing left to do', async () => {
    await twoRoots();
    await run('plan', 'mirror', '--from', 'local', '--to', 'lake', '--delete', '--out', 'p.lakeplan.json');
    const { code, output, errors } = await run('apply', 'p.lakeplan.json');
    assert.equal(code, 0);
    assert.match(output, /^4 steps done \(13 B copied and verified\) in \d+ m?s\.\n$/);
    assert.match(errors, /^Undo with: lakeside undo "p\.lakeplan\.json"$/m);
    const nothing = await run('plan', 'mirror', '--from', 'local', '--to', 'lake', '--delete');
    assert.equal(nothing.output, 'lake already holds what local holds: nothing to do.\n');
  });

  it('ends with 1 and tells of every step when one failed', async function () {
    // Windows has no limit that a path of this length meets.
    if (process.platform === 'win32') this.skip();
    await twoRoots();
    const long = Array.from({ length: 15 }, () => 'd'.repeat(240)).join('/');
    const deep = join(folder(), 'x'.repeat(240), 'y'.repeat(240));
    put(local(), `${long}/a.safetensors`, 'too far down');
    mkdirSync(deep, { recursive: true });
    await run('roots', 'add', 'deep', deep);
    await run('scan');
    await run('plan', 'mirror', '--from', 'local', '--to', 'deep', '--out', 'p.lakeplan.json');
    const applied = await json(applyDocument, 1, 'apply', 'p.lakeplan.json');
    assert.equal(applied.failed, 1);
    assert.ok(applied.done > 0 && applied.items.length === applied.done + 1);
    assert.equal(applied.items.find(({ status }) => status === 'failed')?.code, 'ENAMETOOLONG');
    const { code, errors } = await run('apply', 'p.lakeplan.json');
    assert.equal(code, 1);
    assert.match(errors, /failed: copy d+.*too long/);
  });

  it('ends with 1 and says why when a step was skipped', async () => {
    await twoRoots();
    await run('plan', 'mirror', '--from', 'local', '--to', 'lake', '--out', 'p.lakeplan.json');
    put(lake(), 'loras/different.safetensors', 'changed since', 1_700_000_000_000);
    const applied = await json(applyDocument, 1, 'apply', 'p.lakeplan.json');
    const [skipped] = applied.items.filter(({ status }) => status === 'skipped');
    assert.equal(skipped?.path, 'loras/different.safetensors');
    assert.ok(skipped.code !== undefined && skipped.reason !== undefined);
    assert.equal(readFileSync(join(lake(), 'loras/different.safetensors'), 'utf8'), 'changed since');
    const { code, errors } = await run('apply', 'p.lakeplan.json');
    assert.equal(code, 1);
    assert.match(errors, /^skipped: copy loras\/different\.safetensors: ./);
  });

  it('stops an apply by the signal and goes on from there', async function () {
    this.timeout(90_000);
    // More than is in flight at once.
    const count = 2_500;
    for (let index = 0; index < count; index++) put(local(), `m${index}.safetensors`, `${index}`);
    mkdirSync(lake());
    await run('roots', 'add', 'local', 'local');
    await run('roots', 'add', 'lake', 'lake');
    await run('scan');
    await run('plan', 'mirror', '--from', 'local', '--to', 'lake', '--out', 'p.lakeplan.json');
    // So slow that the signal comes in the midst of it.
    const settings = join(dataDir(), 'lakeside.config.json');
    writeFileSync(settings, JSON.stringify({ 'transfer.bandwidth': { megabytesPerSecond: 5, timetable: [] } }));
    const stop = new AbortController();
    const stopped = await runCommand(
      {
        dataDir: dataDir(),
        workingDir: folder(),
        signal: stop.signal,
        async openEngine(options) {
          const engine = await openRealEngine(options);
          engine.onProgress(({ progress }) => progress.doneItems > 0 && stop.abort());
          return engine;
        },
      },
      '--json',
      'apply',
      'p.lakeplan.json',
    );
    assert.equal(stopped.code, 130, stopped.output + stopped.errors);
    const first = documentOf(stopped, applyDocument);
    assert.ok(first.done > 0 && first.done < count, `${first.done} steps were done`);
    rmSync(settings);
    const second = await json(applyDocument, 0, 'apply', 'p.lakeplan.json');
    assert.equal(second.done + second.already, count);
    assert.ok(second.already >= first.done);
  });

  it('shows the progress of a job on a terminal in one line', async () => {
    put(local(), 'a.safetensors', 'a');
    await run('roots', 'add', 'local', 'local');
    const { errors } = await runCommand({ dataDir: dataDir(), columns: 60 }, 'scan', '--hash');
    assert.ok(errors.split('\n').length === 1, errors);
    assert.ok(errors === '' || errors.endsWith('\r\u001B[2K'), JSON.stringify(errors));
  });

  it('lists, retries, runs and cancels jobs', async () => {
    put(local(), 'a.safetensors', 'a');
    await run('roots', 'add', 'local', 'local');
    assert.match((await run('jobs')).output, /no jobs/);
    await run('scan');
    const [scan] = (await json(jobsDocument, 0, 'jobs')).jobs;
    assert.deepEqual([scan?.kind, scan?.status, scan?.attempts], ['scan', 'succeeded', 1]);
    assert.deepEqual(await json(jobsDocument, 0, 'jobs', 'list'), { jobs: [scan] });
    const refused = await json(errorDocument, 2, 'jobs', 'retry', scan?.id ?? '');
    assert.equal(refused.error.code, 'JOB_STATE');
    const canceled = new AbortController();
    canceled.abort();
    const options = { dataDir: dataDir(), workingDir: folder(), signal: canceled.signal };
    assert.equal((await runCommand(options, 'scan')).code, 130);
    const [stopped] = (await json(jobsDocument, 0, 'jobs')).jobs;
    assert.equal(stopped?.status, 'canceled');
    const short = stopped.id.slice(0, 8);
    const retried = await json(jobsDocument, 0, 'jobs', 'retry', short);
    assert.deepEqual(
      retried.jobs.map(({ id, status }) => [id, status]),
      [[stopped.id, 'queued']],
    );
    const ran = await json(jobsDocument, 0, 'jobs', 'run');
    assert.deepEqual(
      ran.jobs.map(({ id, status }) => [id, status]),
      [[stopped.id, 'succeeded']],
    );
    assert.deepEqual(await json(jobsDocument, 0, 'jobs', 'run'), { jobs: [] });
    await runCommand(options, 'scan');
    const [third] = (await json(jobsDocument, 0, 'jobs')).jobs;
    await json(jobsDocument, 0, 'jobs', 'retry', third?.id ?? '');
    const [given] = (await json(jobsDocument, 0, 'jobs', 'cancel', third?.id ?? '')).jobs;
    assert.equal(given?.status, 'canceled');
    const { output } = await run('jobs');
    assert.match(output, /^ID +ADDED \(UTC\) +STATUS +JOB +PROGRESS\n\S+ +\d{4}-\d\d-\d\d \d\d:\d\d +canceled /);
  });

  it('pauses and resumes jobs, and says so where a command meets a queue that is paused', async () => {
    put(local(), 'a.safetensors', 'a');
    await run('roots', 'add', 'local', 'local');
    assert.deepEqual(await json(jobsDocument, 0, 'jobs', 'pause', '--all'), {
      jobs: [],
      paused: { all: true, kinds: [] },
    });
    const refused = await json(errorDocument, 2, 'scan');
    assert.deepEqual(refused.error.code, 'JOB_PAUSED');
    assert.match(refused.error.message, /queue is paused/i);
    const [held] = (await json(jobsDocument, 0, 'jobs')).jobs;
    assert.equal(held?.status, 'canceled', 'it does not start by surprise');
    await json(jobsDocument, 0, 'jobs', 'retry', held.id);
    const left = await json(jobsDocument, 1, 'jobs', 'run');
    assert.deepEqual(
      left.jobs.map(({ id, status }) => [id, status]),
      [[held.id, 'queued']],
      'nobody waits for what is held back',
    );
    assert.deepEqual(await json(jobsDocument, 0, 'jobs', 'resume', '--all').then(({ paused }) => paused), undefined);
    assert.equal((await run('jobs', 'resume', '--kind', 'hash')).output, 'Jobs of kind hash go on.\n');
    const paused = await json(jobsDocument, 0, 'jobs', 'pause', held.id.slice(0, 8));
    assert.deepEqual(
      paused.jobs.map(({ id, status }) => [id, status]),
      [[held.id, 'paused']],
    );
    assert.deepEqual((await json(jobsDocument, 0, 'jobs', 'run')).jobs, []);
    await json(jobsDocument, 0, 'jobs', 'resume', held.id);
    assert.equal((await json(jobsDocument, 0, 'jobs', 'run')).jobs[0]?.status, 'succeeded');
    await json(jobsDocument, 0, 'jobs', 'pause', '--kind', 'hash');
    assert.match((await run('jobs')).errors, /Paused: jobs of kind hash/);
    for (const wrong of [[], ['--all', '--kind', 'scan'], ['--kind', 'group']]) {
      assert.equal((await json(errorDocument, 2, 'jobs', 'pause', ...wrong)).error.code, 'USAGE', wrong.join(' '));
    }
    assert.equal((await json(errorDocument, 2, 'jobs', 'pause', held.id)).error.code, 'JOB_STATE');
    assert.equal((await json(errorDocument, 2, 'jobs', 'first', held.id)).error.code, 'JOB_STATE');
  });

  it('orders jobs, and prints what was noted of one', async () => {
    put(local(), 'a.safetensors', 'a');
    put(lake(), 'a.safetensors', 'a');
    await run('roots', 'add', 'local', 'local');
    await run('roots', 'add', 'lake', 'lake');
    await run('scan');
    const { jobs } = await json(jobsDocument, 0, 'jobs');
    assert.deepEqual(
      jobs.map(({ kind, status }) => [kind, status]),
      [
        ['group', 'succeeded'],
        ['scan', 'succeeded'],
        ['scan', 'succeeded'],
      ],
      'two roots are one thing that was asked for',
    );
    const [, lakeScan] = jobs;
    const { lines } = await json(logDocument, 0, 'jobs', 'log', lakeScan?.id ?? '');
    assert.deepEqual(
      lines.map(({ message }) => message.replace(/\d+/, 'N')),
      ['Begins in the command line (process N).', 'Done.'],
    );
    assert.match((await run('jobs', 'log', lakeScan?.id ?? '')).output, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  Begins in/);
    await run('jobs', 'pause', '--all');
    await run('scan');
    const [group, second, first] = (await json(jobsDocument, 0, 'jobs')).jobs;
    await run('jobs', 'retry', group?.id ?? '');
    await run('jobs', 'first', second?.id ?? '');
    await run('jobs', 'last', first?.id ?? '');
    await run('jobs', 'resume', '--all');
    assert.equal((await json(jobsDocument, 0, 'jobs', 'run')).jobs.length, 3);
    assert.deepEqual((await json(jobsDocument, 0, 'jobs', 'run')).jobs, []);
  });

  it('takes roots from the environment and from the config file of the data dir', async () => {
    put(local(), 'a.safetensors', 'a');
    put(lake(), 'a.safetensors', 'a');
    mkdirSync(dataDir());
    writeFileSync(join(dataDir(), 'lakeside.config.json'), JSON.stringify({ 'lake.root': lake() }));
    const environment = { LOCAL_MODELS_ROOT: local(), LOCAL_ALLOW_DELETE: 'true', HASH_THREADS: '1', LOG_LEVEL: '' };
    const result = await runCommand({ dataDir: dataDir(), environment }, '--json', 'roots', 'list');
    assert.deepEqual(
      documentOf(result, rootsDocument).roots.map(({ name, path, allowDelete }) => [name, path, allowDelete]),
      [
        ['local', local(), true],
        ['lake', lake(), false],
      ],
    );
  });

  it('prints help and its version, and takes the time of a file as it is', async () => {
    assert.match((await run('--help')).output, /Usage: lakeside/);
    assert.match((await run('--version')).output, /^\d+\.\d+\.\d+\n$/);
    put(local(), 'a.safetensors', 'a');
    utimesSync(join(local(), 'a.safetensors'), 0, 1_234_567_890.123_9);
    await run('roots', 'add', 'local', 'local');
    await run('scan');
    const [file] = (await json(hashesDocument, 0, 'hashes', 'local')).files;
    assert.equal(file?.mtimeMs, 1_234_567_890_123);
  });
});
