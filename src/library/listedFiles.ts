import type { Problem } from '../protocol/values.ts';
import type { ListedBatch } from './scanMessages.ts';
import type { WalkSink } from './walk.ts';

export interface ListedFilesOptions {
  readonly filesABatch: number;
  /** Takes a batch; may wait until there is room for the next. */
  take(batch: ListedBatch): void;
  stopped(): boolean;
  /** Throws when the whole root is gone. */
  vanished(): void;
}

/** Gathers what a walk lists into compact batches. */
export class ListedFiles implements WalkSink {
  readonly #options: ListedFilesOptions;
  #relpaths: string[] = [];
  #problems: Problem[] = [];
  #kept: string[] = [];
  #incomplete: { folder: string; listed: readonly string[] }[] = [];

  constructor(options: ListedFilesOptions) {
    this.#options = options;
  }

  file(relpath: string): void {
    if (this.#relpaths.push(relpath) === this.#options.filesABatch) this.flush();
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
    const batch = {
      relpaths: this.#relpaths.join('\0'),
      problems: this.#problems,
      kept: this.#kept,
      incomplete: this.#incomplete,
    };
    this.#relpaths = [];
    this.#problems = [];
    this.#kept = [];
    this.#incomplete = [];
    this.#options.take(batch);
  }
}
