import assert from 'node:assert/strict';
import { oneCheck, runPart } from '../../scripts/test/runPart.ts';

describe('a part of the test run', () => {
  it('fails when it ran no test', async () => {
    const result = await runPart({ name: 'empty', run: () => Promise.resolve({ passed: 0, failed: 0, pending: 3 }) });
    assert.deepEqual([result.passed, result.failed], [0, 1]);
  });

  it('fails when it cannot run', async () => {
    const result = await runPart({ name: 'broken', run: () => Promise.reject(new Error('expected in this test')) });
    assert.deepEqual([result.passed, result.failed], [0, 1]);
  });

  it('counts a check as one', async () => {
    assert.equal((await runPart({ name: 'good', run: () => Promise.resolve(oneCheck(true)) })).passed, 1);
    assert.equal((await runPart({ name: 'bad', run: () => Promise.resolve(oneCheck(false)) })).failed, 1);
  });
});
