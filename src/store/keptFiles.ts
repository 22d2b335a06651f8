import type { Database } from 'better-sqlite3';

export interface KeptRow {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  /** A path of the other root that has the same content: the same path, if it can be. */
  readonly fromPath: string;
}

/** Which files of a root another one holds with the same content, by hashes that are known of both. */
export class KeptFiles {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** All of them, in path order; empty files are left out. */
  of(rootKey: number, keeperKey: number): KeptRow[] {
    return this.#database
      .prepare<{ root: number; keeper: number }, KeptRow>(KEPT_SQL)
      .all({ root: rootKey, keeper: keeperKey });
  }

  /** Bytes of a root that each of some others holds, too. */
  bytesBy(rootKey: number, keeperKeys: readonly number[]): { readonly keeperKey: number; readonly bytes: number }[] {
    const sum = this.#database.prepare<{ root: number; keeper: number }, number>(KEPT_BYTES_SQL).pluck();
    return keeperKeys.map((keeperKey) => ({ keeperKey, bytes: sum.get({ root: rootKey, keeper: keeperKey }) ?? 0 }));
  }
}

/** Bit rot: what was found damaged holds its content no more. */
const IS_ROTTEN = `EXISTS (SELECT 1 FROM rotten_files AS rotten WHERE rotten.root_key = held.root_key
  AND rotten.relpath = held.relpath AND rotten.size = held.size AND rotten.mtime_ms = held.mtime_ms
  AND rotten.expected = held.blake3)`;

/** The index is named: SQLite would walk the whole other root for each file. */
const HOLDS = `SELECT held.relpath FROM files AS held INDEXED BY files_by_content
  WHERE held.blake3 = mine.blake3 AND held.root_key = @keeper AND held.size = mine.size
    AND NOT ${IS_ROTTEN} LIMIT 1`;

/** First the same path, by the key of the table; only then any other, by the index of contents. */
export const KEPT_SQL = `SELECT * FROM (
    SELECT mine.relpath AS path, mine.size, mine.mtime_ms AS mtimeMs, coalesce(
      (SELECT held.relpath FROM files AS held
        WHERE held.root_key = @keeper AND held.relpath = mine.relpath AND held.blake3 = mine.blake3 AND held.size = mine.size
          AND NOT ${IS_ROTTEN}),
      (${HOLDS})) AS fromPath
    FROM files AS mine WHERE mine.root_key = @root AND mine.blake3 IS NOT NULL AND mine.size > 0)
  WHERE fromPath IS NOT NULL ORDER BY path`;

export const KEPT_BYTES_SQL = `SELECT coalesce(sum(mine.size), 0) FROM files AS mine
  WHERE mine.root_key = @root AND mine.blake3 IS NOT NULL AND mine.size > 0 AND EXISTS (${HOLDS})`;
