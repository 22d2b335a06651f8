import type { Database, Statement } from 'better-sqlite3';

import { PreparedStatements } from './preparedStatements.ts';

/** A row of `files`: one path under a root. */
export interface FileRow {
  readonly relpath: string;
  /** Bytes. */
  readonly size: number;
  /** Whole milliseconds since 1970. */
  readonly mtimeMs: number;
  /** 32 bytes, or null while it is not known. */
  readonly blake3: Buffer | null;
}

/** A row whose hash is known. */
export type KnownHash = FileRow & { readonly blake3: Buffer };

export interface FileChange {
  readonly relpath: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** Greater than every name under a folder: the character after `/`. */
function folderEnd(folder: string): string {
  return `${folder}0`;
}

export interface PackedRows {
  /** Relpaths joined by `\0`. */
  readonly relpaths: string | null;
  /** `<size> <mtime>` joined by commas. */
  readonly states: string | null;
}

// In the order of the index; were it ever another, rows would only seem to differ and be compared one by one.
const PACKED_SQL = `SELECT group_concat(relpath, char(0)) AS relpaths, group_concat(size || ' ' || mtime_ms) AS states
  FROM files WHERE root_key = ? AND relpath > ? AND relpath <= ?`;

const MAX_ROWS_A_TRANSACTION = 1_000;
/** Rows of one INSERT: half the time of one statement a row. */
const ROWS_AN_INSERT = 50;

function upsertSql(rows: number): string {
  return `INSERT INTO files (root_key, relpath, size, mtime_ms) VALUES ${Array(rows).fill('(?, ?, ?, ?)').join(', ')}
       ON CONFLICT (root_key, relpath) DO UPDATE SET size = excluded.size, mtime_ms = excluded.mtime_ms, blake3 = NULL
         WHERE size <> excluded.size OR mtime_ms <> excluded.mtime_ms`;
}

export const WITH_STEM_SQL = `SELECT relpath, size, mtime_ms AS mtimeMs FROM files
  WHERE root_key = ? AND relpath >= ? AND relpath < ? ORDER BY relpath LIMIT ?`;

/** The file index, clustered by (root, relpath); order is that of UTF-8 bytes. */
export class FileStore {
  /** Grows with each write of this connection; with PRAGMA data_version it tells whether the index is still the same. */
  writes = 0;
  readonly #database: Database;
  readonly #statements: PreparedStatements;
  readonly #page: Statement<[number, string, string, number], FileRow>;
  readonly #states: Statement<[number, string, string, number], FileChange>;
  readonly #packed: Statement<[number, string, string], PackedRows>;
  readonly #get: Statement<[number, string], FileRow>;
  readonly #withStem: Statement<[number, string, string, number], FileChange>;
  readonly #upsert: Statement<[number, string, number, number]>;
  readonly #upsertMany: Statement<(number | string)[]>;
  readonly #remove: Statement<[number, string]>;
  readonly #setHash: Statement<[Buffer, number, string, number, number]>;
  /** Notes that the file's hash is to be written beside the root. */
  readonly #toWrite: Statement<[number, string]>;

