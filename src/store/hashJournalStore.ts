import type { Database } from 'better-sqlite3';

import type { FileRow, KnownHash } from './fileStore.ts';

/** The file that this database writes beside a root. */
export interface HashJournal {
  readonly name: string;
  /** What its first line says; null: it is to be written anew, from the whole index. */
  readonly generation: string | null;
  readonly lines: number;
}

const ROWS_A_TRANSACTION = 1_000;

/** What of the hashes lies beside the roots: what is still to be written there, and how far others' files are read. */
export class HashJournalStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The file this database writes for a root; `name` is used where it has none yet. */
  journal(rootKey: number, name: string): HashJournal {
    this.#database.prepare('INSERT OR IGNORE INTO hash_journals (root_key, name) VALUES (?, ?)').run(rootKey, name);
    const row = this.#database
      .prepare<[number], HashJournal>('SELECT name, generation, lines FROM hash_journals WHERE root_key = ?')
      .get(rootKey);
    return row ?? { name, generation: null, lines: 0 };
  }

  /** What the first line of this database's own file says; undefined where it is not written. */
  ownGeneration(rootKey: number): string | undefined {
    return (
      this.#database
        .prepare<[number], string | null>('SELECT generation FROM hash_journals WHERE root_key = ?')
        .pluck()
        .get(rootKey) ?? undefined
    );
  }

  /** Whether there is anything to write beside the root. */
  isDue(rootKey: number): boolean {
    const due = 'SELECT 1 FROM hashes_to_write WHERE root_key = ? LIMIT 1';
    if (this.#database.prepare(due).get(rootKey) !== undefined) return true;
    const postponed = 'SELECT 1 FROM hash_journals WHERE root_key = ? AND generation IS NULL';
    return this.#database.prepare(postponed).get(rootKey) !== undefined;
  }

  /** Makes this process the only one of the data dir that writes the root's file. False while another one is. */
  lease(rootKey: number, owner: string, now: number, until: number): boolean {
    return (
      this.#database
        .prepare(
          `UPDATE hash_journals SET lease_owner = ?, lease_until = ?
           WHERE root_key = ? AND (lease_owner IS NULL OR lease_owner = ? OR lease_until < ?)`,
        )
        .run(owner, until, rootKey, owner, now).changes === 1
    );
  }

  release(rootKey: number, owner: string): void {
    this.#database
      .prepare('UPDATE hash_journals SET lease_owner = NULL WHERE root_key = ? AND lease_owner = ?')
      .run(rootKey, owner);
  }

  /** The next hashes to append, and the key of the last row taken; what lost its hash since is left out. */
  due(rootKey: number, limit: number): { readonly hashes: KnownHash[]; readonly lastKey: number | undefined } {
    const rows = this.#database
      .prepare<[number, number], FileRow & { key: number }>(
        `SELECT due.key, due.relpath, file.size, file.mtime_ms AS mtimeMs, file.blake3
         FROM hashes_to_write AS due LEFT JOIN files AS file ON file.root_key = due.root_key AND file.relpath = due.relpath
         WHERE due.root_key = ? ORDER BY due.key LIMIT ?`,
      )
      .all(rootKey, limit);
    return {
      hashes: rows.flatMap(({ relpath, size, mtimeMs, blake3 }) =>
        blake3 === null ? [] : [{ relpath, size, mtimeMs, blake3 }],
      ),
      lastKey: rows.at(-1)?.key,
    };
  }

  /** The newest row that is to be written; 0 where there is none. */
  lastDue(rootKey: number): number {
    return (
      this.#database
        .prepare<[number], number | null>('SELECT max(key) FROM hashes_to_write WHERE root_key = ?')
        .pluck()
        .get(rootKey) ?? 0
    );
  }

  /** What was taken up to `lastKey` (at most 1,000 rows) is written, in `lines` further lines of the file. */
  appended(rootKey: number, lastKey: number, lines: number): void {
    this.#database
      .transaction(() => {
        this.#forgetDue(rootKey, lastKey);
        this.#database.prepare('UPDATE hash_journals SET lines = lines + ? WHERE root_key = ?').run(lines, rootKey);
      })
      .immediate();
  }

  /** The file was written anew. */
  rewritten(rootKey: number, journal: HashJournal): void {
    this.#database
      .prepare('UPDATE hash_journals SET name = ?, generation = ?, lines = ? WHERE root_key = ?')
      .run(journal.name, journal.generation, journal.lines, rootKey);
  }

  /** Some of what was due up to a key is no longer; true while there is more of it. */
  forgetDue(rootKey: number, lastKey: number): boolean {
    return this.#forgetDue(rootKey, lastKey) === ROWS_A_TRANSACTION;
  }

  #forgetDue(rootKey: number, lastKey: number): number {
    return this.#database
      .prepare(
        `DELETE FROM hashes_to_write WHERE key IN
           (SELECT key FROM hashes_to_write WHERE root_key = ? AND key <= ? ORDER BY key LIMIT ${ROWS_A_TRANSACTION})`,
      )
      .run(rootKey, lastKey).changes;
  }

  /** It cannot be written now: the whole file is to be made when it can. */
  postpone(rootKey: number): void {
    this.#database
      .prepare('UPDATE hash_journals SET generation = NULL WHERE root_key = ? AND generation IS NOT NULL')
      .run(rootKey);
  }

  /** How far others' files of the root have been read, by name. */
  readTo(rootKey: number): Map<string, { readonly generation: string; readonly offset: number }> {
    const rows = this.#database
      .prepare<[number], { name: string; generation: string; offset: number }>(
        'SELECT name, generation, offset FROM hash_journals_read WHERE root_key = ?',
      )
      .all(rootKey);
    return new Map(rows.map(({ name, generation, offset }) => [name, { generation, offset }]));
  }

  setReadTo(rootKey: number, name: string, generation: string, offset: number): void {
    this.#database
      .prepare(
        `INSERT INTO hash_journals_read (root_key, name, generation, offset) VALUES (?, ?, ?, ?)
         ON CONFLICT (root_key, name) DO UPDATE SET generation = excluded.generation, offset = excluded.offset`,
      )
      .run(rootKey, name, generation, offset);
  }

  /** Others' files are to be read from their beginning: the index holds files that what was read may be about. */
  readAgain(rootKey: number): void {
    this.#database.prepare('DELETE FROM hash_journals_read WHERE root_key = ?').run(rootKey);
  }
}
