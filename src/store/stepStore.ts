import type { Database } from 'better-sqlite3';

import { LakesideError } from '../base/errors.ts';
import type { PlanItem } from '../protocol/planFile.ts';
import type { PlanOp, StepStatus } from '../protocol/values.ts';
import { FileStore } from './fileStore.ts';
import type { Lease } from './jobLeases.ts';
import { PLAN_ITEM_COLUMNS, type RawPlanItem, toPlanItem } from './planRows.ts';
import { PreparedStatements } from './preparedStatements.ts';
import { TrashStore } from './trashStore.ts';

/** A step of a plan, by its number there. */
export type StoredStep = PlanItem & { readonly step: number };

export interface StoredOutcome {
  readonly step: number;
  readonly status: StepStatus;
  readonly code?: string;
  readonly reason?: string;
  /** Copied and verified. */
  readonly bytes: number;
  /** The folder in the trash that holds what it deleted or replaced. */
  readonly trashed?: string;
}

/** A change to the index that came with a step. Hashes are hexadecimal. */
export type StoredChange =
  | {
      readonly kind: 'put';
      readonly path: string;
      readonly size: number;
      readonly mtimeMs: number;
      readonly blake3: string | null;
    }
  | { readonly kind: 'remove'; readonly path: string }
  | {
      readonly kind: 'hash';
      readonly path: string;
      readonly size: number;
      readonly mtimeMs: number;
      readonly blake3: string;
    }
  | {
      readonly kind: 'trash';
      readonly folder: string;
      /** When the folder in the trash was begun. */
      readonly trashedAt: number;
      readonly path: string;
      readonly size: number;
      readonly mtimeMs: number;
      readonly blake3: string | null;
    }
  | { readonly kind: 'untrash'; readonly folder: string; readonly path: string };

/** An apply job and the plan it runs. */
export interface StepsOf {
  readonly jobKey: number;
  readonly planKey: number;
  /** Which of its steps; left out: those from the first root to the second. */
  readonly direction?: 'reverse';
}

const ROWS_A_TRANSACTION = 1_000;

/** The steps of apply jobs: what is left of a plan, and what became of the rest. */
export class StepStore {
  readonly #database: Database;
  readonly #statements: PreparedStatements;
  readonly #files: FileStore;
  readonly #trash: TrashStore;

  constructor(database: Database, files = new FileStore(database), trash = new TrashStore(database)) {
    this.#database = database;
    this.#statements = new PreparedStatements(database);
    this.#files = files;
    this.#trash = trash;
  }

  /** Gives the job a pending step for each ticked step of its plan, at most 1,000 a call; false when it has all. */
  begin({ jobKey, planKey }: StepsOf): boolean {
    return this.#database
      .transaction(() => {
        const last = this.#database
          .prepare<[number], number>('SELECT coalesce(max(step), -1) FROM steps WHERE job_key = ?')
          .pluck()
          .get(jobKey);
        const { changes } = this.#database
          .prepare(
            `INSERT INTO steps (job_key, step, status)
             SELECT ?, step, 'pending' FROM plan_items WHERE plan_key = ? AND step > ? AND ticked = 1 ORDER BY step LIMIT ?`,
          )
          .run(jobKey, planKey, last ?? -1, ROWS_A_TRANSACTION);
        return changes === ROWS_A_TRANSACTION;
      })
      .immediate();
  }

  totals({ jobKey, planKey }: StepsOf): {
    items: number;
    doneItems: number;
    bytes: number;
    doneBytes: number;
    failedCopies: number;
    reverse: number;
  } {
    const row = this.#database
      .prepare<
        [number, number],
        { items: number; doneItems: number; bytes: number; doneBytes: number; failedCopies: number; reverse: number }
      >(
        `SELECT count(*) AS items,
           coalesce(sum(s.status NOT IN ('pending', 'running')), 0) AS doneItems,
           coalesce(sum(CASE WHEN item.op = 'copy' THEN item.bytes END), 0) AS bytes,
           coalesce(sum(CASE WHEN item.op = 'copy' AND s.status NOT IN ('pending', 'running') THEN item.bytes END), 0) AS doneBytes,
           coalesce(sum(item.op = 'copy' AND s.status = 'failed'), 0) AS failedCopies,
           coalesce(sum(item.direction = 'reverse'), 0) AS reverse
         FROM steps s JOIN plan_items AS item ON item.plan_key = ? AND item.step = s.step WHERE s.job_key = ?`,
      )
      .get(planKey, jobKey);
    return row ?? { items: 0, doneItems: 0, bytes: 0, doneBytes: 0, failedCopies: 0, reverse: 0 };
  }

