import type { Worker } from 'node:worker_threads';

import { toDisposable } from '../base/disposables.ts';
import type { Channel } from '../protocol/channel.ts';

/** The channel to a worker thread. It closes when the thread ends, with the error that ended it as the reason. */
export function workerChannel(worker: Worker): Channel {
  let failure: Error | undefined;
  let ended: string | undefined;
  // Without this listener an uncaught error of the thread would be thrown in ours.
  worker.on('error', (error) => (failure = error instanceof Error ? error : new Error(String(error))));
  worker.once('exit', (code) => (ended = reasonOf(failure, code)));
  return {
    post(message) {
      worker.postMessage(message);
    },
    onMessage(listener) {
      worker.on('message', listener);
      return toDisposable(() => worker.off('message', listener));
    },
    onClose(listener) {
      const onExit = (code: number): void => listener(ended ?? reasonOf(failure, code));
      if (ended === undefined) worker.once('exit', onExit);
      else queueMicrotask(() => onExit(0));
      return toDisposable(() => worker.off('exit', onExit));
    },
  };
}

function reasonOf(failure: Error | undefined, code: number): string {
  return failure === undefined ? `The engine ended with code ${code}.` : `The engine failed: ${failure.message}`;
}
