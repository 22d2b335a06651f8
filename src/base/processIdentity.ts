import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { errnoOf } from './errors.ts';

/** A process that is told from another one that has its number later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Empty where the system does not tell. */
  readonly start: string;
}

/** Start time of a process in clock ticks since boot (Linux: field 22 of /proc/PID/stat); elsewhere not known. */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not asked yet.
    return fields[0] === 'Z' ? '' : fields[19];
  } catch {
    return undefined;
  }
}

export function isAlive({ pid, start }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
  const now = processStart(pid);
  return now === undefined || start === '' || now === start;
}

/** Signals a process that leads a group of its own, and all in its group; Windows knows only an end at once. */
export function signalGroup({ pid }: ProcessIdentity, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}
