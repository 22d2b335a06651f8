import assert from 'node:assert/strict';

import { LakesideError } from '../../src/base/errors.ts';
import { formatOwner, thisProcess } from '../../src/queue/leaseOwner.ts';
import { LEASE_MS } from '../../src/queue/queueRunner.ts';
import { ManualClock } from '../support/manualClock.ts';
import { addApply, addHash as add, hashReport as report, queueEngines } from '../support/queueEngines.ts';
import { settle } from '../support/settle.ts';

describe('the queue', () => {
  const engine = queueEngines();

  it('runs a job to its result', async () => {
    const clock = new ManualClock();
    const { jobs, runner, started } = engine(clock, 'a');
    add(jobs, 'one', clock);
    runner.start();
    await settle();
    assert.equal(jobs.get('one')?.status, 'running');
    started.get('one')?.finish();
    await settle();
    assert.deepEqual([jobs.get('one')?.status, jobs.get('one')?.result], ['succeeded', report]);
    await runner.stop();
  });

  it('gives the active job when the same work is asked for twice', () => {
    const clock = new ManualClock();
    const { jobs } = engine(clock, 'a');
    add(jobs, 'one', clock);
    const again = jobs.add({
      id: 'two',
      kind: 'hash',
      title: '',
      lane: 'hash',
      payload: {},
      needs: [],
      dedupeKey: 'hash one',
      now: 1,
    });
    assert.deepEqual([again.added, again.job.id], [false, 'one']);
  });

  it('runs each job once with two engines on the same database, and counts concurrency over both', async () => {
    const clock = new ManualClock();
    const left = engine(clock, 'left');
    const right = engine(clock, 'right');
    for (const id of ['one', 'two', 'three']) add(left.jobs, id, clock);
    left.runner.start();
    right.runner.start();
    await settle();
    assert.equal(left.started.size + right.started.size, 1);
    for (let round = 0; round < 3; round++) {
      for (const { finish } of [...left.started.values(), ...right.started.values()]) finish();
      await clock.advance(2_000);
    }
    assert.equal(left.jobs.counts().succeeded, 3);
    assert.equal(left.started.size + right.started.size, 3);
    await Promise.all([left.runner.stop(), right.runner.stop()]);
  });

  it('tries again after an error that can pass, then fails with its reason', async () => {
    const clock = new ManualClock();
    const { jobs, runner, started } = engine(clock, 'a');
    add(jobs, 'one', clock);
    runner.start();
    await settle();
    started.get('one')?.fail(new LakesideError('EBUSY', 'infra', 'It is in use.', { retryable: true }));
    await settle();
    assert.equal(jobs.get('one')?.status, 'queued');
    await clock.advance(2_500);
    assert.equal(jobs.get('one')?.status, 'running');
    started.get('one')?.fail(new LakesideError('EBUSY', 'infra', 'It is in use.', { retryable: true }));
    await settle();
    assert.deepEqual([jobs.get('one')?.status, jobs.get('one')?.error?.code], ['failed', 'EBUSY']);
    await runner.stop();
  });

  it('fails at once on an error that cannot pass', async () => {
    const clock = new ManualClock();
    const { jobs, runner, started } = engine(clock, 'a');
    add(jobs, 'one', clock);
    runner.start();
    await settle();
    started.get('one')?.fail(new TypeError('a bug'));
    await settle();
    assert.deepEqual([jobs.get('one')?.status, jobs.get('one')?.error?.code], ['failed', 'INTERNAL']);
    await runner.stop();
  });

  it('lets a job wait while its root is away, with a sentence, and runs it when the root is back', async () => {
    const clock = new ManualClock();
    const { jobs, runner, started, lacking } = engine(clock, 'a');
    lacking.set('root:lake', 'The Lake is not mounted.');
    add(jobs, 'one', clock, { needs: ['root:lake'] });
    runner.start();
    await settle();
    assert.deepEqual([jobs.get('one')?.status, jobs.get('one')?.waitingFor], ['waiting', 'The Lake is not mounted.']);
    lacking.clear();
    await clock.advance(2_000);
    assert.equal(started.has('one'), true);
    started.get('one')?.fail(new LakesideError('ROOT_NOT_MOUNTED', 'infra', 'The Lake went away.'));
    await settle();
    assert.deepEqual([jobs.get('one')?.status, jobs.get('one')?.waitingFor], ['waiting', 'The Lake went away.']);
    await runner.stop();
  });

  it('cancels a running job, also from another process', async () => {
    const clock = new ManualClock();
    const left = engine(clock, 'left');
    const right = engine(clock, 'right');
    add(left.jobs, 'one', clock);
    left.runner.start();
    await settle();
    right.jobs.askCancel('one');
    await clock.advance(5_000);
    assert.equal(left.jobs.get('one')?.status, 'canceled');
    await left.runner.stop();
  });

  it('leaves a share of a lane to each process, and takes what the others do not want', async () => {
    const clock = new ManualClock();
    const left = engine(clock, 'left', 4);
    const right = engine(clock, 'right', 4);
    const idle = {
      owner: formatOwner({ host: 'elsewhere', pid: 1, start: '1', nonce: 'idle' }),
      role: 'window',
    } as const;
    left.queue.join(idle, () => false, clock.now());
    for (let number = 0; number < 12; number++) addApply(left.jobs, `job ${number}`, clock);
    left.runner.start();
    await settle();
    assert.equal(left.order.length, 2, 'half of four');
    right.runner.start();
    await settle();
    assert.deepEqual([left.order.length, right.order.length], [2, 2], 'a third of four, rounded up');
    await right.runner.stop();
    await clock.advance(4_000);
    assert.equal(left.order.length, 4, 'the one that does nothing keeps no room free');
    await left.runner.stop();
  });

  it('no longer counts a process that has not shown itself for half an hour', async () => {
    const clock = new ManualClock();
    const { queue, runner } = engine(clock, 'a');
    const silent = {
      owner: formatOwner({ host: 'elsewhere', pid: 1, start: '1', nonce: 'x' }),
      role: 'window',
    } as const;
    queue.join(silent, () => false, clock.now());
    runner.start();
    await clock.advance(1_800_000);
    assert.deepEqual(await runner.leave(), []);
    await runner.stop();
  });

  it('lets no long queue of one kind hide another kind', () => {
    const clock = new ManualClock();
    const { jobs, leases } = engine(clock, 'a');
    for (let number = 0; number < 150; number++) add(jobs, `hash ${number}`, clock);
    jobs.add({
      id: 'scan',
      kind: 'scan',
      title: '',
      lane: 'scan',
      payload: {},
      needs: [],
      dedupeKey: 'scan',
      now: clock.now(),
    });
    const { jobs: claimed } = leases.claim({
      owner: 'a',
      now: clock.now(),
      leaseMs: LEASE_MS,
      laneLimits: { hash: 0, scan: 1 },
      gives: () => true,
    });
    assert.deepEqual(
      claimed.map(({ id }) => id),
      ['scan'],
    );
  });

  it('puts running jobs back when it stops, for the next engine', async () => {
    const clock = new ManualClock();
    const left = engine(clock, 'left');
    add(left.jobs, 'one', clock);
    left.runner.start();
    await settle();
    await left.runner.stop();
    assert.equal(left.jobs.get('one')?.status, 'queued');
    assert.equal(left.jobs.get('one')?.attempts, 0, 'stopping is no failed attempt');
  });

  it('takes over the job of a holder whose lease ran out, and the old holder can write no more', async () => {
    const clock = new ManualClock();
    const { jobs, leases, runner } = engine(clock, 'a');
    add(jobs, 'one', clock);
    const elsewhere = formatOwner({ host: 'another-machine', pid: 1, start: '1', nonce: 'x' });
    const [old] = leases.claim({
      owner: elsewhere,
      now: clock.now(),
      leaseMs: LEASE_MS,
      laneLimits: { hash: 1 },
      gives: () => true,
    }).jobs;
    assert.ok(old);
    runner.start();
    await clock.advance(LEASE_MS - 1_000);
    assert.equal(leases.holds(old), true);
    await clock.advance(5_000);
    assert.equal(jobs.get('one')?.status, 'running');
    assert.equal(leases.holds(old), false);
    assert.equal(leases.setProgress(old, { doneItems: 9, totalItems: 9, doneBytes: 0, totalBytes: null }), false);
    assert.equal(leases.release(old, { status: 'succeeded', now: clock.now() }), false);
    await runner.stop();
  });

  it('frees the job of a dead process of this machine at once', async () => {
    const clock = new ManualClock();
    const { jobs, leases, runner, started } = engine(clock, 'a');
    add(jobs, 'one', clock);
    // A pid above the largest the system gives.
    const dead = formatOwner({ ...thisProcess('dead'), pid: 2 ** 30 });
    leases.claim({ owner: dead, now: clock.now(), leaseMs: LEASE_MS, laneLimits: { hash: 1 }, gives: () => true });
    runner.start();
    await settle();
    assert.equal(started.has('one'), true);
    await runner.stop();
  });

  it('stops a handler whose lease another process took', async () => {
    const clock = new ManualClock();
    const { jobs, leases, runner, started } = engine(clock, 'a');
    add(jobs, 'one', clock);
    runner.start();
    await settle();
    const owner = leases.running()[0]?.owner ?? '';
    assert.equal(leases.free('one', owner, clock.now()), true);
    leases.claim({ owner: 'other', now: clock.now(), leaseMs: 999_999, laneLimits: { hash: 1 }, gives: () => true });
    const context = started.get('one')?.context;
    assert.throws(() => context?.assertHeld(), /taken this job over/);
    await clock.advance(5_000);
    assert.equal(context?.signal.aborted, true);
    assert.equal(jobs.get('one')?.status, 'running');
    await runner.stop();
  });
});
