import assert from 'node:assert/strict';

import { ApiKeys } from '../../src/host/apiKeys.ts';
import { FailedRuns } from '../../src/host/failedRuns.ts';
import type { Job } from '../../src/protocol/values.ts';
import { sampleJob } from '../support/sampleValues.ts';

describe('failures of runs', () => {
  const failed = (fields: Partial<Job> = {}): Job =>
    sampleJob({ kind: 'generate', status: 'failed', finishedAt: 5, ...fields });

  it('are told once each, and again when a retry fails', () => {
    const runs = new FailedRuns();
    assert.deepEqual(runs.newlyFailed([]), []);
    assert.equal(runs.newlyFailed([failed()]).length, 1);
    assert.equal(runs.newlyFailed([failed()]).length, 0);
    assert.equal(runs.newlyFailed([sampleJob({ kind: 'generate' })]).length, 0);
    assert.equal(runs.newlyFailed([failed({ finishedAt: 9 })]).length, 1);
  });

  it('of an earlier session are no news, nor are those of other jobs', () => {
    const runs = new FailedRuns();
    assert.deepEqual(runs.newlyFailed([failed()]), []);
    assert.deepEqual(runs.newlyFailed([failed(), sampleJob({ id: 'b', kind: 'apply', status: 'failed' })]), []);
  });

  it('are not told again when the engine was away meanwhile', () => {
    const runs = new FailedRuns();
    runs.newlyFailed([]);
    runs.newlyFailed([failed()]);
    assert.deepEqual([...runs.newlyFailed([]), ...runs.newlyFailed([failed()])], []);
  });
});

describe('the keys of image APIs', () => {
  it('are kept by the provider’s name, and taken away by an empty one', async () => {
    const kept = new Map<string, string>();
    const keys = new ApiKeys({
      get: (key) => Promise.resolve(kept.get(key)),
      store: (key, value) => Promise.resolve(void kept.set(key, value)),
      delete: (key) => Promise.resolve(void kept.delete(key)),
    });
    await keys.set('openai', 'sk-1');
    assert.deepEqual([...kept], [['lakeside.api.openai', 'sk-1']]);
    assert.equal(await keys.get('openai'), 'sk-1');
    assert.equal(await keys.get('other'), undefined);
    await keys.set('openai', '');
    assert.equal(kept.size, 0);
  });
});
