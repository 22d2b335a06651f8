import { type ChildProcess, spawn } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { release } from 'node:os';
import { createInterface } from 'node:readline';

import type { Disposable } from './disposables.ts';

/**
 * File systems of Linux whose `syncfs` waits until content and names are on the device (`statfs(2)` has their numbers).
 * Not among them: network file systems, whose servers are not asked, and those that run as programs (FUSE).
 */
const SYNCABLE = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0xf2f52010, // F2FS
]);
/** Before it, `syncfs` did not tell of content that could not be written (`syncfs(2)`). */
const SYNCFS_TELLS = [5, 8] as const;

/** Whether one `syncfs` of this folder's file system does what an `fsync` of each file in it would. Throws by errno. */
export function canFlushFileSystem(folder: string): boolean {
  return process.platform === 'linux' && isSince(release(), SYNCFS_TELLS) && SYNCABLE.has(statfsSync(folder).type);
}

function isSince(version: string, [major, minor]: readonly [number, number]): boolean {
  const [hasMajor = 0, hasMinor = 0] = version.split('.').map(Number);
  return hasMajor > major || (hasMajor === major && hasMinor >= minor);
}

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
    createInterface(helper.stdout).on('line', (line) => this.#waiting.shift()?.(line === 'yes'));
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
