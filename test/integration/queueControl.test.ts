import assert from 'node:assert/strict';

import { isCanceled, keepsPartials } from '../../src/base/errors.ts';
import { ManualClock } from '../support/manualClock.ts';
import { addApply, addHash, queueEngines } from '../support/queueEngines.ts';
import { settle } from '../support/settle.ts';

const PROGRESS = { doneItems: 3, totalItems: 10, doneBytes: 30, totalBytes: 100 };

describe('pausing jobs', () => {
  const engine = queueEngines();

  it('stops a running one for a reason of its own, in whichever process it runs, and counts no attempt', async () => {
    const clock = new ManualClock();
    const [left, right] = [engine(clock, 'left'), engine(clock, 'right')];
    addHash(left.jobs, 'one', clock);
    left.runner.start();
    await settle();
    left.started.get('one')?.context.progress(PROGRESS);
    await settle();
    assert.equal(right.queue.askPause('one', true), true);
    assert.equal(right.jobs.get('one')?.pausing, true);
    left.runner.poke();
    await settle();
    const { signal } = left.started.get('one')?.context ?? assert.fail();
    assert.deepEqual([signal.aborted, isCanceled(signal.reason)], [true, false]);
    const paused = right.jobs.get('one');
    assert.deepEqual([paused?.status, paused?.attempts, paused?.pausing], ['paused', 0, undefined]);
    assert.deepEqual(paused?.progress, PROGRESS, 'what it had done is still known');
    await clock.advance(10_000);
    assert.equal(left.order.length, 1, 'nobody goes on with it');
    right.jobs.transition('one', 'paused', { status: 'queued', now: clock.now() });
    await clock.advance(2_000);
    assert.equal(left.order.length, 2);
    await left.runner.stop();
  });

  it('tells who cancels whether what is half-copied shall stay; asked plainly, it shall not', async () => {
    for (const keepPartials of [true, false]) {
      const clock = new ManualClock();
      const { jobs, runner, started } = engine(clock, `a${String(keepPartials)}`);
      const id = `job ${String(keepPartials)}`;
      addHash(jobs, id, clock);
      runner.start();
      await settle();
      if (!keepPartials) jobs.askCancel(id);
      jobs.askCancel(id, { keepPartials: true });
      assert.equal(jobs.get(id)?.canceling, true);
      runner.poke();
      await settle();
      const { signal } = started.get(id)?.context ?? assert.fail();
      assert.deepEqual([isCanceled(signal.reason), keepsPartials(signal.reason)], [true, keepPartials]);
      const { status, canceling } = jobs.get(id) ?? assert.fail();
      assert.deepEqual([status, canceling], ['canceled', undefined]);
      await runner.stop();
    }
  });

  it('lets a job go on that was resumed before anybody had seen the wish', async () => {
    const clock = new ManualClock();
    const { jobs, queue, runner } = engine(clock, 'a');
    addHash(jobs, 'one', clock);
    runner.start();
    await settle();
    queue.askPause('one', true);
    queue.askPause('one', false);
    runner.poke();
    await settle();
    assert.equal(jobs.get('one')?.status, 'running');
    await runner.stop();
  });

  it('queues a job whose pause was taken back while its handler ended', () => {
    const clock = new ManualClock();
    const { jobs, leases, queue } = engine(clock, 'a');
    addHash(jobs, 'one', clock);
    const question = { owner: 'x', now: clock.now(), leaseMs: 1, laneLimits: { hash: 1 }, gives: () => true };
    const [claimed] = leases.claim(question).jobs;
    assert.ok(claimed);
    queue.askPause('one', true);
    queue.askPause('one', false);
    leases.release(claimed, { status: 'paused', now: clock.now(), notCounted: true });
    assert.equal(jobs.get('one')?.status, 'queued');
  });

  it('cancels a job that was to pause, when that is asked before its handler has ended', () => {
    const clock = new ManualClock();
    const { jobs, leases, queue } = engine(clock, 'a');
    addHash(jobs, 'one', clock);
    const question = { owner: 'x', now: clock.now(), leaseMs: 1, laneLimits: { hash: 1 }, gives: () => true };
    const [claimed] = leases.claim(question).jobs;
    assert.ok(claimed);
    queue.askPause('one', true);
    jobs.askCancel('one');
    leases.release(claimed, { status: 'paused', now: clock.now(), notCounted: true });
    assert.deepEqual([jobs.get('one')?.status, jobs.get('one')?.finishedAt], ['canceled', clock.now()]);
  });

  it('pauses the job of a process that died before it could', () => {
    const clock = new ManualClock();
    const { jobs, leases, queue } = engine(clock, 'a');
    addHash(jobs, 'one', clock);
    leases.claim({ owner: 'x', now: clock.now(), leaseMs: 1, laneLimits: { hash: 1 }, gives: () => true });
    queue.askPause('one', true);
    assert.equal(leases.free('one', 'x', clock.now()), true);
    assert.equal(jobs.get('one')?.status, 'paused');
  });

  it('holds a kind back: what runs pauses, nothing of it is claimed, other kinds go on', async () => {
    const clock = new ManualClock();
    const { jobs, queue, runner, order, started } = engine(clock, 'a');
    addHash(jobs, 'one', clock);
    addHash(jobs, 'two', clock);
    runner.start();
    await settle();
    assert.equal(queue.hold('hash', clock.now()), 2);
    addApply(jobs, 'copy', clock);
    addHash(jobs, 'three', clock);
    await clock.advance(4_000);
    assert.deepEqual(order, ['one', 'copy']);
    assert.deepEqual(
      ['one', 'two', 'three'].map((id) => jobs.get(id)?.status),
      ['paused', 'queued', 'queued'],
    );
    assert.deepEqual(queue.holds(), { all: false, kinds: ['hash'] });
    started.get('copy')?.finish();
    queue.lift('hash');
    assert.deepEqual(queue.resumeSome('hash', clock.now()), ['one']);
    await clock.advance(2_000);
    assert.equal(order.at(-1), 'one');
    await runner.stop();
  });

  it('holds everything back, and lets all of it go again', async () => {
    const clock = new ManualClock();
    const { jobs, queue, runner, order } = engine(clock, 'a');
    addHash(jobs, 'one', clock);
    addApply(jobs, 'copy', clock);
    queue.hold(undefined, clock.now());
    queue.hold('hash', clock.now());
    runner.start();
    await clock.advance(4_000);
    assert.deepEqual(order, []);
    queue.lift(undefined);
    assert.deepEqual(queue.holds(), { all: false, kinds: [] });
    await clock.advance(2_000);
    assert.deepEqual(order.toSorted(), ['copy', 'one']);
    await runner.stop();
  });
});

