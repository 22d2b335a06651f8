import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { migrationsDir } from '../../src/base/installation.ts';
import { openDatabase } from '../../src/store/openDatabase.ts';
import { Store } from '../../src/store/store.ts';
import { storeOptions } from '../support/testStore.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('a database from before the studio', () => {
  const folder = temporaryFolder();

  it('gets the studio’s tables, keeps what it held, and is backed up first', async () => {
    const before = join(folder(), 'migrations');
    const dataDir = join(folder(), 'data');
    mkdirSync(before);
    copyFileSync(join(migrationsDir, '0001_ground.sql'), join(before, '0001_ground.sql'));
    const old = openDatabase({ ...storeOptions(dataDir), migrationsDir: before });
    old.exec(`
      INSERT INTO roots (id, name, path, role, allow_delete, network, mtime_step_ms, created_at)
        VALUES ('r', 'local', '/models', 'local', 0, 0, 1, 1);
      INSERT INTO jobs (id, kind, title, status, lane, payload, created_at)
        VALUES ('j', 'scan', 'Scan local', 'succeeded', 'scan', '{"root":"r","hash":false}', 2);
    `);
    old.close();

    const store = await Store.open(storeOptions(dataDir));
    try {
      assert.equal(store.roots.byName('local')?.path, '/models');
      assert.equal(store.jobs.get('j')?.title, 'Scan local');
      assert.deepEqual(store.overview.counts(), { brands: 0, projects: 0, items: 0, runs: 0, images: 0 });
      assert.deepEqual(store.users.list({ archived: true }), []);
      assert.equal(readdirSync(join(dataDir, 'backups')).length, 1);
      assert.deepEqual(store.database.pragma('foreign_key_check'), []);
    } finally {
      store.close();
    }
  });
});
