import type { Database } from 'better-sqlite3';

import { LakesideError } from '../base/errors.ts';
import type { ExpectedFile } from '../protocol/planFile.ts';
import type { PlanOp, StepStatus } from '../protocol/values.ts';
import { FileStore } from './fileStore.ts';
import type { Lease } from './jobStore.ts';

export interface StoredStep {
  readonly step: number;
  readonly op: PlanOp;
  readonly path: string;
  readonly movedFrom?: string;
  readonly expect: { readonly from: ExpectedFile | null; readonly to: ExpectedFile | null };
}

export interface StoredOutcome {
  readonly step: number;
  readonly status: StepStatus;
  readonly code?: string;
  readonly reason?: string;
  /** Copied and verified. */
  readonly bytes: number;
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
    };

/** An apply job and the plan it runs. */
export interface StepsOf {
  readonly jobKey: number;
  readonly planKey: number;
}

interface RawStep {
  readonly step: number;
  readonly op: PlanOp;
  readonly path: string;
  readonly movedFrom: string | null;
  readonly fromSize: number | null;
  readonly fromMtimeMs: number | null;
  readonly fromBlake3: string | null;
  readonly toSize: number | null;
  readonly toMtimeMs: number | null;
  readonly toBlake3: string | null;
}

const ROWS_A_TRANSACTION = 1_000;

const STEP_COLUMNS = `i.step, i.op, i.path, i.moved_from AS movedFrom,
  i.from_size AS fromSize, i.from_mtime_ms AS fromMtimeMs, lower(hex(i.from_blake3)) AS fromBlake3,
  i.to_size AS toSize, i.to_mtime_ms AS toMtimeMs, lower(hex(i.to_blake3)) AS toBlake3`;

/** The steps of apply jobs: what is left of a plan, and what became of the rest. */
export class StepStore {
  readonly #database: Database;
  readonly #files: FileStore;

  constructor(database: Database, files: FileStore = new FileStore(database)) {
    this.#database = database;
    this.#files = files;
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
  } {
    const row = this.#database
      .prepare<
        [number, number],
        { items: number; doneItems: number; bytes: number; doneBytes: number; failedCopies: number }
      >(
        `SELECT count(*) AS items,
           coalesce(sum(s.status NOT IN ('pending', 'running')), 0) AS doneItems,
           coalesce(sum(CASE WHEN i.op = 'copy' THEN i.from_size END), 0) AS bytes,
           coalesce(sum(CASE WHEN i.op = 'copy' AND s.status NOT IN ('pending', 'running') THEN i.from_size END), 0) AS doneBytes,
           coalesce(sum(i.op = 'copy' AND s.status = 'failed'), 0) AS failedCopies
         FROM steps s JOIN plan_items i ON i.plan_key = ? AND i.step = s.step WHERE s.job_key = ?`,
      )
      .get(planKey, jobKey);
    return row ?? { items: 0, doneItems: 0, bytes: 0, doneBytes: 0, failedCopies: 0 };
  }

  /** Steps of one kind that are not finished, after a step number, in order. */
  pending({ jobKey, planKey }: StepsOf, op: PlanOp, after: number, limit: number): StoredStep[] {
    return this.#steps(
      `WHERE s.job_key = ? AND s.step > ? AND s.status IN ('pending', 'running') AND i.op = ? ORDER BY s.step LIMIT ?`,
      planKey,
      [jobKey, after, op, limit],
    );
  }

  /** Unfinished deletes of a path and of everything below it. */
  deletesAt({ jobKey, planKey }: StepsOf, path: string): StoredStep[] {
    return this.#steps(
      `WHERE s.job_key = ? AND s.status IN ('pending', 'running') AND i.op = 'delete'
         AND (i.path = ? OR (i.path > ? AND i.path < ?)) ORDER BY s.step`,
      planKey,
      // `0` is the character after `/`.
      [jobKey, path, `${path}/`, `${path}0`],
    );
  }

  /** Moves that are done, after a step number, in order. */
  finishedMoves({ jobKey, planKey }: StepsOf, after: number, limit: number): StoredStep[] {
    return this.#steps(
      `WHERE s.job_key = ? AND s.step > ? AND s.status IN ('done', 'already') AND i.op = 'move' ORDER BY s.step LIMIT ?`,
      planKey,
      [jobKey, after, limit],
    );
  }

  #steps(where: string, planKey: number, parameters: readonly (string | number)[]): StoredStep[] {
    return this.#database
      .prepare<unknown[], RawStep>(
        `SELECT ${STEP_COLUMNS} FROM steps s JOIN plan_items i ON i.plan_key = ? AND i.step = s.step ${where}`,
      )
      .all(planKey, ...parameters)
      .map(toStep);
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
    const held = this.#database.prepare("SELECT 1 FROM jobs WHERE key = ? AND fence = ? AND status = 'running'");
    const write = this.#database.prepare(
      `INSERT INTO steps (job_key, step, status, code, reason, bytes) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (job_key, step) DO UPDATE SET status = excluded.status, code = excluded.code,
         reason = excluded.reason, bytes = excluded.bytes`,
    );
    this.#database
      .transaction(() => {
        if (held.get(lease.key, lease.fence) === undefined) {
          throw new LakesideError('LEASE_LOST', 'infra', 'Another process has taken this job over.');
        }
        for (const { step, status, code, reason, bytes } of outcomes) {
          write.run(lease.key, step, status, code ?? null, reason ?? null, bytes);
        }
        for (const { rootKey, change } of changes) this.#change(rootKey, change);
      })
      .immediate();
  }

  #change(rootKey: number, change: StoredChange): void {
    switch (change.kind) {
      case 'put': {
        const { path, size, mtimeMs, blake3 } = change;
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
        this.#files.setHashes(rootKey, [{ relpath: path, size, mtimeMs, blake3: Buffer.from(blake3, 'hex') }]);
      }
    }
  }
}

function toStep(raw: RawStep): StoredStep {
  return {
    step: raw.step,
    op: raw.op,
    path: raw.path,
    ...(raw.movedFrom === null ? {} : { movedFrom: raw.movedFrom }),
    expect: {
      from: expectedFile(raw.fromSize, raw.fromMtimeMs, raw.fromBlake3),
      to: expectedFile(raw.toSize, raw.toMtimeMs, raw.toBlake3),
    },
  };
}

/** SQLite gives `''` for the hex form of NULL. */
function expectedFile(size: number | null, mtimeMs: number | null, blake3: string | null): ExpectedFile | null {
  if (size === null || mtimeMs === null) return null;
  return blake3 === null || blake3 === '' ? { size, mtimeMs } : { size, mtimeMs, blake3 };
}
