import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { indexTrash } from '../../src/app/indexTrash.ts';
import { IoPool } from '../../src/library/ioPool.ts';
import { prepareRoot } from '../../src/library/prepareRoot.ts';
import type { RootRow } from '../../src/store/rootStore.ts';
import { Store } from '../../src/store/store.ts';
import { put } from '../support/engineOn.ts';
import { ManualClock } from '../support/manualClock.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { storeOptions } from '../support/testStore.ts';

const FOLDER = '2026-01-02T03-04-05-006Z-0123456789ab';
const HASH = 'ab'.repeat(32);

describe('a look at the trash on the disk', () => {
  const folder = temporaryFolder();
  const clock = new ManualClock();
  const signal = new AbortController().signal;
  let pool: IoPool;
  let store: Store;
  let root: RootRow;
  const lake = (): string => join(folder(), 'lake');

  before(() => {
    pool = new IoPool({ threads: 1 });
  });
  after(() => pool.close());
  beforeEach(async () => {
    store = await Store.open(storeOptions(join(folder(), 'data'), clock));
    mkdirSync(lake());
    store.roots.add({
      ...prepareRoot({ name: 'lake', path: lake(), existing: [], clock }),
      ...{ role: 'lake', allowDelete: false },
    });
    const row = store.roots.byName('lake');
    assert.ok(row !== undefined);
    root = row;
  });
  afterEach(() => store.close());

  function trashed(path: string, name = FOLDER): void {
    put(lake(), `.lakeside/trash/${name}/${path}`, 'old', 5_000);
    const entry = { folder: name, path, size: 3, mtimeMs: 5_000, trashedAt: 1, blake3: HASH };
    store.transaction(() => store.trash.put(root.key, entry, undefined));
  }

  function index(onAnswer = (): void => undefined): Promise<boolean> {
    const transfers: Pick<IoPool, 'run'> = {
      run: async (...asked) => {
        const answer = await pool.run(...asked);
        onAnswer();
        return answer;
      },
    };
    return indexTrash({ store, clock, transfers }, root, signal);
  }

  const known = (path: string, name = FOLDER): string | undefined =>
    store.trash.get(root.key, name, path)?.blake3?.toString('hex');

  it('forgets nothing that an apply brings into the trash meanwhile', async () => {
    trashed('a.bin');
    const other = FOLDER.replace('2026', '2027');
    let answers = 0;
    const bring = (): void => {
      answers++;
      trashed(`during-${answers}.bin`);
      if (answers === 1) trashed('b.bin', other);
    };
    await index(bring);
    assert.equal(answers, 2, 'the folders, and one of them');
    assert.deepEqual(
      ['a.bin', 'during-1.bin', 'during-2.bin'].map((path) => known(path)),
      [HASH, HASH, HASH],
    );
    assert.equal(known('b.bin', other), HASH);
  });

  it('forgets what is gone, the last of a folder, too', async () => {
    trashed('a.bin');
    trashed('deep/b.bin');
    rmSync(join(lake(), '.lakeside/trash', FOLDER, 'a.bin'));
    assert.equal(await index(), true);
    assert.deepEqual([known('a.bin'), known('deep/b.bin')], [undefined, HASH]);
    rmSync(join(lake(), '.lakeside/trash', FOLDER, 'deep/b.bin'));
    assert.equal(await index(), true);
    assert.deepEqual(store.trash.folders(root.key), []);
    assert.equal(await index(), false);
  });
});
