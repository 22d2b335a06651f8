import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import type { Disposable } from './disposables.ts';

/** Reads a folder a line, and says of each whether its file system is on the device. */
const HELPER = 'while IFS= read -r folder; do sync --file-system "$folder" && echo yes || echo no; done';

/**
 * Flushes file systems as a whole by the program `sync`, since Node has no call for `syncfs`. One shell, started when it is
 * first needed, starts it each time: a process as large as ours takes longer to fork than the flush takes. It ends with us.
 */
export class FileSystemFlusher implements Disposable {
  #helper: ChildProcess | undefined;
  readonly #waiting: ((done: boolean) => void)[] = [];

  /** Whether all that had been written to the file system of this folder is on its device; false: it could not be told. */
  async flush(folder: string): Promise<boolean> {
    // A line each.
    if (folder.includes('\n')) return false;
    this.#helper ??= this.#start();
    const answer = Promise.withResolvers<boolean>();
    this.#waiting.push(answer.resolve);
    this.#helper.stdin?.write(`${folder}\n`);
    return answer.promise;
  }

  dispose(): void {
    this.#helper?.stdin?.end();
    this.#giveUp(this.#helper);
  }

  #start(): ChildProcess {
    const helper = spawn('sh', ['-c', HELPER], { stdio: ['pipe', 'pipe', 'ignore'] });
    const giveUp = (): void => this.#giveUp(helper);
    helper.on('error', giveUp);
    helper.on('exit', giveUp);
    // A helper that ended breaks the pipe; its exit tells of it.
    helper.stdin.on('error', giveUp);
    createInterface(helper.stdout).on('line', (line) => {
      // One that was given up may still answer; who waits now asked another.
      if (this.#helper === helper) this.#waiting.shift()?.(line === 'yes');
    });
    // The process may end while its helper waits.
    helper.unref();
    for (const stream of [helper.stdin, helper.stdout]) if ('unref' in stream) (stream.unref as () => void)();
    return helper;
  }

  #giveUp(helper: ChildProcess | undefined): void {
    if (helper === undefined || this.#helper !== helper) return;
    this.#helper = undefined;
    for (const answer of this.#waiting.splice(0)) answer(false);
  }
}
