import { migrationsDir, nativeFile } from './base/installation.ts';
import { diffItems, freshDiff } from './library/diff.ts';
import type { DiffCounts, DiffItem } from './protocol/values.ts';
import { DiffStore } from './store/diffStore.ts';
import { openForReading } from './store/openForReading.ts';
import { RootStore } from './store/rootStore.ts';

export interface DiffQuestion {
  readonly dataDir: string;
  /** Names of roots. */
  readonly from: string;
  readonly to: string;
  /** Lists equal files too. */
  readonly all: boolean;
}

export interface OpenDiff {
  readonly counts: DiffCounts;
  /** In path order, each read when it is asked for. */
  readonly items: Iterable<DiffItem>;
  close(): void;
}

/**
 * The core made small: it answers `library.diff` as the engine does, and nothing else. The engine takes longer to load
 * than two roots of 100,000 files take to be compared.
 * @returns undefined where the database has to be made or brought up to date first, or a root is not known
 * @throws what `freshDiff` throws
 */
export function openDiff({ dataDir, from: fromName, to: toName, all }: DiffQuestion): OpenDiff | undefined {
  const database = openForReading({ dataDir, migrationsDir, nativeBinding: nativeFile('better-sqlite3.node') });
  if (database === undefined) return undefined;
  try {
    const roots = new RootStore(database);
    const [from, to] = [roots.byName(fromName), roots.byName(toName)];
    if (from !== undefined && to !== undefined) {
      const table = freshDiff({ store: new DiffStore(database), from, to });
      const items = diffItems(table, from.key, { all });
      return { counts: table.counts(from.key), items, close: () => database.close() };
    }
  } catch (error) {
    database.close();
    throw error;
  }
  database.close();
  return undefined;
}
