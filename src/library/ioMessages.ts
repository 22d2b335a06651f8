import type { ErrorShape } from '../base/errors.ts';
import type { IoInput, IoOutput, IoTaskName } from './ioTasks.ts';

/** What the pool and its threads say to each other. A thread does one task at a time. Both come from one build. */

/** What a running task is asked. It looks between two blocks of a file; held, it sleeps until it is asked otherwise. */
export const CONTROL = { goOn: 0, stop: 1, hold: 2 } as const;

/** Where the answer to a `flush` is written: the thread waits there. */
export const FLUSHED = 1;
export const FLUSH = { pending: 0, done: 1, failed: 2 } as const;

export interface ToIoWorker<K extends IoTaskName = IoTaskName> {
  readonly task: K;
  readonly input: IoInput<K>;
  /** Shared; slot 0 is one of CONTROL, slot `FLUSHED` one of FLUSH. */
  readonly control: Int32Array<SharedArrayBuffer>;
}

export type FromIoWorker<K extends IoTaskName = IoTaskName> =
  /** `before`: those of them that an earlier attempt had done. */
  | { readonly type: 'bytes'; readonly bytes: number; readonly before: number }
  /** The thread waits until all that was written to the file system of this folder is on its device. */
  | { readonly type: 'flush'; readonly folder: string }
  | { readonly type: 'done'; readonly output: IoOutput<K> }
  | { readonly type: 'failed'; readonly error: ErrorShape };
