import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import { workerFile } from '../base/installation.ts';
import type { StartedThreads } from '../engine.ts';

/** As many as hash at once by default. */
const MAX_HASH_THREADS = 4;

/**
 * Starts the threads that a scan is sure to need. It looks at words only, since the parser is not loaded yet: a guess that
 * is wrong costs a thread that nobody asks for, and that ends with the process.
 */
export function startThreads(args: readonly string[]): StartedThreads {
  if (!args.includes('scan')) return { scan: [], hash: [] };
  const hashes = args.includes('--hash');
  return {
    // A second one helps with a large root; where there is hashing to do, that comes first.
    scan: start('library/scanWorker', hashes ? 1 : 2),
    hash: start('library/ioWorker', hashes ? Math.min(availableParallelism(), MAX_HASH_THREADS) : 0),
  };
}

function start(module: string, count: number): Worker[] {
  return Array.from({ length: count }, () => {
    const worker = new Worker(workerFile(module));
    worker.unref();
    return worker;
  });
}
