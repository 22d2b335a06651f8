import assert from 'node:assert/strict';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';

import { LakesideError } from '../../src/base/errors.ts';
import type { Engine } from '../../src/engine.ts';
import { formatJournal, journalName, RELEASED_LINE } from '../../src/transfer/transferJournal.ts';
import { copyKey, resumablePartial } from '../../src/transfer/transferPaths.ts';
import { partialsDocument, removedPartialsDocument } from '../support/cliSchemas.ts';
import { type CommandResult, documentOf, runCommand } from '../support/commandLine.ts';
import { apply, engines, exists, OLD_MS, put, scan } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { openTwoRoots } from '../support/twoRoots.ts';

const PATH = 'checkpoints/large.safetensors';
const SOURCE = { size: 'the content'.length, mtimeMs: OLD_MS };
const PARTIAL = resumablePartial(PATH, copyKey(PATH, SOURCE));
const SMALL = 'loras/.small.safetensors.0123abcd-0123456789ab.partial';

describe('half-copied files', () => {
  const folder = temporaryFolder();
  const open = engines();
  let engine: Engine;
  const lake = (): string => join(folder(), 'lake');

  beforeEach(async () => {
    ({ engine } = await openTwoRoots(open, folder()));
    put(join(folder(), 'local'), PATH, 'the content');
    await scan(engine);
  });

  /** As an apply leaves it that was broken off. `path`: what the journal says is copied. */
  function leave(path: string, { released = true, pid = process.pid, start = 'long ago' } = {}): void {
    const key = copyKey(path, SOURCE);
    put(lake(), PARTIAL, 'the con');
    const header = {
      format: 'lakeside-journal',
      version: 1,
      path,
      chunkBytes: 4,
      source: { root: 'x', ...SOURCE, changedMs: OLD_MS },
      holder: { host: hostname(), pid, start, run: '0000' },
      plan: '00000000',
    } as const;
    const text = formatJournal(header, ['0'.repeat(64)]) + (released ? RELEASED_LINE : '');
    put(lake(), `.lakeside/partials/${journalName(key, 3)}`, text);
  }

  async function list(search = false): Promise<(readonly [path: string, job: boolean])[]> {
    const { partials } = await engine.call('partials.list', { root: 'lake', search });
    return partials.map(({ path, job }) => [path, job !== undefined] as const);
  }

  it('are known at once by their journals, and the small ones by a search', async () => {
    leave(PATH);
    put(lake(), SMALL, 'half');
    put(lake(), 'loras/.of.another.program.partial', 'half');
    assert.deepEqual(await list(), [[PARTIAL, false]]);
    assert.deepEqual((await list(true)).sort(), [
      [PARTIAL, false],
      [SMALL, false],
    ]);
    const { partials } = await engine.call('partials.list', {});
    assert.deepEqual(partials, [{ root: 'lake', path: PARTIAL, size: 7, mtimeMs: OLD_MS }]);
  });

  it('are never taken for models', async () => {
    leave(PATH);
    put(lake(), SMALL, 'half');
    await engine.call('engine.configure', { settings: { ignore: [] } });
    await scan(engine);
    const { files } = await engine.call('library.hashes', { root: 'lake' });
    assert.deepEqual(files, []);
  });

  it('are removed with their journals', async () => {
    leave(PATH);
    put(lake(), SMALL, 'half');
    const result = await engine.call('partials.remove', { root: 'lake', paths: [PARTIAL, SMALL, SMALL] });
    assert.deepEqual(result, { removed: 2, bytes: 11 });
    assert.ok(!exists(lake(), PARTIAL));
    assert.ok(!exists(lake(), SMALL));
    assert.deepEqual(await list(true), []);
    assert.ok(!exists(lake(), `.lakeside/partials/${journalName(copyKey(PATH, SOURCE), 3)}`));
  });

  it('belong to a job that will copy there, and stay as long as it is not over', async () => {
    leave(PATH);
    await engine.call('jobs.pause', { what: 'all' });
    const { plan } = await engine.call('plans.mirror', { from: 'local', to: 'lake' });
    const { job } = await engine.call('plans.apply', { plan });
    assert.deepEqual((await engine.call('partials.list', {})).partials[0]?.job, job);
    await assert.rejects(
      engine.call('partials.remove', { root: 'lake', paths: [PARTIAL] }),
      (error) => error instanceof LakesideError && error.code === 'PARTIAL_IN_USE' && error.message.includes(PARTIAL),
    );
    assert.ok(exists(lake(), PARTIAL));
    await engine.call('jobs.cancel', { id: job });
    assert.deepEqual(await list(), [[PARTIAL, false]]);
    assert.equal((await engine.call('partials.remove', { root: 'lake', paths: [PARTIAL] })).removed, 1);
  });

  it('stay while another program of this machine may write them', async () => {
    leave(PATH, { released: false, pid: process.ppid, start: '' });
    await assert.rejects(
      engine.call('partials.remove', { root: 'lake', paths: [PARTIAL] }),
      (error) => error instanceof LakesideError && error.code === 'PARTIAL_IN_USE',
    );
    assert.ok(exists(lake(), PARTIAL));
  });

  it('are listed and removed by the command line', async () => {
    leave(PATH);
    put(lake(), SMALL, 'half');
    await engine.close();
    const run = (...args: string[]): Promise<CommandResult> => runCommand({ dataDir: join(folder(), 'data') }, ...args);
    const paths = async (...more: string[]): Promise<string[]> =>
      documentOf(await run('--json', 'partials', 'list', ...more), partialsDocument).partials.map(({ path }) => path);
    assert.deepEqual(await paths('lake'), [PARTIAL]);
    assert.match((await run('partials', 'list', '--search')).output, /lake +4 B +– +loras\/\.small/);
    const removed = documentOf(await run('--json', 'partials', 'remove', 'lake', SMALL), removedPartialsDocument);
    assert.deepEqual(removed, { removed: 1, bytes: 4 });
    assert.equal((await run('partials', 'remove', 'lake')).output, '1 half-copied file removed (7 B).\n');
    assert.deepEqual(await paths('--search'), []);
    assert.equal((await run('partials', 'remove', 'lake', 'mine.safetensors')).code, 2);
  });

  it('are removed by an apply only inside the root, whatever a journal says', async () => {
    const outside = join(folder(), 'outside');
    mkdirSync(outside);
    symlinkSync(outside, join(lake(), 'link'));
    const partials = ['../outside/x.bin', 'link/y.bin'].map((path) => {
      leave(path);
      const name = basename(resumablePartial(path, copyKey(path, SOURCE)));
      writeFileSync(join(outside, name), 'not yours');
      // A second name makes it one that is done with.
      linkSync(join(outside, name), join(outside, `${name}.same`));
      return name;
    });
    const { plan } = await engine.call('plans.mirror', { from: 'local', to: 'lake' });
    assert.equal((await apply(engine, plan)).job.status, 'succeeded');
    assert.deepEqual(
      partials.map((name) => exists(outside, name)),
      [true, true],
    );
  });

  it('are the only thing that is removed, whatever is asked and whatever a journal says', async () => {
    put(lake(), 'mine.safetensors', 'mine');
    leave('../../etc/x');
    for (const path of ['mine.safetensors', '../outside/.a.0123abcd01234567.partial', '.lakeside/root.json']) {
      await assert.rejects(
        engine.call('partials.remove', { root: 'lake', paths: [path] }),
        (error) => error instanceof LakesideError && error.category === 'validation',
        path,
      );
    }
    assert.deepEqual(await list(), [], 'that path leaves the root');
    const outside = join(folder(), 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, '.a.0123abcd01234567.partial'), 'not yours');
    symlinkSync(outside, join(lake(), 'link'));
    await assert.rejects(
      engine.call('partials.remove', { root: 'lake', paths: ['link/.a.0123abcd01234567.partial'] }),
      (error) => error instanceof LakesideError && error.code === 'UNSAFE_PATH',
    );
    assert.ok(exists(outside, '.a.0123abcd01234567.partial'));
  });
});
