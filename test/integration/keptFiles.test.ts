import assert from 'node:assert/strict';

import { KEPT_BYTES_SQL, KEPT_SQL, KeptFiles } from '../../src/store/keptFiles.ts';
import { WITH_STEM_SQL } from '../../src/store/fileStore.ts';
import { type LibraryDatabase, openLibraryDatabase } from '../support/libraryDatabase.ts';

describe('what another root holds', () => {
  let library: LibraryDatabase;
  beforeEach(() => {
    library = openLibraryDatabase();
    const root = library.database.prepare(
      "INSERT INTO roots (key, id, name, path, role, created_at) VALUES (?, ?, ?, '/', 'other', 0)",
    );
    for (const key of [101, 102, 103]) root.run(key, `id-${key}`, `root-${key}`);
    const file = library.database.prepare(
      'INSERT INTO files (root_key, relpath, size, mtime_ms, blake3) VALUES (?, ?, ?, 1, ?)',
    );
    const content = (letter: string): Buffer => Buffer.from(letter.repeat(32));
    file.run(101, 'same', 5, content('a'));
    file.run(101, 'renamed', 6, content('b'));
    file.run(101, 'different', 7, content('c'));
    file.run(101, 'unhashed', 8, null);
    file.run(101, 'empty', 0, content('e'));
    file.run(102, 'another', 5, content('a'));
    file.run(102, 'same', 5, content('a'));
    file.run(102, 'z', 6, content('b'));
    file.run(102, 'new name', 6, content('b'));
    file.run(102, 'different', 7, content('d'));
    file.run(102, 'unhashed', 8, null);
    file.run(102, 'empty', 0, content('e'));
    file.run(103, 'same', 5, content('a'));
  });
  afterEach(() => library.close());

  it('is known by hashes alone; of several files the one of the same path is named', () => {
    const kept = new KeptFiles(library.database);
    assert.deepEqual(
      kept.of(101, 102).map(({ path, fromPath }) => [path, fromPath]),
      [
        ['renamed', 'new name'],
        ['same', 'same'],
      ],
    );
    assert.deepEqual(kept.bytesBy(101, [102, 103]), [
      { keeperKey: 102, bytes: 11 },
      { keeperKey: 103, bytes: 5 },
    ]);
  });

  it('is found by indexes, file by file', () => {
    const explain = (sql: string, ...bound: unknown[]): string =>
      library.database
        .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...bound)
        .map((line) => line.detail)
        .join('\n');
    for (const plan of [
      explain(KEPT_SQL, { root: 101, keeper: 102 }),
      explain(KEPT_BYTES_SQL, { root: 101, keeper: 102 }),
    ]) {
      assert.match(plan, /files_by_content \(blake3=\? AND root_key=\?\)/);
      assert.doesNotMatch(plan, /SCAN|TEMP B-TREE/);
    }
    assert.match(explain(WITH_STEM_SQL, 101, 'a.', 'a/', 9), /SEARCH files USING PRIMARY KEY/);
  });
});