describe('the order of jobs', () => {
  const engine = queueEngines();

  it('is that of asking, but for those that were put first or last', async () => {
    const clock = new ManualClock();
    const { jobs, runner, order, started } = engine(clock, 'a');
    for (const id of ['a', 'b', 'c', 'd', 'e']) addHash(jobs, id, clock);
    assert.equal(jobs.move('d', 'first'), true);
    assert.equal(jobs.move('e', 'first'), true);
    assert.equal(jobs.move('a', 'last'), true);
    runner.start();
    for (let round = 0; round < 5; round++) {
      await settle();
      started.get(order.at(-1) ?? '')?.finish();
    }
    await settle();
    assert.deepEqual(order, ['e', 'd', 'b', 'c', 'a']);
    assert.equal(jobs.move('a', 'first'), false, 'what is over has no place in it');
    await runner.stop();
  });

  it('keeps the parts of a group together and in theirs', () => {
    const clock = new ManualClock();
    const { jobs, leases } = engine(clock, 'a');
    for (const id of ['a', 'b', 'c']) addHash(jobs, id, clock);
    jobs.addGroup({ id: 'g', title: 'Both', parts: ['b', 'c'], now: clock.now() });
    jobs.move('g', 'first');
    assert.deepEqual(
      leases.queued(['hash']).map(({ id }) => id),
      ['b', 'c', 'a'],
    );
  });
});

