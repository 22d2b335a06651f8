import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from 'better-sqlite3';

import { systemClock } from '../../src/base/clock.ts';
import { migrationsDir } from '../../src/base/installation.ts';
import type { FileRow } from '../../src/store/fileStore.ts';
import { openDatabase } from '../../src/store/openDatabase.ts';
import { type RootRow, RootStore } from '../../src/store/rootStore.ts';

/** A database of its own in a temporary folder, with two scanned roots and no files. */
export interface LibraryDatabase {
  readonly database: Database;
  readonly dataDir: string;
  readonly local: RootRow;
  readonly lake: RootRow;
  close(): void;
}

export function openLibraryDatabase(options: { mtimeStepMs?: number } = {}): LibraryDatabase {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'lakeside-library-'));
  const database = openDatabase({
    dataDir,
    migrationsDir,
    nativeBinding: undefined,
    clock: systemClock,
    isNetworkPath: () => false,
  });
  const roots = new RootStore(database);
  const add = (name: 'local' | 'lake'): RootRow => {
    const { key } = roots.add({
      id: `id-${name}`,
      name,
      path: path.join(dataDir, name),
      role: name,
      allowDelete: false,
      network: false,
      mtimeStepMs: name === 'lake' ? (options.mtimeStepMs ?? 1) : 1,
      createdAt: 0,
    });
    roots.setScanned(key, 1);
    const row = roots.byName(name);
    if (row === undefined) throw new Error(`The root ${name} was not stored`);
    return row;
  };
  return {
    database,
    dataDir,
    local: add('local'),
    lake: add('lake'),
    close: () => {
      database.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Replaces the whole index of a root, in one go. */
export function setFiles(database: Database, root: RootRow, files: Iterable<FileRow>): void {
  const insert = database.prepare(
    'INSERT INTO files (root_key, relpath, size, mtime_ms, blake3) VALUES (?, ?, ?, ?, ?)',
  );
  database.transaction(() => {
    database.prepare('DELETE FROM files WHERE root_key = ?').run(root.key);
    for (const file of files) insert.run(root.key, file.relpath, file.size, file.mtimeMs, file.blake3);
  })();
}

/** A made-up content hash: 32 bytes that differ by number. */
export function contentHash(number: number): Buffer {
  const hash = Buffer.alloc(32);
  hash.writeUInt32LE(number);
  return hash;
}
