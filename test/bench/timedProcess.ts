import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { freemem } from 'node:os';

/** A program with its arguments. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that count as done; 0 if not given. */
  readonly doneCodes?: readonly number[];
}

/**
 * Runs a program to its end, its answer going nowhere.
 * @returns milliseconds from before its start to its exit
 * @throws Error with what it wrote to standard error when it fails
 */
export async function timedProcess(program: Program): Promise<number> {
  const start = performance.now();
  const child = spawn(program.file, program.args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...program.env },
  });
  const errors: string[] = [];
  child.stderr.on('data', (chunk) => errors.push(String(chunk)));
  let end = start;
  child.once('exit', () => (end = performance.now()));
  await once(child, 'close');
  const { exitCode, signalCode } = child;
  if (!(program.doneCodes ?? [0]).includes(exitCode ?? -1)) {
    const words = [program.file, ...program.args.slice(0, 12)].join(' ');
    throw new Error(`${words} ended with ${exitCode ?? signalCode ?? 'nothing'}:\n${errors.join('').slice(-2_000)}`);
  }
  return end - start;
}

/**
 * Runs a program whose time does not count.
 * @returns what it wrote to standard output
 */
export function output(file: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    encoding: 'utf8',
    maxBuffer: 1024 * 1024 * 1024,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${[file, ...args].join(' ')} ended with ${String(status)}:\n${stderr}${stdout}`);
  return stdout;
}

/** Lets the system write what earlier runs left in its memory, so that no run pays for another. */
export function settleDisk(): void {
  if (process.platform !== 'win32') spawnSync('sync');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = NaN, high = NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

/**
 * Makes sure that so many bytes of free memory are really there. A virtual machine gives free pages back to its host, and
 * getting them again is slower than any copy: without this, what was timed was how long the host had not been asked.
 */
export function backFreeMemory(bytes: number): void {
  const wanted = Math.min(bytes * 1.25, freemem() / 2);
  execFileSync(process.execPath, ['-e', `Buffer.alloc(${Math.floor(wanted)}, 1)`]);
}
