import assert from 'node:assert/strict';
import type { Database } from 'better-sqlite3';

import { LakesideError } from '../../src/base/errors.ts';
import { type HashReport, type Job, JOB_STATES } from '../../src/protocol/values.ts';
import { JOB_EVENTS, nextState } from '../../src/queue/jobStates.ts';
import { formatOwner, thisProcess } from '../../src/queue/leaseOwner.ts';
import { type JobContext, type JobHandlers, LEASE_MS, QueueRunner } from '../../src/queue/queueRunner.ts';
import { openDatabase } from '../../src/store/openDatabase.ts';
import { JobStore } from '../../src/store/jobStore.ts';
import { ManualClock } from '../support/manualClock.ts';
import { settle } from '../support/settle.ts';
import { storeOptions } from '../support/testStore.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const report: HashReport = { hashed: 1, hashedBytes: 2, problems: [], ms: 3 };

/** `queued → running` and all others that an event can bring about. */
const ALLOWED_MOVES = new Set(
  JOB_STATES.flatMap((state) => JOB_EVENTS.map((event) => `${state} → ${nextState(state, event) ?? 'nothing'}`)),
);
const NOTE_MOVES = `CREATE TABLE IF NOT EXISTS moves (move TEXT NOT NULL);
  CREATE TRIGGER IF NOT EXISTS note_moves AFTER UPDATE OF status ON jobs
  BEGIN INSERT INTO moves VALUES (old.status || ' → ' || new.status); END`;

interface Started {
  readonly context: JobContext;
  readonly finish: () => void;
  readonly fail: (error: unknown) => void;
}

describe('the queue', () => {
  const folder = temporaryFolder();
  const opened: Database[] = [];
  afterEach(() => {
    const moves = opened.flatMap((database) => database.prepare<[], string>('SELECT move FROM moves').pluck().all());
    for (const database of opened.splice(0)) database.close();
    // Whatever the test was about: no job went from one state to another but as the table of states allows.
    assert.deepEqual(
      moves.filter((move) => !ALLOWED_MOVES.has(move)),
      [],
    );
  });

  /** An engine as another window or process would have it: its own connection on the same database. */
  function engine(clock: ManualClock, nonce: string, concurrency = 1) {
    const database = openDatabase(storeOptions(folder(), clock));
    database.exec(NOTE_MOVES);
    opened.push(database);
    const jobs = new JobStore(database);
    const started = new Map<string, Started>();
    const lacking = new Map<string, string>();
    const errors: LakesideError[] = [];
    const handle = (context: JobContext): Promise<HashReport> =>
      new Promise((resolve, reject) => {
        started.set(context.jobId, { context, finish: () => resolve(report), fail: reject });
        context.signal.addEventListener('abort', () => reject(context.signal.reason as Error));
      });
    const never = (): Promise<never> => Promise.reject(new Error('not in this test'));
    const handlers: JobHandlers = {
      scan: never,
      hash: (_payload, context) => handle(context),
      apply: never,
      generate: never,
    };
    const runner = new QueueRunner({
      jobs,
      handlers,
      clock,
      owner: thisProcess(nonce),
      soleEngine: false,
      settings: () => ({ concurrency, retryCount: 1 }),
      lacks: (need) => Promise.resolve(lacking.get(need)),
      random: () => 1,
      onChange: () => undefined,
      onProgress: () => undefined,
      onError: (error) => errors.push(error),
    });
    return { jobs, runner, started, lacking, errors };
  }

  function add(jobs: JobStore, id: string, clock: ManualClock, needs: string[] = []): Job {
    const payload = { scope: 'unhashed', root: 'r' };
    return jobs.add({
      id,
      kind: 'hash',
      title: id,
      lane: 'hash',
      payload,
      needs,
      dedupeKey: `hash ${id}`,
      now: clock.now(),
    }).job;
  }

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
    add(jobs, 'one', clock, ['root:lake']);
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

  it('lets no long queue of one kind hide another kind', () => {
    const clock = new ManualClock();
    const { jobs } = engine(clock, 'a');
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
    const claimed = jobs.claim({
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
    const { jobs, runner } = engine(clock, 'a');
    add(jobs, 'one', clock);
    const elsewhere = formatOwner({ host: 'another-machine', pid: 1, start: '1', nonce: 'x' });
    const [old] = jobs.claim({
      owner: elsewhere,
      now: clock.now(),
      leaseMs: LEASE_MS,
      laneLimits: { hash: 1 },
      gives: () => true,
    });
    assert.ok(old);
    runner.start();
    await clock.advance(LEASE_MS - 1_000);
    assert.equal(jobs.holds(old), true);
    await clock.advance(5_000);
    assert.equal(jobs.get('one')?.status, 'running');
    assert.equal(jobs.holds(old), false);
    assert.equal(jobs.setProgress(old, { doneItems: 9, totalItems: 9, doneBytes: 0, totalBytes: null }), false);
    assert.equal(jobs.release(old, { status: 'succeeded', now: clock.now() }), false);
    await runner.stop();
  });

  it('frees the job of a dead process of this machine at once', async () => {
    const clock = new ManualClock();
    const { jobs, runner, started } = engine(clock, 'a');
    add(jobs, 'one', clock);
    // A pid above the largest the system gives.
    const dead = formatOwner({ ...thisProcess('dead'), pid: 2 ** 30 });
    jobs.claim({ owner: dead, now: clock.now(), leaseMs: LEASE_MS, laneLimits: { hash: 1 }, gives: () => true });
    runner.start();
    await settle();
    assert.equal(started.has('one'), true);
    await runner.stop();
  });

  it('stops a handler whose lease another process took', async () => {
    const clock = new ManualClock();
    const { jobs, runner, started } = engine(clock, 'a');
    add(jobs, 'one', clock);
    runner.start();
    await settle();
    const owner = jobs.running()[0]?.owner ?? '';
    assert.equal(jobs.free('one', owner, false, clock.now()), true);
    jobs.claim({ owner: 'other', now: clock.now(), leaseMs: 999_999, laneLimits: { hash: 1 }, gives: () => true });
    const context = started.get('one')?.context;
    assert.throws(() => context?.assertHeld(), /taken this job over/);
    await clock.advance(5_000);
    assert.equal(context?.signal.aborted, true);
    assert.equal(jobs.get('one')?.status, 'running');
    await runner.stop();
  });
});
