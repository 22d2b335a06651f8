import type { Database } from 'better-sqlite3';
import * as z from 'zod';

import { errorShapeSchema } from '../protocol/apiResponse.ts';
import type { ErrorShape } from '../base/errors.ts';
import {
  isOver,
  type Job,
  type JobKind,
  jobKindSchema,
  type JobState,
  jobStateSchema,
  type Progress,
  progressSchema,
} from '../protocol/values.ts';

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
  readonly now: number;
}

/** A job in somebody's hands. Every later write of that holder carries `fence`. */
export interface ClaimedJob {
  readonly key: number;
  readonly id: string;
  readonly kind: JobKind;
  readonly title: string;
  readonly payload: unknown;
  readonly attempts: number;
  readonly fence: number;
}

export interface Lease {
  readonly key: number;
  readonly fence: number;
}

export interface ClaimQuestion {
  /** Formatted lease owner. */
  readonly owner: string;
  readonly now: number;
  readonly leaseMs: number;
  readonly laneLimits: Readonly<Record<string, number>>;
  /** Whether this process has what a job needs. */
  readonly gives: (need: string) => boolean;
}

export interface Transition {
  readonly status: JobState;
  readonly now: number;
  readonly result?: unknown;
  readonly error?: ErrorShape;
  readonly waitingFor?: string;
  readonly notBefore?: number;
  /** The attempt that ends here was no failure of the job: the engine stopped, or a root is away. */
  readonly notCounted?: boolean;
}

const rawJobSchema = z.object({
  key: z.int(),
  id: z.string(),
  kind: jobKindSchema,
  title: z.string(),
  status: jobStateSchema,
  attempts: z.int(),
  waitingFor: z.string().nullable(),
  progress: z.string().nullable(),
  result: z.string().nullable(),
  error: z.string().nullable(),
  createdAt: z.int(),
  startedAt: z.int().nullable(),
  finishedAt: z.int().nullable(),
});

const COLUMNS = `key, id, kind, title, status, attempts, waiting_for AS waitingFor, progress, result, error,
  created_at AS createdAt, started_at AS startedAt, finished_at AS finishedAt`;

/** Of a lane; more than this lacking something at its head would have to wait for the next look. */
const CANDIDATES_A_LANE = 100;

const ACTIVE = "('queued', 'waiting', 'paused', 'running')";
const OVER = "('succeeded', 'failed', 'canceled')";

function toJob(raw: unknown): Job {
  const { key: _key, waitingFor, progress, result, error, ...job } = rawJobSchema.parse(raw);
  return {
    ...job,
    progress: progress === null ? null : progressSchema.parse(JSON.parse(progress)),
    ...(waitingFor === null ? {} : { waitingFor }),
    ...(error === null ? {} : { error: errorShapeSchema.parse(JSON.parse(error)) }),
    ...(result === null ? {} : { result: z.unknown().parse(JSON.parse(result)) }),
  };
}

