import assert from 'node:assert/strict';

import { MOST_LINES, MOST_SAMPLES } from '../../src/store/jobHistory.ts';
import { LakesideError } from '../../src/base/errors.ts';
import { ManualClock } from '../support/manualClock.ts';
import { addHash, queueEngines } from '../support/queueEngines.ts';
import { queryPlans } from '../support/queryPlans.ts';
import { settle } from '../support/settle.ts';

describe('the log of a job', () => {
  const engine = queueEngines();
  const messages = (lines: readonly { message: string }[]): string[] => lines.map(({ message }) => message);

  it('tells where each attempt began, what its handler said, and how it ended', async () => {
    const clock = new ManualClock();
    const { jobs, history, runner, started } = engine(clock, 'a');
    addHash(jobs, 'one', clock);
    runner.start();
    await settle();
    started.get('one')?.context.log('warn', '/lake/a.safetensors was skipped.');
    started.get('one')?.fail(new LakesideError('EBUSY', 'infra', 'It is in use.', { retryable: true }));
    await settle();
    await clock.advance(2_500);
    started.get('one')?.finish();
    await settle();
    const here = `a window (process ${process.pid})`;
    assert.deepEqual(messages(history.lines('one', { limit: 10 })), [
      `Begins in ${here}.`,
      '/lake/a.safetensors was skipped.',
      'Is tried again in 1.0 s: It is in use. (EBUSY)',
      `Attempt 2 begins in ${here}.`,
      'Done.',
    ]);
    await runner.stop();
  });

  it('keeps the newest 5,000 lines, numbered on', () => {
    const clock = new ManualClock();
    const { jobs, history } = engine(clock, 'a');
    addHash(jobs, 'one', clock);
    const key = jobs.keyOf('one') ?? assert.fail();
    const line = (number: number) => ({ at: number, level: 'info', message: String(number) }) as const;
    for (let page = 0; page < 12; page++) {
      history.append(
        key,
        Array.from({ length: 500 }, (_, index) => line(page * 500 + index + 1)),
      );
    }
    const lines = history.lines('one', { after: 0, limit: 10_000 });
    assert.deepEqual([lines.length, lines[0]?.line, lines.at(-1)?.message], [MOST_LINES, 1_001, '6000']);
    assert.deepEqual(messages(history.lines('one', { limit: 2 })), ['5999', '6000'], 'without a start: the newest');
    assert.deepEqual(messages(history.lines('one', { after: 5_998, limit: 1 })), ['5999']);
  });

  it('holds nothing of a process that has lost the job', () => {
    const clock = new ManualClock();
    const { jobs, leases, history } = engine(clock, 'a');
    addHash(jobs, 'one', clock);
    const question = { owner: 'x', now: clock.now(), leaseMs: 1, laneLimits: { hash: 1 }, gives: () => true };
    const [old] = leases.claim(question).jobs;
    assert.ok(old);
    leases.free('one', 'x', clock.now());
    const before = history.lines('one', { limit: 10 }).length;
    leases.write([
      {
        lease: old,
        progress: { doneItems: 1, totalItems: 1, doneBytes: 1, totalBytes: 1 },
        lines: [{ at: 1, level: 'info', message: 'too late' }],
        sample: { at: 1, doneBytes: 1, doneItems: 1 },
        release: { status: 'succeeded', now: 1 },
      },
    ]);
    assert.equal(history.lines('one', { limit: 10 }).length, before);
    assert.deepEqual(
      [history.samples('one'), jobs.get('one')?.status, jobs.get('one')?.progress],
      [[], 'queued', null],
    );
  });

  it('is written at most four times a second, however much is said', async () => {
    const clock = new ManualClock();
    const { jobs, history, runner, started } = engine(clock, 'a');
    addHash(jobs, 'one', clock);
    runner.start();
    await settle();
    const watcher = engine(clock, 'watcher').database;
    const version = (): number => Number(watcher.pragma('data_version', { simple: true }));
    let writes = 0;
    let seen = version();
    for (let step = 0; step < 100; step++) {
      started.get('one')?.context.log('info', `line ${step}`);
      started.get('one')?.context.progress({ doneItems: step, totalItems: 100, doneBytes: 0, totalBytes: null });
      await clock.advance(10);
      if (version() !== seen) writes++;
      seen = version();
    }
    assert.ok(writes >= 3 && writes <= 5, `${writes} writes in a second`);
    started.get('one')?.finish();
    await settle();
    assert.equal(history.lines('one', { limit: 1_000 }).length, 102, 'nothing was lost');
    await runner.stop();
  });

  it('takes what was noted along when the job is cleared, at most 1,000 rows at once', () => {
    const clock = new ManualClock();
    const { database, jobs, history } = engine(clock, 'a');
    addHash(jobs, 'one', clock);
    const key = jobs.keyOf('one') ?? assert.fail();
    for (let page = 0; page < 5; page++) {
      history.append(
        key,
        Array.from({ length: 500 }, () => ({ at: 1, level: 'info', message: 'm' }) as const),
      );
    }
    jobs.transition('one', 'queued', { status: 'canceled', now: clock.now() });
    const count = (): unknown => database.prepare('SELECT count(*) FROM job_log').pluck().get();
    assert.deepEqual([jobs.clearSome({}), count()], [{ removed: 0, more: true }, 1_500]);
    while (jobs.clearSome({}).more);
    assert.deepEqual([count(), jobs.get('one')], [0, undefined]);
  });
});

