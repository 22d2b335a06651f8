import assert from 'node:assert/strict';

import { FileStore } from '../../src/store/fileStore.ts';
import { HashJournalStore } from '../../src/store/hashJournalStore.ts';
import { VerifiedStore } from '../../src/store/verifiedStore.ts';
import { contentHash, type LibraryDatabase, openLibraryDatabase } from '../support/libraryDatabase.ts';
import { queryPlans } from '../support/queryPlans.ts';

const NAME = '11111111-1111-4111-8111-111111111111.txt';

describe('the store of portable hashes', () => {
  let library: LibraryDatabase;
  let files: FileStore;
  let journals: HashJournalStore;

  beforeEach(() => {
    library = openLibraryDatabase();
    files = new FileStore(library.database);
    journals = new HashJournalStore(library.database);
  });
  afterEach(() => library.close());

  function hashFile(relpath: string, number: number): void {
    files.put(library.lake.key, { relpath, size: 1, mtimeMs: 1, blake3: contentHash(number) });
  }

  it('has each hash to write once it is known, and none that was lost since', () => {
    const { key } = library.lake;
    hashFile('a', 1);
    hashFile('b', 2);
    files.put(key, { relpath: 'c', size: 1, mtimeMs: 1, blake3: null });
    files.applyScan(key, [{ relpath: 'b', size: 2, mtimeMs: 2 }], []);
    const { hashes, lastKey } = journals.due(key, 10);
    assert.deepEqual(
      hashes.map(({ relpath }) => relpath),
      ['a'],
    );
    journals.appended(key, lastKey ?? 0, hashes.length);
    assert.deepEqual(journals.due(key, 10), { hashes: [], lastKey: undefined });
  });

  it('keeps what comes due while some is written', () => {
    const { key } = library.lake;
    hashFile('a', 1);
    const { lastKey = 0 } = journals.due(key, 10);
    hashFile('a', 2);
    journals.appended(key, lastKey, 1);
    assert.deepEqual(journals.due(key, 10).hashes[0]?.blake3, contentHash(2));
  });

  it('has nothing to write of hashes that were found beside the root', () => {
    const { key } = library.lake;
    files.put(key, { relpath: 'a', size: 1, mtimeMs: 1, blake3: null });
    files.setHashes(key, [{ relpath: 'a', size: 1, mtimeMs: 1, blake3: contentHash(1) }], { written: true });
    assert.equal(journals.isDue(key), false);
  });

  it('lets one process write, until it is done or its time is over', () => {
    const { key } = library.lake;
    journals.journal(key, NAME);
    assert.equal(journals.lease(key, 'one', 0, 10), true);
    assert.equal(journals.lease(key, 'two', 5, 15), false);
    assert.equal(journals.lease(key, 'one', 5, 15), true);
    assert.equal(journals.lease(key, 'two', 16, 26), true);
    journals.release(key, 'one');
    assert.equal(journals.lease(key, 'one', 17, 27), false);
    journals.release(key, 'two');
    assert.equal(journals.lease(key, 'one', 17, 27), true);
  });

  it('has the whole file to write where it could not be written before', () => {
    const { key } = library.lake;
    const { name } = journals.journal(key, NAME);
    journals.rewritten(key, { name, generation: 'g', lines: 0 });
    assert.equal(journals.isDue(key), false);
    journals.postpone(key);
    assert.equal(journals.isDue(key), true);
  });

  it('answers what is asked often from its indexes', () => {
    const { key } = library.lake;
    const verified = new VerifiedStore(library.database);
    const plans = queryPlans(library.database, () => {
      journals.isDue(key);
      journals.due(key, 10);
      journals.lastDue(key);
      journals.forgetDue(key, 1);
      files.hashed(key, { after: '', limit: 10 });
      verified.countRotten(key);
      verified.isRotten(key, 'a');
      verified.rotten(key, '', 10);
    });
    for (const plan of plans) assert.doesNotMatch(plan, /SCAN|TEMP B-TREE/, plan);
  });
});
