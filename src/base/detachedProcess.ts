import { spawn } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

import { makeFolder } from './makeFolder.ts';

/** A log that grew beyond this begins anew. */
const LONGEST_LOG_BYTES = 1_000_000;

export interface DetachedProcess {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute; what it writes goes to its end. */
  readonly logFile: string;
  /** Told when it could not be started after all. */
  readonly onError: (error: Error) => void;
}

/** Starts a process that outlives this one, without a window. Gives its pid; undefined where it could not be started. */
export function startDetached(options: DetachedProcess): number | undefined {
  const { program, args, environment, logFile, onError } = options;
  makeFolder(dirname(logFile));
  const log = openSync(logFile, 'a', 0o600);
  try {
    if (fstatSync(log).size > LONGEST_LOG_BYTES) ftruncateSync(log);
    const child = spawn(program, args, {
      detached: true,
      env: environment,
      stdio: ['ignore', log, log],
      windowsHide: true,
    });
    child.on('error', onError);
    child.unref();
    return child.pid;
  } finally {
    closeSync(log);
  }
}
