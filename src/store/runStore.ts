import type { Database } from 'better-sqlite3';
import * as z from 'zod';

import { type ErrorShape, LakesideError } from '../base/errors.ts';
import { type Run, type RunSnapshot, runSnapshotSchema, type RunState } from '../protocol/studioValues.ts';
import type { Lease } from './jobLeases.ts';
import { RUN_COLUMNS, RUN_TABLES, toRun } from './runRows.ts';

export type RunEnd = 'succeeded' | 'failed' | 'canceled';

/** One question to the provider. */
export interface PartRow {
  /** From 1. */
  readonly part: number;
  readonly seed: number;
  readonly status: 'pending' | 'submitted' | 'done';
  /** UUID given to the provider; null before it was asked. */
  readonly submission: string | null;
  /** What the provider finds its work by; null while it has not told. */
  readonly ticket: Ticket | null;
}

const ticketSchema = z.record(z.string(), z.json());
type Ticket = z.infer<typeof ticketSchema>;

export interface NewImage {
  readonly id: string;
  /** From 1, within the part. */
  readonly n: number;
  readonly stage: string;
  readonly variant: string;
  /** Name within the run's folder. */
  readonly file: string;
  readonly mime: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly blake3: string;
  readonly model: string;
  readonly createdAt: number;
}

const ACTIVE = "('queued', 'waiting', 'paused', 'running')";

const partSchema = z.object({
  part: z.int(),
  seed: z.int(),
  status: z.enum(['pending', 'submitted', 'done']),
  submission: z.string().nullable(),
  ticket: z.string().nullable(),
});

/**
 * Runs and their parts. What the holder of a run's job writes carries its lease: a laptop that slept must not write into
 * a run that another process has taken over.
 */
