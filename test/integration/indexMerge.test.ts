import assert from 'node:assert/strict';
import fc from 'fast-check';

import { compareRelpaths } from '../../src/base/relpath.ts';
import { IndexMerge } from '../../src/library/indexMerge.ts';
import type { ScanBatch } from '../../src/library/scanMessages.ts';
import { type FileChange, FileStore } from '../../src/store/fileStore.ts';
import { queryPlans } from '../support/queryPlans.ts';
import { type LibraryDatabase, openLibraryDatabase, setFiles } from '../support/libraryDatabase.ts';

const name = fc.constantFrom('a', 'b', 'é', 'z z', 'B', '\u{1F3A8}', '\uFF5E', 'a.txt');
const relpath = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const tree = fc
  .uniqueArray(relpath, { maxLength: 40 })
  .map((paths) => paths.sort(compareRelpaths))
  .chain((paths) => fc.tuple(...paths.map((path) => state.map((rest) => ({ relpath: path, ...rest })))));
const state = fc.record({ size: fc.integer({ min: 0, max: 2 }), mtimeMs: fc.integer({ min: -1, max: 1 }) });

/** A walk in batches of some size; with the states as text, or without. */
function* batches(files: readonly FileChange[], filesABatch: number, withStates: boolean): Generator<ScanBatch> {
  for (let start = 0; start < files.length; start += filesABatch) {
    const part = files.slice(start, start + filesABatch);
    yield {
      relpaths: part.map((file) => file.relpath).join('\0'),
      sizes: Float64Array.from(part, (file) => file.size),
      mtimes: Float64Array.from(part, (file) => file.mtimeMs),
      ...(withStates ? { states: part.map((file) => `${file.size} ${file.mtimeMs}`).join(',') } : {}),
      problems: [],
      kept: [],
      incomplete: [],
    };
  }
}

describe('merging a walk with the index', () => {
  let library: LibraryDatabase;
  let store: FileStore;
  beforeEach(() => {
    library = openLibraryDatabase();
    store = new FileStore(library.database);
  });
  afterEach(() => library.close());

  function merged(files: readonly FileChange[], filesABatch: number, withStates: boolean): unknown {
    const merge = new IndexMerge(store, library.local.key, '', []);
    const changes = [...batches(files, filesABatch, withStates)].flatMap((batch) => merge.accept(batch));
    merge.finish();
    return { changes, gone: merge.gone.map((row) => row.relpath), counts: merge.counts };
  }

  it('finds the same a batch at once as file by file', () => {
    fc.assert(
      fc.property(tree, tree, fc.integer({ min: 1, max: 9 }), fc.boolean(), (index, other, filesABatch, alike) => {
        setFiles(
          library.database,
          library.local,
          index.map((file) => ({ ...file, blake3: null })),
        );
        // Now and then most is as it was, else no batch would be.
        const disk = alike ? index.filter((_, place) => place % 7 !== 3) : other;
        assert.deepEqual(merged(disk, filesABatch, true), merged(disk, filesABatch, false));
      }),
    );
  });

  it('reads no row of a batch that is as it was', () => {
    const files = Array.from({ length: 3_000 }, (_, number) => ({
      relpath: `model ${String(number).padStart(4, '0')}`,
      size: number,
      mtimeMs: 1_700_000_000_000 + number,
    }));
    setFiles(
      library.database,
      library.local,
      files.map((file) => ({ ...file, blake3: null })),
    );
    let read = 0;
    const states = store.states.bind(store);
    store.states = (...args) => {
      const rows = states(...args);
      read += rows.length;
      return rows;
    };
    merged(files, 1_000, true);
    assert.equal(read, 0);
    const merge = new IndexMerge(store, library.local.key, '', []);
    const changed = [...batches(files.with(1_500, { relpath: 'model 1500', size: 1, mtimeMs: 0 }), 1_000, true)];
    assert.deepEqual(
      changed.flatMap((batch) => merge.accept(batch)),
      [{ relpath: 'model 1500', size: 1, mtimeMs: 0 }],
    );
  });

  it('finds packed rows through the index', () => {
    // A new store, since statements are prepared with it.
    const plans = queryPlans(library.database, () => new FileStore(library.database));
    assert.ok(plans.length > 0);
    for (const plan of plans) assert.doesNotMatch(plan, /SCAN files|TEMP B-TREE/);
  });
});
