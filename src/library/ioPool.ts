import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import { type Clock, systemClock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { canceledError, LakesideError } from '../base/errors.ts';
import { FileSystemFlusher } from '../base/fileSystemFlusher.ts';
import { workerFile } from '../base/installation.ts';
import type { HashedFile } from './hashFile.ts';
import type { Hold } from './hold.ts';
import { CONTROL, FLUSH, FLUSHED, type FromIoWorker, type ToIoWorker } from './ioMessages.ts';
import type { IoInput, IoOutput, IoTaskName } from './ioTasks.ts';

export interface IoPoolOptions {
  /** 0: the number of cores, at most 4. */
  readonly threads?: number;
  readonly clock?: Clock;
  /** Makes a thread; tests pass threads that crash. */
  readonly makeWorker?: () => Worker;
}

export interface IoRunOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Bytes done since the last call, at most ten times a second; negative when a file is begun anew. `before`: those of them
   * that an earlier attempt had done.
   */
  readonly onBytes?: ((bytes: number, before: number) => void) | undefined;
  /** Does the task once more, in another thread, when its thread crashed. Only for tasks that may be repeated. */
  readonly repeatable?: boolean | undefined;
  /** Lets it stand still, between two blocks of a file; its place among the threads is given to others meanwhile. */
  readonly hold?: Hold | undefined;
}

interface QueuedTask {
  readonly hold: Hold | undefined;
  start(thread: IoThread): void;
  refuse(): void;
}

interface IoThread {
  readonly worker: Worker;
  /** What the running task is asked, and what it waits for; see ioMessages. */
  readonly control: Int32Array<SharedArrayBuffer>;
  busy: boolean;
  /** Its task stands still. */
  held: boolean;
  idleTimer: Disposable | undefined;
}

export function newIoWorker(): Worker {
  return new Worker(workerFile('library/ioWorker'));
}

const IDLE_MS = 5_000;
/**
 * How long a thread that was told to stop may take. A call to a drive that went away may hang for minutes: its thread is
 * then given up, and another one takes its place. Long enough for a slow disk to end a flush.
 */
const GIVE_UP_MS = 10_000;
const CLOSE_MS = 2_000;
const MAX_DEFAULT_THREADS = 4;

/** Threads for synchronous file work. They start when needed, end when idle, and never keep the process alive idle. */
export class IoPool {
  readonly #clock: Clock;
  readonly #makeWorker: () => Worker;
  readonly #threads = new Set<IoThread>();
  readonly #queue: QueuedTask[] = [];
  readonly #flusher = new FileSystemFlusher();
  #size: number;
  #closed = false;

  constructor(options: IoPoolOptions = {}) {
    this.#size = poolSize(options.threads ?? 0);
    this.#clock = options.clock ?? systemClock;
    this.#makeWorker = options.makeWorker ?? newIoWorker;
  }

  /** How many tasks run at once. */
  get size(): number {
    return this.#size;
  }

  /** Threads alive now, busy or idle. */
  get threads(): number {
    return this.#threads.size;
  }

