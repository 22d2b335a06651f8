import type { Database } from 'better-sqlite3';

import type { DiffCounts, DiffItem, FileState } from '../protocol/values.ts';

/** Which of the table's two roots holds a path. */
export const SIDE = { both: 0, first: 1, second: 2 } as const;
export type OneSide = typeof SIDE.first | typeof SIDE.second;

/** A file that one root alone has under its path. */
export interface SingleRow {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** Lower-case hex, or null while it is not known. */
  readonly blake3: string | null;
  /** 1: the other root alone has a file of this content, too. */
  readonly shared: number;
}

interface ItemRow {
  readonly path: string;
  readonly other: string | null;
  readonly fromSize: number | null;
  readonly fromMtimeMs: number | null;
  readonly fromBlake3: string | null;
  readonly toSize: number | null;
  readonly toMtimeMs: number | null;
  readonly toBlake3: string | null;
  readonly damaged: number | null;
}

/** How many paths both hold alike, both hold unlike, one alone holds, and how many files moved. */
interface SideCounts {
  readonly equal: number;
  readonly both: number;
  readonly first: number;
  readonly second: number;
  readonly moved: number;
}

/** The rules by which files that only one root has are taken for moved ones; `library/diffMoves.ts` is them. */
export interface MoveRules {
  /** Whether a file of this name goes with no other: it has moved when its content alone says so. */
  readonly goesAlone: (path: string) => boolean;
  /**
   * Gets what each root alone has, but for what is paired already, which comes too: as [path in the first, path in the
   * second], by path. Answers with further such pairs.
   */
  readonly pairMoves: (
    first: Iterable<SingleRow>,
    second: Iterable<SingleRow>,
    paired: Iterable<readonly [string, string]>,
  ) => Iterable<readonly [string, string]>;
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
      this.#database.exec(`DELETE FROM temp.${this.name}`);
      this.#compare(basis.mtimeStepMs);
      if (this.#anyShared()) this.#pair(rules);
      this.#counts = this.#count();
    })();
    this.#basis = basis;
  }

  #compare(mtimeStepMs: number): void {
    const [first, second] = [this.#firstKey, this.#secondKey];
    this.#database
      .prepare(`INSERT INTO temp.${this.name} (${TABLE_COLUMNS}) ${firstSideSql(this.#content)}`)
      .run({ first, second, ...(this.#content ? {} : { step: mtimeStepMs }) });
    this.#database
      .prepare(`INSERT INTO temp.${this.name} (${TABLE_COLUMNS}) ${SECOND_SIDE_SQL}`)
      .run({ first, second });
    for (const side of [SIDE.first, SIDE.second] as const) {
      const [mine, other] = side === SIDE.first ? [first, second] : [second, first];
      this.#database
        .prepare(`INSERT OR IGNORE INTO temp.${this.name} (${TABLE_COLUMNS}, damaged) ${damagedSql(side)}`)
        .run({ mine, other });
    }
  }

  /**
   * Most of what moved is one file here and one there of a content: those are paired by SQL, and of a million only the
   * others, and companions, are ever in memory.
   */
  #pair({ goesAlone, pairMoves }: MoveRules): void {
    const [table, pairs] = [`temp.${this.name}`, `temp.${this.name}_pairs`];
    this.#database.function(ALONE_FUNCTION, (path) => Number(goesAlone(String(path))));
    this.#database
      .exec(`CREATE TEMP TABLE ${this.name}_pairs (first TEXT PRIMARY KEY, second TEXT NOT NULL) STRICT, WITHOUT ROWID;
      INSERT INTO ${pairs} ${singlePairsSql(table)};
      UPDATE ${table} SET other = second FROM ${pairs} WHERE path = first;
      UPDATE ${table} SET other = first FROM (SELECT second, first FROM ${pairs} ORDER BY second) WHERE path = second`);
    const paired = this.#database
      .prepare<[], [string, string]>(`SELECT first, second FROM ${pairs} ORDER BY first`)
      .raw()
      .iterate();
    this.#recordMoves([...pairMoves(this.#singles(SIDE.first), this.#singles(SIDE.second), paired)]);
    this.#database.exec(`DROP TABLE ${pairs}`);
  }

  #anyShared(): boolean {
    const found = this.#database
      .prepare(
        `SELECT 1 FROM temp.${this.name} WHERE side = ${SIDE.first} AND first_size > 0
           AND first_blake3 IN (${this.#contentOf(SIDE.second)}) LIMIT 1`,
      )
      .get();
    return found !== undefined;
  }

  #singles(side: OneSide): Iterable<SingleRow> {
    const mine = columns(side);
    const other = side === SIDE.first ? SIDE.second : SIDE.first;
    return this.#database
      .prepare<[], SingleRow>(
        `SELECT path, ${mine}_size AS size, ${mine}_mtime_ms AS mtimeMs, lower(hex(${mine}_blake3)) AS blake3,
           coalesce(${mine}_blake3 IN (${this.#contentOf(other)}), 0) AS shared
         FROM temp.${this.name} WHERE side = ${side} AND ${mine}_size > 0 AND other IS NULL ORDER BY path`,
      )
      .iterate();
  }

  #contentOf(side: OneSide): string {
    const column = `${columns(side)}_blake3`;
    return `SELECT ${column} FROM temp.${this.name} WHERE side = ${side} AND ${column} IS NOT NULL`;
  }

  #recordMoves(pairs: readonly (readonly [string, string])[]): void {
    const set = this.#database.prepare<[string, string]>(`UPDATE temp.${this.name} SET other = ? WHERE path = ?`);
    for (const [first, second] of pairs) {
      set.run(second, first);
      set.run(first, second);
    }
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

