import assert from 'node:assert/strict';
import fc from 'fast-check';

import { compareRelpaths } from '../../src/base/relpath.ts';
import { contentCandidates, diffRoots, freshDiff } from '../../src/library/diff.ts';
import { pairMoves, type SingleFile } from '../../src/library/diffMoves.ts';
import type { DiffCounts, DiffItem, FileState } from '../../src/protocol/values.ts';
import { DiffStore } from '../../src/store/diffStore.ts';
import type { DiffTable } from '../../src/store/diffTable.ts';
import { damagedSql, firstSideSql, SECOND_SIDE_SQL } from '../../src/store/fillDiffTable.ts';
import type { FileRow } from '../../src/store/fileStore.ts';
import { classifyPair } from '../support/classifyPair.ts';
import { contentHash, type LibraryDatabase, openLibraryDatabase, setFiles } from '../support/libraryDatabase.ts';

const STEP_MS = 2_000;

const row = (relpath: string, size: number, mtimeMs: number, content?: number): FileRow => ({
  relpath,
  size,
  mtimeMs,
  blake3: content === undefined ? null : contentHash(content),
});

function state(file: FileRow): FileState {
  const { size, mtimeMs, blake3 } = file;
  return blake3 === null ? { size, mtimeMs } : { size, mtimeMs, blake3: blake3.toString('hex') };
}

/** The rules once more, without SQL. */
function referenceDiff(from: FileRow[], to: FileRow[], content: boolean): { counts: DiffCounts; items: DiffItem[] } {
  const rule = { mtimeStepMs: STEP_MS, content };
  const [fromFiles, toFiles] = [from, to].map((files) => new Map(files.map((file) => [file.relpath, state(file)])));
  const single = (files?: Map<string, FileState>, others?: Map<string, FileState>): SingleFile[] =>
    [...(files ?? [])].filter(([path]) => others?.has(path) !== true).map(([path, file]) => ({ path, ...file }));
  const movedFrom = new Map(
    pairMoves(single(fromFiles, toFiles), single(toFiles, fromFiles), rule).map((pair) => [pair.path, pair.movedFrom]),
  );
  const taken = new Set(movedFrom.values());
  const counts: DiffCounts = { equal: 0, missing: 0, extra: 0, different: 0, moved: 0 };
  const items: DiffItem[] = [];
  for (const path of [...new Set([...(fromFiles?.keys() ?? []), ...(toFiles?.keys() ?? [])])].sort(compareRelpaths)) {
    if (taken.has(path)) continue;
    const origin = movedFrom.get(path);
    const [one, other] = [fromFiles?.get(path), toFiles?.get(origin ?? path)];
    const itemState = origin === undefined ? classifyPair(one, other, rule) : 'moved';
    counts[itemState]++;
    items.push({
      state: itemState,
      path,
      ...(origin === undefined ? {} : { movedFrom: origin }),
      ...(one === undefined ? {} : { from: one }),
      ...(other === undefined ? {} : { to: other }),
    });
  }
  return { counts, items };
}

const relpath = fc
  .tuple(
    fc.constantFrom('', 'a/', 'a-b/', 'a/b/', 'é/'),
    fc.constantFrom('m', 'n', '\u{1F600}', '\uFB01'),
    fc.constantFrom('.safetensors', '.png', '.preview.png', '.txt'),
  )
  .map((parts) => parts.join(''));
/** Content decides size, so that equal hashes never have unequal sizes. */
const files = fc.uniqueArray(
  fc
    .record({
      relpath,
      content: fc.nat(4),
      hashed: fc.boolean(),
      mtimeMs: fc.constantFrom(0, 1_000, 2_000, 3_000, 9_000),
    })
    .map((file) => row(file.relpath, (file.content % 3) * 10, file.mtimeMs, file.hashed ? file.content : undefined)),
  { selector: (file) => file.relpath, maxLength: 30 },
);

