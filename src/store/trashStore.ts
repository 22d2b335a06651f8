import type { Database } from 'better-sqlite3';

import { foldName } from '../base/relpath.ts';
import { FOLD_FUNCTION } from './planQueries.ts';

/** One file in the trash of a root. */
export interface TrashRow {
  readonly rootKey: number;
  /** The folder in `.lakeside/trash`. */
  readonly folder: string;
  /** Where it lay. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  /** 32 bytes; null: not known. */
  readonly blake3: Buffer | null;
  readonly trashedAt: number;
  readonly jobId: string | null;
}

/** As `TrashRow`, and whether no other file of any root, or of any trash, is known to hold its content. */
export type TrashListRow = TrashRow & { readonly lastCopy: number };

export interface TrashFile {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

export interface TrashQuery {
  readonly rootKeys: readonly number[];
  /** Only what has this in its path, whatever its case. */
  readonly text?: string | undefined;
}

/** A folder of a root's trash. */
export interface TrashFolder {
  readonly key: number;
  readonly name: string;
}

const ROW = `folder.root_key AS rootKey, folder.name AS folder, entry.path, entry.size, entry.mtime_ms AS mtimeMs,
  entry.blake3, folder.trashed_at AS trashedAt, folder.job_id AS jobId`;

/** The index of the trash. Methods write within the transaction of their caller, at most 1,000 rows each. */
export class TrashStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    database.function(FOLD_FUNCTION, { deterministic: true, directOnly: true }, (text) => foldName(String(text)));
  }

  /** Newest first, within a folder by path. */
  page(query: TrashQuery, offset: number, limit: number): TrashListRow[] {
    return this.#database
      .prepare<[string, string, number, number], TrashListRow>(listSql(query))
      .all(JSON.stringify(query.rootKeys), filterText(query), limit, offset);
  }

  totals(query: TrashQuery): { total: number; bytes: number } {
    const row = this.#database
      .prepare<[string, string], { total: number; bytes: number }>(
        `SELECT count(*) AS total, coalesce(sum(entry.size), 0) AS bytes ${fromSql(query)}`,
      )
      .get(JSON.stringify(query.rootKeys), filterText(query));
    return row ?? { total: 0, bytes: 0 };
  }

  get(rootKey: number, folder: string, path: string): TrashRow | undefined {
    return this.#database
      .prepare<[number, string, string], TrashRow>(
        `SELECT ${ROW} FROM trash_folders AS folder JOIN trash_entries AS entry ON entry.folder_key = folder.key
         WHERE folder.root_key = ? AND folder.name = ? AND entry.path = ?`,
      )
      .get(rootKey, folder, path);
  }

  /** What lies in a folder after a path (start at ''), in order. */
  entries(rootKey: number, folder: string, after: string, limit: number): TrashRow[] {
    return this.#database
      .prepare<[number, string, string, number], TrashRow>(
        `SELECT ${ROW} FROM trash_folders AS folder JOIN trash_entries AS entry ON entry.folder_key = folder.key
         WHERE folder.root_key = ? AND folder.name = ? AND entry.path > ? ORDER BY entry.path LIMIT ?`,
      )
      .all(rootKey, folder, after, limit);
  }

  /** The folders of a root's trash, oldest first; `before`: only those begun before that time. */
  folders(rootKey: number, before?: number): TrashFolder[] {
    return this.#database
      .prepare<[number, number | null, number | null], TrashFolder>(
        'SELECT key, name FROM trash_folders WHERE root_key = ? AND (? IS NULL OR trashed_at < ?) ORDER BY trashed_at, key',
      )
      .all(rootKey, before ?? null, before ?? null);
  }

  /**
   * A file came into the trash. Its hash is the one the index holds of a file of its path, size and time, unless that is
   * damaged; where the index has forgotten the file by now, the one given.
   */
  put(
    rootKey: number,
    entry: TrashFile & { readonly folder: string; readonly trashedAt: number; readonly blake3: string | null },
    jobKey: number | undefined,
  ): void {
    const { folder, path, size, mtimeMs, trashedAt, blake3 } = entry;
    const key = this.folderKey(rootKey, folder, trashedAt, jobKey);
    this.#database
      .prepare(
        `INSERT INTO trash_entries (folder_key, path, size, mtime_ms, blake3) VALUES (?, ?, ?, ?,
           (SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM rotten_files AS rotten WHERE rotten.root_key = given.root
                AND rotten.relpath = given.path AND rotten.size = given.size AND rotten.mtime_ms = given.mtime
                AND rotten.expected = iif(file.relpath IS NULL, unhex(given.blake3), file.blake3))
              THEN iif(file.relpath IS NULL, unhex(given.blake3), file.blake3) END
            FROM (SELECT ? AS blake3, ? AS root, ? AS path, ? AS size, ? AS mtime) AS given
              LEFT JOIN files AS file ON file.root_key = given.root AND file.relpath = given.path
                AND file.size = given.size AND file.mtime_ms = given.mtime))
         ON CONFLICT (folder_key, path) DO UPDATE SET size = excluded.size, mtime_ms = excluded.mtime_ms,
           blake3 = excluded.blake3`,
      )
      .run(key, path, size, mtimeMs, blake3, rootKey, path, size, mtimeMs);
  }

  /** The number of a folder, which is added where it is new. */
  folderKey(rootKey: number, name: string, trashedAt: number, jobKey?: number): number {
    const known = this.#database
      .prepare<[number, string], number>('SELECT key FROM trash_folders WHERE root_key = ? AND name = ?')
      .pluck()
      .get(rootKey, name);
    if (known !== undefined) return known;
    return Number(
      this.#database
        .prepare(
          `INSERT INTO trash_folders (root_key, name, trashed_at, job_id)
           VALUES (?, ?, ?, (SELECT id FROM jobs WHERE key = ?))`,
        )
        .run(rootKey, name, trashedAt, jobKey ?? null).lastInsertRowid,
    );
  }

  /** A file is no longer in the trash. */
  remove(rootKey: number, folder: string, path: string): void {
    const key = this.#database
      .prepare<[number, string], number>('SELECT key FROM trash_folders WHERE root_key = ? AND name = ?')
      .pluck()
      .get(rootKey, folder);
    if (key === undefined) return;
    this.#database.prepare('DELETE FROM trash_entries WHERE folder_key = ? AND path = ?').run(key, path);
    this.removeIfEmpty(key);
  }

  /** Forgets a folder in which nothing is left. */
  removeIfEmpty(folderKey: number): void {
    this.#database
      .prepare(
        'DELETE FROM trash_folders WHERE key = ? AND NOT EXISTS (SELECT 1 FROM trash_entries WHERE folder_key = key)',
      )
      .run(folderKey);
  }

  /** Files as the disk has them; one whose size or time is new loses its hash. Returns how many rows changed. */
  upsert(folderKey: number, files: readonly TrashFile[]): number {
    const write = this.#database.prepare(
      `INSERT INTO trash_entries (folder_key, path, size, mtime_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (folder_key, path) DO UPDATE SET size = excluded.size, mtime_ms = excluded.mtime_ms, blake3 = NULL
         WHERE size <> excluded.size OR mtime_ms <> excluded.mtime_ms`,
    );
    return files.reduce(
      (changes, { path, size, mtimeMs }) => changes + write.run(folderKey, path, size, mtimeMs).changes,
      0,
    );
  }

  /** Forgets files of a folder that are gone, or, without paths, up to 1,000 of them. Returns how many. */
  forget(folderKey: number, paths?: readonly string[]): number {
    if (paths === undefined) {
      return this.#database
        .prepare(
          `DELETE FROM trash_entries WHERE folder_key = ? AND path IN
             (SELECT path FROM trash_entries WHERE folder_key = ? LIMIT 1000)`,
        )
        .run(folderKey, folderKey).changes;
    }
    return this.#database
      .prepare('DELETE FROM trash_entries WHERE folder_key = ? AND path IN (SELECT value FROM json_each(?))')
      .run(folderKey, JSON.stringify(paths)).changes;
  }

  /** Records the hash of a file that still has this size and time. */
  setHash(rootKey: number, folder: string, file: TrashFile & { readonly blake3: Buffer }): void {
    this.#database
      .prepare(
        `UPDATE trash_entries SET blake3 = ? WHERE path = ? AND size = ? AND mtime_ms = ?
           AND folder_key = (SELECT key FROM trash_folders WHERE root_key = ? AND name = ?)`,
      )
      .run(file.blake3, file.path, file.size, file.mtimeMs, rootKey, folder);
  }

  /** When the trash was last looked through, and purged by age; null: never. */
  times(rootKey: number): { readonly readAt: number | null; readonly purgedAt: number | null } {
    const row = this.#database
      .prepare<[number], { readAt: number | null; purgedAt: number | null }>(
        'SELECT trash_read_at AS readAt, trash_purged_at AS purgedAt FROM roots WHERE key = ?',
      )
      .get(rootKey);
    return row ?? { readAt: null, purgedAt: null };
  }

  setRead(rootKey: number, atMs: number): void {
    this.#database.prepare('UPDATE roots SET trash_read_at = ? WHERE key = ?').run(atMs, rootKey);
  }

  setPurged(rootKey: number, atMs: number): void {
    this.#database.prepare('UPDATE roots SET trash_purged_at = ? WHERE key = ?').run(atMs, rootKey);
  }
}

