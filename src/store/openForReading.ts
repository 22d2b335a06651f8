import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

import { APPLICATION_ID, BUSY_TIMEOUT_MS, DATABASE_FILE, READ_PRAGMAS } from './databaseFile.ts';

export interface ReadingOptions {
  readonly dataDir: string;
  readonly migrationsDir: string;
  /** Path of better-sqlite3's native part. */
  readonly nativeBinding: string;
}

/**
 * Opens a database that is there and has had just our migrations, by their names: for a command that only reads, and whose
 * whole run is shorter than loading what `openDatabase` needs to hash them. Undefined for any other, which `openDatabase`
 * makes, brings up to date or refuses with a sentence.
 */
export function openForReading({
  dataDir,
  migrationsDir,
  nativeBinding,
}: ReadingOptions): Database.Database | undefined {
  const file = join(dataDir, DATABASE_FILE);
  if (!existsSync(file)) return undefined;
  const database = new Database(file, { fileMustExist: true, timeout: BUSY_TIMEOUT_MS, nativeBinding });
  try {
    for (const pragma of READ_PRAGMAS) database.pragma(pragma);
    if (isCurrent(database, migrationsDir)) return database;
  } catch {
    // Whatever is wrong with it, `openDatabase` says.
  }
  database.close();
  return undefined;
}

function isCurrent(database: Database.Database, migrationsDir: string): boolean {
  if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) return false;
  const applied = database.prepare<[], string>('SELECT id FROM schema_migrations ORDER BY id').pluck().all();
  const known = readdirSync(migrationsDir).filter((name) => /^\d{4}_\w+\.sql$/.test(name));
  return known.length === applied.length && known.sort().every((name, index) => name === `${applied[index] ?? ''}.sql`);
}