describe('a group of jobs', () => {
  const engine = queueEngines();

  it('is in the state of its parts, with their progress together', async () => {
    const clock = new ManualClock();
    const { jobs, runner, started, progress } = engine(clock, 'a');
    const expected = { doneItems: 0, totalItems: 10, doneBytes: 0, totalBytes: 100 };
    for (const id of ['a', 'b']) addHash(jobs, id, clock, { progress: expected });
    const group = jobs.addGroup({ id: 'g', title: 'Both', parts: ['a', 'b'], now: clock.now() });
    assert.deepEqual([group?.kind, group?.status, group?.parts], ['group', 'queued', { total: 2, over: 0, failed: 0 }]);
    assert.equal(jobs.get('a')?.parent, 'g');
    assert.deepEqual(
      jobs.list({ limit: 10 }).map(({ id }) => id),
      ['g', 'b', 'a'],
      'it stands before its parts',
    );
    runner.start();
    await settle();
    assert.equal(jobs.get('g')?.status, 'running');
    started.get('a')?.context.progress(PROGRESS);
    await clock.advance(300);
    const together = { doneItems: 3, totalItems: 20, doneBytes: 30, totalBytes: 200 };
    assert.deepEqual(jobs.get('g')?.progress, together);
    assert.deepEqual(progress.findLast(({ job }) => job === 'g')?.progress, together, 'and it is told');
    started.get('a')?.finish();
    await settle();
    assert.deepEqual([jobs.get('g')?.status, jobs.get('g')?.parts?.over], ['running', 1]);
    started.get('b')?.fail(new Error('a bug'));
    await settle();
    const failed = jobs.get('g');
    assert.deepEqual([failed?.status, failed?.error?.code, failed?.parts?.failed], ['failed', 'PARTS_FAILED', 1]);
    assert.equal(failed?.finishedAt, clock.now());
    jobs.transition('b', 'failed', { status: 'queued', now: clock.now() });
    assert.deepEqual(
      [jobs.get('g')?.status, jobs.get('g')?.error, jobs.get('g')?.finishedAt],
      ['queued', undefined, null],
    );
    await runner.stop();
  });

  it('does not know its end before each of its parts does', () => {
    const clock = new ManualClock();
    const { jobs } = engine(clock, 'a');
    addHash(jobs, 'a', clock, { progress: PROGRESS });
    addHash(jobs, 'b', clock);
    jobs.addGroup({ id: 'g', title: 'Both', parts: ['a', 'b'], now: clock.now() });
    assert.deepEqual(jobs.get('g')?.progress, { doneItems: 3, totalItems: null, doneBytes: 30, totalBytes: null });
  });

  it('is no work of its own: it counts for nothing and is never claimed or freed', async () => {
    const clock = new ManualClock();
    const { jobs, runner } = engine(clock, 'a');
    for (const id of ['a', 'b']) addHash(jobs, id, clock);
    jobs.addGroup({ id: 'g', title: 'Both', parts: ['a', 'b'], now: clock.now() });
    assert.equal(jobs.counts().queued, 2);
    runner.start();
    await clock.advance(10_000);
    assert.deepEqual([jobs.counts().running, jobs.counts().queued, jobs.get('g')?.status], [1, 1, 'running']);
    await runner.stop();
  });

  it('is not made of fewer than two, nor of parts of another', () => {
    const clock = new ManualClock();
    const { jobs } = engine(clock, 'a');
    for (const id of ['a', 'b', 'c']) addHash(jobs, id, clock);
    jobs.addGroup({ id: 'g', title: 'Two', parts: ['a', 'b'], now: clock.now() });
    assert.equal(jobs.addGroup({ id: 'h', title: 'One', parts: ['b', 'c'], now: clock.now() }), undefined);
    assert.deepEqual([jobs.get('b')?.parent, jobs.get('c')?.parent, jobs.get('h')], ['g', undefined, undefined]);
  });

  it('goes out of the history with its parts', () => {
    const clock = new ManualClock();
    const { jobs } = engine(clock, 'a');
    for (const id of ['a', 'b', 'c']) addHash(jobs, id, clock);
    jobs.addGroup({ id: 'g', title: 'Two', parts: ['a', 'b'], now: clock.now() });
    for (const id of ['a', 'b', 'c']) jobs.transition(id, 'queued', { status: 'canceled', now: clock.now() });
    assert.deepEqual(jobs.clearSome({ id: 'g' }), { removed: 3, more: false });
    assert.deepEqual(
      jobs.list({ limit: 10 }).map(({ id }) => id),
      ['c'],
    );
  });
});
