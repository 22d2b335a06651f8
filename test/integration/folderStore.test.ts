import assert from 'node:assert/strict';
import fc from 'fast-check';

import { compareRelpaths } from '../../src/base/relpath.ts';
import { diffRoots } from '../../src/library/diff.ts';
import { listFolder } from '../../src/library/folderListing.ts';
import type { FolderEntry } from '../../src/protocol/contracts/library.ts';
import type { DiffItem } from '../../src/protocol/values.ts';
import { DiffStore } from '../../src/store/diffStore.ts';
import type { FileRow } from '../../src/store/fileStore.ts';
import { filePageSql, FolderStore } from '../../src/store/folderStore.ts';
import { contentHash, type LibraryDatabase, openLibraryDatabase, setFiles } from '../support/libraryDatabase.ts';

const path = fc
  .array(fc.constantFrom('a', 'b', 'a-b', 'a.b', 'é'), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'));
const files = fc.uniqueArray(
  fc
    .record({ path, content: fc.nat(3), hashed: fc.boolean(), mtimeMs: fc.constantFrom(0, 5) })
    .map((file): FileRow => ({
      // A file and a folder cannot have one name.
      relpath: `${file.path}.f`,
      size: file.content * 10,
      mtimeMs: file.mtimeMs,
      blake3: file.hashed ? contentHash(file.content) : null,
    })),
  { selector: (file) => file.relpath, maxLength: 25 },
);

/** The listing once more, from the diff of the two roots as a list. */
function reference(own: FileRow[], diff: DiffItem[], folder: string, absent: boolean): FolderEntry[] {
  const prefix = folder === '' ? '' : `${folder}/`;
  const inside = (name: string): boolean => name.startsWith(prefix);
  // `diff` goes from the other root to this one: a moved file's name here is `movedFrom`.
  const byName = new Map(diff.map((item) => [item.movedFrom ?? item.path, item]));
  const missing = diff.filter((item) => item.state === 'missing');
  const names = new Map<string, boolean>();
  for (const { relpath } of own)
    if (inside(relpath)) names.set(relpath.slice(prefix.length).split('/')[0] ?? '', false);
  if (absent) {
    for (const item of missing) {
      const name = item.path.slice(prefix.length).split('/')[0] ?? '';
      if (inside(item.path) && !names.has(name)) names.set(name, true);
    }
  }
  const entries = [...names].map(([name, isAbsent]): FolderEntry => {
    const path = prefix + name;
    const file = own.find((entry) => entry.relpath === path);
    const item = byName.get(path);
    if (file !== undefined || item?.state === 'missing') {
      const state = file ?? item?.from ?? assert.fail();
      return {
        type: 'file',
        name,
        path,
        size: state.size,
        mtimeMs: state.mtimeMs,
        blake3: (Buffer.isBuffer(state.blake3) ? state.blake3.toString('hex') : state.blake3) ?? null,
        state: item?.state ?? 'equal',
        ...(item?.state === 'moved' ? { movedFrom: item.path } : {}),
        absent: isAbsent,
      };
    }
    const below = (candidate: string): boolean => candidate.startsWith(`${path}/`);
    const held = isAbsent
      ? missing.filter((entry) => below(entry.path)).map((entry) => entry.from?.size ?? 0)
      : own.filter((entry) => below(entry.relpath)).map((entry) => entry.size);
    const count = (wanted: DiffItem['state']): number =>
      diff.filter((entry) => entry.state === wanted && below(entry.movedFrom ?? entry.path)).length;
    return {
      type: 'folder',
      name,
      path,
      files: held.length,
      bytes: held.reduce((sum, size) => sum + size, 0),
      states: {
        missing: count('missing'),
        extra: count('extra'),
        different: count('different'),
        moved: count('moved'),
      },
      absent: isAbsent,
    };
  });
  const rank = (entry: FolderEntry): number => (entry.type === 'folder' ? 0 : 1);
  return entries.sort((left, right) => rank(left) - rank(right) || compareRelpaths(left.name, right.name));
}

describe('listFolder', () => {
  let library: LibraryDatabase;
  let store: { folders: FolderStore; diffs: DiffStore };
  before(() => {
    library = openLibraryDatabase();
    store = { folders: new FolderStore(library.database), diffs: new DiffStore(library.database) };
  });
  after(() => library.close());

  it('agrees with the diff in every folder of random trees, seen from either root, in any pages', () => {
    const { database, local, lake } = library;
    let revision = 0;
    fc.assert(
      fc.property(
        files,
        files,
        fc.boolean(),
        fc.nat(6),
        fc.integer({ min: 1, max: 5 }),
        (localFiles, lakeFiles, absent, offset, limit) => {
          setFiles(database, local, localFiles);
          setFiles(database, lake, lakeFiles);
          revision += 1;
          for (const [root, other, own] of [
            [local, lake, localFiles],
            [lake, local, lakeFiles],
          ] as const) {
            const diff = diffRoots({ store: store.diffs, from: other, to: root, all: true }).items;
            const folders = new Set([
              '',
              ...[...localFiles, ...lakeFiles].flatMap(({ relpath }) => ancestors(relpath)),
              'no/such',
            ]);
            for (const folder of folders) {
              const expected = reference([...own], diff, folder, absent);
              const all = listFolder({ store, root, other, folder, absent, offset: 0, limit: 100, revision });
              assert.deepEqual(all, { total: expected.length, entries: expected });
              const page = listFolder({ store, root, other, folder, absent, offset, limit, revision });
              assert.deepEqual(page, { total: expected.length, entries: expected.slice(offset, offset + limit) });
            }
          }
        },
      ),
      { numRuns: 80 },
    );
  });

  it('lists a root alone without states, and one compared with what was never scanned', () => {
    const { database, local, lake } = library;
    setFiles(database, local, [
      { relpath: 'a/b', size: 3, mtimeMs: 0, blake3: null },
      { relpath: 'c', size: 1, mtimeMs: 2, blake3: null },
    ]);
    const expected = {
      total: 2,
      entries: [
        { type: 'folder', name: 'a', path: 'a', files: 1, bytes: 3, absent: false },
        { type: 'file', name: 'c', path: 'c', size: 1, mtimeMs: 2, blake3: null, absent: false },
      ],
    };
    const request = { store, root: local, folder: '', absent: true, offset: 0, limit: 10 };
    assert.deepEqual(listFolder(request), expected);
    assert.deepEqual(listFolder({ ...request, other: { ...lake, scannedAt: null } }), expected);
  });

  it('reads a page of files in index order, without a sort', () => {
    const { database, local, lake } = library;
    const diff = store.diffs.table(local, lake, false);
    const values = { root: local.key, start: '', end: '~', limit: 10, offset: 5 };
    for (const sql of [
      filePageSql(undefined, local.key, false),
      filePageSql(diff, local.key, false),
      filePageSql(diff, lake.key, true),
    ]) {
      const plan = database
        .prepare<[typeof values], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all(values)
        .map((line) => line.detail)
        .join('\n');
      assert.ok(!/TEMP B-TREE|SCAN (?!name)|AUTOMATIC/.test(plan), plan);
    }
  });
});

function ancestors(relpath: string): string[] {
  const segments = relpath.split('/').slice(0, -1);
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
}
