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
  const workers: Worker[] = [];
  for (let started = 0; started < count; started++) {
    const worker = new Worker(workerFile(module));
    worker.unref();
    // One that ended before it was taken would be waited for in vain; who needs it starts another and hears why.
    const drop = (): void => {
      const place = workers.indexOf(worker);
      if (place >= 0) workers.splice(place, 1);
    };
    worker.on('error', drop);
    worker.on('exit', drop);
    workers.push(worker);
  }
  return workers;
}
