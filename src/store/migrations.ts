import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { LakesideError } from '../base/errors.ts';

export interface Migration {
  /** `0001_ground` */
  readonly id: string;
  readonly sql: string;
  /** SHA-256 of the file, lower-case hex. */
  readonly sha256: string;
}

export interface AppliedMigration {
  readonly id: string;
  readonly sha256: string;
}

/** Reads `NNNN_name.sql` in order. Line ends are normalised, so that a checkout with CRLF has the same hash. */
export function readMigrations(folder: string): Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}_\w+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n');
      return { id: name.slice(0, -'.sql'.length), sql, sha256: createHash('sha256').update(sql).digest('hex') };
    });
}

/**
 * Which migrations are still to run. Refuses a database that this code does not know:
 * newer (more migrations), or with another text under a known name.
 */
export function pendingMigrations(known: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
  for (const [index, done] of applied.entries()) {
    const mine = known[index];
    if (mine === undefined) {
      throw new LakesideError(
        'SCHEMA_NEWER',
        'infra',
        `The database was made by a newer Lakeside (it has ${done.id}). Reload the window, or update Lakeside.`,
      );
    }
    if (mine.id !== done.id || mine.sha256 !== done.sha256) {
      throw new LakesideError(
        'SCHEMA_CHANGED',
        'infra',
        `The database's schema is not the one of this Lakeside (${done.id} differs). Restore a file from its backups folder, or choose another data folder.`,
      );
    }
  }
  return known.slice(applied.length);
}
