import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { Store } from '../../src/store/store.ts';
import { projectDir } from '../support/projectDir.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { storeOptions } from '../support/testStore.ts';

const PROCESSES = 4;
const JOBS = 10_000;

interface Drainer {
  readonly child: ChildProcess;
  readonly began: string[];
  readonly errors: string[];
  readonly ended: Promise<unknown>;
  /** Settles at the first job it begins. */
  readonly works: Promise<void>;
}

describe('several processes on one queue', () => {
  const folder = temporaryFolder();
  const drainers: Drainer[] = [];
  afterEach(() => {
    for (const { child } of drainers.splice(0)) child.kill('SIGKILL');
  });

  function drain(concurrency: number, ms: number): Drainer {
    const script = path.join(projectDir, 'test', 'support', 'queueDrainer.ts');
    const child = spawn(process.execPath, [script, folder(), String(concurrency), String(ms)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [began, errors]: [string[], string[]] = [[], []];
    const works = new Promise<void>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const [what = '', ...rest] = line.split(' ');
        if (what === 'begin') {
          began.push(rest.join(' '));
          resolve();
        }
        if (what === 'error') errors.push(rest.join(' '));
      });
    });
    const drainer = { child, began, errors, ended: once(child, 'close'), works };
    drainers.push(drainer);
    return drainer;
  }

  async function withJobs(count: number): Promise<Store> {
    const store = await Store.open(storeOptions(folder()));
    store.transaction(() => {
      for (let number = 0; number < count; number++) {
        store.jobs.add({
          ...{ id: `job ${number}`, kind: 'apply', title: 'Apply', lane: 'transfer', payload: { plan: 'p' } },
          ...{ needs: [], now: 1 },
        });
      }
    });
    return store;
  }

  it('runs each of 10,000 jobs once, and starves nobody', async function () {
    this.timeout(300_000);
    const store = await withJobs(JOBS);
    const processes = Array.from({ length: PROCESSES }, () => drain(16, 0));
    const start = Date.now();
    await Promise.all(processes.map(({ ended }) => ended));
    const shares = processes.map(({ began }) => began.length);
    console.log(`      ${JOBS} jobs in ${((Date.now() - start) / 1_000).toFixed(1)} s: ${shares.join(' + ')}`);
    const all = processes.flatMap(({ began }) => began);
    assert.deepEqual([all.length, new Set(all).size], [JOBS, JOBS]);
    assert.equal(store.jobs.counts().succeeded, JOBS);
    assert.deepEqual(
      processes.flatMap(({ errors }) => errors),
      [],
    );
    for (const share of shares) assert.ok(share > JOBS / PROCESSES / 4, `one had ${share} of ${JOBS}`);
    assert.equal(store.database.pragma('integrity_check', { simple: true }), 'ok');
    assert.deepEqual(store.queue.workers(), [], 'nobody is left in the list of those who work');
    store.close();
  });

  it('runs the jobs of a process that was killed once more, at once, in another', async function () {
    this.timeout(60_000);
    const store = await withJobs(20);
    const victim = drain(4, 60_000);
    await victim.works;
    const killedAt = Date.now();
    victim.child.kill('SIGKILL');
    await victim.ended;
    const heir = drain(4, 10);
    await heir.ended;
    assert.ok(Date.now() - killedAt < 15_000, 'nobody waited for the leases of 30 s');
    assert.equal(store.jobs.counts().succeeded, 20);
    assert.deepEqual([heir.began.length, new Set(heir.began).size], [20, 20]);
    store.close();
  });

  it('sees within a second that a job is to pause in another process, and goes on with it here', async function () {
    this.timeout(60_000);
    const store = await withJobs(1);
    const holder = drain(1, 60_000);
    await holder.works;
    const asked = Date.now();
    assert.equal(store.queue.askPause('job 0', true), true);
    while (store.jobs.get('job 0')?.status === 'running') await new Promise((resolve) => setTimeout(resolve, 20));
    const ms = Date.now() - asked;
    assert.equal(store.jobs.get('job 0')?.status, 'paused');
    console.log(`      paused elsewhere after ${ms} ms`);
    holder.child.kill('SIGKILL');
    await holder.ended;
    store.close();
  });
});
