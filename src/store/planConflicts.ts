import type { Database } from 'better-sqlite3';

import type { PlanSummary } from '../protocol/planFile.ts';
import { emptyPlanSummary } from '../protocol/planTotals.ts';
import type { PlanOp } from '../protocol/values.ts';

/** Which side of a conflict stays; `none`: nothing is done. */
export type Keep = 'from' | 'to' | 'none';

const DIRECTION_OF: Readonly<Record<Keep, 'reverse' | 'undecided' | null>> = {
  from: null,
  to: 'reverse',
  none: 'undecided',
};

/** Totals of a plan whose conflicts were decided, or may be. */
export interface LiveTotals {
  readonly all: PlanSummary;
  readonly ticked: PlanSummary;
  /** Ticked steps that replace a file. */
  readonly replaces: number;
}

/** Bytes of a step of a given direction (an SQL expression), as `stepBytes` has them. */
function bytesSql(direction: string): string {
  return `CASE WHEN op = 'copy' AND ${direction} IS NOT 'reverse' THEN from_size ELSE to_size END`;
}

/** The conflicts of plans both ways, and what was decided of them. Writes are the caller's to wrap in a transaction. */
export class PlanConflicts {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  totals(planKey: number): LiveTotals {
    const all: PlanSummary = { ...emptyPlanSummary(), conflict: { count: 0, bytes: 0 } };
    const ticked: PlanSummary = { ...emptyPlanSummary(), conflict: { count: 0, bytes: 0 } };
    let replaces = 0;
    const rows = this.#database
      .prepare<
        [number],
        { op: PlanOp; undecided: number; ticked: number; count: number; bytes: number; replaces: number }
      >(LIVE_TOTALS_SQL)
      .all(planKey);
    for (const row of rows) {
      for (const summary of row.ticked === 1 ? [all, ticked] : [all]) {
        const total = row.undecided === 1 ? (summary.conflict ??= { count: 0, bytes: 0 }) : summary[row.op];
        total.count += row.count;
        total.bytes += row.bytes;
      }
      if (row.ticked === 1) replaces += row.replaces;
    }
    return { all, ticked, replaces };
  }

  /** Decides those of the given steps that are conflicts, decided before or not; a decided step is ticked. */
  resolve(planKey: number, steps: readonly number[], keep: Keep): void {
    const direction = DIRECTION_OF[keep];
    this.#database
      .prepare(
        `UPDATE plan_items SET direction = @direction, ticked = 1, bytes = ${bytesSql('@direction')}
         WHERE plan_key = @plan AND step IN (SELECT value FROM json_each(@steps))
           AND from_size IS NOT NULL AND to_size IS NOT NULL AND (direction IS NOT @direction OR ticked = 0)`,
      )
      .run({ plan: planKey, steps: JSON.stringify(steps), direction });
  }

  /** Whether a conflict was decided otherwise than the seal covers. */
  changed(planKey: number): boolean {
    return this.#database.prepare(CHANGED_DIRECTIONS_SQL).get(planKey, 1) !== undefined;
  }

  /** Makes the directions those of the seal, or the seal's those of now; at most `limit`. Returns how many. */
  settle(planKey: number, way: 'revert' | 'seal', limit: number): number {
    const assignment =
      way === 'seal'
        ? 'sealed_direction = direction'
        : `direction = sealed_direction, bytes = ${bytesSql('sealed_direction')}`;
    return this.#database
      .prepare(`UPDATE plan_items SET ${assignment} WHERE plan_key = ? AND step IN (${CHANGED_DIRECTIONS_SQL})`)
      .run(planKey, planKey, limit).changes;
  }
}

/** The index is named: SQLite would walk the whole plan by its key, and find none of the few at the end. */
export const CHANGED_DIRECTIONS_SQL = `SELECT step FROM plan_items INDEXED BY plan_items_redirected
  WHERE plan_key = ? AND direction IS NOT sealed_direction LIMIT ?`;

const LIVE_TOTALS_SQL = `SELECT op, direction IS 'undecided' AS undecided, ticked, count(*) AS count, sum(bytes) AS bytes,
    sum(op = 'copy' AND CASE WHEN direction IS NULL THEN to_size IS NOT NULL
      WHEN direction = 'reverse' THEN from_size IS NOT NULL ELSE 0 END) AS replaces
  FROM plan_items WHERE plan_key = ? GROUP BY 1, 2, 3`;
