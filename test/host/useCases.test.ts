import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';

import type { TestApi } from '../../src/extension.ts';
import { USE_CASES, type UseCaseInput, type UseCaseName, type UseCaseOutput } from '../../src/protocol/useCases.ts';
import { callStudio } from '../support/studioCalls.ts';

async function testApi(): Promise<TestApi> {
  const extension = vscode.extensions.getExtension<TestApi | undefined>('lakeside.lakeside');
  const api = await extension?.activate();
  assert.ok(api, 'the extension was not activated for tests');
  return api;
}

describe('every use case', () => {
  const used = new Set<UseCaseName>();
  let folder: string;
  let api: TestApi;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'lakeside-use-cases-'));
    for (const root of ['local', 'lake']) await mkdir(path.join(folder, root, 'loras'), { recursive: true });
    await writeFile(path.join(folder, 'lake', 'loras', 'a.safetensors'), 'weights');
    await writeFile(path.join(folder, 'lake', 'loras', 'b.safetensors'), 'weights of b');
    api = await testApi();
  });

  after(async () => {
    for (const name of ['local', 'lake']) await call('roots.remove', { name }).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });

  async function call<K extends UseCaseName>(name: K, input: UseCaseInput<K>): Promise<UseCaseOutput<K>> {
    used.add(name);
    return api.engine.call(name, input);
  }

  async function finished(id: string): Promise<void> {
    const { over, jobs } = await call('jobs.wait', { ids: [id] });
    assert.ok(over);
    assert.equal(jobs[0]?.status, 'succeeded', JSON.stringify(jobs[0]?.error));
  }

  it('answers through the extension, from an empty library to a verified copy', async () => {
    assert.ok((await call('engine.info', {})).queueRunning);
    assert.deepEqual((await call('engine.configure', { settings: {} })).problems, []);
    await call('roots.add', { name: 'local', path: path.join(folder, 'local') });
    await call('roots.add', { name: 'lake', path: path.join(folder, 'lake') });
    await call('roots.update', { name: 'lake', allowDelete: false });
    assert.equal((await call('roots.list', {})).roots.length, 2);
    assert.ok((await call('roots.space', { name: 'local' })).totalBytes > 0);

    const { jobs } = await call('library.scan', {});
    for (const { job } of jobs) await finished(job);
    await finished((await call('library.hash', { root: 'lake' })).job);
    const { files } = await call('library.hashes', { root: 'lake' });
    assert.ok(files.length === 2 && files.every(({ blake3 }) => blake3 !== null));
    await finished((await call('library.verify', { root: 'lake', samplePercent: 100 })).job);
    assert.deepEqual((await call('library.rotten', { root: 'lake' })).files, []);
    const listing = path.join(folder, 'lake.b3');
    await writeFile(listing, files.map((file) => `${file.blake3 ?? ''}  ${file.path}\n`).join(''));
    assert.equal((await call('library.importHashes', { root: 'lake', file: listing })).known, 2);
    assert.equal((await call('models.show', { root: 'lake', path: files[0]?.path ?? '' })).root, 'lake');
    await call('library.look', { root: 'lake', folders: ['loras'] });
    assert.equal((await call('library.diff', { from: 'lake', to: 'local' })).counts.missing, 2);
    const listed = await call('library.folder', { root: 'local', compareTo: 'lake', absent: true });
    assert.equal(listed.entries[0]?.name, 'loras');

    const file = path.join(folder, 'plan.lakeplan.json');
    const mirror = await call('plans.mirror', { from: 'lake', to: 'local', out: file });
    assert.equal(mirror.header.summary.copy.count, 2);
    const { plan } = await call('plans.open', { path: file });
    assert.equal((await call('plans.page', { plan })).total, 2);
    assert.equal((await call('plans.tick', { plan, ticked: false, steps: [1] })).ticked.copy.count, 1);
    assert.equal((await call('plans.revert', { plan })).ticked.copy.count, 2);
    await call('plans.save', { plan, path: file });
    const { job } = await call('plans.apply', { plan });
    await finished(job);
    assert.equal((await call('plans.result', { job })).done, 2);
    assert.equal((await call('plans.info', { plan })).job, job);
    const copy = await call('plans.copy', { from: 'lake', to: 'local', paths: ['loras'] });
    assert.equal(copy.header.summary.copy.count, 0);
    const update = await call('plans.update', { from: 'lake', to: 'local', select: { folders: ['loras'] } });
    assert.equal(update.header.kind, 'update');
    const both = await call('plans.both', { from: 'lake', to: 'local', findMoves: true });
    const evict = await call('plans.evict', { root: 'local', keptBy: 'lake', rules: { freeBytes: 1 } });
    assert.equal(evict.header.summary.delete.count, 0);
    assert.equal((await call('plans.resolve', { plan: both.plan, keep: 'from' })).all?.conflict?.count, 0);

    const undo = await call('plans.undo', { job });
    assert.equal(undo.header.summary.delete.count, 2);
    const named = { plan: undo.plan, paths: ['loras/a.safetensors'], allowed: true };
    assert.ok((await call('plans.nameLastCopies', named)).dirty);
    await mkdir(path.join(folder, 'lake', '.lakeside', 'trash', 'by hand'), { recursive: true });
    await writeFile(path.join(folder, 'lake', '.lakeside', 'trash', 'by hand', 'old.bin'), 'old');
    const [old] = (await call('trash.list', { root: 'lake', fresh: true })).items;
    assert.equal(old?.path, 'old.bin');
    await finished((await call('trash.purge', { root: 'lake', ids: [old.id] })).job);
    await finished((await call('trash.restore', { root: 'lake', ids: [old.id] })).job);
    assert.equal((await call('trash.list', { root: 'lake', fresh: true })).total, 0);

    assert.equal((await call('jobs.get', { id: job })).job.status, 'succeeded');
    await assert.rejects(call('jobs.cancel', { id: job }), { name: 'LakesideError' });
    await assert.rejects(call('jobs.retry', { id: job }), { name: 'LakesideError' });
    const { lines } = await call('jobs.log', { id: job });
    assert.equal(lines.at(-1)?.message, 'Done.');
    assert.ok((await call('jobs.speed', { id: job })).samples.length > 0);
    await call('jobs.pause', { what: 'kind', kind: 'generate' });
    assert.deepEqual((await call('jobs.list', {})).paused, { all: false, kinds: ['generate'] });
    await call('jobs.resume', { what: 'all' });
    await assert.rejects(call('jobs.move', { id: job, to: 'first' }), { name: 'LakesideError' });
    await assert.rejects(call('jobs.group', { title: 'One', ids: [job, job] }), { name: 'LakesideError' });
    assert.deepEqual((await call('partials.list', { search: true })).partials, []);
    await assert.rejects(call('partials.remove', { root: 'local', paths: ['a'] }), { name: 'LakesideError' });
    await call('jobs.clear', { id: job });
    assert.ok((await call('jobs.list', {})).jobs.every(({ id }) => id !== job));
    await call('roots.remove', { name: 'local' });
  });

  it('answers through the extension, from a brand to a converted image', () => callStudio(call, folder));

  it('was called', () => {
    const all = Object.keys(USE_CASES);
    assert.deepEqual(
      all.filter((name) => !used.has(name as UseCaseName)),
      [],
    );
  });

  it('answers again after the engine was restarted by command', async () => {
    const states: string[] = [];
    const listening = api.engine.onStateChange(({ kind }) => states.push(kind));
    await vscode.commands.executeCommand('lakeside.restartEngine');
    listening.dispose();
    assert.deepEqual(states, ['stopped', 'starting', 'ready']);
    await call('engine.info', {});
  });
});
