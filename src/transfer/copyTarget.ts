import type { Blake3Hash } from '../library/blake3.ts';
import { loadBlake3 } from '../library/blake3.ts';
import type { TaskContext } from '../library/hashFile.ts';
import type { FileLayer } from './fileLayer.ts';
import type { Workplace } from './transferPlace.ts';

/** The partial that a copy writes, open until `close`. */
export interface CopyTarget {
  /** In the target's root, and absolute and native. */
  readonly relpath: string;
  readonly path: string;
  readonly file: number;
  /** Bytes between two places at which a copy can go on later. */
  readonly chunkBytes: number;
  /** What is there already and is the source's: bytes, and their hash. Reports them as done. */
  recover(source: number, control: TaskContext): { readonly position: number; readonly hash: Blake3Hash };
  /** Before each write: looks, after a long pause, whether this partial is still this copy's. */
  keepHold(): void;
  /** Throws PARTIAL_TAKEN_OVER where somebody else writes this partial by now. */
  requireHeld(): void;
  /** A chunk is written; `hash`: of everything so far. */
  chunkWritten(hash: Blake3Hash): void;
  /** All that was written is flushed. */
  flushed(): void;
  close(): void;
  /** The copy ended before its file had its place. `keep`: it may go on later. */
  abandon(keep: boolean): void;
  /** The file has its place: nothing shall be left of the partial. */
  placed(): void;
}

/** A partial of this run alone: of a small file, or where another run holds the one that could be gone on with. */
export class PlainPartial implements CopyTarget {
  readonly relpath: string;
  readonly path: string;
  readonly file: number;
  readonly chunkBytes: number;
  readonly #files: FileLayer;
  #open = true;

  /** Makes it. Throws by errno. */
  constructor({ files, place, to }: Workplace, relpath: string) {
    this.#files = files;
    this.relpath = relpath;
    this.path = to.path(relpath);
    this.chunkBytes = place.chunkBytes;
    this.file = files.create(this.path);
  }

  recover(): { readonly position: number; readonly hash: Blake3Hash } {
    return { position: 0, hash: loadBlake3().createHash() };
  }

  keepHold(): void {
    // Its name is of this run: nobody else writes it.
  }

  requireHeld(): void {
    // Its name is of this run: nobody else writes it.
  }

  chunkWritten(): void {
    // Nobody goes on with it.
  }

  flushed(): void {
    // Nobody goes on with it.
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#files.close(this.file);
  }

  abandon(): void {
    try {
      this.close();
    } finally {
      removePartial(this.#files, this.path);
    }
  }

  placed(): void {
    // It is the file now.
  }
}

/** Best effort: what stays is never indexed, and is found by the next apply or by `partials.list`. */
export function removePartial(files: FileLayer, partial: string): void {
  try {
    files.unlink(partial);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}
