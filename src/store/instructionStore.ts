import type { Database } from 'better-sqlite3';

import type { InstructionScope } from '../protocol/studioValues.ts';

export interface InstructionRow {
  readonly scope: InstructionScope;
  /** Of the user, brand, project or work item. */
  readonly scopeId: string;
  readonly text: string;
}

/** What is to be said in every prompt of a user, a brand, a project, a work item. */
export class InstructionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The text of one scope; empty if there is none. */
  get(scope: InstructionScope, scopeId: string): string {
    return (
      this.#database
        .prepare<[string, string], string>('SELECT text FROM instructions WHERE scope = ? AND scope_id = ?')
        .pluck()
        .get(scope, scopeId) ?? ''
    );
  }

  /** Those of several scopes at once, as far as there are any. */
  ofScopes(ids: Readonly<Record<InstructionScope, string>>): InstructionRow[] {
    return this.#database
      .prepare<[string, string, string, string], InstructionRow>(
        `SELECT scope, scope_id AS scopeId, text FROM instructions
         WHERE (scope, scope_id) IN (VALUES ('user', ?), ('brand', ?), ('project', ?), ('item', ?))`,
      )
      .all(ids.user, ids.brand, ids.project, ids.item);
  }

  /** An empty text takes them away. */
  set(row: InstructionRow & { readonly by: string; readonly now: number }): void {
    if (row.text === '') {
      this.#database.prepare('DELETE FROM instructions WHERE scope = ? AND scope_id = ?').run(row.scope, row.scopeId);
      return;
    }
    this.#database
      .prepare(
        `INSERT INTO instructions (scope, scope_id, text, updated_by, updated_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (scope, scope_id)
         DO UPDATE SET text = excluded.text, updated_by = excluded.updated_by, updated_at = excluded.updated_at`,
      )
      .run(row.scope, row.scopeId, row.text, row.by, row.now);
  }
}
