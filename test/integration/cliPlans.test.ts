import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';

import {
  applyDocument,
  diffDocument,
  errorDocument,
  planDocument,
  planHeaderDocument,
  rootsDocument,
  scanDocument,
} from '../support/cliSchemas.ts';
import { type CommandResult, documentOf, runCommand } from '../support/commandLine.ts';
import { exists, put } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('plans on the command line', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const local = (): string => join(folder(), 'local');
  const lake = (): string => join(folder(), 'lake');
  const run = (...args: string[]): Promise<CommandResult> =>
    runCommand({ dataDir: join(folder(), 'data'), workingDir: folder() }, ...args);
  const pair = ['--from', 'local', '--to', 'lake'];

  async function json<T>(schema: z.ZodType<T>, code: number, ...args: string[]): Promise<T> {
    const result = await run('--json', ...args);
    assert.equal(result.code, code, result.output + result.errors);
    return documentOf(result, schema);
  }

  async function roots(...scan: string[]): Promise<void> {
    for (const root of [local(), lake()]) mkdirSync(root, { recursive: true });
    await json(rootsDocument, 0, 'roots', 'add', 'local', 'local');
    await json(rootsDocument, 0, 'roots', 'add', 'lake', 'lake');
    await json(scanDocument, 0, 'scan', ...scan);
  }

  it('go both ways, report conflicts, and decide them only when told to', async () => {
    put(local(), 'a.txt', 'only local');
    put(lake(), 'b.txt', 'only the lake');
    put(local(), 'c.txt', 'one');
    put(lake(), 'c.txt', 'another');
    await roots();
    const printed = await run('--json', 'plan', 'both', ...pair);
    const plan = documentOf(printed, planDocument);
    assert.deepEqual(
      plan.items.map(({ path, direction }) => [path, direction]),
      [
        ['a.txt', undefined],
        ['b.txt', 'reverse'],
        ['c.txt', 'undecided'],
      ],
    );
    const words = await run('plan', 'both', ...pair);
    assert.match(
      words.output,
      /conflict +1 +3 B\n\ncopy +10 B +a\.txt\ncopy back +13 B +b\.txt\nconflict +3 B +c\.txt/,
    );
    writeFileSync(join(folder(), 'open.lakeplan.json'), printed.output);
    const applied = await json(applyDocument, 1, 'apply', 'open.lakeplan.json');
    assert.deepEqual([applied.done, applied.skipped], [2, 1]);
    assert.equal(applied.items.find(({ path }) => path === 'c.txt')?.code, 'CONFLICT_UNDECIDED');

    const decided = ['plan', 'both', ...pair, '--on-conflict', 'to', '--out', 'decided.lakeplan.json'];
    const header = await json(planHeaderDocument, 0, ...decided);
    assert.deepEqual([header.summary.copy.count, header.summary.conflict], [1, undefined]);
    assert.equal((await json(applyDocument, 0, 'apply', 'decided.lakeplan.json')).done, 1);
    assert.equal(readFileSync(join(local(), 'c.txt'), 'utf8'), 'another');
    assert.match((await run('plan', 'both', ...pair)).output, /hold the same: nothing to do/);
  });

  it('update a part, by folder, glob and size, and refuse what nobody can mean', async () => {
    put(local(), 'loras/cat.safetensors', 'a cat, large enough');
    put(local(), 'loras/cat.png', 'small');
    put(local(), 'vae/x.pt', 'of another folder');
    await roots();
    const select = ['--folder', 'loras/', '--min-size', '10', '--glob', '**/*.safetensors'];
    const update = await json(planDocument, 0, 'plan', 'update', ...pair, ...select);
    assert.deepEqual(
      update.items.map(({ path }) => path),
      ['loras/cat.png', 'loras/cat.safetensors'],
    );
    assert.deepEqual(update.options.select, { folders: ['loras'], globs: ['**/*.safetensors'], minSize: 10 });
    const unknown = await json(errorDocument, 2, 'plan', 'update', ...pair, '--folder', 'lora');
    assert.equal(unknown.error.code, 'PATH_UNKNOWN');
    assert.equal((await run('plan', 'update', ...pair, '--min-size', 'large')).code, 2);
  });

  it('find what moved, in a diff and in a mirror', async () => {
    put(local(), 'new/cat.safetensors', 'a cat');
    put(lake(), 'old/cat.safetensors', 'a cat');
    await roots();
    assert.equal((await json(diffDocument, 0, 'diff', ...pair)).counts.moved, 0);
    const mirror = await json(planDocument, 0, 'plan', 'mirror', ...pair, '--find-moves');
    assert.deepEqual(
      mirror.items.map(({ op, movedFrom }) => [op, movedFrom]),
      [['move', 'old/cat.safetensors']],
    );
    assert.equal((await json(diffDocument, 0, 'diff', ...pair, '--find-moves')).counts.moved, 1);
  });

  it('free space, and say what is relied on', async () => {
    put(local(), 'loras/cat.safetensors', 'a cat');
    put(local(), 'loras/mine.safetensors', 'nobody else has it');
    put(lake(), 'loras/cat.safetensors', 'a cat');
    await roots('--hash');
    const evict = ['plan', 'evict', '--root', 'local', '--older-than', '90d', '--free', '8000TB'];
    const plan = await json(planHeaderDocument, 0, ...evict, '--out', 'evict.lakeplan.json');
    assert.deepEqual(
      [plan.kind, plan.from.root, plan.to.root, plan.summary.delete.count],
      ['evict', 'lake', 'local', 1],
    );
    assert.deepEqual(plan.options.evict, { order: 'largest', olderThanDays: 90, freeBytes: 8_000 * 1024 ** 4 });
    assert.match((await run(...evict)).errors, /With all that may go/);
    assert.equal((await json(applyDocument, 0, 'apply', 'evict.lakeplan.json')).done, 1);
    assert.ok(!exists(local(), 'loras/cat.safetensors'));
    assert.ok(exists(local(), 'loras/mine.safetensors'));
    assert.match(
      (await run('plan', 'evict', '--root', 'local', '--kept-by', 'lake')).output,
      /Nothing of local may go/,
    );
  });
});
