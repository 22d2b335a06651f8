import type { Database } from 'better-sqlite3';

import type { ErrorShape } from '../base/errors.ts';
import { isOver, type Job, type JobKind, type JobState, jobStateSchema, type Progress } from '../protocol/values.ts';
import { JobGroups } from './jobGroups.ts';
import { ACTIVE, CANCEL_ASKED, JOB_COLUMNS, OVER, toJob, withParts } from './jobRows.ts';

export interface NewJob {
  readonly id: string;
  readonly kind: JobKind;
  readonly title: string;
  readonly lane: string;
  readonly payload: unknown;
  /** What a claimer must have: `root:<id>`. */
  readonly needs: readonly string[];
  /** At most one active job has it. */
  readonly dedupeKey?: string;
  readonly priority?: number;
  /** The work item it is for. */
  readonly workItem?: string | undefined;
  /** How much there is to do, where that is known before it begins. */
  readonly progress?: Progress | undefined;
  readonly now: number;
}

export interface NewGroup {
  readonly id: string;
  readonly title: string;
  readonly parts: readonly string[];
  readonly now: number;
}

export interface Transition {
  readonly status: JobState;
  readonly now: number;
  readonly result?: unknown;
  readonly error?: ErrorShape;
  readonly waitingFor?: string;
  readonly notBefore?: number;
  /** The attempt that ends here was no failure of the job: the engine stopped, it was paused, or a root is away. */
  readonly notCounted?: boolean;
}

/** A job or all jobs that are over, and how old they must be. */
export interface ClearQuestion {
  readonly id?: string | undefined;
  readonly finishedBefore?: number | undefined;
}

/** Rows that one transaction removes at most. */
const CLEARED_AT_ONCE = 1_000;
const JOBS_CLEARED_AT_ONCE = 100;

/** The queue's rows that nobody holds; which transitions make sense is the queue's to know. What is held: `JobLeases`. */
export class JobStore {
  readonly #database: Database;
  readonly #groups: JobGroups;

  constructor(database: Database) {
    this.#database = database;
    this.#groups = new JobGroups(database);
  }

  /** Adds a job, or gives the active one with the same dedupe key. */
  add(job: NewJob): { job: Job; added: boolean } {
    return this.#database
      .transaction(() => {
        const same = job.dedupeKey === undefined ? undefined : this.#activeWith(job.dedupeKey);
        if (same !== undefined) return { job: same, added: false };
        const raw = this.#database
          .prepare(
            `INSERT INTO jobs (id, kind, title, status, lane, priority, payload, needs, dedupe_key, work_item_id, progress,
               created_at) VALUES (?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?) RETURNING ${JOB_COLUMNS}`,
          )
          .get(
            job.id,
            job.kind,
            job.title,
            job.lane,
            job.priority ?? 0,
            JSON.stringify(job.payload),
            JSON.stringify(job.needs),
            job.dedupeKey ?? null,
            job.workItem ?? null,
            job.progress === undefined ? null : JSON.stringify(job.progress),
            job.now,
          );
        return { job: toJob(raw), added: true };
      })
      .immediate();
  }

