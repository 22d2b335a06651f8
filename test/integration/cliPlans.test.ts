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
      /^copy to lake +1 +10 B\ncopy to local +1 +13 B\nmove +0 .*\ndelete +0 .*\nconflict +1 +3 B\n\ncopy to lake +10 B +a\.txt\ncopy to local +13 B +b\.txt\nconflict +3 B +c\.txt {2}\(local: 3 B, \d{4}-[\d -:]+; lake: 7 B, \d{4}-[\d -:]+\)/,
    );
    assert.match(words.errors, /To decide them: plan both … --on-conflict local\|lake, for a part with --glob PATH/);
    writeFileSync(join(folder(), 'open.lakeplan.json'), printed.output);
    const applied = await json(applyDocument, 1, 'apply', 'open.lakeplan.json');
    assert.deepEqual([applied.done, applied.skipped], [2, 1]);
    assert.equal(applied.items.find(({ path }) => path === 'c.txt')?.code, 'CONFLICT_UNDECIDED');

    const other = await run('plan', 'both', ...pair, '--on-conflict', 'lakes');
    assert.equal(other.code, 2);
    assert.match(other.errors, /takes from, to, local or lake, not lakes/);
    const shown = await run('plan', 'both', ...pair, '--on-conflict', 'lake');
    assert.match(shown.output, /copy to local +1 +7 B\n {2}replacing a file +1\n[^]*replace in local +7 B +c\.txt/);
    const decided = ['plan', 'both', ...pair, '--on-conflict', 'lake', '--out', 'decided.lakeplan.json'];
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
    assert.match(unknown.error.message, /Local and Lake hold no lora,/);
    const all = await json(planDocument, 0, 'plan', 'update', ...pair, '--folder', '.');
    assert.equal(all.items.length, 3);
    assert.equal((await run('plan', 'update', ...pair, '--min-size', 'large')).code, 2);
  });

  it('tell what they replace from what they add', async () => {
    put(local(), 'a.txt', 'only local');
    put(local(), 'c.txt', 'one');
    put(lake(), 'c.txt', 'another');
    await roots();
    const { output } = await run('plan', 'update', ...pair);
    assert.match(output, /^copy +2 +13 B\n {2}replacing a file +1\n[^]*\ncopy +10 B +a\.txt\nreplace +3 B +c\.txt\n$/);
  });

  it('name a conflict of two names with the root of each', async () => {
    put(local(), 'zz.pt', 'one content');
    put(lake(), 'z.pt', 'one content');
    await roots('--hash');
    assert.match((await run('plan', 'both', ...pair)).output, /conflict +11 B +zz\.pt in local, z\.pt in lake/);
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
    const words = await run(...evict);
    assert.match(words.errors, /With all that may go/);
    assert.match(
      words.output,
      /^free 1 file, 5 B; removed from local for good, kept by lake\n\nfree +5 B +loras\/cat\.safetensors\n$/,
    );
    const enough = await run('plan', 'evict', '--root', 'local', '--free', '1');
    assert.equal(enough.output, 'Nothing needs to go from local.\n');
    const without = await json(errorDocument, 2, 'plan', 'evict', '--root', 'local');
    assert.equal(without.error.code, 'EVICT_WITHOUT_RULE');
    assert.match(without.error.message, /--free SIZE.*--all/);
    assert.equal((await json(applyDocument, 0, 'apply', 'evict.lakeplan.json')).done, 1);
    assert.ok(!exists(local(), 'loras/cat.safetensors'));
    assert.ok(exists(local(), 'loras/mine.safetensors'));
    assert.match(
      (await run('plan', 'evict', '--root', 'local', '--kept-by', 'lake', '--all')).output,
      /Nothing of local may go/,
    );
    await json(scanDocument, 0, 'scan', '--hash');
    const kept = await json(errorDocument, 2, 'plan', 'evict', '--root', 'local', '--all');
    assert.match(kept.error.message, /No other root holds a whole copy of anything of Local/);
  });

  it('name what is damaged and where it is whole, as the roots and a diff do', async () => {
    put(local(), 'x.pt', 'whole');
    put(lake(), 'x.pt', 'whole');
    put(lake(), 'y.pt', 'alone');
    await roots('--hash');
    for (const name of ['x.pt', 'y.pt']) put(lake(), name, 'wrong');
    const verified = await run('verify', 'lake');
    assert.equal(verified.code, 1);
    assert.match(verified.output, /^2 files are damaged\.\n0 files are as hashed/);
    assert.match(verified.errors, /x\.pt is damaged: .* A whole copy is in local: x\.pt\.\n/);
    assert.match(verified.errors, /y\.pt is damaged: .* No other root is known to hold it whole; a backup may\.\n/);
    for (const command of [
      ['roots', 'list'],
      ['diff', ...pair],
      ['plan', 'update', ...pair],
    ]) {
      const { errors } = await run(...command);
      assert.match(errors, /lake: x\.pt is damaged\. A whole copy is in local: x\.pt\.\n/, command.join(' '));
      assert.match(errors, /lake: y\.pt is damaged\. No other root/);
    }
  });

  it('are told what the purge of a last copy wants', async () => {
    put(lake(), 'x.pt', 'alone');
    await roots('--hash');
    await json(planHeaderDocument, 0, 'plan', 'mirror', ...pair, '--delete', '--out', 'd.lakeplan.json');
    await json(applyDocument, 0, 'apply', 'd.lakeplan.json', '--confirm-deletes', '1', '--confirm-replaces', '0');
    const nothing = await run('trash', 'purge', 'lake');
    assert.equal(nothing.code, 2);
    assert.match(nothing.errors, /trash purge lake FILE\.\.\., or --older-than 30d/);
    const kept = await run('trash', 'purge', 'lake', 'x.pt');
    assert.match(kept.errors, /To let such a file go all the same, add: --last-copy FILE/);
    assert.equal((await run('trash', 'purge', 'lake', '--older-than', '8w')).code, 0);
    assert.equal((await run('trash', 'purge', 'lake', '--last-copy', 'x.pt')).code, 0);
  });
});
