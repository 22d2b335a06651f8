import assert from 'node:assert/strict';

import { JobsModel, type JobsChange } from '../../src/host/jobsModel.ts';
import { LakesideError } from '../../src/base/errors.ts';
import type { Job } from '../../src/protocol/values.ts';
import { AnsweringEngine } from '../support/answeringEngine.ts';
import { ManualClock } from '../support/manualClock.ts';
import { sampleJob } from '../support/sampleValues.ts';

const progress = { doneItems: 0, totalItems: 10, doneBytes: 0, totalBytes: 10_000 };
const counts = { queued: 0, waiting: 0, paused: 0, running: 0, succeeded: 0, failed: 0, canceled: 0 };

describe('the model of the jobs', () => {
  let jobs: Job[];
  let engine: AnsweringEngine;
  let clock: ManualClock;
  let model: JobsModel;
  let changes: JobsChange[];
  let errors: unknown[];

  beforeEach(() => {
    jobs = [sampleJob()];
    engine = new AnsweringEngine({ 'jobs.list': () => ({ jobs, counts }) });
    clock = new ManualClock();
    errors = [];
    model = new JobsModel(engine, (error) => errors.push(error), clock);
    changes = [];
    model.onChange((change) => changes.push(change));
  });

  function tell(doneBytes: number, status: Job['status'] = 'running'): void {
    const { id: job, kind, title } = sampleJob();
    engine.progress.fire({ job, kind, title, status, progress: { ...progress, doneBytes } });
  }

  it('fetches once for a rain of hints', async () => {
    for (let hint = 0; hint < 100; hint++) engine.changed.fire({ topics: ['jobs'] });
    await clock.advance(0);
    assert.equal(engine.calls.length, 1);
    engine.changed.fire({ topics: ['files'] });
    engine.changed.fire({ topics: ['jobs'] });
    await clock.advance(249);
    assert.equal(engine.calls.length, 1);
    await clock.advance(1);
    assert.equal(engine.calls.length, 2);
  });

  it('shows progress as it happens without fetching, and measures its rate', async () => {
    await model.load();
    changes.length = 0;
    tell(0);
    await clock.advance(2_000);
    tell(4_000);
    assert.deepEqual(changes, [
      { kind: 'progress', job: 'job-1' },
      { kind: 'progress', job: 'job-1' },
    ]);
    assert.equal(model.job('job-1')?.rate, 2_000);
    assert.equal(model.job('job-1')?.job.progress?.doneBytes, 4_000);
    assert.equal(engine.calls.length, 1);
  });

  it('fetches when it hears of a job or a state it does not know', async () => {
    await model.load();
    tell(0, 'succeeded');
    await clock.advance(1_000);
    assert.equal(engine.calls.length, 2);
  });

  it('forgets its jobs with the engine, and fetches them from the next', async () => {
    await model.load();
    engine.setState({ kind: 'failed', error: new LakesideError('ENGINE_CRASHED', 'infra', 'It crashed.') });
    assert.deepEqual(model.jobs, []);
    engine.setState({ kind: 'ready' });
    await clock.advance(1_000);
    assert.equal(model.jobs.length, 1);
    assert.deepEqual(errors, []);
  });
});
