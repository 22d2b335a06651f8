import type { Database } from 'better-sqlite3';
import * as z from 'zod';

import { type WorkKind, workKindSchema } from '../protocol/values.ts';
import { JobGroups } from './jobGroups.ts';
import { parseNeeds } from './jobRows.ts';

/** Who takes jobs: a window of the editor, a command, or the process that finishes what a window left. */
export const WORKER_ROLES = ['window', 'command', 'background'] as const;
export type WorkerRole = (typeof WORKER_ROLES)[number];

export interface QueueWorker {
  /** Formatted lease owner. */
  readonly owner: string;
  readonly role: WorkerRole;
  /** ms since the epoch: when it was last certain that it works. */
  readonly seen: number;
  /** Needs it cannot give, as it last looked. */
  readonly lacks: readonly string[];
}

export interface Holds {
  readonly all: boolean;
  readonly kinds: WorkKind[];
}

export type IsGone = (worker: QueueWorker) => boolean;

const ALL = '*';
const RESUMED_AT_ONCE = 500;

/** What is true of the whole queue: what is held back, and which processes work on it. */
export class QueueStore {
  readonly #database: Database;
  readonly #groups: JobGroups;

  constructor(database: Database) {
    this.#database = database;
    this.#groups = new JobGroups(database);
  }

  holds(): Holds {
    const held = this.#database.prepare<[], string>('SELECT held FROM queue_holds ORDER BY held').pluck().all();
    return { all: held.includes(ALL), kinds: held.flatMap((kind) => workKindSchema.safeParse(kind).data ?? []) };
  }

  /**
   * Holds back a kind, or everything: nothing of it is claimed, and what runs is asked to pause.
   * @returns how many jobs that are not over this keeps from going on
   */
  hold(kind: WorkKind | undefined, now: number): number {
    const { which, values } = ofKind(kind);
    return this.#database
      .transaction(() => {
        this.#database.prepare('INSERT OR IGNORE INTO queue_holds (held, since) VALUES (?, ?)').run(kind ?? ALL, now);
        this.#database.prepare(`UPDATE jobs SET pause_asked = 1 WHERE status = 'running' AND ${which}`).run(...values);
        return (
          this.#database
            .prepare<unknown[], number>(
              `SELECT count(*) FROM jobs WHERE status IN ('queued', 'waiting', 'running') AND ${which}`,
            )
            .pluck()
            .get(...values) ?? 0
        );
      })
      .immediate();
  }

  /** Takes back the hold of a kind, or every hold, and the wish that what runs shall pause. */
  lift(kind: WorkKind | undefined): void {
    const { which, values } = ofKind(kind);
    this.#database
      .transaction(() => {
        this.#database.prepare('DELETE FROM queue_holds WHERE ? IS NULL OR held = ?').run(kind ?? null, kind ?? null);
        this.#database.prepare(`UPDATE jobs SET pause_asked = 0 WHERE status = 'running' AND ${which}`).run(...values);
      })
      .immediate();
  }

  /** Puts paused jobs back into the queue, at most 500 a call; gives their ids. */
  resumeSome(kind: WorkKind | undefined, now: number): string[] {
    const { which, values } = ofKind(kind);
    return this.#database
      .transaction(() => {
        const rows = this.#database
          .prepare<unknown[], { id: string; parent: string | null }>(
            `UPDATE jobs SET status = 'queued', not_before = 0 WHERE key IN
               (SELECT key FROM jobs WHERE status = 'paused' AND ${which} LIMIT ${RESUMED_AT_ONCE}) RETURNING id, parent`,
          )
          .all(...values);
        this.#groups.settle(
          rows.map(({ parent }) => parent),
          now,
        );
        return rows.map(({ id }) => id);
      })
      .immediate();
  }

  /** Asks whoever runs the job to pause, or takes the wish back. False when it does not run. */
  askPause(id: string, pause: boolean): boolean {
    return (
      this.#database
        .prepare("UPDATE jobs SET pause_asked = ? WHERE id = ? AND status = 'running' AND pause_asked <> ?")
        .run(Number(pause), id, Number(pause)).changes === 1
    );
  }

  workers(): QueueWorker[] {
    return this.#database
      .prepare('SELECT owner, role, seen, lacks FROM queue_workers')
      .all()
      .map((raw) => workerSchema.parse(raw));
  }

  /**
   * Notes that a process takes jobs, and takes out those that are gone. False for a second one in the background: there
   * is at most one.
   */
  join(worker: Pick<QueueWorker, 'owner' | 'role'>, gone: IsGone, now: number): boolean {
    return this.#database
      .transaction(() => {
        this.removeGone(gone);
        return (
          this.#database
            .prepare('INSERT OR IGNORE INTO queue_workers (owner, role, seen) VALUES (?, ?, ?)')
            .run(worker.owner, worker.role, now).changes === 1
        );
      })
      .immediate();
  }

  /** Takes a process out, with those that are gone; gives those that are left. Of several that leave, one is the last. */
  leave(owner: string, gone: IsGone): QueueWorker[] {
    return this.#database
      .transaction(() => {
        this.#database.prepare('DELETE FROM queue_workers WHERE owner = ?').run(owner);
        this.removeGone(gone);
        return this.workers();
      })
      .immediate();
  }

  removeGone(gone: IsGone): void {
    const remove = this.#database.prepare('DELETE FROM queue_workers WHERE owner = ?');
    for (const worker of this.workers()) if (gone(worker)) remove.run(worker.owner);
  }

  /** Says that a process still works on the queue, also where another one has thought it gone. */
  stamp({ owner, role }: Pick<QueueWorker, 'owner' | 'role'>, now: number): void {
    this.#database
      .prepare(
        `INSERT INTO queue_workers (owner, role, seen) VALUES (?, ?, ?)
         ON CONFLICT (owner) DO UPDATE SET seen = excluded.seen`,
      )
      .run(owner, role, now);
  }

  setLacks(owner: string, lacks: readonly string[]): void {
    this.#database.prepare('UPDATE queue_workers SET lacks = ? WHERE owner = ?').run(JSON.stringify(lacks), owner);
  }

  /** Whether there is work that a process without the editor can do: nothing that needs a provider, nothing held back. */
  hasPlainWork(): boolean {
    return (
      this.#database
        .prepare(
          `SELECT 1 FROM jobs WHERE status IN ('queued', 'running') AND kind <> 'group' AND pause_asked = 0
             AND cancel_asked = 0 AND needs NOT LIKE '%"provider:%'
             AND kind NOT IN (SELECT held FROM queue_holds) AND NOT EXISTS (SELECT 1 FROM queue_holds WHERE held = '*')
           LIMIT 1`,
        )
        .get() !== undefined
    );
  }
}

const workerSchema = z
  .object({ owner: z.string(), role: z.enum(WORKER_ROLES), seen: z.int(), lacks: z.string() })
  .transform((raw): QueueWorker => ({ ...raw, lacks: parseNeeds(raw.lacks) }));

function ofKind(kind: WorkKind | undefined): { which: string; values: string[] } {
  return kind === undefined ? { which: "kind <> 'group'", values: [] } : { which: 'kind = ?', values: [kind] };
}
