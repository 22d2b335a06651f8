import type { Database } from 'better-sqlite3';
import type { FileChange } from './fileStore.ts';

/** A file whose size and time are those of its hash, and whose content is not. */
export interface RottenFile extends FileChange {
  /** BLAKE3s, 32 bytes. */
  readonly expected: Buffer;
  readonly found: Buffer;
  readonly foundAt: number;
}

/** A row of `rotten_files` counts while the index holds that state of the file, with that hash. */
const STILL_THERE = `FROM rotten_files AS rotten JOIN files AS file
  ON file.root_key = rotten.root_key AND file.relpath = rotten.relpath AND file.size = rotten.size
    AND file.mtime_ms = rotten.mtime_ms AND file.blake3 = rotten.expected`;

/** What reading roots again found: when it was, which files are rotten, and how far a job is with it. */
export class VerifiedStore {
  readonly #database: Database;
  /** Grows with what is found: comparisons depend on it. */
  writes = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** When all of the root was last verified; null: never. */
  verifiedAt(rootKey: number): number | null {
    return (
      this.#database
        .prepare<[number], number>('SELECT verified_at FROM verified_roots WHERE root_key = ?')
        .pluck()
        .get(rootKey) ?? null
    );
  }

  setVerified(rootKey: number, atMs: number): void {
    this.#database
      .prepare(
        `INSERT INTO verified_roots (root_key, verified_at) VALUES (?, ?)
         ON CONFLICT (root_key) DO UPDATE SET verified_at = excluded.verified_at`,
      )
      .run(rootKey, atMs);
  }

  countRotten(rootKey: number): number {
    return (
      this.#database
        .prepare<[number], number>(`SELECT count(*) ${STILL_THERE} WHERE rotten.root_key = ?`)
        .pluck()
        .get(rootKey) ?? 0
    );
  }

  /** In path order, after a relpath. */
  rotten(rootKey: number, after: string, limit: number): RottenFile[] {
    return this.#database
      .prepare<[number, string, number], RottenFile>(
        `SELECT rotten.relpath, rotten.size, rotten.mtime_ms AS mtimeMs, rotten.expected, rotten.found,
           rotten.found_at AS foundAt
         ${STILL_THERE} WHERE rotten.root_key = ? AND rotten.relpath > ? ORDER BY rotten.relpath LIMIT ?`,
      )
      .all(rootKey, after, limit);
  }

  /** Other places where the index knows a content to be, and not damaged; a few. */
  copiesOf(blake3: Buffer, limit: number): { readonly root: string; readonly path: string }[] {
    return this.#database
      .prepare<[Buffer, number], { root: string; path: string }>(
        `SELECT root.name AS root, file.relpath AS path FROM files AS file JOIN roots AS root ON root.key = file.root_key
         WHERE file.blake3 = ? AND NOT EXISTS (SELECT 1 FROM rotten_files AS rotten
           WHERE rotten.root_key = file.root_key AND rotten.relpath = file.relpath AND rotten.size = file.size
             AND rotten.mtime_ms = file.mtime_ms AND rotten.expected = file.blake3)
         LIMIT ?`,
      )
      .all(blake3, limit);
  }

  /** The BLAKE3 a damaged file was hashed with; undefined for any other file. */
  expectedOf(rootKey: number, relpath: string): Buffer | undefined {
    return this.#database
      .prepare<[number, string], Buffer>(
        `SELECT rotten.expected ${STILL_THERE} WHERE rotten.root_key = ? AND rotten.relpath = ?`,
      )
      .pluck()
      .get(rootKey, relpath);
  }

  /** For each path whether its file is known to be damaged. */
  areRotten(rootKey: number, relpaths: readonly string[]): boolean[] {
    const any = this.#database.prepare('SELECT 1 FROM rotten_files WHERE root_key = ? LIMIT 1').get(rootKey);
    return relpaths.map((relpath) => any !== undefined && this.isRotten(rootKey, relpath));
  }

  isRotten(rootKey: number, relpath: string): boolean {
    return (
      this.#database
        .prepare(`SELECT 1 ${STILL_THERE} WHERE rotten.root_key = ? AND rotten.relpath = ?`)
        .get(rootKey, relpath) !== undefined
    );
  }

  /** Records, in one transaction, how far a job is and what its last files were like. */
  record(
    rootKey: number,
    outcome: {
      readonly jobKey: number;
      readonly after: string;
      readonly report: unknown;
      readonly rotten: readonly RottenFile[];
      /** Relpaths of files that are as their hash says. */
      readonly well: readonly string[];
    },
  ): void {
    this.writes++;
    const put = this.#database.prepare(
      `INSERT OR REPLACE INTO rotten_files (root_key, relpath, size, mtime_ms, expected, found, found_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    const heal = this.#database.prepare('DELETE FROM rotten_files WHERE root_key = ? AND relpath = ?');
    const any = this.#database.prepare('SELECT 1 FROM rotten_files WHERE root_key = ? LIMIT 1');
    this.#database
      .transaction(() => {
        if (any.get(rootKey) !== undefined) for (const relpath of outcome.well) heal.run(rootKey, relpath);
        for (const { relpath, size, mtimeMs, expected, found, foundAt } of outcome.rotten) {
          put.run(rootKey, relpath, size, mtimeMs, expected, found, foundAt);
        }
        this.#database
          .prepare(
            `INSERT INTO verify_cursors (job_key, after, report) VALUES (?, ?, ?)
             ON CONFLICT (job_key) DO UPDATE SET after = excluded.after, report = excluded.report`,
          )
          .run(outcome.jobKey, outcome.after, JSON.stringify(outcome.report));
      })
      .immediate();
  }

  /** Where a job is to go on; undefined before its first files. */
  cursor(jobKey: number): { readonly after: string; readonly report: unknown } | undefined {
    const row = this.#database
      .prepare<[number], { after: string; report: string }>(
        'SELECT after, report FROM verify_cursors WHERE job_key = ?',
      )
      .get(jobKey);
    return row === undefined ? undefined : { after: row.after, report: JSON.parse(row.report) as unknown };
  }

  /** A job is over: what was kept to go on is not needed. */
  forgetCursor(jobKey: number): void {
    this.#database.prepare('DELETE FROM verify_cursors WHERE job_key = ?').run(jobKey);
  }

  /** Drops findings whose file was replaced, changed or removed since. */
  forgetReplaced(rootKey: number): void {
    this.#database
      .prepare(
        `DELETE FROM rotten_files WHERE root_key = ? AND NOT EXISTS (SELECT 1 FROM files AS file
           WHERE file.root_key = rotten_files.root_key AND file.relpath = rotten_files.relpath
             AND file.size = rotten_files.size AND file.mtime_ms = rotten_files.mtime_ms
             AND file.blake3 = rotten_files.expected)`,
      )
      .run(rootKey);
  }
}
