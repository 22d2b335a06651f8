import { migrationsDir, nativeFile } from '../../src/base/installation.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import type { OpenOptions } from '../../src/store/openDatabase.ts';

/** What openDatabase and Store.open need, for a data dir of a test. */
export function storeOptions(dataDir: string, clock: Clock = systemClock): OpenOptions {
  return {
    dataDir,
    migrationsDir,
    nativeBinding: nativeFile('better-sqlite3.node'),
    clock,
    isNetworkPath: () => false,
  };
}
