import type { Database } from 'better-sqlite3';

export const LOG_LEVELS = ['info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface NewLogLine {
  /** ms since the epoch. */
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
}

export interface LogLine extends NewLogLine {
  /** From 1; grows also over lines that are gone. */
  readonly line: number;
}

export interface SpeedSample {
  /** ms since the epoch. */
  readonly at: number;
  readonly doneBytes: number;
  readonly doneItems: number;
}

export const MOST_LINES = 5_000;
export const MOST_SAMPLES = 600;
const MESSAGE_LENGTH = 2_000;

/** What was noted of jobs: lines, of which the newest are kept, and how far they were at times. */
export class JobHistory {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Appends lines; the oldest of more than 5,000 go. For holders within a fenced transaction: `JobLeases.write`. */
  append(jobKey: number, lines: readonly NewLogLine[]): void {
    if (lines.length === 0) return;
    const newest =
      this.#database
        .prepare<[number], number | null>('SELECT max(line) FROM job_log WHERE job_key = ?')
        .pluck()
        .get(jobKey) ?? 0;
    const insert = this.#database.prepare(
      'INSERT INTO job_log (job_key, line, at, level, message) VALUES (?, ?, ?, ?, ?)',
    );
    for (const [index, { at, level, message }] of lines.entries()) {
      insert.run(jobKey, newest + 1 + index, at, level, message.slice(0, MESSAGE_LENGTH));
    }
    this.#database
      .prepare('DELETE FROM job_log WHERE job_key = ? AND line <= ?')
      .run(jobKey, newest + lines.length - MOST_LINES);
  }

  /** What somebody who does not hold the job did to it. Nothing where the job is gone. */
  note(job: string, line: NewLogLine): void {
    this.#database
      .transaction(() => {
        const key = this.#keyOf(job);
        if (key !== undefined) this.append(key, [line]);
      })
      .immediate();
  }

  /** Oldest first. Without `after`, the newest `limit` lines. */
  lines(job: string, options: { after?: number | undefined; limit: number }): LogLine[] {
    const key = this.#keyOf(job);
    if (key === undefined) return [];
    const { after, limit } = options;
    if (after === undefined) {
      return this.#database
        .prepare<[number, number], LogLine>(
          'SELECT line, at, level, message FROM job_log WHERE job_key = ? ORDER BY line DESC LIMIT ?',
        )
        .all(key, limit)
        .reverse();
    }
    return this.#database
      .prepare<[number, number, number], LogLine>(
        'SELECT line, at, level, message FROM job_log WHERE job_key = ? AND line > ? ORDER BY line LIMIT ?',
      )
      .all(key, after, limit);
  }

  /** Adds a sample; of more than 600 every second one goes, so that a long job stays readable. */
  addSample(jobKey: number, { at, doneBytes, doneItems }: SpeedSample): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO job_speed (job_key, at, done_bytes, done_items) VALUES (?, ?, ?, ?)')
      .run(jobKey, at, doneBytes, doneItems);
    const count = this.#database
      .prepare<[number], number>('SELECT count(*) FROM job_speed WHERE job_key = ?')
      .pluck()
      .get(jobKey);
    if ((count ?? 0) <= MOST_SAMPLES) return;
    this.#database
      .prepare(
        `DELETE FROM job_speed WHERE job_key = ? AND at IN (
           SELECT at FROM (SELECT at, row_number() OVER (ORDER BY at) AS place FROM job_speed WHERE job_key = ?)
           WHERE place % 2 = 0)`,
      )
      .run(jobKey, jobKey);
  }

  /** Oldest first. */
  samples(job: string): SpeedSample[] {
    const key = this.#keyOf(job);
    if (key === undefined) return [];
    return this.#database
      .prepare<[number], SpeedSample>(
        'SELECT at, done_bytes AS doneBytes, done_items AS doneItems FROM job_speed WHERE job_key = ? ORDER BY at',
      )
      .all(key);
  }

  #keyOf(job: string): number | undefined {
    return this.#database.prepare<[string], number>('SELECT key FROM jobs WHERE id = ?').pluck().get(job);
  }
}
