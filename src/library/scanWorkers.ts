import { Worker } from 'node:worker_threads';

import { workerFile } from '../base/installation.ts';

/** Threads for scans. Each serves one scan; they can be started before it, since starting takes as long as a small scan. */
export class ScanWorkers {
  readonly #spare: Worker[] = [];

  /** Starts `count` threads for a scan that is sure to come. */
  warm(count: number): void {
    while (this.#spare.length < count) {
      const worker = this.#start();
      // Should nothing come of it after all, the process need not stay for it.
      worker.unref();
      this.#spare.push(worker);
    }
  }

  /** A thread of the caller's own, who ends it. */
  take(): Worker {
    const worker = this.#spare.shift();
    worker?.ref();
    return worker ?? this.#start();
  }

  /** Ends the threads that nobody took. */
  async close(): Promise<void> {
    await Promise.all(this.#spare.splice(0).map((worker) => worker.terminate()));
  }

  #start(): Worker {
    return new Worker(workerFile('library/scanWorker'));
  }
}