export function columns(side: OneSide): 'first' | 'second' {
  return side === SIDE.first ? 'first' : 'second';
}

/** Name of the SQL function that says whether a file goes with no other. */
const ALONE_FUNCTION = 'lakeside_goes_alone';

/** Contents that each root alone has once, under names that go with no other. */
function singlePairsSql(table: string): string {
  const once = (side: OneSide): string => {
    const column = columns(side);
    return `(SELECT ${column}_blake3 AS content, min(path) AS path FROM ${table}
      WHERE side = ${side} AND ${column}_size > 0 AND ${column}_blake3 IS NOT NULL GROUP BY 1 HAVING count(*) = 1)`;
  };
  return `SELECT one.path, two.path FROM ${once(SIDE.first)} AS one JOIN ${once(SIDE.second)} AS two
      ON two.content = one.content
    WHERE ${ALONE_FUNCTION}(one.path) AND ${ALONE_FUNCTION}(two.path) ORDER BY 1`;
}

const TABLE_COLUMNS = `path, side, first_size, first_mtime_ms, first_blake3,
  second_size, second_mtime_ms, second_blake3, other`;
const FILE_COLUMNS = 'relpath, size, mtime_ms, blake3';

/**
 * Rows of the first root that are missing from the second or different there; `sameFile` in library/diffRules.ts is
 * the rule in words. Quickly: the rows that both roots hold alike fall out in one merge of the two clustered ranges
 * (a sixth of the time of a look-up for each), and only the rest is looked at. By content no row is taken for equal
 * without a hash, so all are looked at.
 */
export function firstSideSql(content: boolean): string {
  const all = `SELECT ${FILE_COLUMNS} FROM files WHERE root_key = @first`;
  const unlike = `${all} EXCEPT SELECT ${FILE_COLUMNS} FROM files WHERE root_key = @second ORDER BY relpath`;
  const same = content
    ? 'mine.size = pair.size AND mine.blake3 = pair.blake3'
    : `mine.size = pair.size AND CASE WHEN mine.blake3 IS NOT NULL AND pair.blake3 IS NOT NULL
         THEN mine.blake3 = pair.blake3 ELSE abs(mine.mtime_ms - pair.mtime_ms) <= @step END`;
  return `SELECT mine.relpath, CASE WHEN pair.relpath IS NULL THEN ${SIDE.first} ELSE ${SIDE.both} END,
      mine.size, mine.mtime_ms, mine.blake3, pair.size, pair.mtime_ms, pair.blake3, NULL
    FROM (${content ? all : unlike}) AS mine
      LEFT JOIN files AS pair ON pair.root_key = @second AND pair.relpath = mine.relpath
    WHERE pair.relpath IS NULL OR (${same}) IS NOT TRUE`;
}

/** Rows that the second root alone has. */
export const SECOND_SIDE_SQL = `
  SELECT mine.relpath, ${SIDE.second}, NULL, NULL, NULL, mine.size, mine.mtime_ms, mine.blake3, NULL
  FROM (SELECT relpath FROM files WHERE root_key = @second
        EXCEPT SELECT relpath FROM files WHERE root_key = @first ORDER BY relpath) AS name
    CROSS JOIN files AS mine ON mine.root_key = @second AND mine.relpath = name.relpath`;