function filterText({ text }: TrashQuery): string {
  return foldName(text ?? '');
}

// CROSS JOIN and +: the folders come first, and in the order of time, so that nothing has to be sorted.
function fromSql({ text }: TrashQuery): string {
  const folded = foldName(text ?? '');
  const ascii = Buffer.byteLength(folded) === folded.length;
  const path = ascii ? 'lower(entry.path)' : `${FOLD_FUNCTION}(entry.path)`;
  return `FROM trash_folders AS folder CROSS JOIN trash_entries AS entry ON entry.folder_key = folder.key
    WHERE +folder.root_key IN (SELECT value FROM json_each(?)) AND ${folded === '' ? "? = ''" : `instr(${path}, ?) > 0`}`;
}

function listSql(query: TrashQuery): string {
  return `SELECT entry.*, size > 0 AND (blake3 IS NULL OR (
      NOT EXISTS (SELECT 1 FROM files WHERE files.blake3 = entry.blake3)
      AND (SELECT count(*) FROM (SELECT 1 FROM trash_entries AS other WHERE other.blake3 = entry.blake3 LIMIT 2)) < 2
    )) AS lastCopy
    FROM (SELECT ${ROW} ${fromSql(query)}
      ORDER BY folder.trashed_at DESC, folder.key DESC, entry.path LIMIT ? OFFSET ?) AS entry`;
}
