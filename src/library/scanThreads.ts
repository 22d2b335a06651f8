import { setImmediate } from 'node:timers/promises';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';

import type { Disposable } from '../base/disposables.ts';
import { canceledError, LakesideError } from '../base/errors.ts';
import { workerFile } from '../base/installation.ts';
import {
  CONTROL,
  type FromScanWorker,
  type ScannedRoot,
  type ScanRequest,
  type ToScanWorker,
  type WalkMessage,
} from './scanMessages.ts';

type Answer = Exclude<FromScanWorker, { type: 'walk' }>;

/** A thread with which a scan does as it likes; from those started ahead, or a new one. */
export type MakeScanWorker = () => Worker;

export function newScanWorker(): Worker {
  return new Worker(workerFile('library/scanWorker'));
}

export interface ScanThreadsOptions {
  readonly makeWorker: MakeScanWorker;
  /** How many threads may help the one that walks. They start once it has found enough for two. */
  readonly helpers: number;
  readonly signal: AbortSignal;
  /** Names the work in errors: `The scan of lake` */
  readonly what: string;
}

/** The threads of one scan: one walks, the others help it. They end with the signal, with an error, or when disposed. */
export class ScanThreads implements Disposable {
  readonly #walker: Worker;
  readonly #helpers: Worker[] = [];
  readonly #makeWorker: MakeScanWorker;
  /** Where the helpers will listen. */
  readonly #channels: readonly MessageChannel[];
  readonly #control: Int32Array<SharedArrayBuffer>;
  readonly #signal: AbortSignal;
  readonly #what: string;
  /** Told by several threads, so perhaps before what comes earlier in the story. */
  readonly #told = new Map<number, WalkMessage>();
  #next = 0;
  #answer: Answer | undefined;
  #failure: LakesideError | undefined;
  #wake: (() => void) | undefined;

  constructor({ makeWorker, helpers, signal, what }: ScanThreadsOptions) {
    this.#makeWorker = makeWorker;
    this.#signal = signal;
    this.#what = what;
    this.#channels = Array.from({ length: helpers }, () => new MessageChannel());
    this.#control = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (CONTROL.room + helpers)));
    this.#walker = this.#listen(makeWorker());
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Walks, and gives what is found in order; the threads run only a few batches ahead of the reader. */
  async *walk(request: Omit<ScanRequest, 'type' | 'control' | 'helpers'>): AsyncGenerator<WalkMessage> {
    const helpers = this.#channels.map(({ port1 }) => port1);
    post(this.#walker, { type: 'scan', control: this.#control, helpers, ...request }, helpers);
    for (;;) {
      const message = await this.#receive(() => this.#told.get(this.#next));
      this.#told.delete(this.#next++);
      if (message.type === 'walked') return;
      yield message;
      if (message.type !== 'batch') continue;
      if (message.sizes.length === request.filesABatch && this.#helpers.length === 0) this.#startHelpers(request);
      Atomics.add(this.#control, CONTROL.consumed, 1);
      Atomics.notify(this.#control, CONTROL.consumed);
      // Requests and timers of the engine come between two batches.
      await setImmediate();
    }
  }

  /** Of these relpaths those that are really not there. Only after `walk` ended. */
  async confirmAbsent(relpaths: readonly string[]): Promise<readonly string[]> {
    post(this.#walker, { type: 'confirm', relpaths });
    return this.#receive(() => (this.#answer?.type === 'absent' ? this.#answer.relpaths : undefined));
  }

  dispose(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    Atomics.store(this.#control, CONTROL.stop, 1);
    Atomics.notify(this.#control, CONTROL.consumed);
    this.#fail(canceledError(this.#what));
    // Not awaited: a thread that waits for a dead network drive ends when that call does.
    for (const worker of [this.#walker, ...this.#helpers]) {
      void worker.terminate();
      worker.unref();
    }
    for (const { port2 } of this.#channels) port2.close();
  }

  readonly #onAbort = (): void => this.dispose();

  #startHelpers({ rootPath, markerFile, withStates }: ScannedRoot & { readonly withStates: boolean }): void {
    for (const [index, { port2 }] of this.#channels.entries()) {
      const helper = this.#listen(this.#makeWorker());
      const room = CONTROL.room + index;
      post(helper, { type: 'help', port: port2, control: this.#control, room, rootPath, markerFile, withStates }, [
        port2,
      ]);
      this.#helpers.push(helper);
    }
  }

  #listen(worker: Worker): Worker {
    worker.on('message', (message: FromScanWorker) => {
      if (message.type === 'walk') this.#told.set(message.order, message.message);
      else this.#answer = message;
      this.#wake?.();
    });
    worker.on('error', (error) => this.#fail(this.#crashed(error)));
    worker.on('exit', () => this.#fail(this.#crashed(undefined)));
    return worker;
  }

  /** Waits until a thread told what is looked for; what a thread says went wrong is thrown. */
  async #receive<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      if (this.#signal.aborted) throw canceledError(this.#what);
      if (this.#answer?.type === 'failed') throw LakesideError.fromShape(this.#answer.error);
      const found = look();
      if (found !== undefined) return found;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #fail(error: LakesideError): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  #crashed(cause: unknown): LakesideError {
    return new LakesideError('SCAN_THREAD_ENDED', 'infra', `${this.#what} stopped: its thread ended. Scan again.`, {
      cause,
      retryable: true,
    });
  }
}

function post(worker: Worker, message: ToScanWorker, transfer: MessagePort[] = []): void {
  worker.postMessage(message, transfer);
}