export class RunStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes the run's row and its parts, or takes up those that are there. @param seeds of the parts, in their order */
  begin(
    lease: Lease,
    run: { snapshot: RunSnapshot; job: string; createdAt: number },
    seeds: number[],
    now: number,
  ): void {
    this.#fenced(lease, () => {
      this.#insert(run, 'running', now);
      this.#database
        .prepare(
          "UPDATE runs SET status = 'running', error = NULL, error_message = NULL, finished_at = NULL WHERE id = ?",
        )
        .run(run.snapshot.run);
      const add = this.#database.prepare(
        "INSERT INTO run_parts (run_id, part, seed, status) VALUES (?, ?, ?, 'pending') ON CONFLICT DO NOTHING",
      );
      seeds.forEach((seed, index) => add.run(run.snapshot.run, index + 1, seed));
    });
  }

  /** The row of a run that was canceled before it began, so that it is not forgotten. */
  addCanceled(run: { snapshot: RunSnapshot; job: string; createdAt: number }, now: number): void {
    this.#insert(run, 'canceled', now);
    this.#database.prepare('UPDATE runs SET finished_at = ? WHERE id = ?').run(now, run.snapshot.run);
  }

  #insert(run: { snapshot: RunSnapshot; job: string; createdAt: number }, status: string, now: number): void {
    const { snapshot } = run;
    this.#database
      .prepare(
        `INSERT INTO runs (id, work_item_id, job_id, status, provider, request, folder, created_by, created_at, started_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
      )
      .run(
        snapshot.run,
        snapshot.item.id,
        run.job,
        status,
        snapshot.provider.name,
        JSON.stringify(snapshot),
        snapshot.folder,
        snapshot.user.id,
        run.createdAt,
        now,
      );
  }

  parts(run: string): PartRow[] {
    return this.#database
      .prepare('SELECT part, seed, status, submission, ticket FROM run_parts WHERE run_id = ? ORDER BY part')
      .all(run)
      .map((raw) => {
        const row = partSchema.parse(raw);
        return { ...row, ticket: row.ticket === null ? null : ticketSchema.parse(JSON.parse(row.ticket)) };
      });
  }

  /**
   * Notes that a part is about to be sent. On the disk before it returns: what is sent costs money, and a power cut must
   * not make us send it again.
   */
  markSubmitted(lease: Lease, run: string, part: number, submission: string): void {
    this.#database.pragma('synchronous = FULL');
    try {
      this.#fenced(lease, () => {
        this.#database
          .prepare(
            "UPDATE run_parts SET status = 'submitted', submission = ?, ticket = NULL WHERE run_id = ? AND part = ?",
          )
          .run(submission, run, part);
      });
    } finally {
      this.#database.pragma('synchronous = NORMAL');
    }
  }

  keepTicket(lease: Lease, run: string, part: number, ticket: unknown): void {
    this.#fenced(lease, () => {
      this.#database
        .prepare('UPDATE run_parts SET ticket = ? WHERE run_id = ? AND part = ?')
        .run(JSON.stringify(ticket), run, part);
    });
  }

  /** The part may be sent anew. */
  resetPart(lease: Lease, run: string, part: number): void {
    this.#fenced(lease, () => this.forgetSubmission(run, part));
  }

  /** As resetPart, for a run that nobody holds. */
  forgetSubmission(run: string, part: number): void {
    this.#database
      .prepare(
        `UPDATE run_parts SET status = 'pending', submission = NULL, ticket = NULL
         WHERE run_id = ? AND part = ? AND status = 'submitted'`,
      )
      .run(run, part);
  }

  /** Writes the part's images and that it is done, at once. */
  completePart(
    lease: Lease,
    snapshot: RunSnapshot,
    { part, seed }: { part: number; seed: number },
    images: readonly NewImage[],
  ): void {
    this.#fenced(lease, () => {
      const add = this.#database.prepare(
        `INSERT INTO run_images (id, run_id, work_item_id, project_id, part, n, stage, variant, file, mime, width, height,
           bytes, blake3, seed, model, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, unhex(?), ?, ?, ?)`,
      );
      for (const image of images) {
        const { n, stage, variant, file, mime, width, height, bytes, blake3, model, createdAt } = image;
        const of = [image.id, snapshot.run, snapshot.item.id, snapshot.project.id, part, n, stage, variant];
        add.run(...of, file, mime, width, height, bytes, blake3, seed, model, createdAt);
      }
      this.#database
        .prepare("UPDATE run_parts SET status = 'done', ticket = NULL WHERE run_id = ? AND part = ?")
        .run(snapshot.run, part);
      this.#database
        .prepare('UPDATE runs SET image_count = image_count + ? WHERE id = ?')
        .run(images.length, snapshot.run);
    });
  }

  /** Notes why a run does not go on for now. */
  noteError(lease: Lease, run: string, error: ErrorShape): void {
    this.#fenced(lease, () => {
      this.#database
        .prepare('UPDATE runs SET error = ?, error_message = ? WHERE id = ?')
        .run(JSON.stringify(error), error.message, run);
    });
  }

  finish(lease: Lease, run: string, end: { status: RunEnd; error?: ErrorShape; now: number }): void {
    this.#fenced(lease, () => this.#end(run, end));
  }

  /** Ends a run whose job is over; false when another process was quicker, or the job goes on. */
  settle(run: string, end: { status: RunEnd; error?: ErrorShape; now: number }): boolean {
    return this.#database
      .transaction(() => {
        const open = this.#database.prepare<[string]>(`SELECT 1 FROM runs AS run WHERE run.id = ? AND ${UNSETTLED}`);
        if (open.get(run) === undefined) return false;
        this.#end(run, end);
        return true;
      })
      .immediate();
  }

  #end(run: string, { status, error, now }: { status: RunEnd; error?: ErrorShape; now: number }): void {
    this.#database
      .prepare('UPDATE runs SET status = ?, error = ?, error_message = ?, finished_at = ? WHERE id = ?')
      .run(status, error === undefined ? null : JSON.stringify(error), error?.message ?? null, now, run);
  }

  /** Runs that are said to run while nobody will go on with them: their job is over or was cleared. */
  unsettled(): { id: string; job: string }[] {
    return this.#database
      .prepare<[], { id: string; job: string }>(
        `SELECT run.id, run.job_id AS job FROM runs AS run INDEXED BY runs_running WHERE ${UNSETTLED}`,
      )
      .all();
  }

  get(id: string): Run | undefined {
    const raw = this.#database.prepare(`SELECT ${RUN_COLUMNS} FROM ${RUN_TABLES} WHERE run.id = ?`).get(id);
    return raw === undefined ? undefined : toRun(raw);
  }

  snapshot(id: string): RunSnapshot | undefined {
    const json = this.#database.prepare<[string], string>('SELECT request FROM runs WHERE id = ?').pluck().get(id);
    return json === undefined ? undefined : runSnapshotSchema.parse(JSON.parse(json));
  }

  /** Runs whose job is over, newest first. */
  ended(options: {
    readonly item?: string | undefined;
    readonly project?: string | undefined;
    readonly states?: readonly RunState[] | undefined;
    readonly limit: number;
  }): Run[] {
    const { item, project, states, limit } = options;
    // The stored state says it, but for the moment between the end of a job and that of its run.
    const wanted = states?.filter((state) => state === 'succeeded' || state === 'failed' || state === 'canceled');
    if (wanted?.length === 0) return [];
    const conditions = [
      ...(item === undefined ? [] : ['run.work_item_id = ?']),
      ...(project === undefined ? [] : ['run.work_item_id IN (SELECT id FROM work_items WHERE project_id = ?)']),
      // In these words it is answered by the index of what failed.
      ...(wanted === undefined ? [] : [`run.status ${wanted.length === 1 ? '=' : 'IN'} ${listOf(wanted)}`]),
      `(job.status IS NULL OR job.status NOT IN ${ACTIVE})`,
    ];
    return this.#database
      .prepare(
        `SELECT ${RUN_COLUMNS} FROM ${RUN_TABLES} WHERE ${conditions.join(' AND ')} ORDER BY run.created_at DESC LIMIT ?`,
      )
      .all(...[item, project].filter((id) => id !== undefined), limit)
      .map(toRun);
  }

  /** Runs with images that are neither picked nor rejected, newest first; not those of archived work. */
  toPick(limit: number): Run[] {
    return this.#database
      .prepare<[number]>(
        `SELECT ${RUN_COLUMNS} FROM ${RUN_TABLES}
         WHERE EXISTS (SELECT 1 FROM run_images WHERE run_id = run.id AND pick = 'none')
           AND item.archived_at IS NULL AND project.archived_at IS NULL
           AND (SELECT archived_at FROM brands WHERE id = project.brand_id) IS NULL
         ORDER BY run.created_at DESC LIMIT ?`,
      )
      .all(limit)
      .map(toRun);
  }

  #fenced(lease: Lease, work: () => void): void {
    this.#database
      .transaction(() => {
        const held = this.#database
          .prepare<[number, number]>("SELECT 1 FROM jobs WHERE key = ? AND fence = ? AND status = 'running'")
          .get(lease.key, lease.fence);
        if (held === undefined) {
          throw new LakesideError('LEASE_LOST', 'infra', 'Another process has taken this run over.');
        }
        work();
      })
      .immediate();
  }
}

const UNSETTLED = `run.status = 'running'
  AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = run.job_id AND jobs.status IN ${ACTIVE})`;

function listOf(states: readonly string[]): string {
  const words = states.map((state) => `'${state}'`).join(', ');
  return states.length === 1 ? words : `(${words})`;
}
