import assert from 'node:assert/strict';
import { existsSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { backgroundEnvironment } from '../../src/app/finishInBackground.ts';
import { processStart } from '../../src/base/processIdentity.ts';
import { createEngine, type Engine } from '../../src/engine.ts';
import { type Settings, settingsSchema } from '../../src/protocol/settings.ts';
import type { Job } from '../../src/protocol/values.ts';
import { formatOwner, parseOwner, thisProcess } from '../../src/queue/leaseOwner.ts';
import { Store } from '../../src/store/store.ts';
import { errorDocument } from '../support/cliSchemas.ts';
import { documentOf, endOf, runCommand, startCommand } from '../support/commandLine.ts';
import { OLD_MS, put, scan } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { storeOptions } from '../support/testStore.ts';

const GIB = 1024 ** 3;

describe('the queue, when the last window closes', () => {
  const folder = temporaryFolder();
  const dataDir = (): string => join(folder(), 'data');
  const local = (): string => join(folder(), 'local');
  const open: { close(): unknown }[] = [];
  afterEach(async () => {
    const store = await Store.open(storeOptions(dataDir()));
    for (const pid of backgroundPids(store)) process.kill(pid, 'SIGKILL');
    store.close();
    for (const each of open.splice(0)) await each.close();
  });

  async function window(further: Partial<Settings> = {}): Promise<Engine> {
    const options = { dataDir: dataDir(), version: '0', role: 'window', runQueue: true, watch: false } as const;
    const engine = await createEngine(options);
    const settings = settingsSchema.parse({
      ...{ 'local.root': local(), 'queue.finishInBackground': true },
      ...further,
    });
    await engine.call('engine.configure', { settings });
    return engine;
  }

  /** Zeros without blocks: as long to hash as a real file, and no room taken. */
  function putZeros(name: string, bytes: number): void {
    put(local(), name, '');
    truncateSync(join(local(), name), bytes);
    utimesSync(join(local(), name), OLD_MS / 1_000, OLD_MS / 1_000);
  }

  async function observe(): Promise<Store> {
    const store = await Store.open(storeOptions(dataDir()));
    open.push(store);
    return store;
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await delay(20);
  }

  function backgroundPids(store: Store): number[] {
    const workers = store.queue.workers().filter(({ role }) => role === 'background');
    return workers.flatMap(({ owner }) => parseOwner(owner)?.pid ?? []);
  }

  /** A window that closes while it hashes so much. */
  async function closesWhileHashing(bytes: number): Promise<Job> {
    putZeros('zeros.safetensors', bytes);
    const engine = await window();
    await scan(engine);
    const { job } = await engine.call('library.hash', { root: 'local' });
    while ((await engine.call('jobs.get', { id: job })).job.progress === null) await delay(5);
    await engine.close({ handOver: true });
    const store = await observe();
    return store.jobs.get(job) ?? assert.fail();
  }

  it('is finished by a process of its own, with the settings of the window, which then ends', async function () {
    this.timeout(120_000);
    const { id } = await closesWhileHashing(3 * GIB);
    const store = await observe();
    await until(() => store.jobs.get(id)?.status === 'succeeded');
    const lines = store.jobHistory.lines(id, { limit: 100 }).map(({ message }) => message);
    assert.match(lines[0] ?? '', /^Begins in a window/);
    assert.match(lines.join('\n'), /begins in the background|Begins in the background/i);
    await until(() => store.queue.workers().length === 0);
    const settings = statSync(join(dataDir(), 'background.json'));
    if (process.platform !== 'win32') assert.equal(settings.mode & 0o777, 0o600);
  });

  it('is joined by a new window, which may pause what runs in the background', async function () {
    this.timeout(120_000);
    const { id } = await closesWhileHashing(64 * GIB);
    const store = await observe();
    await until(() => backgroundPids(store).length === 1 && store.jobs.get(id)?.status === 'running');
    const engine = await window();
    open.push(engine);
    const { jobs } = await engine.call('jobs.list', {});
    assert.deepEqual([jobs[0]?.id, jobs[0]?.status], [id, 'running']);
    const second = await endOf(startCommand(dataDir(), ['jobs', 'run', '--background', '--json']));
    assert.equal(documentOf(second, errorDocument).error.code, 'BACKGROUND_RUNS', 'there is never more than one');
    await engine.call('jobs.pause', { what: 'job', id });
    await until(() => store.jobs.get(id)?.status === 'paused');
    await until(() => backgroundPids(store).length === 0);
    await engine.call('jobs.cancel', { id });
    assert.equal(store.jobs.get(id)?.status, 'canceled');
  });

  it('is left alone where nobody wants it finished, where there is nothing to do, and where another window is', async () => {
    putZeros('zeros.safetensors', 64 * GIB);
    const store = await observe();
    const unwanted = await window({ 'queue.finishInBackground': false });
    await scan(unwanted);
    await unwanted.close({ handOver: true });
    const idle = await window();
    await until(() => store.queue.workers().length === 1);
    await idle.close({ handOver: true });
    // Another window is another process; ours has one engine only. Who started us is certainly alive.
    const elsewhere = { ...thisProcess('other'), pid: process.ppid, start: processStart(process.ppid) ?? '' };
    store.queue.join({ owner: formatOwner(elsewhere), role: 'window' }, () => false, Date.now());
    const one = await window();
    const { job } = await one.call('library.hash', { root: 'local' });
    await until(() => store.jobs.get(job)?.status === 'running');
    await one.close({ handOver: true });
    assert.deepEqual([store.jobs.get(job)?.status, backgroundPids(store)], ['queued', []]);
    assert.equal(existsSync(join(dataDir(), 'background.json')), false, 'none of them started one');
  });

  it('does not run without the settings of a window', async () => {
    await observe();
    const result = await runCommand({ dataDir: dataDir() }, 'jobs', 'run', '--background', '--json');
    assert.deepEqual([result.code, documentOf(result, errorDocument).error.code], [3, 'BACKGROUND_SETTINGS']);
  });
});

describe('the environment of the process in the background', () => {
  it('holds no keys, and nothing of the editor’s own', () => {
    const kept = backgroundEnvironment({
      ...{ PATH: '/bin', HOME: '/home/a', LAKESIDE_API_KEY_OPENAI: 'secret', HF_TOKEN: 'secret' },
      ...{ VSCODE_IPC_HOOK: 'x', NODE_OPTIONS: '--inspect', ELECTRON_NO_ASAR: '1' },
    });
    assert.deepEqual(kept, { PATH: '/bin', HOME: '/home/a', ELECTRON_RUN_AS_NODE: '1' });
  });
});
