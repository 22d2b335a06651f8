import type { Database } from 'better-sqlite3';

/** What ticked steps change in one root. */
export interface SideChanges {
  /** Steps that change this root, ticked or not; conflicts that nobody decided change none. */
  readonly steps: number;
  /** What is copied to it. */
  readonly copy: { readonly count: number; readonly bytes: number };
  /** Files that are deleted. */
  readonly deletes: number;
  /** Files another takes the place of. */
  readonly replaces: number;
}

/** What the ticked steps of plans change, in either root. */
export class PlanRemovals {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Reads all steps of the plan (some 20 ms for 100,000).
   * @param planKey the store's number of the plan
   */
  of(planKey: number): { readonly from: SideChanges; readonly to: SideChanges } {
    const rows = this.#database.prepare<[number], SideRow>(SIDES_SQL).all(planKey);
    const side = (reverse: 0 | 1): SideChanges => {
      const row = rows.find((each) => each.reverse === reverse);
      if (row === undefined) return { steps: 0, copy: { count: 0, bytes: 0 }, deletes: 0, replaces: 0 };
      const { steps, copies, copyBytes, deletes, replaces } = row;
      return { steps, copy: { count: copies, bytes: copyBytes ?? 0 }, deletes, replaces };
    };
    return { from: side(1), to: side(0) };
  }

  /** Whether an apply job has every ticked step of its plan. */
  areIn(plan: string, job: string): boolean {
    return this.#database.prepare<[string, string], number>(STEP_OUTSIDE_SQL).get(job, plan) === undefined;
  }
}

const STEP_OUTSIDE_SQL = `SELECT 1 FROM plans AS plan JOIN jobs AS job ON job.id = ?
    JOIN plan_items AS item ON item.plan_key = plan.key
  WHERE plan.id = ? AND item.ticked = 1
    AND NOT EXISTS (SELECT 1 FROM steps WHERE steps.job_key = job.key AND steps.step = item.step) LIMIT 1`;

interface SideRow {
  readonly reverse: 0 | 1;
  readonly steps: number;
  readonly copies: number;
  readonly copyBytes: number | null;
  readonly deletes: number;
  readonly replaces: number;
}

// In an undo plan a move may take the place of a file, too, which `from_size` then tells of.
const SIDES_SQL = `SELECT direction IS 'reverse' AS reverse, count(*) AS steps,
    count(*) FILTER (WHERE ticked AND op = 'copy') AS copies,
    sum(bytes) FILTER (WHERE ticked AND op = 'copy') AS copyBytes,
    count(*) FILTER (WHERE ticked AND op = 'delete') AS deletes,
    count(*) FILTER (WHERE ticked AND (
      (op = 'copy' AND iif(direction IS 'reverse', from_size, to_size) IS NOT NULL)
      OR (op = 'move' AND undoes AND from_size IS NOT NULL))) AS replaces
  FROM (SELECT json_extract(header, '$.kind') = 'undo' AS undoes, key FROM plans WHERE key = ?) AS plan
    JOIN plan_items ON plan_key = plan.key
  WHERE direction IS NOT 'undecided'
  GROUP BY 1`;
