import type { Database } from 'better-sqlite3';

import { type ErrorShape } from '../base/errors.ts';
import { isOver, type JobState } from '../protocol/values.ts';
import { groupState } from './jobRows.ts';

/** Keeps the rows of groups as their parts are. Called in the transaction that changed a part. */
export class JobGroups {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  settle(parents: Iterable<string | null>, now: number): void {
    for (const parent of new Set(parents)) if (parent !== null) this.#settle(parent, now);
  }

  #settle(group: string, now: number): void {
    const rows = this.#database
      .prepare<[string], { status: JobState; count: number }>(
        'SELECT status, count(*) AS count FROM jobs WHERE parent = ? GROUP BY status',
      )
      .all(group);
    const state = groupState(new Set(rows.map(({ status }) => status)));
    if (state === undefined) return;
    const failed = rows.find(({ status }) => status === 'failed')?.count ?? 0;
    const total = rows.reduce((sum, { count }) => sum + count, 0);
    const error = state === 'failed' ? JSON.stringify(partsFailed(failed, total)) : null;
    this.#database
      .prepare(
        `UPDATE jobs SET status = ?, error = ?, started_at = coalesce(started_at, iif(?, ?, NULL)),
           finished_at = iif(?, coalesce(finished_at, ?), NULL)
         WHERE id = ? AND kind = 'group' AND (status <> ? OR error IS NOT ?)`,
      )
      .run(state, error, Number(state === 'running'), now, Number(isOver(state)), now, group, state, error);
  }
}

function partsFailed(failed: number, total: number): ErrorShape {
  const message = `${failed} of ${total} parts failed. See each for its reason, then retry.`;
  return { code: 'PARTS_FAILED', category: 'infra', message };
}
