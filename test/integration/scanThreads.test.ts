import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { compareRelpaths } from '../../src/base/relpath.ts';
import { FILES_A_BATCH, MAX_BATCHES_AHEAD } from '../../src/library/scanMessages.ts';
import { newScanWorker, ScanThreads } from '../../src/library/scanThreads.ts';
import { Cleanup } from '../support/cleanup.ts';

const crashingHelper = new URL('../support/crashingHelper.mjs', import.meta.url);

describe('the threads of a scan', () => {
  const cleanup = new Cleanup();
  /** More than the threads may look at before the first batches are taken, so that some must come after. */
  const COUNT = FILES_A_BATCH.local * (MAX_BATCHES_AHEAD + 4) + 7;
  let folder: string;
  const root = (): string => join(folder, 'models');

  // Once: some file systems take milliseconds for each new file. The last test moves them away.
  before(async () => {
    folder = await cleanup.folder('lakeside-scan-threads-');
    // Some in one flat folder, some in many: neither may keep a helper from its share.
    for (const name of ['flat', ...Array.from({ length: 40 }, (_, index) => `deep ${index}`)]) {
      mkdirSync(join(root(), name), { recursive: true });
    }
    for (let index = 0; index < COUNT; index++) {
      const name = index % 2 === 0 ? 'flat' : `deep ${index % 40}`;
      writeFileSync(join(root(), name, `${index}.safetensors`), 'x'.repeat(index % 10));
    }
  });

  after(() => cleanup.run());

  async function walk(
    makeWorker: () => Worker,
    helpers: number,
    onBatch: () => void | Promise<void> = () => undefined,
  ): Promise<Map<string, number>> {
    const threads = new ScanThreads({ makeWorker, helpers, signal: new AbortController().signal, what: 'The scan' });
    const found = new Map<string, number>();
    try {
      const request = {
        rootPath: root(),
        markerFile: undefined,
        ignore: [],
        scopes: [{ folder: '', known: 'all' as const }],
        withStates: false,
        filesABatch: FILES_A_BATCH.local,
      };
      for await (const message of threads.walk(request)) {
        if (message.type !== 'batch') continue;
        await onBatch();
        for (const [index, relpath] of message.relpaths.split('\0').entries()) {
          found.set(relpath, message.sizes[index] ?? NaN);
        }
      }
      return found;
    } finally {
      threads.dispose();
    }
  }

  it('give every file once and in the order of the index, however many share it', async () => {
    for (const helpers of [0, 1, 3]) {
      const found = await walk(newScanWorker, helpers);
      const relpaths = [...found.keys()];
      assert.equal(relpaths.length, COUNT);
      assert.deepEqual(relpaths, relpaths.toSorted(compareRelpaths));
      for (const [relpath, size] of found) assert.equal(size, Number.parseInt(relpath.split('/')[1] ?? '', 10) % 10);
    }
  });

  it('do not start a helper for a root that one thread has looked through', async () => {
    let started = 0;
    const small = join(folder, 'small');
    mkdirSync(small);
    writeFileSync(join(small, 'one.safetensors'), '');
    const threads = new ScanThreads({
      makeWorker: () => {
        started++;
        return newScanWorker();
      },
      helpers: 3,
      signal: new AbortController().signal,
      what: 'The scan',
    });
    const request = {
      rootPath: small,
      markerFile: undefined,
      ignore: [],
      scopes: [{ folder: '', known: 'all' as const }],
      withStates: false,
      filesABatch: FILES_A_BATCH.local,
    };
    let batches = 0;
    for await (const message of threads.walk(request)) if (message.type === 'batch') batches++;
    threads.dispose();
    assert.deepEqual([batches, started], [1, 1]);
  });

  it('end with an error that may pass when a helper crashes, and not with half the files', async () => {
    const helper = new Worker(crashingHelper);
    const offered = once(helper, 'message');
    const workers = [newScanWorker(), helper];
    let batches = 0;
    await assert.rejects(
      walk(
        () => workers.shift() ?? newScanWorker(),
        1,
        async () => {
          // The second batch comes when the helper has been started; the walk waits for us before its last.
          if (++batches === 2) await offered;
        },
      ),
      { code: 'SCAN_THREAD_ENDED', retryable: true },
    );
  });

  it('notice in any of them that the whole root went away', async () => {
    let batches = 0;
    await assert.rejects(
      walk(newScanWorker, 1, () => {
        if (++batches === 1) renameSync(root(), join(folder, 'elsewhere'));
      }),
      { code: 'ROOT_NOT_MOUNTED' },
    );
  });
});
