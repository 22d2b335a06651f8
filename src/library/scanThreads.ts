import { setImmediate } from 'node:timers/promises';
import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';

import type { Disposable } from '../base/disposables.ts';
import { canceledError, LakesideError } from '../base/errors.ts';
import { CONTROL, type FromScanWorker, type ScanRequest, type ToScanWorker, type WalkMessage } from './scanMessages.ts';
import type { ScanWorkers } from './scanWorkers.ts';

type Answer = Exclude<FromScanWorker, { type: 'walk' }>;

/** The threads of one scan: one walks, the others help it. They end with the signal, with an error, or when disposed. */
export class ScanThreads implements Disposable {
  readonly #walker: Worker;
  readonly #helpers: readonly Worker[];
  readonly #control: Int32Array<SharedArrayBuffer>;
  readonly #signal: AbortSignal;
  readonly #what: string;
  /** Told by several threads, so perhaps before what comes earlier in the story. */
  readonly #told = new Map<number, WalkMessage>();
  #next = 0;
  #answer: Answer | undefined;
  #failure: LakesideError | undefined;
  #wake: (() => void) | undefined;

  /**
   * @param workers where the threads come from
   * @param helpers threads beside the one that walks
   * @param what names the work in errors: `The scan of lake`
   */
  constructor(workers: ScanWorkers, helpers: number, signal: AbortSignal, what: string) {
    this.#signal = signal;
    this.#what = what;
    this.#control = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (CONTROL.room + helpers)));
    this.#walker = this.#listen(workers.take());
    this.#helpers = Array.from({ length: helpers }, () => this.#listen(workers.take()));
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Walks, and gives what is found in order; the threads run only a few batches ahead of the reader. */
  async *walk(request: Omit<ScanRequest, 'type' | 'control' | 'helpers'>): AsyncGenerator<WalkMessage> {
    const { rootPath, markerFile } = request;
    const control = this.#control;
    const helpers = this.#helpers.map((helper, index) => {
      const { port1, port2 } = new MessageChannel();
      post(helper, { type: 'help', port: port2, control, room: CONTROL.room + index, rootPath, markerFile }, [port2]);
      return port1;
    });
    post(this.#walker, { type: 'scan', control, helpers, ...request }, helpers);
    for (;;) {
      const message = await this.#receive(() => this.#told.get(this.#next));
      this.#told.delete(this.#next++);
      if (message.type === 'walked') return;
      yield message;
      if (message.type !== 'batch') continue;
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
    for (const worker of [this.#walker, ...this.#helpers]) void worker.terminate();
  }

  readonly #onAbort = (): void => this.dispose();

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
