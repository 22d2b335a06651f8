import type { Database } from 'better-sqlite3';

import type { User } from '../protocol/studioValues.ts';

type RawUser = Omit<User, 'current' | 'archived'> & { current: number; archived: number };

const COLUMNS = 'id, name, current, archived_at IS NOT NULL AS archived';

function fromRaw(raw: RawUser): User {
  return { ...raw, current: raw.current === 1, archived: raw.archived === 1 };
}

/** The people who work at this machine; at most one of them is there now. */
export class UserStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** By name. */
  list(options: { readonly archived: boolean }): User[] {
    return this.#database
      .prepare<[number], RawUser>(
        `SELECT ${COLUMNS} FROM users WHERE ? OR archived_at IS NULL ORDER BY name COLLATE NOCASE, id`,
      )
      .all(Number(options.archived))
      .map(fromRaw);
  }

  byId(id: string): User | undefined {
    const raw = this.#database.prepare<[string], RawUser>(`SELECT ${COLUMNS} FROM users WHERE id = ?`).get(id);
    return raw === undefined ? undefined : fromRaw(raw);
  }

  /** Who is at this machine now; undefined before the first one was made. */
  current(): User | undefined {
    const raw = this.#database.prepare<[], RawUser>(`SELECT ${COLUMNS} FROM users WHERE current = 1`).get();
    return raw === undefined ? undefined : fromRaw(raw);
  }

  add(user: { readonly id: string; readonly name: string; readonly now: number }): void {
    this.#database
      .prepare('INSERT INTO users (id, name, created_at) VALUES (?, ?, ?)')
      .run(user.id, user.name, user.now);
  }

  update(id: string, change: { readonly name: string; readonly archivedAt: number | null }): void {
    this.#database
      .prepare('UPDATE users SET name = ?, archived_at = ? WHERE id = ?')
      .run(change.name, change.archivedAt, id);
  }

  /** Inside a transaction: in between nobody is at this machine. */
  switchTo(id: string): void {
    this.#database.prepare('UPDATE users SET current = 0 WHERE current = 1').run();
    this.#database.prepare('UPDATE users SET current = 1 WHERE id = ?').run(id);
  }
}
