import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';

import { nativeFile } from '../../src/base/installation.ts';
import { b3sum } from './b3sum.ts';
import { applyDocument, planHeaderDocument } from './cliSchemas.ts';
import { type CommandResult, documentOf, endOf, runCommand, startCommand } from './commandLine.ts';
import { put } from './engineOn.ts';

export interface KillLibrary {
  /** Small files of each kind: new, replaced, moved, swapped (pairs), gone. */
  readonly each: number;
  /** Files of several chunks of a transfer's journal, new and replaced. */
  readonly large: number;
  readonly largeBytes: number;
}

type Contents = ReadonlyMap<string, string>;

const STEPS_DONE = "SELECT count(*) FROM steps WHERE status <> 'pending'";

/** What may lie beside the marker in a root's own folder when no apply runs. */
const OWN = new Set(['root.json', 'trash', 'hashes', 'notes']);

/**
 * A mirror plan that is applied by a process, which is killed at random moments: while it copies a large file, and between
 * any two steps. Whoever looks after each kill finds the old or the new file in every place.
 */
export class KillRounds {
  readonly #folder: string;
  readonly #random: () => number;
  #before: Contents = new Map();
  #after: Contents = new Map();
  #steps = 0;
  #confirmed: readonly string[] = [];

  /** @param random gives numbers from 0 to below 1 */
  constructor(folder: string, random: () => number) {
    this.#folder = folder;
    this.#random = random;
  }

  get #dataDir(): string {
    return join(this.#folder, 'data');
  }
  get #local(): string {
    return join(this.#folder, 'local');
  }
  get #lake(): string {
    return join(this.#folder, 'lake');
  }