  /** Changes how many tasks run at once; 0: the number of cores, at most 4. Running tasks end as they would. */
  resize(threads: number): void {
    this.#size = poolSize(threads);
    for (const thread of [...this.#threads]) if (!thread.busy) this.#release(thread);
    this.#dispatch();
  }

  /** Starts the threads, so that work that is soon to come need not wait for them. */
  warm(): void {
    while (!this.#closed && this.#threads.size < this.#size) this.#release(this.#start());
  }

  /** Hashes one file; see hashFile. */
  async hash(path: string, options: IoRunOptions = {}): Promise<HashedFile> {
    const [outcome] = await this.run('hash', { paths: [path] }, { repeatable: true, ...options });
    if (outcome === undefined) throw new LakesideError('INTERNAL', 'unknown', `Nothing came of hashing ${path}.`);
    if ('error' in outcome) throw LakesideError.fromShape(outcome.error);
    return outcome.file;
  }

  /**
   * Runs a task as soon as a thread is free; first come, first served.
   * @throws LakesideError what the task throws; CANCELED; IO_THREAD_ENDED (retryable) when its thread crashed
   */
  async run<K extends IoTaskName>(task: K, input: IoInput<K>, options: IoRunOptions = {}): Promise<IoOutput<K>> {
    try {
      return await this.#runOnce(task, input, options);
    } catch (error) {
      const again = options.repeatable === true && error instanceof LakesideError && error.code === 'IO_THREAD_ENDED';
      if (!again || options.signal?.aborted === true || this.#closed) throw error;
      return this.#runOnce(task, input, options);
    }
  }

  /** Stops what runs, refuses what waits, and ends the threads. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const queued of this.#queue.splice(0)) queued.refuse();
    const late = Promise.withResolvers<undefined>();
    const timer = this.#clock.after(CLOSE_MS, () => late.resolve(undefined));
    // A thread in a call that hangs ends when that call does.
    await Promise.race([Promise.all([...this.#threads].map((thread) => this.#end(thread))), late.promise]);
    timer.dispose();
    this.#flusher.dispose();
  }

  #runOnce<K extends IoTaskName>(task: K, input: IoInput<K>, options: IoRunOptions): Promise<IoOutput<K>> {
    const { signal } = options;
    const result = Promise.withResolvers<IoOutput<K>>();
    if (this.#closed || signal?.aborted === true) {
      result.reject(canceledError());
      return result.promise;
    }
    const onAbort = (): void => {
      this.#queue.splice(this.#queue.indexOf(queued), 1);
      queued.refuse();
    };
    const waking = options.hold?.onChange(() => this.#dispatch());
    const queued: QueuedTask = {
      hold: options.hold,
      start: (thread) => {
        waking?.dispose();
        signal?.removeEventListener('abort', onAbort);
        this.#perform(thread, task, input, options).then(result.resolve, result.reject);
      },
      refuse: () => {
        waking?.dispose();
        signal?.removeEventListener('abort', onAbort);
        result.reject(canceledError());
      },
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#queue.push(queued);
    this.#dispatch();
    return result.promise;
  }

  #dispatch(): void {
    for (;;) {
      const next = this.#queue.findIndex(({ hold }) => hold?.held !== true);
      const threads = [...this.#threads];
      if (next < 0 || threads.filter(({ busy, held }) => busy && !held).length >= this.#size) return;
      const thread = threads.find((other) => !other.busy) ?? this.#start();
      this.#queue.splice(next, 1)[0]?.start(thread);
    }
  }

  #start(): IoThread {
    const thread: IoThread = {
      worker: this.#makeWorker(),
      control: new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)),
      busy: false,
      held: false,
      idleTimer: undefined,
    };
    this.#threads.add(thread);
    // Without a listener an error between two tasks would end the engine; the exit that follows drops the thread.
    thread.worker.on('error', () => this.#forget(thread));
    thread.worker.on('exit', () => this.#forget(thread));
    return thread;
  }

  #perform<K extends IoTaskName>(
    thread: IoThread,
    task: K,
    input: IoInput<K>,
    { signal, onBytes, hold }: IoRunOptions,
  ): Promise<IoOutput<K>> {
    const { worker, control } = thread;
    const result = Promise.withResolvers<IoOutput<K>>();
    const onMessage = (message: FromIoWorker<K>): void => {
      switch (message.type) {
        case 'bytes':
          onBytes?.(message.bytes, message.before);
          return;
        case 'flush':
          void this.#flush(message.folder, control);
          return;
        case 'done':
          settle(() => result.resolve(message.output));
          return;
        case 'failed':
          settle(() => result.reject(LakesideError.fromShape(message.error)));
          return;
      }
    };
    const onEnd = (cause: unknown): void => settle(() => result.reject(this.#closed ? canceledError() : ended(cause)));
    const ask = (what: number): void => {
      Atomics.store(control, 0, what);
      Atomics.notify(control, 0);
    };
    let giveUp: Disposable | undefined;
    const onAbort = (): void => {
      ask(CONTROL.stop);
      giveUp = this.#clock.after(GIVE_UP_MS, () => {
        // Not awaited: at most the call it hangs in is still done.
        void this.#end(thread);
        worker.unref();
        settle(() => result.reject(canceledError()));
      });
    };
    const holding = hold?.onChange((held) => {
      if (Atomics.load(control, 0) === CONTROL.stop) return;
      thread.held = held;
      ask(held ? CONTROL.hold : CONTROL.goOn);
      this.#dispatch();
    });
    const settle = (finish: () => void): void => {
      giveUp?.dispose();
      worker.off('message', onMessage);
      worker.off('error', onEnd);
      worker.off('exit', onEnd);
      signal?.removeEventListener('abort', onAbort);
      holding?.dispose();
      thread.held = false;
      finish();
      this.#release(thread);
    };
    thread.busy = true;
    thread.idleTimer?.dispose();
    Atomics.store(control, 0, CONTROL.goOn);
    worker.ref();
    worker.on('message', onMessage);
    worker.on('error', onEnd);
    worker.on('exit', onEnd);
    signal?.addEventListener('abort', onAbort, { once: true });
    const message: ToIoWorker<K> = { task, input, control };
    worker.postMessage(message);
    return result.promise;
  }

  async #flush(folder: string, control: IoThread['control']): Promise<void> {
    const flushed = await this.#flusher.flush(folder);
    Atomics.store(control, FLUSHED, flushed ? FLUSH.done : FLUSH.failed);
    Atomics.notify(control, FLUSHED);
  }

  /** A thread without work takes the next task, or waits a while for one. */
  #release(thread: IoThread): void {
    thread.busy = false;
    thread.idleTimer?.dispose();
    if (this.#threads.size > this.#size) void this.#end(thread);
    else if (this.#threads.has(thread)) {
      thread.worker.unref();
      thread.idleTimer = this.#clock.after(IDLE_MS, () => void this.#end(thread));
    }
    this.#dispatch();
  }

  #forget(thread: IoThread): void {
    thread.idleTimer?.dispose();
    this.#threads.delete(thread);
  }

  async #end(thread: IoThread): Promise<void> {
    this.#forget(thread);
    Atomics.store(thread.control, 0, CONTROL.stop);
    Atomics.notify(thread.control, 0);
    await thread.worker.terminate();
  }
}

function poolSize(threads: number): number {
  return threads > 0 ? threads : Math.min(availableParallelism(), MAX_DEFAULT_THREADS);
}

function ended(cause: unknown): LakesideError {
  return new LakesideError('IO_THREAD_ENDED', 'infra', 'A thread that reads and writes files ended. Retry.', {
    cause,
    retryable: true,
  });
}
