import type { Database } from 'better-sqlite3';

import type { DiffCounts, DiffItem } from '../protocol/values.ts';
import { equalSql, fromState, type ItemRow, itemsSql, toItem, toState } from './diffItems.ts';
import { type OneSide, SIDE } from './diffSides.ts';
import { fillDiffTable, type MoveRules } from './fillDiffTable.ts';

/** How many paths both hold alike, both hold unlike, one alone holds, and how many files moved. */
interface SideCounts {
  readonly equal: number;
  readonly both: number;
  readonly first: number;
  readonly second: number;
  readonly moved: number;
}

/** What a table was filled from; it is fresh while nothing of this changed. */
export interface DiffBasis {
  /** Grows with every change of the index. */
  readonly revision: number;
  /** Milliseconds that two times may lie apart. */
  readonly mtimeStepMs: number;
}

/**
 * The comparison of two roots as a temporary table: a row for each path that is not equal in both, in path order.
 * It knows no direction, so both roots' trees and diffs either way read the same rows. SQLite keeps it in a temporary
 * file, so memory stays flat.
 */
export class DiffTable {
  readonly name: string;
  readonly #database: Database;
  readonly #firstKey: number;
  readonly #secondKey: number;
  readonly #content: boolean;
  #basis: DiffBasis | undefined;
  #readers = 0;
  #counts: SideCounts = { equal: 0, both: 0, first: 0, second: 0, moved: 0 };

  constructor(database: Database, name: string, firstKey: number, secondKey: number, content: boolean) {
    this.name = name;
    this.#database = database;
    this.#firstKey = firstKey;
    this.#secondKey = secondKey;
    this.#content = content;
    database.exec(`CREATE TEMP TABLE IF NOT EXISTS ${name} (
      path TEXT PRIMARY KEY, side INTEGER NOT NULL,
      first_size INTEGER, first_mtime_ms INTEGER, first_blake3 BLOB,
      second_size INTEGER, second_mtime_ms INTEGER, second_blake3 BLOB,
      other TEXT, -- the other root's name of a moved file
      damaged INTEGER -- side that holds it damaged, where the other one holds it whole
    ) STRICT, WITHOUT ROWID`);
  }

  isFresh(basis: DiffBasis): boolean {
    return this.#basis?.revision === basis.revision && this.#basis.mtimeStepMs === basis.mtimeStepMs;
  }

  /** Whether somebody reads it in pages: it must then stay as it is. */
  get isRead(): boolean {
    return this.#readers > 0;
  }

  drop(): void {
    this.#database.exec(`DROP TABLE IF EXISTS temp.${this.name}`);
  }

  /**
   * Compares the two roots anew. One transaction: what it reads is one state of the index.
   */
  fill(basis: DiffBasis, rules: MoveRules): void {
    this.#basis = undefined;
    this.#database.transaction(() => {
      const { name: table } = this;
      const [firstKey, secondKey, content] = [this.#firstKey, this.#secondKey, this.#content];
      const comparison = { table, firstKey, secondKey, content, mtimeStepMs: basis.mtimeStepMs };
      fillDiffTable(this.#database, comparison, rules);
      this.#counts = this.#count();
    })();
    this.#basis = basis;
  }

  #count(): SideCounts {
    const files = this.#database
      .prepare<[number], number>('SELECT count(*) FROM files WHERE root_key = ?')
      .pluck()
      .get(this.#firstKey);
    const row = this.#database
      .prepare<[], Omit<SideCounts, 'equal'>>(
        `SELECT coalesce(sum(side = ${SIDE.both}), 0) AS both,
           coalesce(sum(side = ${SIDE.first} AND other IS NULL), 0) AS first,
           coalesce(sum(side = ${SIDE.second} AND other IS NULL), 0) AS second,
           coalesce(sum(side = ${SIDE.first} AND other IS NOT NULL), 0) AS moved
         FROM temp.${this.name}`,
      )
      .get() ?? { both: 0, first: 0, second: 0, moved: 0 };
    return { ...row, equal: (files ?? 0) - row.both - row.first - row.moved };
  }

  /** Counts as seen from the root of key `fromKey`. */
  counts(fromKey: number): DiffCounts {
    const { equal, both, first, second, moved } = this.#counts;
    const isFirst = this.sideOf(fromKey) === SIDE.first;
    return { equal, missing: isFirst ? first : second, extra: isFirst ? second : first, different: both, moved };
  }

  /**
   * What is not equal, in path order, as seen from the root of key `fromKey`.
   * @param range paths after this one; all of them, if not given
   */
  *items(fromKey: number, range?: { readonly after: string }): Generator<DiffItem> {
    const side = this.sideOf(fromKey);
    const rows = this.#database
      .prepare<[string, number], ItemRow & { side: number }>(itemsSql(this.name, side))
      .iterate(range?.after ?? '', UNLIMITED);
    for (const row of rows) yield toItem(row, row.side, side);
  }

  /**
   * As `items`, but read a thousand at a time, so that the connection is free between two of them: a plan of a million
   * steps is written while they are read, and they are never in memory together. Until the reader ends the table stays as it
   * is, whatever the index becomes.
   */
  *itemsInPages(fromKey: number): Generator<DiffItem> {
    const side = this.sideOf(fromKey);
    const page = this.#database.prepare<[string, number], ItemRow & { side: number }>(itemsSql(this.name, side));
    this.#readers++;
    try {
      for (let after = ''; ;) {
        const rows = page.all(after, ROWS_A_PAGE);
        for (const row of rows) yield toItem(row, row.side, side);
        const last = rows.at(-1);
        if (last === undefined || rows.length < ROWS_A_PAGE) return;
        after = last.path;
      }
    } finally {
      this.#readers--;
    }
  }

  /** What is equal in both roots, in path order, as seen from the root of key `fromKey`. */
  *equalItems(fromKey: number, after = ''): Generator<DiffItem> {
    const toKey = fromKey === this.#firstKey ? this.#secondKey : this.#firstKey;
    const rows = this.#database
      .prepare<[number, number, string], ItemRow>(equalSql(this.name))
      .iterate(toKey, fromKey, after);
    for (const row of rows) {
      yield { state: 'equal', path: row.path, ...fromState(row), ...toState(row) };
    }
  }

  sideOf(rootKey: number): OneSide {
    return rootKey === this.#firstKey ? SIDE.first : SIDE.second;
  }
}

const ROWS_A_PAGE = 1_000;
/** SQLite's word for no LIMIT. */
const UNLIMITED = -1;

/** Greater than every path: no name starts with the last code point. */
export const AFTER_ALL_PATHS = '\u{10FFFF}';
