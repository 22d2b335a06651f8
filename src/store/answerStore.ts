import type { Database } from 'better-sqlite3';

/** First answers of commands that carried an idempotency key. */
export class AnswerStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The JSON of the first answer, or undefined. */
  get(key: string, useCase: string): string | undefined {
    return this.#database
      .prepare<[string, string], string>('SELECT answer FROM answers WHERE key = ? AND use_case = ?')
      .pluck()
      .get(key, useCase);
  }

  put(key: string, useCase: string, answer: string, now: number): void {
    this.#database
      .prepare('INSERT OR IGNORE INTO answers (key, use_case, answer, created_at) VALUES (?, ?, ?, ?)')
      .run(key, useCase, answer, now);
  }

  clearOlderThan(beforeMs: number): void {
    this.#database.prepare('DELETE FROM answers WHERE created_at < ?').run(beforeMs);
  }
}