  /** Steps of one kind that are not finished, after a step number, in order. */
  pending({ jobKey, planKey, direction }: StepsOf, op: PlanOp, after: number, limit: number): StoredStep[] {
    return this.#steps(
      `WHERE s.job_key = ? AND s.step > ? AND s.status IN ('pending', 'running') AND item.op = ?
         AND item.direction IS ? ORDER BY s.step LIMIT ?`,
      planKey,
      [jobKey, after, op, direction ?? null, limit],
    );
  }

  /** Conflicts that are not decided, after a step number, in order. */
  undecided({ jobKey, planKey }: StepsOf, after: number, limit: number): StoredStep[] {
    return this.#steps(
      `WHERE s.job_key = ? AND s.step > ? AND s.status IN ('pending', 'running') AND item.direction = 'undecided'
         ORDER BY s.step LIMIT ?`,
      planKey,
      [jobKey, after, limit],
    );
  }

  /** Unfinished deletes of a path and of everything below it. */
  deletesAt({ jobKey, planKey, direction }: StepsOf, path: string): StoredStep[] {
    return this.#steps(
      `WHERE s.job_key = ? AND s.status IN ('pending', 'running') AND item.op = 'delete'
         AND item.direction IS ? AND (item.path = ? OR (item.path > ? AND item.path < ?)) ORDER BY s.step`,
      planKey,
      // `0` is the character after `/`.
      [jobKey, direction ?? null, path, `${path}/`, `${path}0`],
    );
  }

  /** Moves that are done, after a step number, in order. */
  finishedMoves({ jobKey, planKey, direction }: StepsOf, after: number, limit: number): StoredStep[] {
    return this.#steps(
      `WHERE s.job_key = ? AND s.step > ? AND s.status IN ('done', 'already') AND item.op = 'move'
         AND item.direction IS ? ORDER BY s.step LIMIT ?`,
      planKey,
      [jobKey, after, direction ?? null, limit],
    );
  }

  /** Steps that are done or were already, after a step number, in order, each with what its outcome says of the trash. */
  finished(
    { jobKey, planKey }: StepsOf,
    after: number,
    limit: number,
  ): (StoredStep & { readonly status: StepStatus; readonly keptIn: string | null })[] {
    return this.#database
      .prepare<[number, number, number, number], RawPlanItem & { status: StepStatus; keptIn: string | null }>(
        `SELECT ${PLAN_ITEM_COLUMNS}, s.status, s.trashed AS keptIn
         FROM steps s JOIN plan_items AS item ON item.plan_key = ? AND item.step = s.step
         WHERE s.job_key = ? AND s.step > ? AND s.status IN ('done', 'already') ORDER BY s.step LIMIT ?`,
      )
      .all(planKey, jobKey, after, limit)
      .map(({ status, keptIn, ...row }) => ({ step: row.step, ...toPlanItem(row), status, keptIn }));
  }

  #steps(where: string, planKey: number, parameters: readonly (string | number | null)[]): StoredStep[] {
    return this.#statements
      .get<unknown[], RawPlanItem>(
        `SELECT ${PLAN_ITEM_COLUMNS} FROM steps s JOIN plan_items AS item ON item.plan_key = ? AND item.step = s.step ${where}`,
      )
      .all(planKey, ...parameters)
      .map((row) => ({ step: row.step, ...toPlanItem(row) }));
  }

  /**
   * Records outcomes and index changes in one transaction. Throws LEASE_LOST, and writes nothing, when the lease is not
   * held any more: a machine that slept must not finish another's job.
   */
  record(
    lease: Lease,
    outcomes: readonly StoredOutcome[],
    changes: readonly { readonly rootKey: number; readonly change: StoredChange }[],
  ): void {
    const held = this.#statements.get<[number, number]>(
      "SELECT 1 FROM jobs WHERE key = ? AND fence = ? AND status = 'running'",
    );
    const write = this.#statements.get<(string | number | null)[]>(
      `INSERT INTO steps (job_key, step, status, code, reason, bytes, trashed) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (job_key, step) DO UPDATE SET status = excluded.status, code = excluded.code,
         reason = excluded.reason, bytes = excluded.bytes, trashed = coalesce(excluded.trashed, trashed)`,
    );
    this.#database
      .transaction(() => {
        if (held.get(lease.key, lease.fence) === undefined) {
          throw new LakesideError('LEASE_LOST', 'infra', 'Another process has taken this job over.');
        }
        for (const { step, status, code, reason, bytes, trashed } of outcomes) {
          write.run(lease.key, step, status, code ?? null, reason ?? null, bytes, trashed ?? null);
        }
        for (const { rootKey, change } of changes) this.#change(rootKey, change, lease.key);
      })
      .immediate();
  }

  /** As `record`, for changes of one root that belong to no step. */
  recordChanges(lease: Lease, rootKey: number, changes: readonly StoredChange[]): void {
    this.record(
      lease,
      [],
      changes.map((change) => ({ rootKey, change })),
    );
  }

  #change(rootKey: number, change: StoredChange, jobKey: number): void {
    switch (change.kind) {
      case 'put': {
        const { path, size, mtimeMs, blake3 } = change;
        // What was found damaged here is replaced, or was just read and is whole.
        this.#statements
          .get<[number, string]>('DELETE FROM rotten_files WHERE root_key = ? AND relpath = ?')
          .run(rootKey, path);
        this.#files.put(rootKey, {
          relpath: path,
          size,
          mtimeMs,
          blake3: blake3 === null ? null : Buffer.from(blake3, 'hex'),
        });
        return;
      }
      case 'remove':
        this.#files.remove(rootKey, change.path);
        return;
      case 'hash': {
        const { path, size, mtimeMs, blake3 } = change;
        this.#files.setHash(rootKey, { relpath: path, size, mtimeMs, blake3: Buffer.from(blake3, 'hex') });
        return;
      }
      case 'trash':
        this.#trash.put(rootKey, change, jobKey);
        return;
      case 'untrash':
        this.#trash.remove(rootKey, change.folder, change.path);
    }
  }
}
