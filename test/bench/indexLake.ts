import path from 'node:path';
import Database from 'better-sqlite3';

import { nativeFile } from '../../src/base/installation.ts';
import { DATABASE_FILE } from '../../src/store/databaseFile.ts';

/**
 * Gives the root `lake` an index as if it had been scanned: that of `local` but for every hundredth file, or, with `moved`,
 * every file of it, with its hash, in another folder. A second million files on the disk would say no more.
 */
export function indexLake(dataDir: string, { moved = false }: { moved?: boolean } = {}): void {
  const database = new Database(path.join(dataDir, DATABASE_FILE), {
    nativeBinding: nativeFile('better-sqlite3.node'),
  });
  database.exec(`DELETE FROM files WHERE root_key = (SELECT key FROM roots WHERE name = 'lake')`);
  if (moved)
    database.exec(`UPDATE files SET blake3 = CAST(printf('%032d', rowid_of) AS BLOB)
    FROM (SELECT relpath AS name, row_number() OVER (ORDER BY relpath) AS rowid_of FROM files) WHERE relpath = name`);
  database.exec(`INSERT INTO files (root_key, relpath, size, mtime_ms, blake3)
    SELECT (SELECT key FROM roots WHERE name = 'lake'), ${moved ? "'moved/' || relpath" : 'relpath'}, size, mtime_ms, blake3
    FROM files WHERE root_key = (SELECT key FROM roots WHERE name = 'local')
      ${moved ? '' : 'AND (mtime_ms / 1000) % 100 <> 0'} ORDER BY 2`);
  database.close();
}
