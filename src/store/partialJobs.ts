import type { Database } from 'better-sqlite3';

/** An apply that is not over, and may go on with partials. */
export interface ApplyingJob {
  readonly id: string;
  /** Of its plan. */
  readonly seal: string;
  /** Those of the paths asked for to which it copies. */
  readonly paths: ReadonlySet<string>;
}

/** Which jobs partials in a root belong to. */
export class PartialJobs {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * The applies that are not over and change this root.
   * @param paths relpaths of targets; a few: the steps of those plans are read from end to end
   */
  active(rootId: string, paths: readonly string[]): ApplyingJob[] {
    const jobs = this.#database
      .prepare<[string], { id: string; seal: string; planKey: number }>(
        `SELECT jobs.id, json_extract(plans.header, '$.seal') AS seal, plans.key AS planKey FROM jobs
         JOIN plans ON plans.id = json_extract(jobs.payload, '$.plan')
         WHERE jobs.kind = 'apply' AND jobs.status IN ('queued', 'waiting', 'paused', 'running')
           AND ? IN (json_extract(plans.header, '$.from.id'), json_extract(plans.header, '$.to.id')) ORDER BY jobs.key`,
      )
      .all(rootId);
    const copies = this.#database
      .prepare<[number, string], string>(
        `SELECT path FROM plan_items
         WHERE plan_key = ? AND op = 'copy' AND ticked = 1 AND path IN (SELECT value FROM json_each(?))`,
      )
      .pluck();
    return jobs.map(({ id, seal, planKey }) => ({
      id,
      seal,
      paths: new Set(paths.length === 0 ? [] : copies.all(planKey, JSON.stringify(paths))),
    }));
  }
}
