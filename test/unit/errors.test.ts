import assert from 'node:assert/strict';

import { canceledError, fileError, isCanceled, LakesideError, toLakesideError } from '../../src/base/errors.ts';

const systemError = (code: string): Error => Object.assign(new Error(`${code}: raw`), { code });

describe('an error', () => {
  it('keeps code, category, context and retryability over a boundary', () => {
    const error = new LakesideError('X', 'policy', 'No.', { context: { root: 'lake' }, retryable: true });
    const copy = LakesideError.fromShape(structuredClone(error.toShape()));
    assert.deepEqual(copy.toShape(), error.toShape());
    assert.equal(copy.retryable, true);
  });

  it('of the file system says what, which file, why, and what to do', () => {
    const error = fileError('write', '/lake/a.safetensors', systemError('ENOSPC'));
    assert.equal(error.message, 'Cannot write /lake/a.safetensors: the disk is full. Free some space and retry.');
    assert.deepEqual([error.code, error.category, error.context], ['ENOSPC', 'infra', { path: '/lake/a.safetensors' }]);
  });

  it('of the file system can be retried where it can pass', () => {
    assert.equal(fileError('read', '/a', systemError('EBUSY')).retryable, true);
    assert.equal(fileError('read', '/a', systemError('EACCES')).retryable, false);
  });

  it('of ours is passed on as it is', () => {
    const error = new LakesideError('X', 'policy', 'No.');
    assert.equal(toLakesideError(error), error);
    assert.equal(fileError('read', '/a', error), error);
  });

  it('that nobody expected is wrapped, and an abort is a cancellation', () => {
    assert.deepEqual([toLakesideError(new TypeError('x')).code, toLakesideError('x').code], ['INTERNAL', 'INTERNAL']);
    assert.equal(isCanceled(toLakesideError(new DOMException('stop', 'AbortError'))), true);
    assert.equal(isCanceled(canceledError()), true);
  });
});
