import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Few enough for the longest command line that Windows takes. */
const FILES_AT_ONCE = 100;

/**
 * The BLAKE3 of files as the public tool `b3sum` says, by relpath: a judge that shares no code with Lakeside.
 * @param relpaths POSIX style, below `root`
 */
export async function b3sum(root: string, relpaths: readonly string[]): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (let start = 0; start < relpaths.length; start += FILES_AT_ONCE) {
    const batch = relpaths.slice(start, start + FILES_AT_ONCE);
    const { stdout } = await run('b3sum', ['--no-names', '--', ...batch], { cwd: root });
    const lines = stdout.trim().split(/\r?\n/);
    batch.forEach((relpath, index) => hashes.set(relpath, lines[index] ?? ''));
  }
  return hashes;
}
