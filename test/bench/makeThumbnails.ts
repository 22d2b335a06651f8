// node makeThumbnails.ts DATA_DIR FOLDER: makes a thumbnail of every image of a folder, as the gallery asks for them.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

import { ImagePool } from '../../src/studio/imagePool.ts';
import { projectDir } from '../support/projectDir.ts';

const [dataDir, folder] = process.argv.slice(2);
if (dataDir === undefined || folder === undefined) throw new Error('Name a data dir and a folder.');
const pool = new ImagePool({
  dataDir,
  // The one that ships.
  makeWorker: () => new Worker(path.join(projectDir, 'dist', 'imageWorker.js')),
});
// What they hold is not known: each is hashed as it is read, as a stranger's would be.
const unknown = '0'.repeat(64);
await Promise.all(
  readdirSync(folder).map((name) => pool.thumbnail({ path: path.join(folder, name), blake3: unknown }, 256)),
);
await pool.close();
