import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import type { Disposable } from '../base/disposables.ts';
import { canceledError, LakesideError } from '../base/errors.ts';
import { workerFile } from '../base/installation.ts';
import { CONTROL, type FromScanWorker, type ScanRequest, type ToScanWorker } from './scanMessages.ts';

type WalkMessage = Extract<FromScanWorker, { type: 'begin' | 'batch' | 'end' }>;

/** A worker thread for one scan. Ends with the signal, with an error, or when disposed. */
export class ScanThread implements Disposable {
  readonly #worker: Worker;
  readonly #control = new Int32Array(new SharedArrayBuffer(8));
  readonly #signal: AbortSignal;
  readonly #what: string;
  readonly #received: FromScanWorker[] = [];
  #failure: LakesideError | undefined;
  #wake: (() => void) | undefined;

  /** @param what names the work in errors: `The scan of lake` */
  constructor(signal: AbortSignal, what: string) {
    this.#signal = signal;
    this.#what = what;
    this.#worker = new Worker(workerFile('library/scanWorker'));
    this.#worker.on('message', (message: FromScanWorker) => {
      this.#received.push(message);
      this.#wake?.();
    });
    this.#worker.on('error', (error) => this.#fail(this.#crashed(error)));
    this.#worker.on('exit', () => this.#fail(this.#crashed(undefined)));
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Walks, and gives what is found in order; the thread runs only a few batches ahead of the reader. */
  async *walk(request: Omit<ScanRequest, 'type' | 'control'>): AsyncGenerator<WalkMessage> {
    this.#post({ type: 'scan', control: this.#control, ...request });
    for (;;) {
      const message = await this.#receive();
      if (message.type === 'walked') return;
      if (message.type === 'absent' || message.type === 'failed') throw this.#unexpected(message.type);
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
    this.#post({ type: 'confirm', relpaths });
    const message = await this.#receive();
    if (message.type !== 'absent') throw this.#unexpected(message.type);
    return message.relpaths;
  }

  dispose(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    Atomics.store(this.#control, CONTROL.stop, 1);
    Atomics.notify(this.#control, CONTROL.consumed);
    this.#fail(canceledError(this.#what));
    // Not awaited: a thread that waits for a dead network drive ends when that call does.
    void this.#worker.terminate();
  }

  readonly #onAbort = (): void => this.dispose();

  #post(message: ToScanWorker): void {
    this.#worker.postMessage(message);
  }

  async #receive(): Promise<FromScanWorker> {
    for (;;) {
      if (this.#signal.aborted) throw canceledError(this.#what);
      const message = this.#received.shift();
      if (message?.type === 'failed') throw LakesideError.fromShape(message.error);
      if (message !== undefined) return message;
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

  #unexpected(type: string): LakesideError {
    return new LakesideError('INTERNAL', 'unknown', `${this.#what} got an unexpected answer (${type}).`);
  }
}
