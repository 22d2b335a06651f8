import type { Database } from 'better-sqlite3';
import * as z from 'zod';

import { type RunSnapshot, runSnapshotSchema } from '../protocol/studioValues.ts';
import { type JobState, jobStateSchema } from '../protocol/values.ts';

/** A run as its job has it. The job of a run bears the run's id. */
export interface RunJob {
  readonly id: string;
  readonly status: JobState;
  readonly waitingFor: string | null;
  readonly createdAt: number;
  readonly snapshot: RunSnapshot;
}

const rawSchema = z.object({
  id: z.string(),
  status: jobStateSchema,
  waitingFor: z.string().nullable(),
  createdAt: z.int(),
  payload: z.string(),
});

const COLUMNS = 'id, status, waiting_for AS waitingFor, created_at AS createdAt, payload';
const ACTIVE = "('queued', 'waiting', 'paused', 'running')";

function fromRaw(raw: unknown): RunJob {
  const { payload, ...job } = rawSchema.parse(raw);
  return { ...job, snapshot: runSnapshotSchema.parse(JSON.parse(payload)) };
}

/** The jobs that make images: what is known of a run before it has begun. */
export class RunJobs {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(run: string): RunJob | undefined {
    const raw = this.#database.prepare(`SELECT ${COLUMNS} FROM jobs WHERE id = ? AND kind = 'generate'`).get(run);
    return raw === undefined ? undefined : fromRaw(raw);
  }

  /** Those that run or wait, newest first: of a work item, or all. */
  active(item: string | undefined): RunJob[] {
    const ofItem = item === undefined ? '' : 'work_item_id = ? AND';
    return this.#database
      .prepare(
        `SELECT ${COLUMNS} FROM jobs WHERE ${ofItem} kind = 'generate' AND status IN ${ACTIVE} ORDER BY created_at DESC`,
      )
      .all(...(item === undefined ? [] : [item]))
      .map(fromRaw);
  }
}
