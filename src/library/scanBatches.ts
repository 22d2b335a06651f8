import type { Problem } from '../protocol/values.ts';
import type { ScanBatch } from './scanMessages.ts';
import type { WalkSink } from './walk.ts';

const FILES_A_BATCH = 2_000;

export interface BatchSinkOptions {
  /** Takes a batch; may wait until there is room for the next. */
  send(batch: ScanBatch & { sizes: Float64Array<ArrayBuffer>; mtimes: Float64Array<ArrayBuffer> }): void;
  stopped(): boolean;
  /** Throws when the whole root is gone. */
  vanished(): void;
}

/** Gathers what a walk finds into compact batches. */
export class BatchSink implements WalkSink {
  readonly #options: BatchSinkOptions;
  #relpaths: string[] = [];
  #sizes = new Float64Array(FILES_A_BATCH);
  #mtimes = new Float64Array(FILES_A_BATCH);
  #problems: Problem[] = [];
  #kept: string[] = [];
  #incomplete: { folder: string; listed: readonly string[] }[] = [];

  constructor(options: BatchSinkOptions) {
    this.#options = options;
  }

  file(relpath: string, size: number, mtimeMs: number): void {
    const index = this.#relpaths.push(relpath) - 1;
    this.#sizes[index] = size;
    this.#mtimes[index] = mtimeMs;
    if (index === FILES_A_BATCH - 1) this.flush();
  }

  problem(problem: Problem): void {
    this.#problems.push(problem);
  }

  keep(relpath: string): void {
    this.#kept.push(relpath);
  }

  incomplete(folder: string, listed: readonly string[]): void {
    this.#incomplete.push({ folder, listed });
  }

  vanished(): void {
    this.#options.vanished();
  }

  shouldStop(): boolean {
    return this.#options.stopped();
  }

  flush(): void {
    const count = this.#relpaths.length;
    this.#options.send({
      type: 'batch',
      relpaths: this.#relpaths.join('\0'),
      sizes: this.#sizes.slice(0, count),
      mtimes: this.#mtimes.slice(0, count),
      problems: this.#problems,
      kept: this.#kept,
      incomplete: this.#incomplete,
    });
    this.#relpaths = [];
    this.#problems = [];
    this.#kept = [];
    this.#incomplete = [];
  }
}
