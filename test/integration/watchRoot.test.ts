import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { watchRoot } from '../../src/library/watchRoot.ts';
import { defaultSettings } from '../../src/protocol/settings.ts';
import { LibraryRoot } from '../support/libraryRoot.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('watching a root', () => {
  const folder = temporaryFolder();
  let library: LibraryRoot;
  beforeEach(() => {
    library = new LibraryRoot(folder());
    library.write('loras/a');
    library.write('vae/b');
  });
  afterEach(() => library.close());

  /** Makes the changes and gives the folders that were named until all of `expected` were. */
  async function foldersAfter(expected: readonly string[], change: () => void): Promise<string[]> {
    const seen = new Set<string>();
    const complete = Promise.withResolvers<undefined>();
    const watch = watchRoot({
      rootPath: library.path,
      ignore: defaultSettings().ignore,
      polling: false,
      onFolders(folders) {
        for (const name of folders) seen.add(name);
        if (expected.every((name) => seen.has(name))) complete.resolve(undefined);
      },
      onError: (error) => complete.reject(error),
    });
    try {
      await watch.ready;
      change();
      await complete.promise;
      return [...seen].sort();
    } finally {
      watch.dispose();
    }
  }

  it('names the folders in which files came, changed or went', async () => {
    const folders = await foldersAfter(['', 'loras', 'vae'], () => {
      library.write('top');
      library.write('loras/a', 'changed');
      rmSync(join(library.path, 'vae', 'b'));
    });
    assert.deepEqual(folders, ['', 'loras', 'vae']);
  });

  it('says nothing of what is ignored, nor of its own folder', async () => {
    const folders = await foldersAfter(['loras'], () => {
      library.write('.lakeside/trash/x');
      library.write('vae/c.partial');
      library.write('loras/c');
    });
    assert.deepEqual(folders, ['loras']);
  });
});
