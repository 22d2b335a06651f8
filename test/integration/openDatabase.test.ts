import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

import { LakesideError } from '../../src/base/errors.ts';
import { migrationsDir, nativeFile } from '../../src/base/installation.ts';
import { DATABASE_FILE } from '../../src/store/databaseFile.ts';
import { openDatabase } from '../../src/store/openDatabase.ts';
import { storeOptions } from '../support/testStore.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

function refusal(run: () => unknown): LakesideError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof LakesideError, String(error));
    return error;
  }
  return assert.fail('it was not refused');
}

describe('opening the database', () => {
  const folder = temporaryFolder();
  const raw = (): Database.Database =>
    new Database(join(folder(), DATABASE_FILE), { nativeBinding: nativeFile('better-sqlite3.node') });

  it('makes a data dir and an empty database in WAL mode with foreign keys', () => {
    const database = openDatabase(storeOptions(join(folder(), 'new', 'data')));
    assert.equal(database.pragma('journal_mode', { simple: true }), 'wal');
    assert.equal(database.pragma('foreign_keys', { simple: true }), 1);
    assert.equal(database.pragma('synchronous', { simple: true }), 1);
    database.close();
  });

  it('maps so little of the database that a process stays below a gigabyte whatever its size', () => {
    const database = openDatabase(storeOptions(folder()));
    assert.ok(Number(database.pragma('mmap_size', { simple: true })) <= 256 * 1024 * 1024);
    database.close();
  });

  it('opens again without a backup when nothing is to be migrated', () => {
    openDatabase(storeOptions(folder())).close();
    openDatabase(storeOptions(folder())).close();
    assert.equal(existsSync(join(folder(), 'backups')), false);
  });

  it('backs up before it migrates, and keeps the data', () => {
    const older = join(folder(), 'older');
    const newer = join(folder(), 'newer');
    mkdirSync(older);
    mkdirSync(newer);
    for (const name of readdirSync(migrationsDir)) {
      copyFileSync(join(migrationsDir, name), join(older, name));
      copyFileSync(join(migrationsDir, name), join(newer, name));
    }
    writeFileSync(join(newer, '9000_more.sql'), 'ALTER TABLE answers ADD COLUMN note TEXT;');
    const before = openDatabase({ ...storeOptions(folder()), migrationsDir: older });
    before.prepare("INSERT INTO answers VALUES ('k', 'u', 'a', 1)").run();
    before.close();
    const after = openDatabase({ ...storeOptions(folder()), migrationsDir: newer });
    assert.deepEqual(after.prepare('SELECT key, note FROM answers').all(), [{ key: 'k', note: null }]);
    after.close();
    assert.equal(readdirSync(join(folder(), 'backups')).length, 1);
  });

  it('leaves the database as it was when a migration fails', () => {
    const broken = join(folder(), 'broken');
    mkdirSync(broken);
    for (const name of readdirSync(migrationsDir)) copyFileSync(join(migrationsDir, name), join(broken, name));
    openDatabase(storeOptions(folder())).close();
    writeFileSync(join(broken, '9000_more.sql'), 'CREATE TABLE half (x) STRICT; nonsense;');
    const error = refusal(() => openDatabase({ ...storeOptions(folder()), migrationsDir: broken }));
    assert.equal(error.code, 'MIGRATION_FAILED');
    openDatabase(storeOptions(folder())).close();
  });

  it('refuses a database of newer code', () => {
    openDatabase(storeOptions(folder())).close();
    const database = raw();
    database.prepare("INSERT INTO schema_migrations VALUES ('9999_future', 'x', 1)").run();
    database.close();
    const error = refusal(() => openDatabase(storeOptions(folder())));
    assert.equal(error.code, 'SCHEMA_NEWER');
    assert.match(error.message, /Reload the window, or update Lakeside/);
  });

  it('refuses a database whose migration is not the known one', () => {
    openDatabase(storeOptions(folder())).close();
    const database = raw();
    database.prepare("UPDATE schema_migrations SET sha256 = 'other'").run();
    database.close();
    assert.equal(refusal(() => openDatabase(storeOptions(folder()))).code, 'SCHEMA_CHANGED');
  });

  it('refuses the database of another program, and does not touch it', () => {
    const database = raw();
    database.exec('CREATE TABLE theirs (x)');
    database.close();
    const before = readFileSync(join(folder(), DATABASE_FILE));
    assert.equal(refusal(() => openDatabase(storeOptions(folder()))).code, 'SCHEMA_UNKNOWN');
    assert.deepEqual(readFileSync(join(folder(), DATABASE_FILE)), before);
  });

  it('refuses a file that is not a database, and names the backups', () => {
    writeFileSync(join(folder(), DATABASE_FILE), 'this is not a database, it only looks like one'.repeat(50));
    const error = refusal(() => openDatabase(storeOptions(folder())));
    assert.equal(error.code, 'DATABASE_CORRUPT');
    assert.match(error.message, /backups/);
  });

  it('refuses a data dir on a network drive', () => {
    const error = refusal(() => openDatabase({ ...storeOptions(folder()), isNetworkPath: () => true }));
    assert.equal(error.code, 'DATA_DIR_ON_NETWORK');
  });

  it('refuses a data dir that cannot be written', () => {
    writeFileSync(join(folder(), 'file'), '');
    assert.equal(
      refusal(() => openDatabase(storeOptions(join(folder(), 'file', 'data')))).code,
      'DATA_DIR_NOT_WRITABLE',
    );
  });
});
