import type { Database } from 'better-sqlite3';

import type { ApplySummary, PlanOp, StepResult, StepStatus } from '../protocol/values.ts';

const ROWS_A_TRANSACTION = 1_000;

/** Steps of a job by status; `undecided` are those of the skipped that are conflicts nobody decided. */
type StepCounts = Record<StepStatus | 'undecided', number> & { bytes: number; total: number };

/** Counts as a summary states them: only where there is something undecided it is told. */
export function toSummary(counts: StepCounts, ms: number): ApplySummary {
  const { done, already, skipped, undecided, failed, canceled, bytes } = counts;
  return { done, already, skipped, ...(undecided === 0 ? {} : { undecided }), failed, canceled, bytes, ms };
}

/** What became of the steps of apply jobs, for people. */
export class ApplyResults {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  counts(jobKey: number): StepCounts {
    const counts = {
      pending: 0,
      running: 0,
      done: 0,
      already: 0,
      skipped: 0,
      failed: 0,
      canceled: 0,
      undecided: 0,
      bytes: 0,
      total: 0,
    };
    const rows = this.#database
      .prepare<[number], { status: StepStatus; count: number; bytes: number }>(
        'SELECT status, count(*) AS count, sum(bytes) AS bytes FROM steps WHERE job_key = ? GROUP BY status',
      )
      .all(jobKey);
    for (const { status, count, bytes } of rows) {
      counts[status] = count;
      counts.bytes += bytes;
      counts.total += count;
    }
    if (counts.skipped > 0) counts.undecided = this.#undecided(jobKey);
    return counts;
  }

  #undecided(jobKey: number): number {
    return (
      this.#database
        .prepare<[number], number>(
          "SELECT count(*) FROM steps WHERE job_key = ? AND status = 'skipped' AND code = 'CONFLICT_UNDECIDED'",
        )
        .pluck()
        .get(jobKey) ?? 0
    );
  }

  /** The plan that a job applies; undefined for a job of another kind. */
  planOf(jobKey: number): string | undefined {
    return (
      this.#database
        .prepare<[number], string | null>("SELECT json_extract(payload, '$.plan') FROM jobs WHERE key = ?")
        .pluck()
        .get(jobKey) ?? undefined
    );
  }

  /** Steps in plan order, by their place in the job. */
  page(jobKey: number, offset: number, limit: number): StepResult[] {
    return this.#database
      .prepare<
        [number, number, number],
        { op: PlanOp; path: string; status: StepStatus; code: string | null; reason: string | null }
      >(
        `SELECT item.op, item.path, step.status, step.code, step.reason
         FROM jobs AS job
           JOIN plans AS plan ON plan.id = json_extract(job.payload, '$.plan')
           JOIN steps AS step ON step.job_key = job.key
           JOIN plan_items AS item ON item.plan_key = plan.key AND item.step = step.step
         WHERE job.key = ? ORDER BY step.step LIMIT ? OFFSET ?`,
      )
      .all(jobKey, limit, offset)
      .map(({ op, path, status, code, reason }) => ({
        op,
        path,
        status,
        ...(code === null ? {} : { code }),
        ...(reason === null ? {} : { reason }),
      }));
  }

  /**
   * Makes steps pending again that another try may finish: failed and canceled ones, and deletes that waited for failed
   * copies. At most 1,000 a call; false when there is none left.
   */
  reopen(jobKey: number): boolean {
    const { changes } = this.#database
      .prepare(
        `UPDATE steps SET status = 'pending', code = NULL, reason = NULL WHERE job_key = ? AND step IN (
           SELECT step FROM steps WHERE job_key = ?
             AND (status IN ('failed', 'canceled') OR (status = 'skipped' AND code = 'COPIES_FAILED')) LIMIT ?)`,
      )
      .run(jobKey, jobKey, ROWS_A_TRANSACTION);
    return changes === ROWS_A_TRANSACTION;
  }
}