/** The queue's rows. Claims and fenced writes; which transitions make sense is the queue's to know. */
export class JobStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds a job, or gives the active one with the same dedupe key. */
  add(job: NewJob): { job: Job; added: boolean } {
    return this.#database
      .transaction(() => {
        const same = job.dedupeKey === undefined ? undefined : this.#activeWith(job.dedupeKey);
        if (same !== undefined) return { job: same, added: false };
        const raw = this.#database
          .prepare(
            `INSERT INTO jobs (id, kind, title, status, lane, priority, payload, needs, dedupe_key, work_item_id,
               created_at) VALUES (?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?) RETURNING ${COLUMNS}`,
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
            job.now,
          );
        return { job: toJob(raw), added: true };
      })
      .immediate();
  }

  #activeWith(dedupeKey: string): Job | undefined {
    const raw = this.#database
      .prepare(`SELECT ${COLUMNS} FROM jobs WHERE dedupe_key = ? AND status IN ${ACTIVE}`)
      .get(dedupeKey);
    return raw === undefined ? undefined : toJob(raw);
  }

  get(id: string): Job | undefined {
    const raw = this.#database.prepare(`SELECT ${COLUMNS} FROM jobs WHERE id = ?`).get(id);
    return raw === undefined ? undefined : toJob(raw);
  }

  keyOf(id: string): number | undefined {
    return this.#database.prepare<[string], number>('SELECT key FROM jobs WHERE id = ?').pluck().get(id);
  }

  /** Newest first. */
  list(options: { states?: readonly JobState[] | undefined; limit: number }): Job[] {
    const states = JSON.stringify(options.states ?? jobStateSchema.options);
    return this.#database
      .prepare(`SELECT ${COLUMNS} FROM jobs WHERE status IN (SELECT value FROM json_each(?)) ORDER BY key DESC LIMIT ?`)
      .all(states, options.limit)
      .map(toJob);
  }

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
    const rows = this.#database
      .prepare<[], { status: JobState; count: number }>('SELECT status, count(*) AS count FROM jobs GROUP BY status')
      .all();
    for (const row of rows) counts[row.status] = row.count;
    return counts;
  }

  /** Takes as many queued jobs as the lanes of this data dir have room for, in one immediate transaction. */
  claim(question: ClaimQuestion): ClaimedJob[] {
    const { now } = question;
    return this.#database
      .transaction(() => {
        const room = new Map(Object.entries(question.laneLimits));
        const running = this.#database
          .prepare<[], { lane: string; count: number }>(
            "SELECT lane, count(*) AS count FROM jobs WHERE status = 'running' GROUP BY lane",
          )
          .all();
        for (const { lane, count } of running) room.set(lane, (room.get(lane) ?? 0) - count);
        // Lane by lane, so that a long queue in a full lane hides no other.
        const candidates = this.#database.prepare<[string, number], { key: number; needs: string }>(
          `SELECT key, needs FROM jobs WHERE status = 'queued' AND lane = ? AND not_before <= ?
           ORDER BY priority DESC, key LIMIT ${CANDIDATES_A_LANE}`,
        );
        const take = this.#database.prepare<
          [string, number, number, number],
          Omit<ClaimedJob, 'payload'> & { payload: string }
        >(
          `UPDATE jobs SET status = 'running', fence = fence + 1, attempts = attempts + 1, lease_owner = ?,
             lease_until = ?, started_at = ?, waiting_for = NULL, error = NULL, cancel_asked = 0
           WHERE key = ? RETURNING key, id, kind, title, payload, attempts, fence`,
        );
        const claimed: ClaimedJob[] = [];
        for (const [lane, roomOfLane] of room) {
          let left = roomOfLane;
          for (const { key, needs } of left > 0 ? candidates.all(lane, now) : []) {
            if (left <= 0) break;
            if (!parseNeeds(needs).every(question.gives)) continue;
            const row = take.get(question.owner, now + question.leaseMs, now, key);
            if (row === undefined) continue;
            left--;
            claimed.push({ ...row, payload: JSON.parse(row.payload) as unknown });
          }
        }
        return claimed;
      })
      .immediate();
  }

  /** Prolongs leases. Gives those that are still held, and whether their cancellation was asked for. */
  heartbeat(leases: readonly Lease[], leaseUntil: number): { key: number; cancelAsked: boolean }[] {
    const prolong = this.#database.prepare<[number, number, number], { key: number; cancelAsked: number }>(
      `UPDATE jobs SET lease_until = ? WHERE key = ? AND fence = ? AND status = 'running'
       RETURNING key, cancel_asked AS cancelAsked`,
    );
    return this.#database
      .transaction(() =>
        leases.flatMap(({ key, fence }) => {
          const row = prolong.get(leaseUntil, key, fence);
          return row === undefined ? [] : [{ key: row.key, cancelAsked: row.cancelAsked === 1 }];
        }),
      )
      .immediate();
  }

  holds(lease: Lease): boolean {
    return (
      this.#database
        .prepare("SELECT 1 FROM jobs WHERE key = ? AND fence = ? AND status = 'running'")
        .get(lease.key, lease.fence) !== undefined
    );
  }

  /** False when the lease is no longer held: then nothing was written. */
  setProgress(lease: Lease, progress: Progress): boolean {
    return (
      this.#database
        .prepare("UPDATE jobs SET progress = ? WHERE key = ? AND fence = ? AND status = 'running'")
        .run(JSON.stringify(progress), lease.key, lease.fence).changes === 1
    );
  }

  /** Ends or parks a running job in the hands of its holder. False when the lease is no longer held. */
  release(lease: Lease, to: Transition): boolean {
    return (
      this.#database
        .prepare(
          `UPDATE jobs SET status = ?, result = coalesce(?, result), error = ?, waiting_for = ?, not_before = ?,
             lease_owner = NULL, lease_until = NULL, finished_at = ?, attempts = attempts - ?
           WHERE key = ? AND fence = ? AND status = 'running'`,
        )
        .run(
          to.status,
          to.result === undefined ? null : JSON.stringify(to.result),
          to.error === undefined ? null : JSON.stringify(to.error),
          to.waitingFor ?? null,
          to.notBefore ?? 0,
          isOver(to.status) ? to.now : null,
          Number(to.notCounted ?? false),
          lease.key,
          lease.fence,
        ).changes === 1
    );
  }

  /** Moves a job that nobody holds from one state to another. False when it was not in `from` any more. */
  transition(id: string, from: JobState, to: Transition): boolean {
    return (
      this.#database
        .prepare(
          `UPDATE jobs SET status = ?, waiting_for = ?, not_before = ?, finished_at = ?, attempts = iif(?, 0, attempts),
             error = iif(?, NULL, error)
           WHERE id = ? AND status = ?`,
        )
        .run(
          to.status,
          to.waitingFor ?? null,
          to.notBefore ?? 0,
          isOver(to.status) ? to.now : null,
          Number(isOver(from)),
          Number(to.status === 'queued'),
          id,
          from,
        ).changes === 1
    );
  }

  /** Asks the holder of a running job to stop; it notices at its next heartbeat. */
  askCancel(id: string): void {
    this.#database.prepare("UPDATE jobs SET cancel_asked = 1 WHERE id = ? AND status = 'running'").run(id);
  }

  running(): { id: string; owner: string; leaseUntil: number; cancelAsked: boolean }[] {
    return this.#database
      .prepare<[], { id: string; owner: string | null; leaseUntil: number | null; cancelAsked: number }>(
        `SELECT id, lease_owner AS owner, lease_until AS leaseUntil, cancel_asked AS cancelAsked
         FROM jobs WHERE status = 'running'`,
      )
      .all()
      .map((row) => ({
        id: row.id,
        owner: row.owner ?? '',
        leaseUntil: row.leaseUntil ?? 0,
        cancelAsked: row.cancelAsked === 1,
      }));
  }

  /** Frees a job whose holder is gone. `owner` guards against a holder that came in between. */
  free(id: string, owner: string, cancel: boolean, now: number): boolean {
    return (
      this.#database
        .prepare(
          `UPDATE jobs SET status = iif(?, 'canceled', 'queued'), fence = fence + 1, lease_owner = NULL, lease_until = NULL,
             finished_at = iif(?, ?, NULL)
           WHERE id = ? AND status = 'running' AND lease_owner = ?`,
        )
        .run(Number(cancel), Number(cancel), now, id, owner).changes === 1
    );
  }

  waiting(): { id: string; needs: string[]; notBefore: number }[] {
    return this.#database
      .prepare<[], { id: string; needs: string; notBefore: number }>(
        "SELECT id, needs, not_before AS notBefore FROM jobs WHERE status = 'waiting'",
      )
      .all()
      .map((row) => ({ ...row, needs: parseNeeds(row.needs) }));
  }

  /** Queued jobs with what they need, in the order they would be claimed. */
  queued(): { id: string; needs: string[]; createdAt: number }[] {
    return this.#database
      .prepare<[], { id: string; needs: string; createdAt: number }>(
        "SELECT id, needs, created_at AS createdAt FROM jobs WHERE status = 'queued' ORDER BY priority DESC, key LIMIT 100",
      )
      .all()
      .map((row) => ({ ...row, needs: parseNeeds(row.needs) }));
  }

  /** Removes one job, or all, that are over; returns how many. */
  clear(id: string | undefined): number {
    return this.#database
      .prepare(`DELETE FROM jobs WHERE status IN ${OVER} AND (? IS NULL OR id = ?)`)
      .run(id ?? null, id ?? null).changes;
  }

  clearOlderThan(beforeMs: number): number {
    return this.#database.prepare(`DELETE FROM jobs WHERE status IN ${OVER} AND finished_at < ?`).run(beforeMs).changes;
  }
}

function parseNeeds(json: string): string[] {
  return z.array(z.string()).parse(JSON.parse(json));
}
