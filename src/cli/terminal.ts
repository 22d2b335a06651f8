import type { Writable } from 'node:stream';

import { errnoOf, fileError } from '../base/errors.ts';

/** Where a command writes: its answer to standard output, everything else to standard error. */
export interface Terminal {
  /** Characters in a line of standard error; undefined when nobody sits there. */
  readonly columns: number | undefined;
  /** True once the reader of standard output has gone: what is written then goes nowhere. */
  readonly isClosed: boolean;
  /** True once standard output refused what was written for another reason than that its reader has gone: a full disk. */
  readonly hasFailed: boolean;
  /** True once anything was written to standard output. */
  readonly hasWritten: boolean;
  /** Writes to standard output; settles when the reader has kept up. */
  write(text: string): Promise<void>;
  /** A whole line on standard error. */
  note(line: string): void;
  /** How far the work is: one line written over and over on a terminal, now and then a line elsewhere. */
  progress(line: string): void;
  /** Takes the progress line away. */
  clearProgress(): void;
}

/** A log file or a pipe gets a line of progress at most this often. */
const SPARSE_MS = 10_000;
const ERASE_LINE = '\r\u001B[2K';

interface OutputStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The terminal of a process. A reader that goes away early (`| head`) is no error. */
export class StreamTerminal implements Terminal {
  readonly #output: OutputStream;
  readonly #errors: OutputStream;
  readonly #now: () => number;
  #closed = false;
  #hasFailed = false;
  #hasWritten = false;
  #line = '';
  #lastSparse: number;

  constructor(output: OutputStream, errors: OutputStream, now: () => number = Date.now) {
    this.#output = output;
    this.#errors = errors;
    this.#now = now;
    this.#lastSparse = now();
    output.on('error', (error) => this.#onOutputError(error));
    // Nobody is left to tell when standard error is gone.
    errors.on('error', () => undefined);
  }

  get columns(): number | undefined {
    return this.#errors.isTTY === true ? (this.#errors.columns ?? 80) : undefined;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  async write(text: string): Promise<void> {
    if (this.#closed || text === '') return;
    this.clearProgress();
    this.#hasWritten = true;
    await new Promise<void>((resolve) => {
      this.#output.write(text, (error) => {
        if (error instanceof Error) this.#onOutputError(error);
        resolve();
      });
    });
  }

  note(line: string): void {
    this.clearProgress();
    this.#errors.write(`${line}\n`);
  }

  progress(line: string): void {
    const { columns } = this;
    if (columns === undefined) {
      if (this.#now() - this.#lastSparse < SPARSE_MS) return;
      this.#lastSparse = this.#now();
      this.#errors.write(`${line}\n`);
      return;
    }
    // The last column is left free: filling it makes some terminals go to the next line.
    const shown = line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`;
    if (shown === this.#line) return;
    this.#errors.write(`${ERASE_LINE}${shown}`);
    this.#line = shown;
  }

  clearProgress(): void {
    if (this.#line === '') return;
    this.#errors.write(ERASE_LINE);
    this.#line = '';
  }

  #onOutputError(error: Error): void {
    // Told twice: by the write and by the stream.
    if (this.#closed) return;
    this.#closed = true;
    if (errnoOf(error) === 'EPIPE') return;
    this.#hasFailed = true;
    this.note(fileError('write', 'the output', error).message);
  }
}
