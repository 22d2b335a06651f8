import type { Database } from 'better-sqlite3';

/**
 * What the person said of files of a plan, by name: that the last copy of their content may go. Writes are the caller's to
 * wrap in a transaction.
 */
export class PlanLastCopies {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The steps that take a file away at these paths. Reads the whole plan, so not in a transaction that writes. */
  steps(planKey: number, paths: readonly string[]): number[] {
    return this.#database
      .prepare<{ plan: number; paths: string }, number>(
        `SELECT step FROM plan_items WHERE plan_key = @plan AND ${TAKES_AWAY}`,
      )
      .pluck()
      .all({ plan: planKey, paths: JSON.stringify(paths) });
  }

  /** Of these steps, at most 1,000. */
  name(planKey: number, steps: readonly number[], allowed: boolean): void {
    this.#database
      .prepare(
        `UPDATE plan_items SET last_copy = @allowed, renamed_last_copy = 1 - renamed_last_copy
         WHERE plan_key = @plan AND step IN (SELECT value FROM json_each(@steps)) AND last_copy <> @allowed`,
      )
      .run({ plan: planKey, steps: JSON.stringify(steps), allowed: Number(allowed) });
  }

  /** Whether anything was said, or taken back, that the seal does not cover. */
  changed(planKey: number): boolean {
    return this.#database.prepare(CHANGED_SQL).get(planKey, 1) !== undefined;
  }

  /** Makes what was said that of the seal, or the seal's that of now; at most `limit`. Returns how many. */
  settle(planKey: number, way: 'revert' | 'seal', limit: number): number {
    const assignment = way === 'seal' ? '' : 'last_copy = 1 - last_copy, ';
    return this.#database
      .prepare(
        `UPDATE plan_items SET ${assignment}renamed_last_copy = 0 WHERE plan_key = ? AND step IN (${CHANGED_SQL})`,
      )
      .run(planKey, planKey, limit).changes;
  }
}

const TAKES_AWAY = `path IN (SELECT value FROM json_each(@paths)) AND (op = 'delete' OR (op = 'copy' AND
  CASE WHEN direction IS NULL THEN to_size IS NOT NULL ELSE from_size IS NOT NULL END))`;

const CHANGED_SQL = `SELECT step FROM plan_items INDEXED BY plan_items_renamed
  WHERE plan_key = ? AND renamed_last_copy = 1 LIMIT ?`;
