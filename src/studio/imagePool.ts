import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { type Clock, systemClock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { canceledError, LakesideError } from '../base/errors.ts';
import { workerFile } from '../base/installation.ts';
import type { GenerationData } from '../protocol/studioValues.ts';
import type { ConvertedImage, ConvertRequest } from './images/convertImage.ts';
import type { FromImageWorker, ToImageWorker } from './images/imageMessages.ts';
import type { ImageSource } from './images/imageSource.ts';
import type { ImageTaskInput, ImageTaskName, ImageTaskOutput } from './images/imageTasks.ts';
import type { InspectedImage } from './images/inspectImage.ts';
import { thumbnailFile, type ThumbnailSize } from './images/thumbnailFile.ts';

export interface ImagePoolOptions {
  /** Absolute path of the data dir: thumbnails lie in its `thumbs/`. */
  readonly dataDir: string;
  /** How many images are worked on at once; 0: the number of cores, at most 3. */
  readonly parallel?: number;
  readonly clock?: Clock;
  /** Makes the thread; tests pass one that crashes. */
  readonly makeWorker?: () => Worker;
}

export interface ImageCallOptions {
  readonly signal?: AbortSignal | undefined;
}

interface QueuedTask {
  readonly rank: number;
  start(): void;
  refuse(): void;
}

interface RunningTask {
  settle(message: FromImageWorker): void;
  fail(error: LakesideError): void;
}

function newImageWorker(): Worker {
  return new Worker(workerFile('studio/imageWorker'));
}

const IDLE_MS = 10_000;
/** sharp works on the four threads that the whole process reads and writes files with; one is left to the files. */
const MAX_PARALLEL = 3;
/** What is asked for goes before what is shown, and that before what takes long. */
const RANK = { inspect: 0, draw: 0, read: 0, thumbnail: 1, convert: 2 } as const satisfies Record<
  ImageTaskName,
  number
>;

/**
 * Decodes and encodes images in a thread of its own, some at once. The thread starts when it is needed, ends when idle,
 * and never keeps the process alive idle.
 */
export class ImagePool {
  readonly #clock: Clock;
  readonly #makeWorker: () => Worker;
  readonly #parallel: number;
  readonly #thumbsDir: string;
  readonly #queue: QueuedTask[] = [];
  readonly #running = new Map<number, RunningTask>();
  #worker: Worker | undefined;
  #idleTimer: Disposable | undefined;
  #nextId = 1;
  #closed = false;

  constructor(options: ImagePoolOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#makeWorker = options.makeWorker ?? newImageWorker;
    this.#thumbsDir = join(options.dataDir, 'thumbs');
    const parallel = options.parallel ?? 0;
    this.#parallel = parallel > 0 ? parallel : Math.min(availableParallelism(), MAX_PARALLEL);
  }

  /** Whether the thread is alive, busy or idle. */
  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  /**
   * What is true of an image, found by decoding all of it; bytes that are given are copied.
   * @param source bytes, or the absolute path of a file
   * @throws LakesideError NOT_AN_IMAGE, IMAGE_TRUNCATED (cut off or damaged), IMAGE_TOO_LARGE; a file that cannot be
   * read: by errno; CANCELED; IMAGE_THREAD_ENDED (retryable)
   */
  inspect(source: ImageSource, options: ImageCallOptions = {}): Promise<InspectedImage> {
    return this.#run('inspect', { source }, options);
  }

  /** Draws an SVG of our own making as a PNG; letters have to be paths. @throws LakesideError DRAWING_FAILED */
  draw(svg: string, options: ImageCallOptions = {}): Promise<Uint8Array> {
    return this.#run('draw', { svg }, options);
  }

  /**
   * What a file says about how it was made.
   * @throws LakesideError NOT_AN_IMAGE, IMAGE_TRUNCATED where not even its size can be told; else as inspect
   */
  read(path: string, options: ImageCallOptions = {}): Promise<GenerationData> {
    return this.#run('read', { path }, options);
  }

  /** Converts one image file; see convertImage. It comes after all else, since it comes in hundreds. */
  convert(request: ConvertRequest, options: ImageCallOptions = {}): Promise<ConvertedImage> {
    return this.#runOnce('convert', request, options);
  }

  /** Tasks that nothing works on yet. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** How many images are worked on at once. */
  get parallel(): number {
    return this.#parallel;
  }

  /**
   * The thumbnail of an image, made unless there is one; the newest request is served first.
   * @param image its file (absolute path) and what that is known to hold
   * @returns the absolute path of a WebP under the data dir
   * @throws LakesideError as inspect
   */
  async thumbnail(
    image: { readonly path: string; readonly blake3: string },
    size: ThumbnailSize,
    options: ImageCallOptions = {},
  ): Promise<string> {
    const known = thumbnailFile(this.#thumbsDir, image.blake3, size);
    if (await isFilled(known)) return known;
    const { path, blake3 } = image;
    return this.#run('thumbnail', { path, blake3, size, thumbsDir: this.#thumbsDir }, options);
  }

  /** Refuses what waits and what runs, and ends the thread. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const queued of this.#queue.splice(0)) queued.refuse();
    await this.#end(canceledError());
  }

  /** Once more where the thread ended: another image may have brought it down. */
  async #run<K extends ImageTaskName>(
    task: K,
    input: ImageTaskInput<K>,
    options: ImageCallOptions,
  ): Promise<ImageTaskOutput<K>> {
    try {
      return await this.#runOnce(task, input, options);
    } catch (error) {
      const again = error instanceof LakesideError && error.code === 'IMAGE_THREAD_ENDED';
      if (!again || options.signal?.aborted === true || this.#closed) throw error;
      return this.#runOnce(task, input, options);
    }
  }

  #runOnce<K extends ImageTaskName>(
    task: K,
    input: ImageTaskInput<K>,
    { signal }: ImageCallOptions,
  ): Promise<ImageTaskOutput<K>> {
    const result = Promise.withResolvers<ImageTaskOutput<K>>();
    if (this.#closed || signal?.aborted === true) {
      result.reject(canceledError());
      return result.promise;
    }
    const onAbort = (): void => {
      const index = this.#queue.indexOf(queued);
      // One that runs is left to end: nobody waits for it any more.
      if (index >= 0) this.#queue.splice(index, 1);
      queued.refuse();
    };
    const over = (): void => signal?.removeEventListener('abort', onAbort);
    const queued: QueuedTask = {
      rank: RANK[task],
      start: () => {
        this.#perform(task, input).then(result.resolve, result.reject).finally(over);
      },
      refuse: () => {
        over();
        result.reject(canceledError());
      },
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#queue.push(queued);
    this.#dispatch();
    return result.promise;
  }

  #dispatch(): void {
    while (this.#running.size < this.#parallel) {
      const next = this.#takeNext();
      if (next === undefined) return;
      next.start();
    }
  }

  /** The lowest rank first. Thumbnails: the newest, which is in view; all else: the oldest. */
  #takeNext(): QueuedTask | undefined {
    const rank = Math.min(...this.#queue.map((queued) => queued.rank));
    const isNext = (queued: QueuedTask): boolean => queued.rank === rank;
    const index = rank === RANK.thumbnail ? this.#queue.findLastIndex(isNext) : this.#queue.findIndex(isNext);
    return index < 0 ? undefined : this.#queue.splice(index, 1)[0];
  }

  #perform<K extends ImageTaskName>(task: K, input: ImageTaskInput<K>): Promise<ImageTaskOutput<K>> {
    const result = Promise.withResolvers<ImageTaskOutput<K>>();
    const worker = this.#worker ?? this.#start();
    const id = this.#nextId++;
    this.#idleTimer?.dispose();
    worker.ref();
    this.#running.set(id, {
      settle: (message: FromImageWorker<K>) => {
        if (message.type === 'done') result.resolve(message.output);
        else result.reject(LakesideError.fromShape(message.error));
      },
      fail: result.reject,
    });
    const message: ToImageWorker<K> = { id, task, input };
    worker.postMessage(message);
    return result.promise;
  }

  #start(): Worker {
    const worker = this.#makeWorker();
    this.#worker = worker;
    worker.on('message', (message: FromImageWorker) => {
      const task = this.#running.get(message.id);
      this.#running.delete(message.id);
      task?.settle(message);
      if (this.#running.size === 0) this.#rest(worker);
      this.#dispatch();
    });
    const onEnd = (cause: unknown): void => {
      if (this.#worker === worker) void this.#end(endedError(cause));
    };
    worker.on('error', onEnd);
    worker.on('exit', onEnd);
    return worker;
  }

  #rest(worker: Worker): void {
    worker.unref();
    this.#idleTimer?.dispose();
    this.#idleTimer = this.#clock.after(IDLE_MS, () => void this.#end(canceledError()));
  }

  async #end(reason: LakesideError): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#idleTimer?.dispose();
    const failed = [...this.#running.values()];
    this.#running.clear();
    for (const task of failed) task.fail(reason);
    if (!this.#closed) this.#dispatch();
    await worker?.terminate();
  }
}

/** An empty file is what a power cut may have left. */
async function isFilled(path: string): Promise<boolean> {
  try {
    return (await stat(path)).size > 0;
  } catch {
    // None yet, or none that can be used: whoever makes it says why not.
    return false;
  }
}

function endedError(cause: unknown): LakesideError {
  return new LakesideError('IMAGE_THREAD_ENDED', 'infra', 'The thread that works on images ended. Retry.', {
    cause,
    retryable: true,
  });
}
