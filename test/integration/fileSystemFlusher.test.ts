import assert from 'node:assert/strict';
import path from 'node:path';

import { FileSystemFlusher } from '../../src/base/fileSystemFlusher.ts';
import { canFlushFileSystem } from '../../src/base/flushableFileSystem.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('a flush of whole file systems', () => {
  const folder = temporaryFolder();
  let flusher: FileSystemFlusher;
  beforeEach(() => {
    flusher = new FileSystemFlusher();
  });
  afterEach(() => flusher.dispose());

  it('answers each question in its turn', async function () {
    if (!canFlushFileSystem(folder())) this.skip();
    const missing = path.join(folder(), 'missing');
    assert.deepEqual(await Promise.all([flusher.flush(folder()), flusher.flush(missing), flusher.flush(folder())]), [
      true,
      false,
      true,
    ]);
  });

  it('takes a name for what it is, and no command', async function () {
    if (!canFlushFileSystem(folder())) this.skip();
    for (const name of ['$(exit)', '`exit`', '"; exit; "', "'", '-h', 'a\nb', '\\']) {
      assert.equal(await flusher.flush(path.join(folder(), name)), false, name);
    }
    assert.equal(await flusher.flush(folder()), true);
  });

  it('leaves nobody waiting when it ends', async () => {
    const asked = flusher.flush(folder());
    flusher.dispose();
    assert.equal(await asked, false);
  });

  it('gives nobody the answer to a question from before', async function () {
    if (!canFlushFileSystem(folder())) this.skip();
    const before = flusher.flush(folder());
    flusher.dispose();
    const after = flusher.flush(path.join(folder(), 'missing'));
    assert.deepEqual([await before, await after], [false, false]);
  });

  it('does not count where the kernel is told little of the device', function () {
    if (process.platform !== 'linux') this.skip();
    assert.equal(canFlushFileSystem('/proc'), false);
  });
});
