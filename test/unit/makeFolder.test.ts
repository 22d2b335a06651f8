import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { makeFolder } from '../../src/base/makeFolder.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('making a folder', () => {
  const folder = temporaryFolder();

  it('makes those above it, and is content with one that is there', () => {
    const path = join(folder(), 'a', 'b', 'c');
    makeFolder(path);
    makeFolder(path);
    assert.equal(statSync(path).isDirectory(), true);
  });

  it('says so where a file is in the way', () => {
    writeFileSync(join(folder(), 'file'), '');
    assert.throws(() => makeFolder(join(folder(), 'file')), { code: 'EEXIST' });
    assert.throws(() => makeFolder(join(folder(), 'file', 'below')), { code: 'ENOTDIR' });
  });

  it('ends where the system makes no folder though the one above is there', function () {
    if (!existsSync('/proc/self')) this.skip();
    assert.throws(() => makeFolder('/proc/nope'), { code: 'ENOENT' });
    assert.throws(() => makeFolder('/proc/nope/deeper'), { code: 'ENOENT' });
  });
});
