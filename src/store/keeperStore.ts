import type { Database } from 'better-sqlite3';

/** A file that is about to be removed for good. */
export interface Departure {
  readonly rootKey: number;
  /** Under its root; in the trash with `.lakeside/trash/<folder>/` before it. */
  readonly path: string;
  /** 32 bytes. */
  readonly blake3: Buffer;
}

/** Another file that the index, or that of the trash, knows to have the same content. */
export interface Keeper {
  /** Absolute path of its root. */
  readonly root: string;
  /** Under that root. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  /** Coarsest step of file times of its root. */
  readonly stepMs: number;
  /** Hexadecimal. */
  readonly blake3: string;
}

/** Asked a file; the first that stands is enough. */
const KEEPERS_A_FILE = 4;

/**
 * Which other files hold a content. Two jobs must not each remove a file because the other's is still there: what a
 * running job is about to remove is written down, and is nobody's keeper.
 */
export class KeeperStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Writes down that these files go, at most 1,000, and gives for each the files that keep its content, none where it is
   * the last. Those without one are not written down. Within the transaction of its caller, which must hold the write lock.
   * @param rootKeys roots whose files may be relied on
   */
  depart(jobKey: number, departures: readonly Departure[], rootKeys: readonly number[]): Keeper[][] {
    const find = this.#database.prepare<
      { blake3: Buffer; rootKey: number; path: string; roots: string; limit: number },
      Keeper
    >(KEEPERS_SQL);
    const roots = JSON.stringify(rootKeys);
    return departures.map((departure) => {
      const keepers = find.all({ ...departure, roots, limit: KEEPERS_A_FILE });
      if (keepers.length > 0) this.announce(jobKey, departure);
      return keepers;
    });
  }

  /**
   * As `depart`, for files of one root in a transaction of its own, whatever root keeps their content; by path. null: it
   * may go though nobody keeps its content.
   */
  departAll(
    jobKey: number,
    rootKey: number,
    files: readonly { readonly path: string; readonly blake3: Buffer | undefined; readonly lastCopy: boolean }[],
  ): Map<string, Keeper[] | null> {
    return this.#database
      .transaction(() => {
        const roots = this.#database.prepare<[], number>('SELECT key FROM roots').pluck().all();
        return new Map(
          files.map(({ path, blake3, lastCopy }) => {
            if (!lastCopy)
              return [
                path,
                blake3 === undefined ? [] : (this.depart(jobKey, [{ rootKey, path, blake3 }], roots)[0] ?? []),
              ];
            this.announce(jobKey, { rootKey, path });
            return [path, null];
          }),
        );
      })
      .immediate();
  }

  /**
   * Writes down that files of a root go because files of another keep their content, in a transaction of its own; at most
   * 1,000. Those whose keeper a running job is about to remove must stay: they are not written down, and their paths are
   * returned.
   */
  departKept(
    jobKey: number,
    rootKey: number,
    keeperRootKey: number,
    files: readonly { readonly path: string; readonly keeperPath: string }[],
  ): string[] {
    const leaves = this.#database.prepare<[number, string]>(
      `SELECT 1 FROM departures AS departure JOIN jobs AS job ON job.key = departure.job_key AND job.status = 'running'
       WHERE departure.root_key = ? AND departure.path = ?`,
    );
    return this.#database
      .transaction(() =>
        files.flatMap(({ path, keeperPath }) => {
          if (leaves.get(keeperRootKey, keeperPath) !== undefined) return [path];
          this.announce(jobKey, { rootKey, path });
          return [];
        }),
      )
      .immediate();
  }

  /** Writes down that a file goes, whoever keeps its content. */
  announce(jobKey: number, { rootKey, path }: Pick<Departure, 'rootKey' | 'path'>): void {
    this.#database
      .prepare(
        `INSERT INTO departures (root_key, path, job_key) VALUES (?, ?, ?)
         ON CONFLICT (root_key, path) DO UPDATE SET job_key = excluded.job_key`,
      )
      .run(rootKey, path, jobKey);
  }

  /** As `settle`, for some files of a root: a job removes several at a time. */
  settlePaths(jobKey: number, rootKey: number, paths: readonly string[]): void {
    this.#database
      .prepare('DELETE FROM departures WHERE job_key = ? AND root_key = ? AND path IN (SELECT value FROM json_each(?))')
      .run(jobKey, rootKey, JSON.stringify(paths));
  }

  /** What a job was about to remove is gone, or stays. */
  settle(jobKey: number): void {
    this.#database.prepare('DELETE FROM departures WHERE job_key = ?').run(jobKey);
  }
}

export const KEEPERS_SQL = `SELECT root.path AS root, keeper.path, keeper.size, keeper.mtimeMs, root.mtime_step_ms AS stepMs,
    lower(hex(@blake3)) AS blake3
  FROM (
    SELECT file.root_key AS rootKey, file.relpath AS path, file.size, file.mtime_ms AS mtimeMs
      FROM files AS file WHERE file.blake3 = @blake3
        -- What was found to be damaged keeps nothing, though its row still says what it should hold.
        AND NOT EXISTS (SELECT 1 FROM rotten_files AS rotten WHERE rotten.root_key = file.root_key
          AND rotten.relpath = file.relpath AND rotten.size = file.size AND rotten.mtime_ms = file.mtime_ms
          AND rotten.expected = file.blake3)
    UNION ALL
    SELECT folder.root_key, '.lakeside/trash/' || folder.name || '/' || entry.path, entry.size, entry.mtime_ms
      FROM trash_entries AS entry JOIN trash_folders AS folder ON folder.key = entry.folder_key
      WHERE entry.blake3 = @blake3
  ) AS keeper JOIN roots AS root ON root.key = keeper.rootKey
  WHERE keeper.rootKey IN (SELECT value FROM json_each(@roots))
    AND NOT (keeper.rootKey = @rootKey AND keeper.path = @path)
    AND NOT EXISTS (
      SELECT 1 FROM departures AS departure JOIN jobs AS job ON job.key = departure.job_key AND job.status = 'running'
      WHERE departure.root_key = keeper.rootKey AND departure.path = keeper.path)
  LIMIT @limit`;