  constructor(database: Database) {
    this.#database = database;
    this.#statements = new PreparedStatements(database);
    this.#page = database.prepare(
      `SELECT relpath, size, mtime_ms AS mtimeMs, blake3 FROM files
       WHERE root_key = ? AND relpath > ? AND relpath < ? ORDER BY relpath LIMIT ?`,
    );
    this.#states = database.prepare(
      `SELECT relpath, size, mtime_ms AS mtimeMs FROM files
       WHERE root_key = ? AND relpath > ? AND relpath < ? ORDER BY relpath LIMIT ?`,
    );
    this.#packed = database.prepare(PACKED_SQL);
    this.#get = database.prepare(
      'SELECT relpath, size, mtime_ms AS mtimeMs, blake3 FROM files WHERE root_key = ? AND relpath = ?',
    );
    this.#withStem = database.prepare(WITH_STEM_SQL);
    this.#upsert = database.prepare(upsertSql(1));
    this.#upsertMany = database.prepare(upsertSql(ROWS_AN_INSERT));
    this.#remove = database.prepare('DELETE FROM files WHERE root_key = ? AND relpath = ?');
    this.#setHash = database.prepare(
      'UPDATE files SET blake3 = ? WHERE root_key = ? AND relpath = ? AND size = ? AND mtime_ms = ?',
    );
    this.#toWrite = database.prepare('INSERT INTO hashes_to_write (root_key, relpath) VALUES (?, ?)');
  }

  /** Rows after `after` (exclusive), within `folder` (`''`: the whole root), in path order. */
  page(rootKey: number, options: { folder?: string; after?: string; limit: number }): FileRow[] {
    const folder = options.folder ?? '';
    const start = folder === '' ? '' : `${folder}/`;
    const after = options.after ?? start;
    // U+10FFFF is greater than any name's first character.
    const end = folder === '' ? '\u{10FFFF}' : folderEnd(folder);
    return this.#page.all(rootKey, after < start ? start : after, end, options.limit);
  }

  /** As `page`, without hashes, which a scan need not read. `after` is any text, not only a row's relpath. */
  states(rootKey: number, options: { folder: string; after: string; limit: number }): FileChange[] {
    const { folder, after, limit } = options;
    const start = folder === '' ? '' : `${folder}/`;
    const end = folder === '' ? '\u{10FFFF}' : folderEnd(folder);
    return this.#states.all(rootKey, after === '' ? start : after, end, limit);
  }

  /**
   * All rows after `after` (exclusive, in `folder`) up to `last` (inclusive) as two texts, in path order: a rescan compares
   * a thousand rows that are as they were at once, at half the price of a row each. Null where there is none.
   */
  packed(rootKey: number, options: { folder: string; after: string; last: string }): PackedRows {
    const { folder, after, last } = options;
    const start = folder === '' ? '' : `${folder}/`;
    return this.#packed.get(rootKey, after === '' ? start : after, last) ?? { relpaths: null, states: null };
  }

  /** Files of a folder whose name is this stem and a suffix that begins with a dot, in path order. */
  withStem(rootKey: number, stem: string, limit: number): FileChange[] {
    // `/` is the character after `.`.
    return this.#withStem.all(rootKey, `${stem}.`, `${stem}/`, limit);
  }

  /** Names of the sub-folders that files of the index lie in, directly under `folder`, in the order of the index. */
  subfolders(rootKey: number, folder: string): string[] {
    const prefix = folder === '' ? '' : `${folder}/`;
    const names: string[] = [];
    for (let after = ''; ;) {
      const rows = this.states(rootKey, { folder, after, limit: 100 });
      const nested = rows.find((row) => row.relpath.includes('/', prefix.length));
      const last = rows.at(-1);
      if (nested !== undefined) {
        const name = nested.relpath.slice(prefix.length, nested.relpath.indexOf('/', prefix.length));
        names.push(name);
        // Past all that lies in it, however much.
        after = `${prefix}${name}/\u{10FFFF}`;
      } else if (last === undefined) return names;
      else after = last.relpath;
    }
  }

  get(rootKey: number, relpath: string): FileRow | undefined {
    return this.#get.get(rootKey, relpath);
  }

  /** As `get` for many, in their order, of one state of the index. */
  getAll(rootKey: number, relpaths: readonly string[]): (FileRow | undefined)[] {
    // In one transaction: outside of any, each row costs the locks of one.
    return this.#database.transaction(() => relpaths.map((relpath) => this.#get.get(rootKey, relpath)))();
  }

  /** Writes what a scan found, at most 1,000 rows a transaction. A changed file loses its hash. */
  applyScan(rootKey: number, upserts: readonly FileChange[], removals: readonly string[]): void {
    this.writes++;
    for (let start = 0; start < upserts.length; start += MAX_ROWS_A_TRANSACTION) {
      this.#database.transaction(() => {
        this.#upsertRows(rootKey, upserts.slice(start, start + MAX_ROWS_A_TRANSACTION));
      })();
    }
    this.#chunked(removals, (relpath) => this.#remove.run(rootKey, relpath));
  }

  /**
   * Records hashes; a row whose size or time changed meanwhile is left alone. Returns how many were recorded.
   * @param options.written they lie beside the root already
   */
  setHashes(
    rootKey: number,
    hashes: readonly KnownHash[],
    { written = false }: { readonly written?: boolean } = {},
  ): number {
    this.writes++;
    let recorded = 0;
    this.#chunked(hashes, (file) => {
      if (this.#hash(rootKey, file, written)) recorded++;
    });
    return recorded;
  }

  /** As `setHashes` for one file, within a transaction of the caller. */
  setHash(rootKey: number, file: KnownHash): void {
    this.writes++;
    this.#hash(rootKey, file, false);
  }

  #hash(rootKey: number, { blake3, relpath, size, mtimeMs }: KnownHash, written: boolean): boolean {
    if (this.#setHash.run(blake3, rootKey, relpath, size, mtimeMs).changes === 0) return false;
    if (!written) this.#toWrite.run(rootKey, relpath);
    return true;
  }

  /** Puts a file whose content is known into the index, as after a verified copy. `blake3` null: not trusted yet. */
  put(rootKey: number, file: FileRow): void {
    this.writes++;
    this.#statements
      .get<[number, string, number, number, Buffer | null]>(
        `INSERT INTO files (root_key, relpath, size, mtime_ms, blake3) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (root_key, relpath) DO UPDATE SET size = excluded.size, mtime_ms = excluded.mtime_ms, blake3 = excluded.blake3`,
      )
      .run(rootKey, file.relpath, file.size, file.mtimeMs, file.blake3);
    if (file.blake3 !== null) this.#toWrite.run(rootKey, file.relpath);
  }

  remove(rootKey: number, relpath: string): void {
    this.writes++;
    this.#remove.run(rootKey, relpath);
  }

  /** Non-empty files without a hash, in path order; empty files too (their hash is cheap and asked for). */
  unhashed(rootKey: number, options: { folder?: string; after?: string; limit: number }): FileRow[] {
    const folder = options.folder ?? '';
    const start = folder === '' ? '' : `${folder}/`;
    return this.#database
      .prepare<[number, string, string, number], FileRow>(
        `SELECT relpath, size, mtime_ms AS mtimeMs, blake3 FROM files
         WHERE root_key = ? AND relpath > ? AND relpath < ? AND blake3 IS NULL ORDER BY relpath LIMIT ?`,
      )
      .all(rootKey, options.after ?? start, folder === '' ? '\u{10FFFF}' : folderEnd(folder), options.limit);
  }

  /** How many files a root has. */
  count(rootKey: number): number {
    const count = this.#database.prepare<[number], number>('SELECT count(*) FROM files WHERE root_key = ?').pluck();
    return count.get(rootKey) ?? 0;
  }

  /** Files whose hash is known, after a relpath, in path order. */
  hashed(rootKey: number, options: { after: string; limit: number }): KnownHash[] {
    return this.#database
      .prepare<[number, string, number], KnownHash>(
        `SELECT relpath, size, mtime_ms AS mtimeMs, blake3 FROM files
         WHERE root_key = ? AND relpath > ? AND blake3 IS NOT NULL ORDER BY relpath LIMIT ?`,
      )
      .all(rootKey, options.after, options.limit);
  }

  totals(rootKey: number): { files: number; bytes: number; unhashed: number; unhashedBytes: number } {
    const row = this.#database
      .prepare<[number], { files: number; bytes: number; unhashed: number; unhashedBytes: number }>(
        `SELECT count(*) AS files, coalesce(sum(size), 0) AS bytes,
           coalesce(sum(blake3 IS NULL), 0) AS unhashed, coalesce(sum(CASE WHEN blake3 IS NULL THEN size END), 0) AS unhashedBytes
         FROM files WHERE root_key = ?`,
      )
      .get(rootKey);
    return row ?? { files: 0, bytes: 0, unhashed: 0, unhashedBytes: 0 };
  }

  #upsertRows(rootKey: number, rows: readonly FileChange[]): void {
    let next = 0;
    for (; next + ROWS_AN_INSERT <= rows.length; next += ROWS_AN_INSERT) {
      const values: (number | string)[] = [];
      for (const row of rows.slice(next, next + ROWS_AN_INSERT))
        values.push(rootKey, row.relpath, row.size, row.mtimeMs);
      this.#upsertMany.run(...values);
    }
    for (const row of rows.slice(next)) this.#upsert.run(rootKey, row.relpath, row.size, row.mtimeMs);
  }

  #chunked<T>(items: readonly T[], run: (item: T) => void): void {
    for (let start = 0; start < items.length; start += MAX_ROWS_A_TRANSACTION) {
      const chunk = items.slice(start, start + MAX_ROWS_A_TRANSACTION);
      this.#database.transaction(() => {
        for (const item of chunk) run(item);
      })();
    }
  }
}
