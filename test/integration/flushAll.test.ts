import assert from 'node:assert/strict';
import path from 'node:path';

import { errnoOf } from '../../src/base/errors.ts';
import { flushAll, flushesAll } from '../../src/transfer/flushAll.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('a flush of a whole file system', () => {
  const folder = temporaryFolder();

  it('is done where it counts', function () {
    if (!flushesAll(folder())) this.skip();
    flushAll(folder());
  });

  it('says when it could not be done', () => {
    const missing = path.join(folder(), 'missing');
    assert.throws(
      () => flushAll(missing),
      (error) => ['EIO', 'ENOENT'].includes(errnoOf(error) ?? ''),
    );
  });

  it('does not count where the kernel is told little of the device', function () {
    if (process.platform !== 'linux') this.skip();
    assert.equal(flushesAll('/proc'), false);
  });
});
