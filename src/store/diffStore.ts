import type { Database } from 'better-sqlite3';

import { DiffTable } from './diffTable.ts';
import type { FileChange } from './fileStore.ts';
import type { RootRow } from './rootStore.ts';

/** Comparisons kept warm on one connection: both trees of a few pairs, quick and by content. */
const MAX_TABLES = 6;
const CANDIDATES_A_PAGE = 10_000;

/** The comparisons of pairs of roots, each a temporary table of what is not equal, kept until the index changes. */
export class DiffStore {
  readonly #database: Database;
  readonly #tables = new Map<string, DiffTable>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The comparison of two roots, in either order; it is the caller's to see that it is fresh. */
  table(one: RootRow, two: RootRow, content: boolean): DiffTable {
    const [first, second] = one.key <= two.key ? [one, two] : [two, one];
    const name = `diff_${first.key}_${second.key}_${content ? 'content' : 'quick'}`;
    const known = this.#tables.get(name);
    const table = known ?? new DiffTable(this.#database, name, first.key, second.key, content);
    // Re-inserting makes the map's order that of last use.
    this.#tables.delete(name);
    this.#tables.set(name, table);
    for (const [oldName, old] of this.#tables) {
      if (this.#tables.size <= MAX_TABLES) break;
      if (old.isRead) continue;
      old.drop();
      this.#tables.delete(oldName);
    }
    return table;
  }

  /**
   * Files of `root` without a hash that only their content can compare with `other`: of every same-path pair of equal
   * size, and those of a non-empty size that both roots have under different paths. Pages in path order, each read
   * when it is asked for, so hashes may be recorded in between.
   */
  *contentCandidates(root: RootRow, other: RootRow): Generator<FileChange[]> {
    const statement = this.#database.prepare<
      [{ root: number; other: number; after: string; limit: number }],
      FileChange
    >(CONTENT_CANDIDATES);
    let after = '';
    for (;;) {
      const page = statement.all({ root: root.key, other: other.key, after, limit: CANDIDATES_A_PAGE });
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      if (page.length < CANDIDATES_A_PAGE) return;
      after = last.relpath;
    }
  }
}

const CONTENT_CANDIDATES = `
  SELECT mine.relpath, mine.size, mine.mtime_ms AS mtimeMs
  FROM files AS mine LEFT JOIN files AS pair ON pair.root_key = @other AND pair.relpath = mine.relpath
  WHERE mine.root_key = @root AND mine.relpath > @after AND mine.blake3 IS NULL AND
    CASE WHEN pair.relpath IS NOT NULL THEN pair.size = mine.size
    ELSE mine.size > 0 AND mine.size IN (
      SELECT single.size FROM
        (SELECT relpath FROM files WHERE root_key = @other
         EXCEPT SELECT relpath FROM files WHERE root_key = @root ORDER BY relpath) AS name
        CROSS JOIN files AS single ON single.root_key = @other AND single.relpath = name.relpath
    ) END
  ORDER BY mine.relpath LIMIT @limit`;