  /**
   * Puts jobs under one parent, which is newer than they are. A job that is part of another group stays there.
   * @returns undefined where fewer than two are left: there is nothing to put together
   */
  addGroup(group: NewGroup): Job | undefined {
    return this.#database
      .transaction(() => {
        const adopt = this.#database.prepare(
          "UPDATE jobs SET parent = ? WHERE id = ? AND parent IS NULL AND kind <> 'group'",
        );
        const adopted = group.parts.reduce((count, part) => count + adopt.run(group.id, part).changes, 0);
        if (adopted < 2) {
          this.#database.prepare('UPDATE jobs SET parent = NULL WHERE parent = ?').run(group.id);
          return undefined;
        }
        this.#database
          .prepare(
            `INSERT INTO jobs (id, kind, title, status, lane, payload, created_at)
             VALUES (?, 'group', ?, 'queued', 'group', '{}', ?)`,
          )
          .run(group.id, group.title, group.now);
        this.#groups.settle([group.id], group.now);
        return this.get(group.id);
      })
      .immediate();
  }

  #activeWith(dedupeKey: string): Job | undefined {
    const raw = this.#database
      .prepare(`SELECT ${JOB_COLUMNS} FROM jobs WHERE dedupe_key = ? AND status IN ${ACTIVE}`)
      .get(dedupeKey);
    return raw === undefined ? undefined : toJob(raw);
  }

  get(id: string): Job | undefined {
    const raw = this.#database.prepare(`SELECT ${JOB_COLUMNS} FROM jobs WHERE id = ?`).get(id);
    return raw === undefined ? undefined : withParts(this.#database, toJob(raw));
  }

  /** Keys of the applies of the same plan before this one, the newest first, back to one that was undone. */
  earlierApplies(id: string): number[] {
    const rows = this.#database
      .prepare<[string], { key: number; undone: number }>(
        `SELECT earlier.key, EXISTS (
             SELECT 1 FROM jobs AS undo JOIN plans ON plans.id = json_extract(undo.payload, '$.plan')
             WHERE undo.kind = 'apply' AND json_extract(plans.header, '$.options.undoes') = earlier.id
               AND EXISTS (SELECT 1 FROM steps WHERE job_key = undo.key AND status = 'done')
           ) AS undone
         FROM jobs JOIN jobs AS earlier ON earlier.kind = 'apply' AND earlier.key < jobs.key
           AND json_extract(earlier.payload, '$.plan') = json_extract(jobs.payload, '$.plan')
         WHERE jobs.id = ? AND jobs.kind = 'apply' ORDER BY earlier.key DESC`,
      )
      .all(id);
    const undone = rows.findIndex((row) => row.undone === 1);
    return (undone < 0 ? rows : rows.slice(0, undone)).map(({ key }) => key);
  }

  /** The plan that an apply job runs. */
  planOf(id: string): string | undefined {
    return this.#database
      .prepare<[string], string>("SELECT json_extract(payload, '$.plan') FROM jobs WHERE id = ? AND kind = 'apply'")
      .pluck()
      .get(id);
  }

  keyOf(id: string): number | undefined {
    return this.#database.prepare<[string], number>('SELECT key FROM jobs WHERE id = ?').pluck().get(id);
  }

  /** Newest first. */
  list(options: { states?: readonly JobState[] | undefined; limit: number }): Job[] {
    const states = JSON.stringify(options.states ?? jobStateSchema.options);
    return this.#database
      .prepare(
        `SELECT ${JOB_COLUMNS} FROM jobs WHERE status IN (SELECT value FROM json_each(?)) ORDER BY key DESC LIMIT ?`,
      )
      .all(states, options.limit)
      .map((raw) => withParts(this.#database, toJob(raw)));
  }

  /** The parts of a group, oldest first. */
  parts(group: string): Job[] {
    return this.#database
      .prepare(`SELECT ${JOB_COLUMNS} FROM jobs WHERE parent = ? ORDER BY key`)
      .all(group)
      .map(toJob);
  }

  /** How many jobs are in each state; groups are no work of their own and do not count. */
  counts(): Record<JobState, number> {
    const counts: Record<JobState, number> = {
      queued: 0,
      waiting: 0,
      paused: 0,
      running: 0,
      succeeded: 0,
      failed: 0,
      canceled: 0,
    };
    const count = (sql: string): { status: JobState; count: number }[] =>
      this.#database.prepare<[], { status: JobState; count: number }>(sql).all();
    for (const row of count('SELECT status, count(*) AS count FROM jobs GROUP BY status')) {
      counts[row.status] = row.count;
    }
    for (const row of count("SELECT status, count(*) AS count FROM jobs WHERE kind = 'group' GROUP BY status")) {
      counts[row.status] -= row.count;
    }
    return counts;
  }

  /** Moves a job that nobody holds from one state to another. False when it was not in `from` any more. */
  transition(id: string, from: JobState, to: Transition): boolean {
    return this.#database
      .transaction(() => {
        const row = this.#database
          .prepare<unknown[], { parent: string | null }>(
            `UPDATE jobs SET status = ?, waiting_for = ?, not_before = ?, finished_at = ?,
               attempts = iif(?, 0, attempts), error = iif(?, NULL, error)
             WHERE id = ? AND status = ? AND kind <> 'group' RETURNING parent`,
          )
          .get(
            to.status,
            to.waitingFor ?? null,
            to.notBefore ?? 0,
            isOver(to.status) ? to.now : null,
            Number(isOver(from)),
            Number(to.status === 'queued'),
            id,
            from,
          );
        if (row === undefined) return false;
        this.#groups.settle([row.parent], to.now);
        return true;
      })
      .immediate();
  }

  /**
   * Puts a job that has not begun before or behind all others of its lane that have not. The parts of a group go
   * together and keep their order. False when there was nothing to move.
   */
  move(id: string, to: 'first' | 'last'): boolean {
    const bound = to === 'first' ? 'max(priority) + 1' : 'min(priority) - 1';
    return this.#database
      .transaction(() => {
        const lanes = this.#database
          .prepare<[string, string], string>(
            `SELECT DISTINCT lane FROM jobs WHERE (id = ? OR parent = ?) AND kind <> 'group'
               AND status IN ('queued', 'waiting', 'paused')`,
          )
          .pluck()
          .all(id, id);
        const move = this.#database.prepare(
          `UPDATE jobs SET priority = (SELECT ${bound} FROM jobs WHERE lane = ?
               AND status IN ('queued', 'waiting', 'paused') AND id <> ? AND coalesce(parent, '') <> ?)
           WHERE (id = ? OR parent = ?) AND lane = ? AND status IN ('queued', 'waiting', 'paused')
             AND EXISTS (SELECT 1 FROM jobs WHERE lane = ? AND status IN ('queued', 'waiting', 'paused')
               AND id <> ? AND coalesce(parent, '') <> ?)`,
        );
        for (const lane of lanes) move.run(lane, id, id, id, id, lane, lane, id, id);
        return lanes.length > 0;
      })
      .immediate();
  }

  /** Asks the holder of a running job to stop; it notices within a second. Once asked plainly, nothing is kept. */
  askCancel(id: string, { keepPartials = false }: { readonly keepPartials?: boolean } = {}): void {
    const { plainly, keepPartials: keeping } = CANCEL_ASKED;
    this.#database
      .prepare("UPDATE jobs SET cancel_asked = iif(cancel_asked = ?, ?, ?) WHERE id = ? AND status = 'running'")
      .run(plainly, plainly, keepPartials ? keeping : plainly, id);
  }

  /**
   * Removes jobs that are over, one or all, with what was noted of them; a group with its parts. At most 1,000 rows a call.
   * @returns how many jobs, and whether there is more to remove
   */
  clearSome({ id, finishedBefore }: ClearQuestion): { removed: number; more: boolean } {
    return this.#database
      .transaction(() => {
        const age = finishedBefore === undefined ? '' : 'AND finished_at < ?';
        const one = id === undefined ? '' : 'AND (id = ? OR parent = ?)';
        const keys = this.#database
          .prepare<unknown[], number>(`SELECT key FROM jobs WHERE status IN ${OVER} ${age} ${one} LIMIT ?`)
          .pluck()
          .all(
            ...(finishedBefore === undefined ? [] : [finishedBefore]),
            ...(id === undefined ? [] : [id, id]),
            JOBS_CLEARED_AT_ONCE,
          );
        let left = CLEARED_AT_ONCE;
        for (const [table, column] of [
          ['steps', 'step'],
          ['job_log', 'line'],
          ['job_speed', 'at'],
        ] as const) {
          const remove = this.#database.prepare(
            `DELETE FROM ${table} WHERE job_key = ? AND ${column} IN
               (SELECT ${column} FROM ${table} WHERE job_key = ? ORDER BY ${column} LIMIT ?)`,
          );
          for (const key of keys) if (left > 0) left -= remove.run(key, key, left).changes;
        }
        if (left <= 0) return { removed: 0, more: true };
        const remove = this.#database.prepare('DELETE FROM jobs WHERE key = ?');
        for (const key of keys) remove.run(key);
        return { removed: keys.length, more: keys.length === JOBS_CLEARED_AT_ONCE };
      })
      .immediate();
  }
}
