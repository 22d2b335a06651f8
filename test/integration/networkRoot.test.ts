import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { whileMounted } from '../../src/app/whileMounted.ts';
import { notMounted } from '../../src/library/probeRoot.ts';
import { scanRoot } from '../../src/library/scanRoot.ts';
import type { RootRow } from '../../src/store/rootStore.ts';
import { LibraryRoot } from '../support/libraryRoot.ts';
import { ManualClock } from '../support/manualClock.ts';
import { SLOW } from '../support/slow.ts';

const slowWorker = new URL('../support/slowScanWorker.ts', import.meta.url);

describe('a root on a network drive', function () {
  this.timeout(60_000);
  let folder: string;
  let library: LibraryRoot;
  let slow: Int32Array<SharedArrayBuffer>;
  const root = (): RootRow => ({ ...library.root, network: true });
  const makeWorker = (): Worker => new Worker(slowWorker, { workerData: slow });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lakeside-network-'));
    library = new LibraryRoot(folder);
    slow = new Int32Array(new SharedArrayBuffer(8 * Int32Array.BYTES_PER_ELEMENT));
  });
  afterEach(() => {
    Atomics.store(slow, SLOW.hangs, 0);
    Atomics.notify(slow, SLOW.hangs);
    library.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is asked about many files at once, since each answer takes its time', async () => {
    mkdirSync(join(library.path, 'sub'));
    for (let number = 0; number < 2_500; number++)
      library.write(`${number % 2 === 0 ? 'sub/' : ''}${number}.safetensors`, '');
    Atomics.store(slow, SLOW.latencyMs, 2);
    const { signal } = new AbortController();
    const result = await scanRoot({ root: root(), store: library.store, ignore: [], signal, makeWorker });
    assert.equal(result.files, 2_500);
    assert.equal(library.relpaths().length, 2_500);
    assert.ok(Atomics.load(slow, SLOW.most) >= 6, `at most ${Atomics.load(slow, SLOW.most)} at once`);
  });

  it('lets its scan wait when the connection is lost, though a thread hangs in a call, and loses nothing', async () => {
    for (let number = 0; number < 300; number++) library.write(`${number}.safetensors`, '');
    await library.scan();
    Atomics.store(slow, SLOW.hangs, 1);
    const clock = new ManualClock();
    const scanning = whileMounted({
      roots: [root()],
      probe: () =>
        Promise.resolve({ mounted: false, problem: notMounted(root(), 'did not answer within 10 seconds') } as const),
      clock,
      signal: new AbortController().signal,
      work: (signal) => scanRoot({ root: root(), store: library.store, ignore: [], signal, makeWorker }),
    });
    const waits = assert.rejects(scanning, { code: 'ROOT_NOT_MOUNTED', retryable: true });
    // The thread needs real time to start and to hang.
    while (Atomics.load(slow, SLOW.hung) === 0) await delay(5);
    await clock.advance(15_000);
    await waits;
    assert.equal(library.relpaths().length, 300);
  });
});