/**
 * Rows that are alike by their hashes, but of which reading again found one side damaged: its hash is the one it has now.
 * Few files ever are, so they are looked up one by one.
 */
export function damagedSql(side: OneSide): string {
  const damaged = 'mine.size, mine.mtime_ms, rotten.found';
  const whole = 'pair.size, pair.mtime_ms, pair.blake3';
  return `SELECT rotten.relpath, ${SIDE.both}, ${side === SIDE.first ? `${damaged}, ${whole}` : `${whole}, ${damaged}`}, NULL, ${side}
    FROM rotten_files AS rotten
      CROSS JOIN files AS mine ON mine.root_key = @mine AND mine.relpath = rotten.relpath AND mine.size = rotten.size
        AND mine.mtime_ms = rotten.mtime_ms AND mine.blake3 = rotten.expected
      CROSS JOIN files AS pair ON pair.root_key = @other AND pair.relpath = rotten.relpath AND pair.size = mine.size
        AND pair.blake3 = mine.blake3
    WHERE rotten.root_key = @mine AND NOT EXISTS (SELECT 1 FROM rotten_files AS too
      WHERE too.root_key = @other AND too.relpath = pair.relpath AND too.size = pair.size
        AND too.mtime_ms = pair.mtime_ms AND too.expected = pair.blake3)`;
}

/** A moved pair has a row at each of its names; the diff shows it at its name in *from*. */
function itemsSql(table: string, from: OneSide): string {
  const [mine, theirs] = from === SIDE.first ? ['first', 'second'] : ['second', 'first'];
  const to = from === SIDE.first ? SIDE.second : SIDE.first;
  const state = (column: string): string =>
    `CASE WHEN item.other IS NULL THEN item.${theirs}_${column} ELSE moved.${theirs}_${column} END`;
  return `SELECT item.path, item.side, item.other, item.damaged,
      item.${mine}_size AS fromSize, item.${mine}_mtime_ms AS fromMtimeMs, lower(hex(item.${mine}_blake3)) AS fromBlake3,
      ${state('size')} AS toSize, ${state('mtime_ms')} AS toMtimeMs, lower(hex(${state('blake3')})) AS toBlake3
    FROM temp.${table} AS item LEFT JOIN temp.${table} AS moved ON moved.path = item.other
    WHERE NOT (item.side = ${to} AND item.other IS NOT NULL) AND item.path > ?
    ORDER BY item.path LIMIT ?`;
}

function equalSql(table: string): string {
  return `SELECT mine.relpath AS path, NULL AS other, NULL AS damaged,
      mine.size AS fromSize, mine.mtime_ms AS fromMtimeMs, lower(hex(mine.blake3)) AS fromBlake3,
      pair.size AS toSize, pair.mtime_ms AS toMtimeMs, lower(hex(pair.blake3)) AS toBlake3
    FROM files AS mine CROSS JOIN files AS pair ON pair.root_key = ? AND pair.relpath = mine.relpath
    WHERE mine.root_key = ? AND mine.relpath > ? AND NOT EXISTS (SELECT 1 FROM temp.${table} AS item WHERE item.path = mine.relpath)
    ORDER BY mine.relpath`;
}

function toItem(row: ItemRow, rowSide: number, from: OneSide): DiffItem {
  if (row.other !== null) {
    return { state: 'moved', path: row.path, movedFrom: row.other, ...fromState(row), ...toState(row) };
  }
  const state = rowSide === SIDE.both ? 'different' : rowSide === from ? 'missing' : 'extra';
  const damaged = row.damaged === null ? {} : ({ damaged: row.damaged === from ? 'from' : 'to' } as const);
  return { state, path: row.path, ...damaged, ...fromState(row), ...toState(row) };
}

function fromState(row: ItemRow): { from?: FileState } {
  return row.fromSize === null || row.fromMtimeMs === null
    ? {}
    : { from: fileState(row.fromSize, row.fromMtimeMs, row.fromBlake3) };
}

function toState(row: ItemRow): { to?: FileState } {
  return row.toSize === null || row.toMtimeMs === null
    ? {}
    : { to: fileState(row.toSize, row.toMtimeMs, row.toBlake3) };
}

function fileState(size: number, mtimeMs: number, blake3: string | null): FileState {
  return blake3 === null || blake3 === '' ? { size, mtimeMs } : { size, mtimeMs, blake3 };
}
