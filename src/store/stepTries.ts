import type { Database } from 'better-sqlite3';

import { LakesideError } from '../base/errors.ts';
import { FileStore } from './fileStore.ts';
import type { Lease } from './jobLeases.ts';
import type { StepsOf } from './stepStore.ts';

/** A task has at most 500 steps. */
const TASKS_A_TRANSACTION = 2;
const ROWS_A_TRANSACTION = 1_000;

/**
 * Which steps a try of an apply job had in work. Whoever kills it keeps their outcomes from being recorded, though the disk
 * may have changed: what the next try then finds done already is known to be the job's own doing.
 */
export class StepTries {
  readonly #database: Database;
  readonly #files: FileStore;

  constructor(database: Database, files = new FileStore(database)) {
    this.#database = database;
    this.#files = files;
  }

  /**
   * Notes that steps are about to be worked on, in one row: updating theirs costs a copy of small files too much.
   * @throws LakesideError LEASE_LOST; nothing was written then
   */
  begin(lease: Lease, steps: readonly number[]): void {
    const { changes } = this.#database
      .prepare(
        `INSERT INTO step_tries (job_key, steps)
         SELECT key, ? FROM jobs WHERE key = ? AND fence = ? AND status = 'running'`,
      )
      .run(JSON.stringify(steps), lease.key, lease.fence);
    if (changes === 0) throw new LakesideError('LEASE_LOST', 'infra', 'Another process has taken this job over.');
  }

  /**
   * Marks the steps that earlier tries of a job had in work and did not record, and forgets the hashes of the files they may
   * have put in the place of others of the same size and time; some a call, false when there is none left. To be called
   * before finished steps are opened for another try.
   */
  takeUp(of: StepsOf, rootKeys: { readonly from: number; readonly to: number }): boolean {
    const next = this.#database.prepare<[number, number], { key: number; steps: string }>(
      'SELECT key, steps FROM step_tries WHERE job_key = ? ORDER BY key LIMIT ?',
    );
    const mark = this.#database
      .prepare<[number, string], number>(
        `UPDATE steps SET tried = 1 WHERE job_key = ? AND status = 'pending' AND step IN (SELECT value FROM json_each(?))
         RETURNING step`,
      )
      .pluck();
    const item = this.#database.prepare<
      [number, number],
      { path: string; movedFrom: string | null; direction: string | null }
    >(
      `SELECT path, moved_from AS movedFrom, direction FROM plan_items
       WHERE plan_key = ? AND step = ? AND op IN ('copy', 'move')`,
    );
    const forget = this.#database.prepare('DELETE FROM step_tries WHERE key = ?');
    return this.#database
      .transaction(() => {
        const tasks = next.all(of.jobKey, TASKS_A_TRANSACTION);
        for (const { key, steps } of tasks) {
          for (const step of mark.all(of.jobKey, steps)) {
            const changed = item.get(of.planKey, step);
            if (changed === undefined) continue;
            const rootKey = changed.direction === 'reverse' ? rootKeys.from : rootKeys.to;
            for (const path of [changed.path, changed.movedFrom]) this.#forgetHash(rootKey, path);
          }
          forget.run(key);
        }
        return tasks.length === TASKS_A_TRANSACTION;
      })
      .immediate();
  }

  #forgetHash(rootKey: number, path: string | null): void {
    const row = path === null ? undefined : this.#files.get(rootKey, path);
    if (row !== undefined && row.blake3 !== null) this.#files.put(rootKey, { ...row, blake3: null });
  }

  /** Forgets the notes of a try that recorded all, at most 1,000 a call; false when there is none left. */
  forget(jobKey: number): boolean {
    const { changes } = this.#database
      .prepare('DELETE FROM step_tries WHERE key IN (SELECT key FROM step_tries WHERE job_key = ? LIMIT ?)')
      .run(jobKey, ROWS_A_TRANSACTION);
    return changes === ROWS_A_TRANSACTION;
  }

  /** Those of a span of steps that `takeUp` marked. */
  tried(jobKey: number, first: number, last: number): Set<number> {
    const tried = this.#database
      .prepare<[number, number, number], number>(
        'SELECT step FROM steps WHERE job_key = ? AND step BETWEEN ? AND ? AND tried = 1',
      )
      .pluck();
    return new Set(tried.all(jobKey, first, last));
  }
}
