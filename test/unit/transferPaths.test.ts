import assert from 'node:assert/strict';

import {
  foldersAbove,
  nativePath,
  parsePartialName,
  partialName,
  trashFolderName,
} from '../../src/transfer/transferPaths.ts';

const names = { tag: '0123abcd', run: 'beef' };

describe('paths of transfers', () => {
  it('become native on both kinds of system, beyond 260 characters on Windows', () => {
    assert.equal(nativePath('/lake', 'a/b', false), '/lake/a/b');
    assert.equal(nativePath('C:\\Models', 'a/b', true), '\\\\?\\C:\\Models\\a\\b');
    assert.equal(nativePath('\\\\nas\\models', 'a/b', true), '\\\\?\\UNC\\nas\\models\\a\\b');
  });

  it('know their folders', () => {
    assert.deepEqual(foldersAbove('a/b/c'), ['a', 'a/b']);
    assert.deepEqual(foldersAbove('a'), []);
  });

  it('name a partial so that it is hidden, short enough, fresh each time and known again', () => {
    for (const name of ['model.safetensors', 'ü'.repeat(127), '模'.repeat(85), 'a'.repeat(255)]) {
      const partial = partialName(name, names);
      assert.match(partial, /^\..*\.partial$/s);
      assert.ok(Buffer.byteLength(partial) <= 143);
      assert.ok(partial.isWellFormed());
      assert.deepEqual(parsePartialName(partial), names);
      assert.notEqual(partialName(name, names), partial);
    }
  });

  it('know no partial of another program', () => {
    for (const name of ['model.partial', '.x.partial', '.x.0123abcd-beef.partial', 'x.0123abcd-beef00000000.partial']) {
      assert.equal(parsePartialName(name), undefined);
    }
  });

  it('name a trash folder by its time, as every file system can', () => {
    assert.equal(trashFolderName(0, names), '1970-01-01T00-00-00-000Z-0123abcdbeef');
  });
});