describe('the speed of a job', () => {
  const engine = queueEngines();

  it('is sampled every two seconds while it reports, and once more at its end', async () => {
    const clock = new ManualClock();
    const { jobs, history, runner, started } = engine(clock, 'a');
    addHash(jobs, 'one', clock);
    runner.start();
    await settle();
    for (let step = 0; step < 70; step++) {
      started.get('one')?.context.progress({ doneItems: step, totalItems: 70, doneBytes: step, totalBytes: 70 });
      await clock.advance(100);
    }
    started.get('one')?.finish();
    await settle();
    const samples = history.samples('one');
    assert.deepEqual(samples.map(({ doneItems }) => doneItems).at(-1), 69);
    assert.ok(samples.length >= 4 && samples.length <= 6, JSON.stringify(samples));
    await runner.stop();
  });

  it('stays readable however long the job takes', () => {
    const clock = new ManualClock();
    const { jobs, history } = engine(clock, 'a');
    addHash(jobs, 'one', clock);
    const key = jobs.keyOf('one') ?? assert.fail();
    for (let at = 0; at < 5 * MOST_SAMPLES; at++) history.addSample(key, { at, doneBytes: at, doneItems: at });
    const samples = history.samples('one');
    assert.ok(samples.length <= MOST_SAMPLES && samples.length >= MOST_SAMPLES / 2, String(samples.length));
    assert.deepEqual([samples[0]?.at, samples.at(-1)?.at], [0, 5 * MOST_SAMPLES - 1]);
  });
});

describe('the hot queries of the queue', () => {
  const engine = queueEngines();

  it('use an index', () => {
    const clock = new ManualClock();
    const { database, jobs, leases, queue } = engine(clock, 'a');
    const plans = queryPlans(database, () => {
      leases.queued(['hash']);
      leases.running();
      leases.runningIn(['scan', 'transfer']);
      leases.holdersIn(['transfer']);
      leases.waiting();
      leases.claim({ owner: 'x', now: 1, leaseMs: 1, laneLimits: { hash: 1 }, gives: () => true });
      jobs.parts('g');
      jobs.clearSome({ id: 'g' });
      queue.hasPlainWork();
    });
    const scans = plans.filter((plan) =>
      /SCAN (jobs|job_log|job_speed|steps)\b(?! USING (COVERING )?INDEX)/.test(plan),
    );
    assert.deepEqual(scans, []);
  });
});
