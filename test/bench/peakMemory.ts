import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

import type { Program } from './timedProcess.ts';

const LOOK_EVERY_MS = 20;

/** Runs a program to its end, its answer going nowhere. Its memory is known on Linux only; elsewhere it is 0. */
export async function peakOf({ file, args, env }: Program): Promise<{ ms: number; peakBytes: number }> {
  const start = performance.now();
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  const errors: string[] = [];
  child.stderr.on('data', (chunk) => errors.push(String(chunk)));
  let peakBytes = 0;
  // The system keeps the peak itself, so that looking now and then misses only what the last moments added.
  const timer = setInterval(() => (peakBytes = Math.max(peakBytes, peakSoFar(child.pid))), LOOK_EVERY_MS);
  let end = start;
  child.once('exit', () => (end = performance.now()));
  await once(child, 'close');
  clearInterval(timer);
  if (child.exitCode !== 0) throw new Error(`${[file, ...args].join(' ')} failed:\n${errors.join('').slice(-2_000)}`);
  return { ms: end - start, peakBytes };
}

/** The most memory a process had at once, in bytes. */
function peakSoFar(pid: number | undefined): number {
  try {
    const [, kibibytes = '0'] = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kibibytes) * 1024;
  } catch {
    // It has ended, or this is no Linux.
    return 0;
  }
}
