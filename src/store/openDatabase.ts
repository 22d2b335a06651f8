import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

import type { Clock } from '../base/clock.ts';
import { errnoOf, LakesideError } from '../base/errors.ts';
import { makeFolder } from '../base/makeFolder.ts';
import { APPLICATION_ID, BUSY_TIMEOUT_MS, DATABASE_FILE, READ_PRAGMAS } from './databaseFile.ts';
import { type AppliedMigration, type Migration, pendingMigrations, readMigrations } from './migrations.ts';

/** 16 MB: a checkpoint waits for the device, and at SQLite's own 4 MB a large scan or copy waited for several. */
const CHECKPOINT_PAGES = 4_000;

export interface OpenOptions {
  readonly dataDir: string;
  readonly migrationsDir: string;
  /** Path of better-sqlite3's native part; undefined: where the package looks itself. */
  readonly nativeBinding: string | undefined;
  readonly clock: Clock;
  /** Whether a folder lies on a network drive, where SQLite's locks cannot be trusted. */
  readonly isNetworkPath: (path: string) => boolean;
}

/** Opens the database of a data dir, making or migrating it. Throws a LakesideError that says why it cannot. */
export function openDatabase(options: OpenOptions): Database.Database {
  const { dataDir } = options;
  prepareDataDir(dataDir, options.isNetworkPath);
  const file = join(dataDir, DATABASE_FILE);
  let database: Database.Database | undefined;
  try {
    database = new Database(file, {
      timeout: BUSY_TIMEOUT_MS,
      ...(options.nativeBinding === undefined ? {} : { nativeBinding: options.nativeBinding }),
    });
    configure(database);
    migrate(database, options);
    return database;
  } catch (error) {
    database?.close();
    throw databaseError(file, error);
  }
}

function prepareDataDir(dataDir: string, isNetworkPath: (path: string) => boolean): void {
  if (isNetworkPath(dataDir)) {
    throw new LakesideError(
      'DATA_DIR_ON_NETWORK',
      'infra',
      `The data folder ${dataDir} lies on a network drive, where a database is not safe. Choose a folder on this machine (setting lakeside.dataDir).`,
      { context: { path: dataDir } },
    );
  }
  try {
    makeFolder(dataDir);
    accessSync(dataDir, constants.W_OK | constants.R_OK);
  } catch (error) {
    throw new LakesideError(
      'DATA_DIR_NOT_WRITABLE',
      'infra',
      `The data folder ${dataDir} cannot be written. Check its rights, or choose another (setting lakeside.dataDir).`,
      { context: { path: dataDir, errno: errnoOf(error) ?? 'unknown' }, cause: error },
    );
  }
}

function configure(database: Database.Database): void {
  // In this order: another process may be making the tables right now, and they come together with the id.
  const empty = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
  const owner = database.pragma('application_id', { simple: true });
  if (owner !== APPLICATION_ID && !empty) {
    throw new LakesideError(
      'SCHEMA_UNKNOWN',
      'infra',
      `${database.name} is a database of another program. Choose another data folder (setting lakeside.dataDir).`,
      { context: { path: database.name } },
    );
  }
  if (database.pragma('journal_mode', { simple: true }) !== 'wal') database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  database.pragma('foreign_keys = ON');
  for (const pragma of READ_PRAGMAS) database.pragma(pragma);
}

function appliedMigrations(database: Database.Database): AppliedMigration[] {
  const exists = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'").get();
  if (exists === undefined) return [];
  return database.prepare<[], AppliedMigration>('SELECT id, sha256 FROM schema_migrations ORDER BY id').all();
}

function migrate(database: Database.Database, options: OpenOptions): void {
  const known = readMigrations(options.migrationsDir);
  if (pendingMigrations(known, appliedMigrations(database)).length === 0) return;
  const backup = backUp(database, options);
  // Exclusive: a second window that opens now waits, then finds the work done.
  const run = database.transaction(() => {
    const pending = pendingMigrations(known, appliedMigrations(database));
    database.exec(
      'CREATE TABLE IF NOT EXISTS schema_migrations (id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
    );
    const record = database.prepare('INSERT INTO schema_migrations (id, sha256, applied_at) VALUES (?, ?, ?)');
    for (const migration of pending) {
      apply(database, migration, backup);
      record.run(migration.id, migration.sha256, options.clock.now());
    }
    database.pragma(`application_id = ${APPLICATION_ID}`);
  });
  database.pragma('busy_timeout = 30000');
  try {
    run.exclusive();
  } finally {
    database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}

function apply(database: Database.Database, migration: Migration, backup: string | undefined): void {
  try {
    database.exec(migration.sql);
  } catch (error) {
    throw new LakesideError(
      'MIGRATION_FAILED',
      'infra',
      `The database could not be brought up to date (${migration.id}). It was left as it was${backup === undefined ? '' : `; a copy is at ${backup}`}.`,
      { cause: error },
    );
  }
}

/** A copy before the schema changes, unless there is nothing yet to keep. */
function backUp(database: Database.Database, options: OpenOptions): string | undefined {
  if (appliedMigrations(database).length === 0) return undefined;
  const folder = join(options.dataDir, 'backups');
  makeFolder(folder);
  const time = new Date(options.clock.now()).toISOString().replaceAll(/[:.]/g, '-');
  const file = join(folder, `lakeside-${time}.db`);
  if (!existsSync(file)) database.prepare('VACUUM INTO ?').run(file);
  return file;
}

function databaseError(file: string, error: unknown): LakesideError {
  if (error instanceof LakesideError) return error;
  const code = error instanceof Database.SqliteError ? error.code : undefined;
  if (code === 'SQLITE_NOTADB' || code?.startsWith('SQLITE_CORRUPT') === true) {
    return new LakesideError(
      'DATABASE_CORRUPT',
      'infra',
      `The database ${file} is damaged. Move it away and restore the newest file of the backups folder beside it; without one, Lakeside starts a new index.`,
      { context: { path: file }, cause: error },
    );
  }
  if (code?.startsWith('SQLITE_BUSY') === true) {
    return new LakesideError(
      'DATABASE_BUSY',
      'infra',
      `Another process keeps the database ${file} locked. Close other Lakeside windows, or retry.`,
      { context: { path: file }, cause: error, retryable: true },
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new LakesideError('DATABASE_FAILED', 'infra', `The database ${file} cannot be opened: ${reason}.`, {
    context: { path: file },
    cause: error,
  });
}
