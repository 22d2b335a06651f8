import assert from 'node:assert/strict';

import { KEEPERS_SQL, KeeperStore } from '../../src/store/keeperStore.ts';
import { TrashStore } from '../../src/store/trashStore.ts';
import { contentHash, type LibraryDatabase, openLibraryDatabase, setFiles } from '../support/libraryDatabase.ts';
import { queryPlans } from '../support/queryPlans.ts';

const FOLDERS = 10;
const FILES_A_FOLDER = 300;

describe('The index of the trash', () => {
  let library: LibraryDatabase;
  let trash: TrashStore;
  before(() => {
    library = openLibraryDatabase();
    trash = new TrashStore(library.database);
    library.database.transaction(() => {
      for (let folder = 0; folder < FOLDERS; folder++) {
        for (let index = 0; index < FILES_A_FOLDER; index++) {
          const path = `loras/${String(index).padStart(6, '0')}.safetensors`;
          const entry = { folder: `f${folder}`, path, size: 10, mtimeMs: 5, trashedAt: folder * 1_000, blake3: null };
          trash.put(library.lake.key, entry, undefined);
        }
      }
    })();
  });
  after(() => library.close());

  it('takes the hash that the plan knew where a scan has forgotten the file meanwhile', () => {
    const hash = contentHash(7);
    const file = { relpath: 'kept', size: 10, mtimeMs: 5, blake3: contentHash(8) };
    setFiles(library.database, library.local, [file]);
    const hashOf = (path: string, size: number): string | null => {
      const entry = { folder: 'g', path, size, mtimeMs: 5, trashedAt: 1, blake3: hash.toString('hex') };
      trash.put(library.local.key, entry, undefined);
      return trash.get(library.local.key, 'g', path)?.blake3?.toString('hex') ?? null;
    };
    assert.deepEqual(
      [hashOf('kept', 10), hashOf('gone', 10), hashOf('kept', 11)],
      [file.blake3, hash, hash].map((each) => each.toString('hex')),
    );
    // What was found damaged does not hold what the plan says.
    library.database
      .prepare('INSERT INTO rotten_files VALUES (?, ?, 10, 5, ?, ?, 1)')
      .run(library.local.key, 'rotten', hash, contentHash(9));
    assert.equal(hashOf('rotten', 10), null);
  });

  it('is listed newest first, without sorting it', () => {
    const query = { rootKeys: [library.lake.key] };
    const page = trash.page(query, FILES_A_FOLDER - 1, 2);
    assert.deepEqual(
      page.map(({ folder, path }) => [folder, path]),
      [
        [`f${FOLDERS - 1}`, `loras/${String(FILES_A_FOLDER - 1).padStart(6, '0')}.safetensors`],
        [`f${FOLDERS - 2}`, 'loras/000000.safetensors'],
      ],
    );
    assert.deepEqual(trash.totals(query), { total: FOLDERS * FILES_A_FOLDER, bytes: FOLDERS * FILES_A_FOLDER * 10 });
    for (const text of ['', 'SAFE']) {
      const [plan = ''] = queryPlans(library.database, () => trash.page({ ...query, text }, 0, 10));
      assert.ok(!plan.includes('USE TEMP B-TREE'), plan);
      assert.match(plan, /folder USING INDEX trash_folders_by_time/);
      assert.match(plan, /entry USING PRIMARY KEY/);
    }
  });

  it('finds who else keeps a content by the indexes of contents', () => {
    setFiles(library.database, library.local, [
      { relpath: 'a', size: 10, mtimeMs: 5, blake3: contentHash(1) },
      { relpath: 'b', size: 10, mtimeMs: 5, blake3: contentHash(1) },
    ]);
    const keepers = new KeeperStore(library.database);
    const of = { rootKey: library.local.key, path: 'a', blake3: contentHash(1) };
    assert.deepEqual(
      keepers.depart(addJob('j'), [of], [library.local.key]).map((found) => found.map(({ path }) => path)),
      [['b']],
    );
    const plan = library.database
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${KEEPERS_SQL}`)
      .all({ ...of, roots: '[]', limit: 1 })
      .map(({ detail }) => detail)
      .join('\n');
    assert.match(plan, /file USING (COVERING )?INDEX files_by_content/);
    assert.match(plan, /entry USING (COVERING )?INDEX trash_entries_by_content/);
  });

  it('gives nobody for the second of two that leave, while their job runs', () => {
    const keepers = new KeeperStore(library.database);
    const second = { rootKey: library.local.key, path: 'b', blake3: contentHash(1) };
    assert.deepEqual(keepers.depart(1, [second], [library.local.key]), [[]]);
    library.database.prepare("UPDATE jobs SET status = 'succeeded' WHERE id = 'j'").run();
    assert.equal(keepers.depart(1, [second], [library.local.key])[0]?.length, 1);
  });

  it('lets only one of two go that each rely on the other, whichever job asks first', () => {
    const keepers = new KeeperStore(library.database);
    for (const root of [library.local, library.lake]) {
      setFiles(library.database, root, [{ relpath: 'x', size: 10, mtimeMs: 5, blake3: contentHash(2) }]);
    }
    const [deleting, evicting] = [addJob('deleting'), addJob('evicting')];
    const deletes = (): number | undefined =>
      keepers.departAll(deleting, library.lake.key, [{ path: 'x', blake3: contentHash(2), lastCopy: false }]).get('x')
        ?.length;
    const evicts = (): string[] =>
      keepers.departKept(evicting, library.local.key, library.lake.key, [{ path: 'x', keeperPath: 'x' }]);
    assert.equal(deletes(), 1);
    assert.deepEqual(evicts(), ['x']);
    keepers.settlePaths(deleting, library.lake.key, ['x']);
    assert.deepEqual(evicts(), []);
    assert.equal(deletes(), 0);
    keepers.settlePaths(evicting, library.local.key, ['x']);
    assert.equal(deletes(), 1);
  });

  function addJob(id: string): number {
    const add = library.database.prepare<[string]>(
      "INSERT INTO jobs (id, kind, title, status, lane, payload, created_at) VALUES (?, 'apply', 'T', 'running', 'transfer', '{}', 0)",
    );
    return Number(add.run(id).lastInsertRowid);
  }
});
