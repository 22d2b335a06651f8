import type { Database } from 'better-sqlite3';

import { isOver, type JobKind, type Progress } from '../protocol/values.ts';
import { JobGroups } from './jobGroups.ts';
import { JobHistory, type NewLogLine, type SpeedSample } from './jobHistory.ts';
import { CANCEL_ASKED, parseNeeds } from './jobRows.ts';
import type { Transition } from './jobStore.ts';

/** A job in somebody's hands. Every later write of that holder carries `fence`. */
export interface ClaimedJob {
  readonly key: number;
  readonly id: string;
  readonly kind: JobKind;
  readonly title: string;
  readonly payload: unknown;
  readonly attempts: number;
  readonly parent: string | null;
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
  /** How many jobs of each lane may run on the data dir. */
  readonly laneLimits: Readonly<Record<string, number>>;
  /** How many of them in the hands of this owner; by default as many. */
  readonly shares?: Readonly<Record<string, number>>;
  /** Whether this process has what a job needs. */
  readonly gives: (need: string) => boolean;
}

export interface Claims {
  readonly jobs: ClaimedJob[];
  /** Lanes with room, and with jobs that this owner left to others, since it has its share. */
  readonly left: ReadonlySet<string>;
}

/** What a holder writes of one job. */
export interface LeaseNotes {
  readonly lease: Lease;
  readonly progress?: Progress | undefined;
  readonly lines?: readonly NewLogLine[] | undefined;
  readonly sample?: SpeedSample | undefined;
  /** How the job goes out of the holder's hands. */
  readonly release?: Transition | undefined;
}

export interface HeldJob {
  readonly id: string;
  readonly owner: string;
  readonly leaseUntil: number;
  readonly cancelAsked: boolean;
  /** With the cancellation: what is half-copied shall stay. */
  readonly keepPartials: boolean;
  readonly pauseAsked: boolean;
}

/** Of a lane; more than this lacking something at its head would have to wait for the next look. */
const CANDIDATES_A_LANE = 100;

/** Jobs in somebody's hands: claims, leases, and the writes that only the holder of the newest fence may do. */
export class JobLeases {
  readonly #database: Database;
  readonly #groups: JobGroups;
  readonly #history: JobHistory;

  constructor(database: Database) {
    this.#database = database;
    this.#groups = new JobGroups(database);
    this.#history = new JobHistory(database);
  }

