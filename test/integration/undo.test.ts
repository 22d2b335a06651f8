import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';

import { nativeFile } from '../../src/base/installation.ts';
import type { Engine } from '../../src/engine.ts';
import { errorDocument, planDocument, planHeaderDocument } from '../support/cliSchemas.ts';
import { type CommandResult, documentOf, runCommand } from '../support/commandLine.ts';
import { apply, engines, exists, OLD_MS, over, put, scan } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { openTwoRoots } from '../support/twoRoots.ts';

/** Relpath → time and text of every file outside our own folder. */
function contentsOf(root: string, folder = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (entry.name === '.lakeside') continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) Object.assign(found, contentsOf(root, path));
    else {
      const absolute = join(root, path);
      found[path] = `${Math.floor(statSync(absolute).mtimeMs)} ${readFileSync(absolute, 'utf8')}`;
    }
  }
  return found;
}

describe('Undo', () => {
  const folder = temporaryFolder();
  const open = engines();
  let engine: Engine;
  let local: string;
  let lake: string;

  beforeEach(async () => {
    ({ engine, local, lake } = await openTwoRoots(open, folder()));
  });

  /** Applies a plan, whatever it takes away; gives the job. */
  async function applied(plan: string): Promise<string> {
    const { confirmation } = await engine.call('plans.info', { plan });
    const { job } = await engine.call('plans.apply', {
      plan,
      ...(confirmation === undefined
        ? {}
        : { confirmed: { deletes: confirmation.deletes, replaces: confirmation.replaces } }),
    });
    const [ended] = await over(engine, [job]);
    assert.equal(ended?.status, 'succeeded', ended?.error?.message);
    const { skipped, failed, items } = await engine.call('plans.result', { job });
    assert.deepEqual([skipped, failed], [0, 0], JSON.stringify(items.filter(({ status }) => status !== 'done')));
    return job;
  }

  async function mirror(): Promise<string> {
    await scan(engine, { hash: true });
    const { plan } = await engine.call('plans.mirror', { from: 'local', to: 'lake', delete: true });
    return applied(plan);
  }

  /** One of everything: copies, a replacement, moves, a file and a folder that change places, deletes. */
  function fill(): void {
    put(local, 'new/deep/a.bin', 'A');
    put(local, 'replaced.bin', 'new');
    put(lake, 'replaced.bin', 'old', OLD_MS - 60_000);
    put(local, 'moved/m.bin', 'M');
    put(lake, 'before/m.bin', 'M');
    // A folder comes in the place of a file that moved away.
    put(local, 'elsewhere/n.bin', 'N');
    put(lake, 'place', 'N');
    put(local, 'place/p.bin', 'P');
    put(lake, 'gone/deep/g.bin', 'G');
    put(local, 'clear/x.bin', 'X');
    put(lake, 'clear', 'a file in the way', OLD_MS - 5_000);
    put(local, 'flat', 'a file now', OLD_MS - 7_000);
    put(lake, 'flat/y.bin', 'Y');
    put(local, 'same.bin', 'S');
    put(lake, 'same.bin', 'S');
  }

  it('brings back every path, content and time, and undo of the undo the other state', async () => {
    fill();
    const before = contentsOf(lake);
    const job = await mirror();
    const after = contentsOf(lake);
    assert.deepEqual(after, contentsOf(local));

    const undo = await engine.call('plans.undo', { job });
    assert.equal(undo.problems, undefined);
    assert.equal(undo.header.kind, 'undo');
    assert.equal(undo.header.options.undoes, job);
    const second = await applied(undo.plan);
    assert.deepEqual(contentsOf(lake), before);
    const title = (await engine.call('jobs.get', { id: second })).job.title;
    assert.equal(title, 'Undo Mirror Local → Lake');

    const redo = await engine.call('plans.undo', { job: second });
    assert.equal(redo.problems, undefined);
    await applied(redo.plan);
    assert.deepEqual(contentsOf(lake), after);
  });

  it('leaves index and disk the same: a scan afterwards finds nothing new, and hashes are kept', async () => {
    fill();
    const job = await mirror();
    const { plan } = await engine.call('plans.undo', { job });
    await applied(plan);
    const { files } = await engine.call('library.hashes', { root: 'lake' });
    assert.deepEqual(files.map(({ path }) => path).sort(), Object.keys(contentsOf(lake)).sort());
    assert.deepEqual(
      files.filter(({ blake3 }) => blake3 === null),
      [],
    );
    const jobs = await scan(engine);
    const reports = jobs.map(({ result }) => result as { added: number; changed: number; removed: number });
    assert.deepEqual(
      reports.map(({ added, changed, removed }) => added + changed + removed),
      [0, 0],
    );
    const left = await engine.call('trash.list', { root: 'lake', fresh: true });
    // What the apply had brought; what it had taken away is back.
    assert.deepEqual(left.items.map(({ path }) => path).sort(), [
      'clear/x.bin',
      'flat',
      'new/deep/a.bin',
      'place/p.bin',
      'replaced.bin',
    ]);
  });

  it('is a plan file like any other', async () => {
    fill();
    const before = contentsOf(lake);
    const job = await mirror();
    const { plan } = await engine.call('plans.undo', { job });
    const file = join(folder(), 'undo.lakeplan.json');
    await engine.call('plans.save', { plan, path: file });
    const opened = await engine.call('plans.open', { path: file });
    await applied(opened.plan);
    assert.deepEqual(contentsOf(lake), before);
  });

  it('lists what cannot be taken back, and takes back the rest', async () => {
    fill();
    const job = await mirror();
    writeFileSync(join(lake, 'new/deep/a.bin'), 'changed by somebody');
    rmSync(join(lake, 'moved/m.bin'));
    put(lake, 'gone/deep/g.bin', 'a new one');
    await scan(engine);
    const entry = (await engine.call('trash.list', { fresh: true })).items.find(({ path }) => path === 'replaced.bin');
    const purge = await engine.call('trash.purge', {
      root: 'lake',
      ids: [entry?.id ?? ''],
      lastCopies: [entry?.id ?? ''],
    });
    await over(engine, [purge.job]);

    const { plan, problems = [] } = await engine.call('plans.undo', { job });
    assert.deepEqual(
      problems.map(({ path, code }) => [path, code]),
      [
        ['gone/deep/g.bin', 'UNDO_PLACE_TAKEN'],
        ['moved/m.bin', 'UNDO_FILE_GONE'],
        ['new/deep/a.bin', 'UNDO_FILE_CHANGED'],
        ['replaced.bin', 'UNDO_NOT_IN_TRASH'],
      ],
    );
    await applied(plan);
    assert.equal(readFileSync(join(lake, 'clear'), 'utf8'), 'a file in the way');
    assert.equal(readFileSync(join(lake, 'flat/y.bin'), 'utf8'), 'Y');
    assert.equal(readFileSync(join(lake, 'new/deep/a.bin'), 'utf8'), 'changed by somebody');
    assert.equal(readFileSync(join(lake, 'gone/deep/g.bin'), 'utf8'), 'a new one');
    assert.equal(
      readFileSync(join(lake, 'replaced.bin'), 'utf8'),
      'new',
      'nothing is taken away that nothing replaces',
    );
  });

  it('takes back only what was done: steps that were skipped or so already are left alone', async () => {
    put(local, 'a.bin', 'A');
    put(local, 'b.bin', 'B');
    put(lake, 'c.bin', 'C');
    await scan(engine, { hash: true });
    const { plan } = await engine.call('plans.mirror', { from: 'local', to: 'lake', delete: true });
    put(lake, 'a.bin', 'A');
    put(lake, 'c.bin', 'changed', OLD_MS + 99_000);
    const { job } = await apply(engine, plan);
    const undo = await engine.call('plans.undo', { job: job.id });
    const { items } = await engine.call('plans.page', { plan: undo.plan });
    assert.deepEqual(
      items.map(({ op, path }) => [op, path]),
      [['delete', 'b.bin']],
    );
  });

  it('takes back what a killed try of the job had done and not recorded', async () => {
    for (const name of ['a', 'b', 'c']) put(local, `${name}.bin`, name);
    await scan(engine, { hash: true });
    const { plan } = await engine.call('plans.mirror', { from: 'local', to: 'lake', delete: true });
    await engine.call('jobs.pause', { what: 'kind', kind: 'apply' });
    const { job } = await engine.call('plans.apply', { plan });
    await engine.close();
    // a.bin was in work when the process was killed, b.bin was not: somebody else copied it.
    for (const name of ['a', 'b']) put(lake, `${name}.bin`, name);
    const database = new Database(join(folder(), 'data', 'lakeside.db'), {
      nativeBinding: nativeFile('better-sqlite3.node'),
    });
    database
      .prepare("INSERT INTO steps (job_key, step, status) SELECT key, 0, 'pending' FROM jobs WHERE id = ?")
      .run(job);
    database.prepare("INSERT INTO step_tries (job_key, steps) SELECT key, '[0]' FROM jobs WHERE id = ?").run(job);
    database.close();

    engine = await open(join(folder(), 'data'));
    await engine.call('jobs.resume', { what: 'kind', kind: 'apply' });
    await over(engine, [job]);
    const { items: results } = await engine.call('plans.result', { job });
    assert.deepEqual(
      results.map(({ path, status }) => [path, status]),
      [
        ['a.bin', 'already'],
        ['b.bin', 'already'],
        ['c.bin', 'done'],
      ],
    );
    const undo = await engine.call('plans.undo', { job });
    const { items } = await engine.call('plans.page', { plan: undo.plan });
    assert.deepEqual(
      items.map(({ op, path }) => [op, path]),
      [
        ['delete', 'a.bin'],
        ['delete', 'c.bin'],
      ],
    );
  });

  it('is refused while the job runs, for a job of another kind, and for one that is forgotten', async () => {
    const [job] = await scan(engine);
    await assert.rejects(engine.call('plans.undo', { job: job?.id ?? '' }), { code: 'UNDO_NOT_AN_APPLY' });
    await assert.rejects(engine.call('plans.undo', { job: 'none' }), { code: 'JOB_NOT_FOUND' });
  });

  it('brings back both roots after a plan both ways', async () => {
    put(local, 'a.bin', 'A');
    put(lake, 'b.bin', 'B');
    put(local, 'c.bin', 'C');
    put(lake, 'c.bin', 'other C', OLD_MS - 9_000);
    put(local, 'd.bin', 'D');
    put(lake, 'd.bin', 'other D', OLD_MS - 9_000);
    await scan(engine, { hash: true });
    const before = [contentsOf(local), contentsOf(lake)];
    const { plan } = await engine.call('plans.both', { from: 'local', to: 'lake' });
    await engine.call('plans.resolve', { plan, keep: 'from', filter: { text: 'c.bin' } });
    await engine.call('plans.resolve', { plan, keep: 'to', filter: { text: 'd.bin' } });
    const job = await applied(plan);
    assert.deepEqual(contentsOf(local), contentsOf(lake));
    const undo = await engine.call('plans.undo', { job });
    assert.equal(undo.problems, undefined);
    const file = join(folder(), 'undo.lakeplan.json');
    await engine.call('plans.save', { plan: undo.plan, path: file });
    await applied((await engine.call('plans.open', { path: file })).plan);
    assert.deepEqual([contentsOf(local), contentsOf(lake)], before);
  });

  it('restores any pair of trees after their mirror', async function () {
    this.timeout(120_000);
    const path = fc.constantFrom('a', 'b', 'c', 'd/a', 'd/b', 'd/e/a', 'e', 'e/f', 'a/x', 'd');
    const tree = fc.uniqueArray(fc.tuple(path, fc.constantFrom('1', '2', '3', '4')), { selector: ([name]) => name });
    await fc.assert(
      fc.asyncProperty(tree, tree, async (from, to) => {
        for (const root of [local, lake]) {
          for (const name of readdirSync(root)) {
            if (name !== '.lakeside') rmSync(join(root, name), { recursive: true });
          }
        }
        fillWith(local, from);
        fillWith(lake, to);
        const before = contentsOf(lake);
        const job = await mirror();
        assert.deepEqual(contentsOf(lake), contentsOf(local));
        const { files } = await engine.call('library.hashes', { root: 'lake' });
        assert.deepEqual(files.map(({ path }) => path).sort(), Object.keys(contentsOf(lake)).sort());
        const { plan, problems = [] } = await engine.call('plans.undo', { job });
        assert.deepEqual(problems, []);
        await applied(plan);
        assert.deepEqual(contentsOf(lake), before);
      }),
      {
        numRuns: 12,
        // A file takes the place of its own folder, which something else has to leave first.
        examples: [
          [
            [['d', '1']],
            [
              ['d/a', '1'],
              ['d/b', '1'],
            ],
          ],
        ],
      },
    );
  });

  /** Files whose paths do not stand in each other's way; times follow from texts, so that equal files are equal. */
  function fillWith(root: string, tree: readonly (readonly [string, string])[]): void {
    const paths = tree.map(([name]) => name);
    for (const [name, text] of tree) {
      if (paths.some((other) => other.startsWith(`${name}/`))) continue;
      put(root, name, text, OLD_MS + Number(text) * 10_000);
    }
  }

  it('is a command: prints the plan, or writes it to a file', async () => {
    fill();
    const before = contentsOf(lake);
    const job = await mirror();
    await engine.close();
    const dataDir = join(folder(), 'data');
    const file = join(folder(), 'undo.json');
    const made = await runCommand({ dataDir }, '--json', 'undo', job.slice(0, 10), '--out', file);
    assert.equal(made.code, 0, made.errors);
    assert.equal(documentOf(made, planHeaderDocument).kind, 'undo');
    const printed = await runCommand({ dataDir }, 'undo', job);
    assert.match(printed.output, /move .*replaced\.bin/);
    assert.equal((await runCommand({ dataDir }, 'apply', file)).code, 0);
    assert.deepEqual(contentsOf(lake), before);
    assert.ok(exists(lake, 'gone/deep/g.bin'));
    // By the plan file that was applied, whatever its name: undo of the undo.
    const redo = await runCommand({ dataDir }, '--json', 'undo', file);
    assert.equal(redo.code, 0, redo.errors);
    assert.equal((await runCommand({ dataDir }, 'undo', 'nobody')).code, 2);
    // What is there is not written over, the plan that is undone least of all.
    const over = await runCommand({ dataDir }, '--json', 'undo', file, '--out', file);
    assert.equal(over.code, 2, over.output);
    assert.equal(documentOf(over, errorDocument).error.code, 'FILE_EXISTS');
  });

  it('of a plan file takes back all that was done by it, in whichever of its applies', async () => {
    for (const name of ['a', 'b', 'c']) put(local, `${name}.bin`, name);
    put(lake, 'gone.bin', 'gone');
    await scan(engine);
    const before = contentsOf(lake);
    await engine.close();
    const dataDir = join(folder(), 'data');
    const run = async (...args: string[]): Promise<CommandResult> =>
      runCommand({ dataDir, workingDir: folder() }, ...args);
    const steps = async (...args: string[]): Promise<number> => {
      const made = await run('--json', 'undo', ...args);
      assert.equal(made.code, 0, made.output + made.errors);
      return documentOf(made, planDocument).items.length;
    };
    await run('plan', 'mirror', '--from', 'local', '--to', 'lake', '--delete', '--out', 'p.lakeplan.json');
    await run('apply', 'p.lakeplan.json');
    assert.equal(await steps('p.lakeplan.json'), 4);
    // One of them is done again, the others are so already.
    rmSync(join(lake, 'b.bin'));
    assert.match((await run('apply', 'p.lakeplan.json')).output, /^1 step done .*3 already so/);
    assert.equal(await steps('p.lakeplan.json'), 4);
    await run('undo', 'p.lakeplan.json', '--out', 'u.lakeplan.json');
    assert.equal((await run('apply', 'u.lakeplan.json')).code, 0);
    assert.deepEqual(contentsOf(lake), before);
    // What was put there by hand since is not what the plan did.
    put(lake, 'a.bin', 'a');
    await run('apply', 'p.lakeplan.json');
    assert.equal(await steps('p.lakeplan.json'), 3);
  });
});
