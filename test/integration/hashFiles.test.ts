import assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { type Clock, systemClock } from '../../src/base/clock.ts';
import { loadBlake3 } from '../../src/library/blake3.ts';
import { hashFiles, type HashOptions } from '../../src/library/hashFiles.ts';
import { IoPool } from '../../src/library/ioPool.ts';
import type { HashReport, Progress } from '../../src/protocol/values.ts';
import { codesOf, LibraryRoot, OLD_MS } from '../support/libraryRoot.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

function blake3(data: string): Buffer {
  const hash = loadBlake3().createHash();
  hash.update(Buffer.from(data));
  return hash.digest();
}

describe('hashing the files of a root', () => {
  const folder = temporaryFolder();
  let library: LibraryRoot;
  let pool: IoPool;
  beforeEach(async () => {
    library = new LibraryRoot(folder());
    pool = new IoPool({ threads: 2 });
    for (const relpath of ['a', 'f/b', 'f/c', 'f/g/d', 'fa']) library.write(relpath);
    await library.scan();
  });
  afterEach(async () => {
    await pool.close();
    library.close();
  });

  function hash(options: Partial<HashOptions> = {}): Promise<HashReport> {
    const { root, store } = library;
    const { signal } = new AbortController();
    return hashFiles({ root, store, pool, selection: 'unhashed', signal, ...options });
  }

  function hashed(): string[] {
    return library.rows().flatMap((row) => (row.blake3 === null ? [] : [row.relpath]));
  }

  it('hashes all that has no hash, and nothing twice', async () => {
    const { hashed: count, hashedBytes, problems } = await hash();
    assert.deepEqual({ count, hashedBytes, problems }, { count: 5, hashedBytes: 1 + 3 + 3 + 5 + 2, problems: [] });
    for (const row of library.rows()) assert.deepEqual(row.blake3, blake3(row.relpath));
    assert.equal((await hash()).hashed, 0);
    assert.equal((await hash({ selection: { paths: ['a', 'f'] } })).hashed, 0);
  });

  it('hashes only the files and folders it is given, each file once', async () => {
    await hash({ selection: { paths: ['f', 'f/g', 'f/b', 'fa', 'unknown'] } });
    assert.deepEqual(hashed(), ['f/b', 'f/c', 'f/g/d', 'fa']);
    assert.equal((await hash({ selection: { paths: ['', 'a'] } })).hashed, 1);
  });

  it('tells how far it is, and ends at the whole', async () => {
    const steps: Progress[] = [];
    await hash({ onProgress: (progress) => steps.push(progress) });
    assert.deepEqual(steps[0], { doneItems: 0, totalItems: 5, doneBytes: 0, totalBytes: 14 });
    assert.deepEqual(steps.at(-1), { doneItems: 5, totalItems: 5, doneBytes: 14, totalBytes: 14 });
  });

  it('waits until a young file is two seconds old before it hashes it', async () => {
    library.write('young', 'young', OLD_MS + 10_000);
    await library.scan();
    const waits: number[] = [];
    let now = OLD_MS + 10_500;
    const clock: Clock = {
      now: () => now,
      after(ms, callback) {
        if (ms === 1_500) {
          waits.push(ms);
          assert.deepEqual(hashed(), []);
          now += ms;
          setImmediate(callback);
        }
        return { dispose: () => undefined };
      },
    };
    assert.equal((await hash({ clock })).hashed, 6);
    assert.deepEqual(waits, [1_500]);
  });

  it('gives up on a file that is young each time it is looked at', async () => {
    let now = OLD_MS;
    const clock: Clock = {
      now: () => now,
      after(ms, callback) {
        if (ms <= 2_000) {
          now += ms;
          library.write('a', `now ${now}`, now - 100);
          setImmediate(callback);
        }
        return { dispose: () => undefined };
      },
    };
    const { problems } = await hash({ clock, selection: { paths: ['a'] } });
    assert.deepEqual(codesOf(problems), ['FILE_CHANGING a']);
    assert.deepEqual(hashed(), []);
  });

  it('learns what a file is now that was modified after the scan', async () => {
    library.write('a', 'longer than before', OLD_MS + 5);
    assert.equal((await hash()).hashed, 5);
    const row = library.store.get(library.root.key, 'a');
    assert.deepEqual(row, { relpath: 'a', size: 18, mtimeMs: OLD_MS + 5, blake3: blake3('longer than before') });
  });

  it('reports a file that is gone, and hashes the others', async () => {
    rmSync(join(library.path, 'f', 'b'));
    const { problems, hashed: count } = await hash();
    assert.deepEqual([codesOf(problems), count], [['FILE_GONE f/b'], 4]);
  });

  it('fails as something to retry when the root is away, before or meanwhile', async () => {
    let away = false;
    const takeAway = (): void => {
      if (!away) renameSync(library.path, join(folder(), 'away'));
      away = true;
    };
    await assert.rejects(hash({ onProgress: takeAway }), { code: 'ROOT_NOT_MOUNTED', retryable: true });
    await assert.rejects(hash(), { code: 'ROOT_NOT_MOUNTED', retryable: true });
    renameSync(join(folder(), 'away'), library.path);
    assert.equal((await hash()).problems.length, 0);
    assert.equal(hashed().length, 5);
  });

  it('stops when it is canceled, keeping what is done', async () => {
    await assert.rejects(hash({ signal: AbortSignal.abort() }), { code: 'CANCELED' });
    const controller = new AbortController();
    for (let index = 0; index < 2_000; index++) library.write(`many/${index}`);
    await library.scan();
    const run = hash({
      signal: controller.signal,
      onProgress: ({ doneItems }) => {
        if (doneItems > 0) controller.abort();
      },
      // Every look at the clock is a moment later: progress is told each time.
      clock: { ...systemClock, now: tickingClock() },
    });
    await assert.rejects(run, { code: 'CANCELED' });
    const done = hashed().length;
    assert.ok(done > 0 && done < 2_005, String(done));
    assert.equal((await hash()).hashed, 2_005 - done);
  });
});

function tickingClock(): () => number {
  let now = Date.now();
  return () => (now += 1_000);
}
