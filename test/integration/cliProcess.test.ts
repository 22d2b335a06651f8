import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { findProgram } from '../../scripts/setUp.mjs';
import { nodeProblem } from '../../src/cli/nodeProblem.ts';
import { diffDocument, errorDocument, hashesDocument, rootsDocument, scanDocument } from '../support/cliSchemas.ts';
import { documentOf, endOf, openRealEngine, runCommand, startCommand } from '../support/commandLine.ts';
import { put } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const GIB = 1024 ** 3;

describe('the command line as a process', () => {
  const folder = temporaryFolder();
  const dataDir = (): string => join(folder(), 'data');
  const local = (): string => join(folder(), 'local');
  const lake = (): string => join(folder(), 'lake');

  async function addRoot(name: string, dir: string): Promise<void> {
    const { code, errors } = await runCommand({ dataDir: dataDir() }, 'roots', 'add', name, dir);
    assert.equal(code, 0, errors);
  }

  it('prints one document and nothing else', async () => {
    put(local(), 'a.safetensors', 'a');
    await addRoot('local', local());
    const result = await endOf(startCommand(dataDir(), ['scan', '--hash', '--json']));
    assert.deepEqual([result.code, result.errors], [0, '']);
    assert.equal(documentOf(result, scanDocument).roots[0]?.hashed, 1);
    assert.equal(result.output.split('\n').length, 2);
  });

  it('prints errors as a document too, with their exit codes', async () => {
    const wrong = await endOf(startCommand(dataDir(), ['hashes', 'nowhere', '--json']));
    assert.deepEqual([wrong.code, wrong.errors], [2, '']);
    assert.equal(documentOf(wrong, errorDocument).error.code, 'ROOT_UNKNOWN');
    writeFileSync(join(folder(), 'file'), '');
    const infra = await endOf(startCommand(join(folder(), 'file'), ['roots', 'list']));
    assert.deepEqual([infra.code, infra.output], [3, '']);
  });

  it('stops cleanly at Ctrl-C, and goes on when it is run again', async function () {
    // A signal of this kind ends a process of Windows at once.
    if (process.platform === 'win32') this.skip();
    this.timeout(60_000);
    const small = 40;
    for (let index = 0; index < small; index++) put(local(), `a${index}.safetensors`, `model ${index}`);
    put(local(), 'z.safetensors', '');
    // Zeros without blocks: as long to hash as a real file, and no room taken.
    truncateSync(join(local(), 'z.safetensors'), 64 * GIB);
    utimesSync(join(local(), 'z.safetensors'), 1_600_000_000, 1_600_000_000);
    await addRoot('local', local());
    const child = startCommand(dataDir(), ['scan', '--hash', '--json']);
    const ended = endOf(child);
    const watcher = await openRealEngine({ dataDir: dataDir(), version: '0', runQueue: false, watch: false });
    try {
      for (let bytes = 0; bytes < GIB / 8;) {
        const { jobs } = await watcher.call('jobs.list', { states: ['running'] });
        bytes = jobs[0]?.progress?.doneBytes ?? 0;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      await watcher.close();
    }
    child.kill('SIGINT');
    const stopped = await ended;
    assert.equal(stopped.code, 130, stopped.errors);
    assert.equal(documentOf(stopped, errorDocument).error.code, 'CANCELED');
    rmSync(join(local(), 'z.safetensors'));
    const again = await endOf(startCommand(dataDir(), ['scan', '--hash', '--json']));
    assert.equal(again.code, 0, again.output);
    assert.ok((documentOf(again, scanDocument).roots[0]?.hashed ?? 0) <= small);
    const known = documentOf(await endOf(startCommand(dataDir(), ['hashes', 'local', '--json'])), hashesDocument);
    assert.equal(known.files.filter(({ blake3 }) => blake3 !== null).length, small);
  });

  it('runs beside another of its kind on one data dir, from the first use on', async () => {
    put(local(), 'a.safetensors', 'a');
    put(lake(), 'b.safetensors', 'b');
    const add = (name: string): string[] => ['roots', 'add', name, join(folder(), name), '--json'];
    const added = await Promise.all(['local', 'lake'].map((name) => endOf(startCommand(dataDir(), add(name)))));
    for (const result of added) {
      assert.equal(result.code, 0, result.output + result.errors);
      documentOf(result, rootsDocument);
    }
    const scans = await Promise.all([1, 2].map(() => endOf(startCommand(dataDir(), ['scan', '--hash', '--json']))));
    for (const result of scans) {
      assert.equal(result.code, 0, result.output + result.errors);
      assert.deepEqual(
        documentOf(result, scanDocument).roots.map(({ files, problems }) => [files, problems]),
        [
          [1, []],
          [1, []],
        ],
      );
    }
    const diff = await runCommand({ dataDir: dataDir() }, '--json', 'diff', '--from', 'local', '--to', 'lake');
    assert.equal(documentOf(diff, diffDocument).counts.missing, 1);
  });

  it('gives hashes that b3sum finds right, for names of every kind', async function () {
    const b3sum = findProgram('b3sum');
    if (b3sum === undefined) this.skip();
    put(local(), 'loras/plain.safetensors', 'plain');
    put(local(), 'été/with space.safetensors', 'space');
    put(local(), 'empty.safetensors', '');
    put(local(), 'large.safetensors', 'x'.repeat(3_000_000));
    if (process.platform !== 'win32') put(local(), 'back\\slash\nline.safetensors', 'odd');
    await addRoot('local', local());
    await runCommand({ dataDir: dataDir() }, 'scan', '--hash');
    const { output } = await runCommand({ dataDir: dataDir() }, 'hashes', 'local');
    writeFileSync(join(folder(), 'sums'), output);
    const checked = spawnSync(b3sum, ['--check', join(folder(), 'sums')], { cwd: local(), encoding: 'utf8' });
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    assert.equal(checked.stdout.match(/: OK$/gm)?.length, process.platform === 'win32' ? 4 : 5);
  });

  it('does not mind a reader that goes away', async () => {
    mkdirSync(local());
    for (let index = 0; index < 3_000; index++) writeFileSync(join(local(), `model ${index}.safetensors`), '');
    await addRoot('local', local());
    await runCommand({ dataDir: dataDir() }, 'scan');
    const child = startCommand(dataDir(), ['hashes', 'local', '--json']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const errors: string[] = [];
    child.stderr?.on('data', (chunk) => errors.push(String(chunk)));
    await once(child, 'close');
    assert.deepEqual([child.exitCode, errors.join('')], [0, '']);
  });

  it('ends with 3 when its output cannot be written', async function () {
    // The device that is always full.
    if (process.platform !== 'linux') this.skip();
    const full = openSync('/dev/full', 'w');
    try {
      for (const args of [['roots', 'list', '--json'], ['--help'], ['fly', '--json']]) {
        const { code, errors } = await endOf(startCommand(dataDir(), args, {}, full));
        assert.equal(code, 3);
        assert.match(errors, /Cannot write the output: the disk is full/);
      }
    } finally {
      closeSync(full);
    }
  });

  it('asks for a newer Node before it loads the database', () => {
    assert.equal(nodeProblem({ node: '24.1.0', napi: '10' }), undefined);
    assert.match(nodeProblem({ node: '20.1.0', napi: '9' })?.message ?? '', /22\.14.*20\.1\.0/);
    assert.match(nodeProblem({ node: '8.0.0' })?.message ?? '', /8\.0\.0/);
  });
});