  /** Takes as many queued jobs as the lanes of this data dir have room for, in one immediate transaction. */
  claim(question: ClaimQuestion): Claims {
    const { now, owner, laneLimits, shares = laneLimits } = question;
    return this.#database
      .transaction(() => {
        const running = this.#database
          .prepare<[string], { lane: string; count: number; mine: number }>(
            `SELECT lane, count(*) AS count, sum(lease_owner IS ?) AS mine FROM jobs WHERE status = 'running' GROUP BY lane`,
          )
          .all(owner);
        // Lane by lane, so that a long queue in a full lane hides no other.
        const candidates = this.#database.prepare<[string, number], { key: number; needs: string }>(
          `SELECT key, needs FROM jobs WHERE status = 'queued' AND lane = ? AND not_before <= ?
             AND kind NOT IN (SELECT held FROM queue_holds)
             AND NOT EXISTS (SELECT 1 FROM queue_holds WHERE held = '*')
           ORDER BY priority DESC, key LIMIT ${CANDIDATES_A_LANE}`,
        );
        const take = this.#database.prepare<
          [string, number, number, number],
          Omit<ClaimedJob, 'payload'> & { payload: string }
        >(
          `UPDATE jobs SET status = 'running', fence = fence + 1, attempts = attempts + 1, lease_owner = ?,
             lease_until = ?, started_at = ?, waiting_for = NULL, error = NULL, cancel_asked = 0, pause_asked = 0
           WHERE key = ? RETURNING key, id, kind, title, payload, attempts, parent, fence`,
        );
        const claimed: ClaimedJob[] = [];
        const left = new Set<string>();
        for (const [lane, limit] of Object.entries(laneLimits)) {
          const there = running.find((each) => each.lane === lane);
          const room = limit - (there?.count ?? 0);
          if (room <= 0) continue;
          const most = Math.min(room, (shares[lane] ?? limit) - (there?.mine ?? 0));
          const given = candidates.all(lane, now).filter(({ needs }) => parseNeeds(needs).every(question.gives));
          for (const { key } of given.slice(0, Math.max(0, most))) {
            const row = take.get(owner, now + question.leaseMs, now, key);
            if (row !== undefined) claimed.push({ ...row, payload: JSON.parse(row.payload) as unknown });
          }
          if (most < room && given.length > most) left.add(lane);
        }
        this.#groups.settle(
          claimed.map(({ parent }) => parent),
          now,
        );
        return { jobs: claimed, left };
      })
      .immediate();
  }

  /** Prolongs leases. Gives those that are still held. */
  heartbeat(leases: readonly Lease[], leaseUntil: number): ReadonlySet<number> {
    const prolong = this.#database.prepare(
      "UPDATE jobs SET lease_until = ? WHERE key = ? AND fence = ? AND status = 'running'",
    );
    return this.#database
      .transaction(
        () =>
          new Set(
            leases.filter(({ key, fence }) => prolong.run(leaseUntil, key, fence).changes === 1).map(({ key }) => key),
          ),
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

  /** Writes what holders have to say, in one transaction. Of a lease that is no longer held nothing is written. */
  write(notes: readonly LeaseNotes[]): void {
    this.#database
      .transaction(() => {
        for (const note of notes) {
          const { lease, progress, lines, sample, release } = note;
          if (!this.holds(lease)) continue;
          if (progress !== undefined) this.setProgress(lease, progress);
          if (lines !== undefined) this.#history.append(lease.key, lines);
          if (sample !== undefined) this.#history.addSample(lease.key, sample);
          if (release !== undefined) this.release(lease, release);
        }
      })
      .immediate();
  }

  /** False when the lease is no longer held: then nothing was written. */
  setProgress(lease: Lease, progress: Progress): boolean {
    return (
      this.#database
        .prepare("UPDATE jobs SET progress = ? WHERE key = ? AND fence = ? AND status = 'running'")
        .run(JSON.stringify(progress), lease.key, lease.fence).changes === 1
    );
  }

  /**
   * Ends or parks a running job in the hands of its holder. False when the lease is no longer held. What was asked while
   * the handler ended counts: a cancellation ends what would go on later, a pause that was taken back queues the job.
   */
  release(lease: Lease, to: Transition): boolean {
    return this.#database
      .transaction(() => {
        const row = this.#database
          .prepare<unknown[], { parent: string | null }>(
            `UPDATE jobs SET
               status = CASE WHEN NOT ? AND cancel_asked > 0 THEN 'canceled'
                 WHEN ? = 'paused' AND pause_asked = 0 THEN 'queued' ELSE ? END,
               result = coalesce(?, result), error = ?, waiting_for = ?, not_before = ?, lease_owner = NULL,
               lease_until = NULL, finished_at = iif(? OR cancel_asked > 0, ?, NULL), attempts = attempts - ?,
               pause_asked = 0
             WHERE key = ? AND fence = ? AND status = 'running' RETURNING parent`,
          )
          .get(
            Number(isOver(to.status)),
            to.status,
            to.status,
            to.result === undefined ? null : JSON.stringify(to.result),
            to.error === undefined ? null : JSON.stringify(to.error),
            to.waitingFor ?? null,
            to.notBefore ?? 0,
            Number(isOver(to.status)),
            to.now,
            Number(to.notCounted ?? false),
            lease.key,
            lease.fence,
          );
        if (row === undefined) return false;
        this.#groups.settle([row.parent], to.now);
        return true;
      })
      .immediate();
  }

  /** Every job that runs, in whosever hands. */
  running(): HeldJob[] {
    return this.#database
      .prepare<
        [],
        { id: string; owner: string | null; leaseUntil: number | null; cancelAsked: number; pauseAsked: number }
      >(
        `SELECT id, lease_owner AS owner, lease_until AS leaseUntil, cancel_asked AS cancelAsked, pause_asked AS pauseAsked
         FROM jobs WHERE status = 'running' AND kind <> 'group'`,
      )
      .all()
      .map((row) => ({
        id: row.id,
        owner: row.owner ?? '',
        leaseUntil: row.leaseUntil ?? 0,
        cancelAsked: row.cancelAsked > 0,
        keepPartials: row.cancelAsked === CANCEL_ASKED.keepPartials,
        pauseAsked: row.pauseAsked === 1,
      }));
  }

  /** How many jobs of these lanes run on the data dir, in whosever hands. */
  runningIn(lanes: readonly string[]): number {
    return this.#countRunning('*', lanes);
  }

  /** How many processes run jobs of these lanes. */
  holdersIn(lanes: readonly string[]): number {
    return this.#countRunning('DISTINCT lease_owner', lanes);
  }

  #countRunning(what: '*' | 'DISTINCT lease_owner', lanes: readonly string[]): number {
    return (
      this.#database
        .prepare<[string], number>(
          `SELECT count(${what}) FROM jobs WHERE status = 'running' AND lane IN (SELECT value FROM json_each(?))`,
        )
        .pluck()
        .get(JSON.stringify(lanes)) ?? 0
    );
  }

  /**
   * Frees a job whose holder is gone; what was asked of the holder is done then. `owner` guards against a holder that
   * came in between.
   */
  free(id: string, owner: string, now: number): boolean {
    return this.#database
      .transaction(() => {
        const row = this.#database
          .prepare<unknown[], { key: number; parent: string | null }>(
            `UPDATE jobs SET
               status = CASE WHEN cancel_asked > 0 THEN 'canceled' WHEN pause_asked = 1 THEN 'paused' ELSE 'queued' END,
               finished_at = iif(cancel_asked > 0, ?, NULL), fence = fence + 1, lease_owner = NULL, lease_until = NULL,
               pause_asked = 0
             WHERE id = ? AND status = 'running' AND lease_owner = ? RETURNING key, parent`,
          )
          .get(now, id, owner);
        if (row === undefined) return false;
        this.#history.append(row.key, [
          { at: now, level: 'warn', message: 'Whoever ran it is gone. It goes on from what was recorded.' },
        ]);
        this.#groups.settle([row.parent], now);
        return true;
      })
      .immediate();
  }

  waiting(): { id: string; needs: string[]; notBefore: number }[] {
    return this.#database
      .prepare<[], { id: string; needs: string; notBefore: number }>(
        "SELECT id, needs, not_before AS notBefore FROM jobs WHERE status = 'waiting' AND kind <> 'group'",
      )
      .all()
      .map((row) => ({ ...row, needs: parseNeeds(row.needs) }));
  }

  /** Those at the head of each lane, with what they need, in the order they would be claimed. */
  queued(
    lanes: readonly string[],
  ): { id: string; lane: string; needs: string[]; notBefore: number; createdAt: number }[] {
    const head = this.#database.prepare<
      [string],
      { id: string; lane: string; needs: string; notBefore: number; createdAt: number }
    >(
      `SELECT id, lane, needs, not_before AS notBefore, created_at AS createdAt FROM jobs
       WHERE status = 'queued' AND lane = ? ORDER BY priority DESC, key LIMIT ${CANDIDATES_A_LANE}`,
    );
    return lanes.flatMap((lane) => head.all(lane).map((row) => ({ ...row, needs: parseNeeds(row.needs) })));
  }
}
