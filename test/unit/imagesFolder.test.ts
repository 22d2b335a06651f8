import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';

import { imagesFolder, storageFolderProblem } from '../../src/studio/imagesFolder.ts';

describe('the folder of a project’s images', () => {
  const dataDir = resolve('/data');

  it('is the data dir’s own, the one of the settings, or the project’s', () => {
    assert.equal(imagesFolder({ kind: 'default' }, { imagesDir: '', dataDir }), join(dataDir, 'images'));
    assert.equal(imagesFolder({ kind: 'default' }, { imagesDir: resolve('/pictures'), dataDir }), resolve('/pictures'));
    assert.equal(imagesFolder({ kind: 'folder', path: '/own' }, { imagesDir: '/pictures', dataDir }), '/own');
  });

  it('is the data dir’s own where the setting names none', () => {
    for (const imagesDir of ['pictures', '~/pictures', '..', '/a\u0000b']) {
      assert.equal(imagesFolder({ kind: 'default' }, { imagesDir, dataDir }), join(dataDir, 'images'));
    }
  });

  for (const [folder, posix, windows] of [
    ['/srv/images', undefined, 'relative'],
    ['C:\\images', 'relative', undefined],
    ['c:/images', 'relative', undefined],
    ['\\\\nas\\studio\\images', 'relative', undefined],
    ['images', 'relative', 'relative'],
    ['../images', 'relative', 'relative'],
    ['C:images', 'relative', 'relative'],
    ['\\images', 'relative', 'relative'],
    ['\\\\.\\PhysicalDrive0', 'relative', 'device'],
    ['\\\\?\\C:\\images', 'relative', 'device'],
    ['C:\\a|b', 'relative', 'characters'],
    ['C:\\a:b', 'relative', 'characters'],
    ['/a\u0000b', 'characters', 'characters'],
    ['/a\ud800', 'characters', 'characters'],
  ] as const) {
    it(`may be ${JSON.stringify(folder)}: on POSIX ${posix ?? 'yes'}, on Windows ${windows ?? 'yes'}`, () => {
      assert.equal(storageFolderProblem(folder, 'linux'), posix);
      assert.equal(storageFolderProblem(folder, 'windows'), windows);
    });
  }
});
