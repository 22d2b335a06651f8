import type { Database } from 'better-sqlite3';

/** A row of `roots`. `key` is the store's own; `id` is the marker's. */
export interface RootRow {
  readonly key: number;
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly role: 'local' | 'lake' | 'other';
  readonly allowDelete: boolean;
  readonly network: boolean;
  readonly mtimeStepMs: number;
  readonly createdAt: number;
  /** null: never scanned. */
  readonly scannedAt: number | null;
}

type RawRoot = Omit<RootRow, 'allowDelete' | 'network'> & { allowDelete: number; network: number };

const COLUMNS = `key, id, name, path, role, allow_delete AS allowDelete, network,
  mtime_step_ms AS mtimeStepMs, created_at AS createdAt, scanned_at AS scannedAt`;

function fromRaw(raw: RawRoot): RootRow {
  return { ...raw, allowDelete: raw.allowDelete === 1, network: raw.network === 1 };
}

export class RootStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  list(): RootRow[] {
    return this.#database
      .prepare<[], RawRoot>(
        `SELECT ${COLUMNS} FROM roots ORDER BY CASE role WHEN 'local' THEN 0 WHEN 'lake' THEN 1 ELSE 2 END, name`,
      )
      .all()
      .map(fromRaw);
  }

  byName(name: string): RootRow | undefined {
    const raw = this.#database.prepare<[string], RawRoot>(`SELECT ${COLUMNS} FROM roots WHERE name = ?`).get(name);
    return raw === undefined ? undefined : fromRaw(raw);
  }

  byId(id: string): RootRow | undefined {
    const raw = this.#database.prepare<[string], RawRoot>(`SELECT ${COLUMNS} FROM roots WHERE id = ?`).get(id);
    return raw === undefined ? undefined : fromRaw(raw);
  }

  add(root: Omit<RootRow, 'key' | 'scannedAt'>): RootRow {
    const raw = this.#database
      .prepare<[string, string, string, string, number, number, number, number], RawRoot>(
        `INSERT INTO roots (id, name, path, role, allow_delete, network, mtime_step_ms, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING ${COLUMNS}`,
      )
      .get(
        root.id,
        root.name,
        root.path,
        root.role,
        Number(root.allowDelete),
        Number(root.network),
        root.mtimeStepMs,
        root.createdAt,
      );
    if (raw === undefined) throw new Error('INSERT … RETURNING gave no row');
    return fromRaw(raw);
  }

  update(key: number, change: Partial<Pick<RootRow, 'id' | 'path' | 'allowDelete' | 'network' | 'mtimeStepMs'>>): void {
    this.#database
      .prepare(
        `UPDATE roots SET id = coalesce(?, id), path = coalesce(?, path), allow_delete = coalesce(?, allow_delete),
           network = coalesce(?, network), mtime_step_ms = coalesce(?, mtime_step_ms) WHERE key = ?`,
      )
      .run(
        change.id ?? null,
        change.path ?? null,
        change.allowDelete === undefined ? null : Number(change.allowDelete),
        change.network === undefined ? null : Number(change.network),
        change.mtimeStepMs ?? null,
        key,
      );
  }

  setScanned(key: number, atMs: number): void {
    this.#database.prepare('UPDATE roots SET scanned_at = ? WHERE key = ?').run(atMs, key);
  }

  /** Forgets the root and, by the foreign key, its index. */
  remove(key: number): void {
    this.#database.prepare('DELETE FROM roots WHERE key = ?').run(key);
  }
}
