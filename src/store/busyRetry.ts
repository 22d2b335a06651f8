import Database from 'better-sqlite3';

import type { Clock } from '../base/clock.ts';
import { LakesideError } from '../base/errors.ts';

export function isBusy(error: unknown): boolean {
  if (error instanceof LakesideError) return error.code === 'DATABASE_BUSY';
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

const PAUSE_MS = 50;
const PATIENCE_MS = 30_000;

/**
 * Runs a transaction again, with the thread free in between, while another process holds the
 * write lock. Each try blocks at most for the connection's busy timeout.
 */
export async function retryWhileBusy<T>(run: () => T, clock: Clock, patienceMs = PATIENCE_MS): Promise<T> {
  const deadline = clock.now() + patienceMs;
  for (;;) {
    try {
      return run();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (clock.now() >= deadline) {
        throw new LakesideError(
          'DATABASE_BUSY',
          'infra',
          `Another process has kept the database locked for ${Math.round(patienceMs / 1000)} s. Close it, or retry.`,
          { cause: error, retryable: true },
        );
      }
      await new Promise<void>((resolve) => {
        clock.after(PAUSE_MS, resolve);
      });
    }
  }
}
