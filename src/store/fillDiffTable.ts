import type { Database } from 'better-sqlite3';

import { columns, type OneSide, SIDE } from './diffSides.ts';

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

/** The table to fill, and what is compared in it. */
export interface Comparison {
  /** Name of the temporary table. */
  readonly table: string;
  readonly firstKey: number;
  readonly secondKey: number;
  /** Whether only equal hashes make equal files. */
  readonly content: boolean;
  /** Milliseconds that two times may lie apart. */
  readonly mtimeStepMs: number;
}

/** Compares two roots anew, into an emptied table. To be called in a transaction: what it reads is one state of the index. */
export function fillDiffTable(database: Database, comparison: Comparison, rules: MoveRules): void {
  database.exec(`DELETE FROM temp.${comparison.table}`);
  compare(database, comparison);
  if (anyShared(database, comparison.table)) pair(database, comparison.table, rules);
}

function compare(
  database: Database,
  { table, firstKey: first, secondKey: second, content, mtimeStepMs }: Comparison,
): void {
  database
    .prepare(`INSERT INTO temp.${table} (${TABLE_COLUMNS}) ${firstSideSql(content)}`)
    .run({ first, second, ...(content ? {} : { step: mtimeStepMs }) });
  database.prepare(`INSERT INTO temp.${table} (${TABLE_COLUMNS}) ${SECOND_SIDE_SQL}`).run({ first, second });
  for (const side of [SIDE.first, SIDE.second] as const) {
    const [mine, other] = side === SIDE.first ? [first, second] : [second, first];
    database
      .prepare(`INSERT OR IGNORE INTO temp.${table} (${TABLE_COLUMNS}, damaged) ${damagedSql(side)}`)
      .run({ mine, other });
  }
}

/**
 * Most of what moved is one file here and one there of a content: those are paired by SQL, and of a million only the
 * others, and companions, are ever in memory.
 */
function pair(database: Database, name: string, { goesAlone, pairMoves }: MoveRules): void {
  const [table, pairs] = [`temp.${name}`, `temp.${name}_pairs`];
  database.function(ALONE_FUNCTION, (path) => Number(goesAlone(String(path))));
  database.exec(`CREATE TEMP TABLE ${name}_pairs (first TEXT PRIMARY KEY, second TEXT NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO ${pairs} ${singlePairsSql(table)};
    UPDATE ${table} SET other = second FROM ${pairs} WHERE path = first;
    UPDATE ${table} SET other = first FROM (SELECT second, first FROM ${pairs} ORDER BY second) WHERE path = second`);
  const paired = database
    .prepare<[], [string, string]>(`SELECT first, second FROM ${pairs} ORDER BY first`)
    .raw()
    .iterate();
  recordMoves(database, name, [
    ...pairMoves(singles(database, name, SIDE.first), singles(database, name, SIDE.second), paired),
  ]);
  database.exec(`DROP TABLE ${pairs}`);
}

function anyShared(database: Database, table: string): boolean {
  const found = database
    .prepare(
      `SELECT 1 FROM temp.${table} WHERE side = ${SIDE.first} AND first_size > 0
         AND first_blake3 IN (${contentOf(table, SIDE.second)}) LIMIT 1`,
    )
    .get();
  return found !== undefined;
}

function singles(database: Database, table: string, side: OneSide): Iterable<SingleRow> {
  const mine = columns(side);
  const other = side === SIDE.first ? SIDE.second : SIDE.first;
  return database
    .prepare<[], SingleRow>(
      `SELECT path, ${mine}_size AS size, ${mine}_mtime_ms AS mtimeMs, lower(hex(${mine}_blake3)) AS blake3,
         coalesce(${mine}_blake3 IN (${contentOf(table, other)}), 0) AS shared
       FROM temp.${table} WHERE side = ${side} AND ${mine}_size > 0 AND other IS NULL ORDER BY path`,
    )
    .iterate();
}

function contentOf(table: string, side: OneSide): string {
  const column = `${columns(side)}_blake3`;
  return `SELECT ${column} FROM temp.${table} WHERE side = ${side} AND ${column} IS NOT NULL`;
}

function recordMoves(database: Database, table: string, pairs: readonly (readonly [string, string])[]): void {
  const set = database.prepare<[string, string]>(`UPDATE temp.${table} SET other = ? WHERE path = ?`);
  for (const [first, second] of pairs) {
    set.run(second, first);
    set.run(first, second);
  }
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