  /** Makes two libraries and the plan that makes the second like the first. */
  async makePlan({ each, large, largeBytes }: KillLibrary): Promise<void> {
    for (const name of ['data', 'local', 'lake']) {
      rmSync(join(this.#folder, name), { recursive: true, force: true });
      mkdirSync(join(this.#folder, name));
    }
    const [local, lake] = [this.#local, this.#lake];
    const word = (): string => Math.floor(this.#random() * 2 ** 48).toString(36);
    for (let index = 0; index < each; index++) {
      const name = String(index);
      put(local, `new/${name}`, `new ${word()}`);
      put(local, `replaced/${name}`, `after ${word()}`);
      put(lake, `replaced/${name}`, `before ${word()}`);
      const moved = `moved ${word()}`;
      put(local, `moved/${name}`, moved);
      put(lake, `before/${name}`, moved);
      put(lake, `gone/${name}`, `gone ${word()}`);
    }
    for (let index = 0; index < large; index++) {
      put(local, `large/${index}`, this.#largeText(largeBytes));
      if (index % 2 === 1) put(lake, `large/${index}`, this.#largeText(largeBytes));
    }
    writeFileSync(join(this.#dataDir, 'lakeside.config.json'), '{}');
    await this.#run('roots', 'add', 'local', 'local');
    await this.#run('roots', 'add', 'lake', 'lake');
    await this.#run('scan', '--hash');
    const mirror = ['plan', 'mirror', '--from', 'local', '--to', 'lake', '--delete', '--out', this.#planFile];
    const { summary } = documentOf(await this.#run('--json', ...mirror), planHeaderDocument);
    assert.deepEqual(
      [summary.copy.count, summary.move.count, summary.delete.count],
      [2 * each + large, each, each],
      'the plan holds every kind of step',
    );
    this.#steps = summary.copy.count + summary.move.count + summary.delete.count;
    const replaced = each + Math.floor(large / 2);
    this.#confirmed = ['--confirm-deletes', String(each), '--confirm-replaces', String(replaced)];
    this.#before = contentsBelow(lake);
    this.#after = contentsBelow(local);
  }

  /**
   * Applies the plan in a process of its own, kills it somewhere, and looks at what it left. False where the apply had ended
   * before: then there is nothing left to kill.
   */
  async kill(): Promise<boolean> {
    const ended = await this.#killOnce();
    const now = contentsBelow(this.#lake);
    for (const [path, content] of now) {
      if (isUnfinished(path)) continue;
      const known = content === this.#before.get(path) || content === this.#after.get(path);
      assert.ok(known, `${path} holds what nobody wrote there`);
    }
    for (const path of this.#before.keys()) {
      assert.ok(now.has(path) || !this.#after.has(path), `the place of ${path} is empty`);
    }
    this.#requireNothingLost();
    assert.ok(ended !== 1, 'the apply failed before it was killed');
    return this.#stepsLeft() > 0;
  }

  /** Steps without an outcome; all of them where the job was not begun. */
  #stepsLeft(): number {
    const database = this.#openDatabase();
    const done = database.prepare<[], number>(STEPS_DONE).pluck().get() ?? 0;
    database.close();
    return this.#steps - done;
  }

  /** Applies the plan to its end, and checks that every file equals its source and that nothing else is left. */
  async finish(): Promise<void> {
    const result = await this.#run('--json', 'apply', this.#planFile, ...this.#confirmed);
    const { skipped, failed } = documentOf(result, applyDocument);
    assert.deepEqual({ skipped, failed }, { skipped: 0, failed: 0 });
    const paths = [...this.#after.keys()];
    assert.deepEqual(
      [...contentsBelow(this.#lake).keys()].sort(),
      [...paths].sort(),
      'nothing is missing or left over',
    );
    assert.deepEqual(await b3sum(this.#lake, paths), await b3sum(this.#local, paths), 'every file equals its source');
    this.#requireNothingLost();
    const left = readdirSync(join(this.#lake, '.lakeside')).filter((name) => !OWN.has(name));
    assert.deepEqual(left, [], 'nothing of the apply is left over in our own folder');
    const database = this.#openDatabase();
    try {
      assert.equal(database.pragma('integrity_check', { simple: true }), 'ok');
      const index = database
        .prepare("SELECT relpath FROM files JOIN roots ON key = root_key WHERE name = 'lake' ORDER BY relpath")
        .pluck()
        .all();
      assert.deepEqual(index, [...paths].sort(), 'the index knows what is on the disk');
    } finally {
      database.close();
    }
  }

  /** Takes the whole apply back, whatever of it a killed process had done without recording it. */
  async undo(): Promise<void> {
    const database = this.#openDatabase();
    const job = database.prepare<[], string>("SELECT id FROM jobs WHERE kind = 'apply' ORDER BY key").pluck().get();
    database.close();
    const file = join(this.#folder, 'undo.lakeplan.json');
    await this.#run('undo', job ?? '', '--out', file);
    writeFileSync(
      join(this.#dataDir, 'lakeside.config.json'),
      JSON.stringify({ 'plan.maxDelete': { count: 1_000_000, percent: 100 } }),
    );
    await this.#run('apply', file);
    const paths = [...this.#before.keys()];
    const now = contentsBelow(this.#lake);
    assert.deepEqual([...now.keys()].sort(), paths.sort(), 'what the apply brought is gone, what it took away is back');
    for (const [path, content] of now) assert.equal(content, this.#before.get(path), `${path} is as it was`);
  }

  get #planFile(): string {
    return join(this.#folder, 'p.lakeplan.json');
  }

  async #run(...args: string[]): Promise<CommandResult> {
    const result = await runCommand({ dataDir: this.#dataDir, workingDir: this.#folder }, ...args);
    assert.equal(result.code, 0, result.output + result.errors);
    return result;
  }

  #largeText(bytes: number): string {
    const start = `${this.#random()} `;
    return start + String.fromCharCode(97 + Math.floor(this.#random() * 26)).repeat(bytes - start.length);
  }

  /** Gives the exit code of a process that ended by itself; null for one that was killed. */
  async #killOnce(): Promise<number | null> {
    const database = this.#openDatabase();
    const count = database.prepare<[], number>(STEPS_DONE).pluck();
    const isMoment = this.#random() < 0.5 ? this.#afterSteps(() => count.get() ?? 0) : this.#inLargeFile();
    const child = startCommand(this.#dataDir, ['apply', this.#planFile, ...this.#confirmed]);
    const ended = endOf(child);
    try {
      while (child.exitCode === null && !isMoment()) await delay(1);
      // Somewhere between this record and one of the next.
      await delay(this.#random() ** 2 * 20);
    } finally {
      database.close();
      child.kill('SIGKILL');
      await ended;
    }
    return child.exitCode;
  }

  #afterSteps(count: () => number): () => boolean {
    const done = count();
    const wanted = done + this.#random() ** 3 * (this.#steps - done);
    return () => count() > wanted;
  }

  /** When the partial of a large file has grown to some size. */
  #inLargeFile(): () => boolean {
    const share = this.#random();
    const folder = join(this.#lake, 'large');
    const wanted = share * Math.max(...[...this.#after.keys()].map((path) => statSync(join(this.#local, path)).size));
    return () => {
      if (!existsSync(folder)) return false;
      return readdirSync(folder).some((name) => {
        if (!isUnfinished(name)) return false;
        const stat = statSync(join(folder, name), { throwIfNoEntry: false });
        return stat !== undefined && stat.size >= wanted;
      });
    };
  }

  #requireNothingLost(): void {
    const contents = new Set(contentsBelow(this.#lake, true).values());
    for (const [path, content] of this.#before) assert.ok(contents.has(content), `${path} is lost`);
  }

  #openDatabase(): Database.Database {
    return new Database(join(this.#dataDir, 'lakeside.db'), { nativeBinding: nativeFile('better-sqlite3.node') });
  }
}

/** Partials, and what keeps account of them. */
function isUnfinished(path: string): boolean {
  return /\.partial(\.|$)/.test(path);
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
