import assert from 'node:assert/strict';

import { openDatabase } from '../../src/store/openDatabase.ts';
import { FileStore } from '../../src/store/fileStore.ts';
import { JobLeases, type Lease } from '../../src/store/jobLeases.ts';
import { JobStore } from '../../src/store/jobStore.ts';
import { PlanStore } from '../../src/store/planStore.ts';
import { RootStore } from '../../src/store/rootStore.ts';
import { KeeperStore } from '../../src/store/keeperStore.ts';
import { StepStore } from '../../src/store/stepStore.ts';
import { StepTries } from '../../src/store/stepTries.ts';
import { VerifiedStore } from '../../src/store/verifiedStore.ts';
import { openStoredSteps } from '../../src/transfer/storedSteps.ts';
import type { PlanSteps } from '../../src/transfer/planSteps.ts';
import { ManualClock } from '../support/manualClock.ts';
import { storeOptions } from '../support/testStore.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const HASH = 'ab'.repeat(32);
const from = { size: 5, mtimeMs: 50 };
const to = { size: 3, mtimeMs: 30, blake3: HASH };

describe('the steps of an apply job in the store', () => {
  const folder = temporaryFolder();
  let close: () => void;
  let files: FileStore;
  let toRootKey: number;
  let lease: Lease;
  let tries: StepTries;
  let takeUp: () => boolean;
  let open: (held: Lease) => Promise<PlanSteps>;

  beforeEach(async () => {
    const clock = new ManualClock();
    const database = openDatabase(storeOptions(folder(), clock));
    close = () => database.close();
    files = new FileStore(database);
    const roots = new RootStore(database);
    const [fromRootKey, toKey] = ['local', 'lake'].map(
      (name) =>
        roots.add({
          id: name,
          name,
          path: `/${name}`,
          role: 'other',
          allowDelete: false,
          network: false,
          mtimeStepMs: 1,
          createdAt: 0,
        }).key,
    );
    assert.ok(fromRootKey !== undefined && toKey !== undefined);
    toRootKey = toKey;
    const plans = new PlanStore(database, clock);
    const planKey = await plans.begin('p', undefined);
    await plans.addItems(planKey, 0, [
      { op: 'copy', path: 'a', expect: { from, to: null } },
      { op: 'delete', path: 'd', expect: { from: null, to } },
      { op: 'delete', path: 'd/x', expect: { from: null, to } },
      { op: 'delete', path: 'd0', expect: { from: null, to } },
      { op: 'move', path: 'm', movedFrom: 'n', expect: { from: null, to } },
    ]);
    database.prepare('UPDATE plan_items SET ticked = 0 WHERE path = ?').run('d0');
    const jobs = new JobStore(database);
    const payload = { plan: 'p' };
    jobs.add({ id: 'j', kind: 'apply', title: 'Apply', lane: 'transfer', payload, needs: [], now: 0 });
    const [job] = new JobLeases(database).claim({
      ...{ owner: 'me', now: 0, leaseMs: 1 },
      ...{ laneLimits: { transfer: 1 }, gives: () => true },
    }).jobs;
    assert.ok(job !== undefined);
    lease = { key: job.key, fence: job.fence };
    const steps = new StepStore(database, files);
    tries = new StepTries(database, files);
    takeUp = () => tries.takeUp({ jobKey: job.key, planKey }, { from: fromRootKey, to: toRootKey });
    const keepers = new KeeperStore(database);
    const verified = new VerifiedStore(database);
    open = (held) =>
      openStoredSteps({
        ...{ steps, tries, files, keepers, verified, clock },
        ...{ lease: held, planKey, fromRootKey, toRootKey },
      });
  });
  afterEach(() => close());

  it('are the ticked ones of its plan, by kind and in order', async () => {
    const steps = await open(lease);
    assert.deepEqual(await steps.totals(), {
      items: 4,
      doneItems: 0,
      bytes: 5,
      doneBytes: 0,
      failedCopies: 0,
      reverse: 0,
    });
    assert.deepEqual(await steps.pending('copy', -1, 10), [
      { step: 0, op: 'copy', path: 'a', expect: { from, to: null } },
    ]);
    assert.deepEqual(await steps.pending('move', -1, 10), [
      { step: 4, op: 'move', path: 'm', movedFrom: 'n', expect: { from: null, to } },
    ]);
    const deletes = await steps.pending('delete', 1, 10);
    assert.deepEqual(
      deletes.map(({ path }) => path),
      ['d/x'],
    );
    assert.deepEqual(
      (await steps.deletesAt('d')).map(({ path }) => path),
      ['d', 'd/x'],
    );
  });

  it('are recorded together with what they changed in the index', async () => {
    const steps = await open(lease);
    files.put(toRootKey, { relpath: 'n', size: 3, mtimeMs: 30, blake3: Buffer.from(HASH, 'hex') });
    assert.equal(steps.knownHash('to', 'n', 3, 30), HASH);
    assert.equal(steps.knownHash('to', 'n', 3, 31), undefined);
    await steps.record(
      [
        { step: 0, status: 'failed', code: 'EIO', reason: 'It broke.', bytes: 0, changes: [] },
        {
          step: 4,
          status: 'done',
          bytes: 0,
          changes: [
            { root: 'to', kind: 'remove', path: 'n' },
            { root: 'to', kind: 'put', path: 'm', size: 3, mtimeMs: 30, blake3: HASH },
          ],
        },
      ],
      [],
    );
    assert.equal(files.get(toRootKey, 'n'), undefined);
    assert.equal(steps.knownHash('to', 'm', 3, 30), HASH);
    assert.deepEqual(await steps.totals(), {
      items: 4,
      doneItems: 2,
      bytes: 5,
      doneBytes: 5,
      failedCopies: 1,
      reverse: 0,
    });
    assert.deepEqual(await steps.pending('move', -1, 10), []);
    assert.deepEqual(
      (await steps.finishedMoves(-1, 10)).map(({ path }) => path),
      ['m'],
    );
  });

  it('are not written by a process that has lost the job', async () => {
    const steps = await open({ ...lease, fence: lease.fence - 1 });
    const put = { root: 'to', kind: 'put', path: 'a', size: 1, mtimeMs: 1, blake3: null } as const;
    const outcome = { step: 0, status: 'done', bytes: 5, changes: [put] } as const;
    await assert.rejects(steps.begin([0]), { code: 'LEASE_LOST' });
    await assert.rejects(steps.record([outcome], []), { code: 'LEASE_LOST' });
    assert.equal(files.get(toRootKey, 'a'), undefined);
    assert.equal((await steps.totals()).doneItems, 0);
  });

  it('are known to have been in work where a try was killed, not where it recorded what became of them', async () => {
    const first = await open(lease);
    await first.begin([0, 1, 4]);
    await first.record([{ step: 4, status: 'done', bytes: 0, changes: [] }], []);
    for (const relpath of ['a', 'd', 'm']) {
      files.put(toRootKey, { relpath, size: 5, mtimeMs: 50, blake3: Buffer.from(HASH, 'hex') });
    }
    assert.equal(takeUp(), false);
    assert.deepEqual([...tries.tried(lease.key, 0, 9)], [0, 1]);
    // What may lie at `a` now has the size and time of what lay there.
    assert.equal(first.knownHash('to', 'a', 5, 50), undefined);
    for (const path of ['d', 'm']) assert.equal(first.knownHash('to', path, 5, 50), HASH);
    await first.begin([2]);
    assert.equal(tries.forget(lease.key), false);
    takeUp();
    assert.deepEqual([...tries.tried(lease.key, 1, 9)], [1]);
  });
});
