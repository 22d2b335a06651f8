import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';

import { nativeFile } from '../../src/base/installation.ts';
import { applyDocument, planHeaderDocument } from '../support/cliSchemas.ts';
import { type CommandResult, documentOf, endOf, runCommand, startCommand } from '../support/commandLine.ts';
import { put } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const KILLS = 8;
const STEPS = 400;
/** Copies that are under way for some time, so that kills meet them too. */
const LARGE = 'x'.repeat(20_000_000);

type Contents = ReadonlyMap<string, string>;

describe('an apply that is killed again and again', () => {
  const folder = temporaryFolder();
  const dataDir = (): string => join(folder(), 'data');
  const local = (): string => join(folder(), 'local');
  const lake = (): string => join(folder(), 'lake');

  async function run(...args: string[]): Promise<CommandResult> {
    const result = await runCommand({ dataDir: dataDir(), workingDir: folder() }, ...args);
    assert.equal(result.code, 0, result.output + result.errors);
    return result;
  }

  async function makePlan(): Promise<void> {
    for (let index = 0; index < STEPS / 4; index++) {
      const name = String(index);
      put(local(), `new/${name}`, `new ${name}`);
      put(local(), `replaced/${name}`, `after ${name}`);
      put(lake(), `replaced/${name}`, `before ${name}`);
      put(local(), `moved/${name}`, `moved ${name}`);
      put(lake(), `before/${name}`, `moved ${name}`);
      put(lake(), `gone/${name}`, `gone ${name}`);
    }
    for (const name of ['a', 'b']) put(local(), `large/${name}`, LARGE + name);
    await run('roots', 'add', 'local', 'local');
    await run('roots', 'add', 'lake', 'lake');
    await run('scan', '--hash');
    const mirror = ['plan', 'mirror', '--from', 'local', '--to', 'lake', '--delete', '--out', 'p.lakeplan.json'];
    const { summary } = documentOf(await run('--json', ...mirror), planHeaderDocument);
    const { copy, move, delete: removal } = summary;
    assert.deepEqual([copy.count, move.count, removal.count], [STEPS / 2 + 2, STEPS / 4, STEPS / 4]);
  }

  /** Applies the plan in a process of its own, and kills it when so many steps are recorded. */
  async function killAt(steps: number): Promise<void> {
    const database = new Database(join(dataDir(), 'lakeside.db'), { nativeBinding: nativeFile('better-sqlite3.node') });
    const recorded = database.prepare<[], number>("SELECT count(*) FROM steps WHERE status <> 'pending'").pluck();
    const child = startCommand(dataDir(), ['apply', join(folder(), 'p.lakeplan.json')]);
    const ended = endOf(child);
    try {
      while (child.exitCode === null && (recorded.get() ?? 0) < steps) await delay(1);
      // Somewhere between this record and the next.
      await delay(Math.random() * 40);
    } finally {
      database.close();
      child.kill('SIGKILL');
      await ended;
    }
  }

  it('has the old or the new file in every place, loses none, and is finished by the next apply', async function () {
    this.timeout(60_000);
    await makePlan();
    const [before, after] = [contentsBelow(lake()), contentsBelow(local())];
    for (let kill = 0; kill < KILLS; kill++) {
      await killAt(Math.floor((kill * STEPS) / KILLS));
      const now = contentsBelow(lake());
      for (const [path, content] of now) {
        if (path.endsWith('.partial')) continue;
        assert.ok(content === before.get(path) || content === after.get(path), `${path} holds what nobody wrote there`);
      }
      for (const path of before.keys()) assert.ok(now.has(path) || !after.has(path), `the place of ${path} is empty`);
      requireAll(before, contentsBelow(lake(), true));
    }

    const applied = documentOf(await run('--json', 'apply', 'p.lakeplan.json'), applyDocument);
    assert.deepEqual([applied.skipped, applied.failed], [0, 0]);
    assert.deepEqual(contentsBelow(lake()), after);
    requireAll(before, contentsBelow(lake(), true));
    assert.ok(!existsSync(join(lake(), '.lakeside', 'aside')));
    assert.deepEqual(readdirSync(lake()).sort(), ['.lakeside', 'large', 'moved', 'new', 'replaced']);
    const database = new Database(join(dataDir(), 'lakeside.db'), { nativeBinding: nativeFile('better-sqlite3.node') });
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok');
    const index = database
      .prepare("SELECT relpath FROM files JOIN roots ON key = root_key WHERE name = 'lake' ORDER BY relpath")
      .pluck()
      .all();
    database.close();
    assert.deepEqual(index, [...after.keys()].sort(), 'the index knows what is on the disk');
  });
});

function requireAll(wanted: Contents, there: Contents): void {
  const contents = new Set(there.values());
  for (const [path, content] of wanted) assert.ok(contents.has(content), `${path} is lost`);
}

/** Relpath → SHA-256 of every file; `all`: with those in our own folder, where trash is. */
function contentsBelow(root: string, all = false): Map<string, string> {
  const contents = new Map<string, string>();
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(root, name);
    if ((!all && name.startsWith('.lakeside')) || !statSync(path).isFile()) continue;
    contents.set(name.split(sep).join('/'), createHash('sha256').update(readFileSync(path)).digest('hex'));
  }
  return contents;
}
