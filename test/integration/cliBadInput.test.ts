import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

import { nativeFile } from '../../src/base/installation.ts';
import { PlanSealer } from '../../src/library/planSeal.ts';
import { planHeaderSchema, type PlanItem, planItemSchema } from '../../src/protocol/planFile.ts';
import { applyDocument, errorDocument, planDocument, scanDocument } from '../support/cliSchemas.ts';
import { type CommandResult, documentOf, runCommand } from '../support/commandLine.ts';
import { exists, put } from '../support/engineOn.ts';
import { planSummary } from '../support/planItems.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('the command line, given what it cannot take,', () => {
  const folder = temporaryFolder();
  const dataDir = (): string => join(folder(), 'data');
  const local = (): string => join(folder(), 'local');
  const lake = (): string => join(folder(), 'lake');
  const run = (...args: string[]): Promise<CommandResult> =>
    runCommand({ dataDir: dataDir(), workingDir: folder() }, ...args);

  /** Expects the error as JSON, and the same sentence for a person. */
  async function refuses(expected: { exit: number; code: string; says: RegExp }, ...args: string[]): Promise<void> {
    const result = await run('--json', ...args);
    assert.equal(result.code, expected.exit, result.output + result.errors);
    const { error } = documentOf(result, errorDocument);
    assert.equal(error.code, expected.code, error.message);
    assert.match(error.message, expected.says);
    const told = await run(...args);
    assert.equal(told.code, expected.exit);
    assert.equal(told.output, '');
    assert.match(told.errors, expected.says);
  }

  /** A root that is scanned, another that is empty, and a sealed plan with these items. */
  async function planOf(change: (items: PlanItem[]) => PlanItem[], otherId?: string): Promise<string> {
    put(local(), 'loras/a.safetensors', 'content');
    mkdirSync(lake());
    await run('roots', 'add', 'local', 'local');
    await run('roots', 'add', 'lake', 'lake', '--allow-delete');
    await run('scan');
    const made = await run('--json', 'plan', 'mirror', '--from', 'local', '--to', 'lake');
    const { items, ...header } = documentOf(made, planDocument);
    const changed = change(items.map((item) => planItemSchema.parse(item)));
    const { summary: _summary, seal: _seal, ...preamble } = planHeaderSchema.parse(header);
    const to = otherId === undefined ? preamble.to : { ...preamble.to, id: otherId };
    const sealer = new PlanSealer({ ...preamble, to });
    for (const item of changed) sealer.add(item);
    const summary = planSummary(changed);
    const plan = { ...preamble, to, summary, items: changed, seal: sealer.seal(summary) };
    writeFileSync(join(folder(), 'p.lakeplan.json'), JSON.stringify(plan));
    return 'p.lakeplan.json';
  }

  it('says which files no plan can hold, and plans the others', async function () {
    if (process.platform === 'win32') this.skip();
    put(local(), 'back\\slash.safetensors', 'odd');
    put(local(), 'plain.safetensors', 'plain');
    mkdirSync(lake());
    await run('roots', 'add', 'local', 'local');
    await run('roots', 'add', 'lake', 'lake');
    await run('scan');
    const made = await run('plan', 'mirror', '--from', 'local', '--to', 'lake', '--out', 'p.lakeplan.json');
    assert.equal(made.code, 1, made.errors);
    assert.match(made.errors, /1 file left out of the plan:\n {2}.*slash\.safetensors/);
    const { items } = JSON.parse(readFileSync(join(folder(), 'p.lakeplan.json'), 'utf8')) as { items: unknown[] };
    assert.equal(items.length, 1);
  });

  it('says what is wrong with the words typed', async () => {
    const wrong = { exit: 2, code: 'USAGE' };
    await refuses({ ...wrong, says: /'fly'/ }, 'fly');
    await refuses({ ...wrong, says: /'jobs fly'/ }, 'jobs', 'fly');
    await refuses({ ...wrong, says: /--to/ }, 'diff', '--from', 'local');
    await refuses({ ...wrong, says: /--fast/ }, 'scan', '--fast');
    await refuses({ ...wrong, says: /argument 'dir'/ }, 'roots', 'add', 'local');
    await refuses({ ...wrong, says: /arguments/ }, 'hashes', 'local', 'lake');
    const group = await run('plan');
    assert.equal(group.code, 2);
    assert.match(group.errors, /Usage: lakeside plan/);
    assert.equal(documentOf(await run('plan', '--json'), errorDocument).error.code, 'USAGE');
  });

  it('refuses a folder that cannot be a root', async () => {
    mkdirSync(join(local(), 'inside'), { recursive: true });
    writeFileSync(join(folder(), 'file'), '');
    await refuses({ exit: 2, code: 'ROOT_NOT_FOUND', says: /nowhere/ }, 'roots', 'add', 'local', 'nowhere');
    await refuses({ exit: 2, code: 'ROOT_NOT_A_FOLDER', says: /file/ }, 'roots', 'add', 'local', 'file');
    await refuses(
      { exit: 2, code: 'INVALID_INPUT', says: /name: A root name is [^✖\n]+\.$/m },
      'roots',
      'add',
      '../x',
      'local',
    );
    await refuses({ exit: 2, code: 'PATH_EMPTY', says: /path/ }, 'roots', 'add', 'local', '');
    await run('roots', 'add', 'local', 'local');
    await refuses({ exit: 2, code: 'ROOT_NESTED', says: /inside/ }, 'roots', 'add', 'lake', 'local/inside');
    cpSync(local(), lake(), { recursive: true });
    await refuses({ exit: 2, code: 'ROOT_ID_TAKEN', says: /lake/ }, 'roots', 'add', 'lake', 'lake');
    await refuses({ exit: 2, code: 'ROOT_UNKNOWN', says: /"lake".*local/ }, 'roots', 'remove', 'lake');
    // The way out that the refusal names.
    assert.equal((await run('roots', 'add', 'lake', 'lake', '--new-id')).code, 0);
  });

  it('reads nothing of a root that is not mounted as deleted', async () => {
    put(local(), 'a.safetensors', 'a');
    mkdirSync(lake());
    await run('roots', 'add', 'local', 'local');
    await run('roots', 'add', 'lake', 'lake');
    await run('scan');
    await run('plan', 'mirror', '--from', 'local', '--to', 'lake', '--out', 'p.lakeplan.json');
    rmSync(lake(), { recursive: true });
    mkdirSync(lake());
    await refuses({ exit: 3, code: 'ROOT_NOT_MOUNTED', says: /lake/ }, 'scan', 'lake');
    await refuses({ exit: 3, code: 'ROOT_NOT_MOUNTED', says: /lake/ }, 'apply', 'p.lakeplan.json');
    assert.equal(exists(lake(), 'a.safetensors'), false);
    const scanned = await run('--json', 'scan');
    assert.equal(scanned.code, 1);
    const [first, second] = documentOf(scanned, scanDocument).roots;
    assert.deepEqual([first?.name, first?.files, first?.problems], ['local', 1, []]);
    assert.deepEqual([second?.name, second?.problems.map(({ code }) => code)], ['lake', ['ROOT_NOT_MOUNTED']]);
    rmSync(join(local(), '.lakeside'), { recursive: true });
    await refuses({ exit: 3, code: 'ROOT_NOT_MOUNTED', says: /local/ }, 'scan');
    assert.equal((await run('jobs', 'run')).output, 'There are no jobs.\n');
  });

  it('reads and writes plans only where there is a file, or nothing', async () => {
    await planOf((items) => items);
    await refuses({ exit: 2, code: 'PLAN_FORMAT', says: /lake/ }, 'apply', 'lake');
    await refuses({ exit: 2, code: 'PATH_EMPTY', says: /path/ }, 'apply', '');
    const mirror = ['plan', 'mirror', '--from', 'local', '--to', 'lake', '--out'];
    await refuses({ exit: 2, code: 'NOT_A_FILE', says: /lake/ }, ...mirror, 'lake');
    if (process.platform === 'win32') return;
    // A pipe may never end, and a plan must not take its place.
    execFileSync('mkfifo', [join(folder(), 'pipe')]);
    await refuses({ exit: 2, code: 'PLAN_FORMAT', says: /pipe/ }, 'apply', 'pipe');
    await refuses({ exit: 2, code: 'NOT_A_FILE', says: /pipe/ }, ...mirror, 'pipe');
    assert.ok(statSync(join(folder(), 'pipe')).isFIFO());
    symlinkSync('p.lakeplan.json', join(folder(), 'link'));
    assert.equal((await run(...mirror, 'link')).code, 0);
    assert.ok(lstatSync(join(folder(), 'link')).isSymbolicLink());
  });

  it('refuses to compare what was never scanned, or a root with itself', async () => {
    mkdirSync(local());
    mkdirSync(lake());
    await run('roots', 'add', 'local', 'local');
    await run('roots', 'add', 'lake', 'lake');
    await refuses({ exit: 2, code: 'ROOT_NOT_SCANNED', says: /scan/ }, 'diff', '--from', 'local', '--to', 'lake');
    await run('scan');
    await refuses({ exit: 2, code: 'SAME_ROOT', says: /itself/ }, 'diff', '--from', 'local', '--to', 'local');
    await refuses({ exit: 2, code: 'ROOT_UNKNOWN', says: /"sea"/ }, 'hashes', 'sea');
    await refuses({ exit: 2, code: 'JOB_NOT_FOUND', says: /no job/ }, 'jobs', 'cancel', 'nothing');
  });

  it('refuses a plan that was edited, that is none, or that is for other roots', async () => {
    const file = await planOf((items) => items);
    const text = readFileSync(join(folder(), file), 'utf8');
    writeFileSync(join(folder(), 'edited.lakeplan.json'), text.replace('loras/a.', 'loras/b.'));
    writeFileSync(join(folder(), 'half.lakeplan.json'), text.slice(0, text.length / 2));
    writeFileSync(join(folder(), 'none.lakeplan.json'), '{}');
    await refuses({ exit: 2, code: 'PLAN_EDITED', says: /edited\.lakeplan\.json/ }, 'apply', 'edited.lakeplan.json');
    await refuses({ exit: 2, code: 'PLAN_FORMAT', says: /half\.lakeplan\.json/ }, 'apply', 'half.lakeplan.json');
    await refuses({ exit: 2, code: 'PLAN_FORMAT', says: /none\.lakeplan\.json/ }, 'apply', 'none.lakeplan.json');
    await refuses({ exit: 2, code: 'PLAN_FILE_NOT_FOUND', says: /gone/ }, 'apply', 'gone.lakeplan.json');
    assert.equal(exists(lake(), 'loras/a.safetensors'), false);
  });

  it('refuses a plan for other roots', async () => {
    const file = await planOf((items) => items, '11111111-2222-4333-8444-555555555555');
    await refuses({ exit: 2, code: 'PLAN_OTHER_ROOTS', says: /lake/ }, 'apply', file);
  });

  for (const path of ['../outside.safetensors', '/etc/outside.safetensors', 'a/../../outside', '.lakeside/root.json']) {
    it(`leaves the roots alone when a sealed plan names ${path}`, async () => {
      const file = await planOf((items) => items.map((item) => ({ ...item, path })));
      const result = await run('--json', 'apply', file);
      if (result.code === 2) {
        assert.match(documentOf(result, errorDocument).error.code, /^(BAD_PATH|PLAN_)/);
      } else {
        assert.equal(result.code, 1);
        assert.deepEqual(
          documentOf(result, applyDocument).items.map(({ status }) => status),
          ['skipped'],
        );
      }
      assert.equal(exists(folder(), 'outside.safetensors'), false);
    });
  }

  it('skips what is stale, and says so', async () => {
    const file = await planOf((items) => items);
    put(local(), 'loras/a.safetensors', 'changed', 1_700_000_000_000);
    const result = await run('--json', 'apply', file);
    assert.equal(result.code, 1, result.output);
    const { skipped, items } = documentOf(result, applyDocument);
    assert.equal(skipped, 1);
    assert.ok((items[0]?.reason ?? '').length > 20);
  });

  it('says in one sentence which setting is wrong', async () => {
    const refusesSetting = async (code: string, says: RegExp, environment: Record<string, string>): Promise<void> => {
      const result = await runCommand({ dataDir: dataDir(), environment }, '--json', 'roots', 'list');
      assert.equal(result.code, 2);
      const { error } = documentOf(result, errorDocument);
      assert.equal(error.code, code);
      assert.match(error.message, says);
    };
    mkdirSync(dataDir());
    const config = (text: string): void => writeFileSync(join(dataDir(), 'lakeside.config.json'), text);
    const number = /QUEUE_CONCURRENCY is "many", but a whole number from 1 to 16 is expected\.$/;
    await refusesSetting('SETTING_INVALID', number, { QUEUE_CONCURRENCY: 'many' });
    await refusesSetting('SETTING_INVALID', /true or false/, { LAKE_ALLOW_DELETE: 'maybe' });
    await refusesSetting('SETTING_INVALID', /error, warn, info, debug/, { LOG_LEVEL: 'loud' });
    config('{"queue.concurrency": "2"}');
    await refusesSetting('SETTING_INVALID', /queue\.concurrency in .*config\.json is "2"/, {});
    config('{"queue.speed": 2}');
    await refusesSetting('SETTING_UNKNOWN', /"queue\.speed"/, {});
    config('{"lakeside.queue.concurrency": 2}');
    await refusesSetting('SETTING_UNKNOWN', /"lakeside\.queue\.concurrency".*Leave out `lakeside\.`/, {});
    config('{"transfer.bandwidth": "fast"}');
    await refusesSetting('SETTING_INVALID', /"fast", but a number of megabytes a second, such as 20, or/, {});
    config('{"queue.concurrency": 2');
    await refusesSetting('CONFIG_FILE_INVALID', /not valid JSON/, {});
    config('[]');
    await refusesSetting('CONFIG_FILE_INVALID', /JSON object/, {});
  });

  it('goes on without a root that a setting names and that is not there', async () => {
    const environment = { LOCAL_MODELS_ROOT: join(folder(), 'nowhere') };
    const { code, output, errors } = await runCommand({ dataDir: dataDir(), environment }, '--json', 'roots', 'list');
    assert.equal(code, 0);
    assert.equal(output, '{"roots":[]}\n');
    assert.match(errors, /^Setting local\.root: .*nowhere/);
  });

  it('refuses a data dir that is a file, a damaged database, and one of a newer Lakeside', async () => {
    writeFileSync(join(folder(), 'file'), '');
    const inFile = await runCommand({ dataDir: join(folder(), 'file') }, '--json', 'roots', 'list');
    assert.equal(inFile.code, 3);
    assert.equal(documentOf(inFile, errorDocument).error.code, 'DATA_DIR_NOT_WRITABLE');
    await run('roots', 'list');
    const database = new Database(join(dataDir(), 'lakeside.db'), { nativeBinding: nativeFile('better-sqlite3.node') });
    database.prepare("INSERT INTO schema_migrations VALUES ('9999_later', 'x', 0)").run();
    database.close();
    await refuses({ exit: 3, code: 'SCHEMA_NEWER', says: /newer/ }, 'roots', 'list');
    writeFileSync(join(dataDir(), 'lakeside.db'), 'no database at all '.repeat(100));
    await refuses({ exit: 3, code: 'DATABASE_CORRUPT', says: /damaged/ }, 'roots', 'list');
  });

  it('reports names that are not Unicode, and keeps the rest', async function () {
    if (process.platform !== 'linux') this.skip();
    put(local(), 'good.safetensors', 'good');
    writeFileSync(Buffer.concat([Buffer.from(`${local()}/bad`), Buffer.from([0xff, 0xfe])]), 'bad');
    await run('roots', 'add', 'local', 'local');
    const result = await run('--json', 'scan');
    assert.equal(result.code, 1);
    const [root] = documentOf(result, scanDocument).roots;
    assert.equal(root?.files, 1);
    assert.deepEqual(
      root.problems.map(({ code }) => code),
      ['NAME_NOT_UNICODE'],
    );
    assert.match((await run('scan')).errors, /local: 1 problem\n {2}\S/);
  });

  it('takes a read-only root as a source, and says why nothing is written to it', async function () {
    // Nothing is read-only to the administrator.
    if (process.getuid?.() === 0 || process.platform === 'win32') this.skip();
    put(local(), 'a.safetensors', 'a');
    put(lake(), 'b.safetensors', 'b');
    chmodSync(lake(), 0o555);
    try {
      await run('roots', 'add', 'local', 'local');
      assert.equal((await run('roots', 'add', 'lake', 'lake')).code, 0);
      assert.equal((await run('scan')).code, 0);
      await run('plan', 'mirror', '--from', 'local', '--to', 'lake', '--out', 'p.lakeplan.json');
      const result = await run('--json', 'apply', 'p.lakeplan.json');
      assert.ok(result.code === 1 || result.code === 3, result.output);
      assert.equal(exists(lake(), 'a.safetensors'), false);
    } finally {
      chmodSync(lake(), 0o755);
    }
  });
});