describe('diffRoots', () => {
  let library: LibraryDatabase;
  let store: DiffStore;
  before(() => {
    library = openLibraryDatabase({ mtimeStepMs: STEP_MS });
    store = new DiffStore(library.database);
  });
  after(() => library.close());

  it('agrees with the rules on random trees, in both directions, quick and by content', () => {
    const { database, local, lake } = library;
    fc.assert(
      fc.property(files, files, fc.boolean(), fc.nat(40), (localFiles, lakeFiles, content, limit) => {
        setFiles(database, local, localFiles);
        setFiles(database, lake, lakeFiles);
        const there = referenceDiff(localFiles, lakeFiles, content);
        const all = diffRoots({ store, from: local, to: lake, content, all: true });
        assert.deepEqual(all, there);
        const notEqual = there.items.filter((item) => item.state !== 'equal');
        assert.deepEqual(diffRoots({ store, from: local, to: lake, content }).items, notEqual);
        assert.deepEqual(
          diffRoots({ store, from: lake, to: local, content, all: true }),
          referenceDiff(lakeFiles, localFiles, content),
        );
        const limited = diffRoots({ store, from: local, to: lake, content, all: true, limit });
        assert.deepEqual(limited, { counts: there.counts, items: there.items.slice(0, limit) });
        const last = there.items[limit];
        const rest = diffRoots({ store, from: local, to: lake, content, all: true, after: last?.path });
        assert.deepEqual(rest.items, there.items.slice(last === undefined ? 0 : limit + 1));
        const { counts } = all;
        assert.equal(counts.equal + counts.different + counts.missing + counts.moved, localFiles.length);
        assert.equal(counts.equal + counts.different + counts.extra + counts.moved, lakeFiles.length);
      }),
      { numRuns: 300 },
    );
  });

  it('reads in pages what was compared, though the index changes meanwhile', () => {
    const { database, local, lake } = library;
    const many = Array.from({ length: 2_500 }, (_, number) => row(`m${String(number).padStart(4, '0')}`, 1, 0));
    setFiles(database, local, many);
    setFiles(database, lake, []);
    let revision = 1;
    const fresh = (): DiffTable => freshDiff({ store, from: local, to: lake, revision: revision++ });
    const paths: string[] = [];
    for (const { path } of fresh().itemsInPages(local.key)) {
      // Between two rows the connection is free to write, and others may compare.
      if (paths.push(path) % 900 === 0) {
        setFiles(database, local, []);
        fresh();
      }
    }
    assert.deepEqual(
      paths,
      many.map((file) => file.relpath),
    );
    assert.equal(fresh().counts(local.key).missing, 0);
  });

  it('asks for exactly the hashes that a comparison by content needs', () => {
    const { database, local, lake } = library;
    fc.assert(
      fc.property(files, files, (localFiles, lakeFiles) => {
        setFiles(database, local, localFiles);
        setFiles(database, lake, lakeFiles);
        const candidates = contentCandidates(store, local, lake);
        const needed = (mine: FileRow[], theirs: FileRow[]): string[] => {
          const names = new Set(mine.map((file) => file.relpath));
          const theirNames = new Map(theirs.map((file) => [file.relpath, file]));
          const singleSizes = new Set(theirs.filter((file) => !names.has(file.relpath)).map((file) => file.size));
          return mine
            .filter((file) => {
              if (file.blake3 !== null) return false;
              const pair = theirNames.get(file.relpath);
              return pair === undefined ? file.size > 0 && singleSizes.has(file.size) : pair.size === file.size;
            })
            .map((file) => file.relpath)
            .sort(compareRelpaths);
        };
        assert.deepEqual(
          [...candidates.from].flat().map((file) => file.relpath),
          needed(localFiles, lakeFiles),
        );
        assert.deepEqual(
          [...candidates.to].flat().map((file) => file.relpath),
          needed(lakeFiles, localFiles),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('keeps a comparison while the revision stands, and makes it anew when it grows', () => {
    const { database, local, lake } = library;
    setFiles(database, local, [row('a', 1, 0)]);
    setFiles(database, lake, []);
    const counts = (revision: number): DiffCounts => diffRoots({ store, from: local, to: lake, revision }).counts;
    assert.equal(counts(7).missing, 1);
    setFiles(database, lake, [row('a', 1, 0)]);
    assert.equal(counts(7).missing, 1);
    assert.equal(counts(8).missing, 0);
    assert.equal(counts(8).equal, 1);
  });

  it('leaves no reader open when a limit cuts the items', () => {
    const { database, local, lake } = library;
    setFiles(database, local, [row('a', 1, 0), row('b', 1, 0), row('c', 1, 0)]);
    setFiles(database, lake, [row('a', 1, 0)]);
    assert.equal(diffRoots({ store, from: local, to: lake, all: true, limit: 1 }).items.length, 1);
    setFiles(database, lake, []);
  });

  it('refuses a root that was never scanned, or to compare a root with itself', () => {
    const { local, lake } = library;
    assert.throws(() => diffRoots({ store, from: local, to: { ...lake, scannedAt: null } }), {
      code: 'ROOT_NOT_SCANNED',
      category: 'validation',
    });
    assert.throws(() => diffRoots({ store, from: local, to: local }), { code: 'SAME_ROOT' });
  });

  it('looks damaged files up one by one', () => {
    for (const side of [1, 2] as const) {
      const values = { mine: 1, other: 2 };
      const plan = library.database
        .prepare<[typeof values], { detail: string }>(`EXPLAIN QUERY PLAN ${damagedSql(side)}`)
        .all(values)
        .map((line) => line.detail);
      assert.ok(!plan.some((line) => /TEMP B-TREE|SCAN|AUTOMATIC/.test(line)), plan.join('\n'));
    }
  });

  it('reads the index in its own order: merges of the primary key, no sort', () => {
    const { database } = library;
    for (const [name, sql] of [
      ['quick', firstSideSql(false)],
      ['content', firstSideSql(true)],
      ['second', SECOND_SIDE_SQL],
    ] as const) {
      const values = { first: 1, second: 2, ...(name === 'quick' ? { step: 1 } : {}) };
      const plan = database
        .prepare<[typeof values], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all(values)
        .map((line) => line.detail);
      assert.ok(!plan.some((line) => /TEMP B-TREE|SCAN files|AUTOMATIC/.test(line)), plan.join('\n'));
      assert.ok(
        plan.some((line) => line.includes('USING PRIMARY KEY')),
        plan.join('\n'),
      );
      if (name !== 'content') assert.ok(plan.includes('MERGE (EXCEPT)'), plan.join('\n'));
    }
  });
});
