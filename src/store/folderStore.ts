import type { Database, Statement } from 'better-sqlite3';

import { compareRelpaths } from '../base/relpath.ts';
import type { FolderEntry } from '../protocol/contracts/library.ts';
import { columns, type OneSide, SIDE } from './diffSides.ts';
import { AFTER_ALL_PATHS, type DiffTable } from './diffTable.ts';

export interface FolderQuery {
  readonly rootKey: number;
  /** `''` is the root itself. */
  readonly folder: string;
  /** What the root is compared with; must be fresh. */
  readonly diff?: DiffTable | undefined;
  /** Lists what only the other root has, too; needs `diff`. */
  readonly absent: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** Paths from `start` (inclusive) to `end` (exclusive). */
interface Range {
  readonly start: string;
  readonly end: string;
}

interface Subfolder {
  readonly name: string;
  readonly path: string;
  readonly absent: boolean;
}

interface FileEntryRow {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly blake3: string;
  readonly side: number | null;
  readonly other: string | null;
  readonly absent: number;
}

/**
 * What folders hold, read from the index and a comparison in their own order, without a table of folders to keep: below
 * a folder the paths of a subfolder lie side by side, so subfolders are found by jumping from one to the next, and the
 * folder's own files are the gaps between them. A listing costs one walk over what lies below, 15 ms for 100,000 files.
 */
export class FolderStore {
  readonly #database: Database;
  readonly #nextNested: Statement<[string, number, string, string], string>;
  readonly #count: Statement<[number, string, string], number>;
  readonly #totals: Statement<[number, string, string], { files: number; bytes: number }>;

  constructor(database: Database) {
    this.#database = database;
    this.#nextNested = database
      .prepare<[string, number, string, string], string>(nextNestedSql('files', 'relpath', 'root_key = ?'))
      .pluck();
    this.#count = database
      .prepare<[number, string, string], number>(
        'SELECT count(*) FROM files WHERE root_key = ? AND relpath >= ? AND relpath < ?',
      )
      .pluck();
    this.#totals = database.prepare(
      `SELECT count(*) AS files, coalesce(sum(size), 0) AS bytes FROM files
       WHERE root_key = ? AND relpath >= ? AND relpath < ?`,
    );
  }

  /** Subfolders first, then files, each by name in the order of UTF-8 bytes. */
  list(query: FolderQuery): { total: number; entries: FolderEntry[] } {
    // One state of the index for all that is read.
    // Seen from this root, what it lacks is extra in the other. Most often that is nothing, and need not be looked for.
    const absent = query.absent && (query.diff?.counts(query.rootKey).extra ?? 0) > 0;
    return this.#database.transaction(() => this.#list({ ...query, absent }))();
  }

  #list(query: FolderQuery): { total: number; entries: FolderEntry[] } {
    const { offset, limit } = query;
    const view = query.diff === undefined ? undefined : new DiffView(this.#database, query.diff, query.rootKey);
    const prefix = query.folder === '' ? '' : `${query.folder}/`;
    const range: Range = { start: prefix, end: query.folder === '' ? AFTER_ALL_PATHS : `${query.folder}0` };
    const subfolders = this.#subfolders(query, view, prefix, range);
    const gaps = gapsBetween(range, subfolders);
    subfolders.sort((left, right) => compareRelpaths(left.name, right.name));
    const entries: FolderEntry[] = subfolders
      .slice(offset, offset + limit)
      .map((subfolder) => this.#folderEntry(query.rootKey, subfolder, view));
    const files = this.#files(query, view, prefix, gaps, {
      skip: Math.max(0, offset - subfolders.length),
      take: limit - entries.length,
    });
    return { total: subfolders.length + files.total, entries: [...entries, ...files.entries] };
  }

  /** In the order of their paths with the `/`, in which they lie in the index. */
  #subfolders(query: FolderQuery, view: DiffView | undefined, prefix: string, range: Range): Subfolder[] {
    const own = jump(prefix, range, (start, end) => this.#nextNested.get(prefix, query.rootKey, start, end));
    const subfolders = own.map((name): Subfolder => ({ name, path: prefix + name, absent: false }));
    if (view === undefined || !query.absent) return subfolders;
    const known = new Set(own);
    const absent = jump(prefix, range, (start, end) => view.nextAbsent(prefix, start, end))
      .filter((name) => !known.has(name))
      .map((name): Subfolder => ({ name, path: prefix + name, absent: true }));
    return [...subfolders, ...absent].sort((left, right) => compareRelpaths(`${left.name}/`, `${right.name}/`));
  }

  #folderEntry(rootKey: number, { name, path, absent }: Subfolder, view: DiffView | undefined): FolderEntry {
    const range = { start: `${path}/`, end: `${path}0` };
    const { absentBytes, ...states } = view?.states(range) ?? NO_STATES;
    const own = absent ? undefined : this.#totals.get(rootKey, range.start, range.end);
    const { files, bytes } = own ?? { files: states.missing, bytes: absentBytes };
    return { type: 'folder', name, path, files, bytes, ...(view === undefined ? {} : { states }), absent };
  }

  #files(
    query: FolderQuery,
    view: DiffView | undefined,
    prefix: string,
    gaps: readonly Range[],
    page: { skip: number; take: number },
  ): { total: number; entries: FolderEntry[] } {
    const absent = query.absent ? view : undefined;
    const read = this.#database.prepare<[FilePageValues], FileEntryRow>(
      filePageSql(query.diff, query.rootKey, query.absent),
    );
    let { skip, take } = page;
    let total = 0;
    const entries: FolderEntry[] = [];
    for (const gap of gaps) {
      const count = (this.#count.get(query.rootKey, gap.start, gap.end) ?? 0) + (absent?.countAbsent(gap) ?? 0);
      total += count;
      if (count > skip && take > 0) {
        const rows = read.all({ root: query.rootKey, ...gap, limit: take, offset: skip });
        take -= rows.length;
        for (const row of rows) entries.push(toFileEntry(row, row.path.slice(prefix.length), view));
      }
      skip = Math.max(0, skip - count);
    }
    return { total, entries };
  }
}

interface RangeStates {
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  readonly moved: number;
  /** Bytes of what is missing. */
  readonly absentBytes: number;
}

const NO_STATES: RangeStates = { missing: 0, extra: 0, different: 0, moved: 0, absentBytes: 0 };

/** A comparison as one of its two roots sees it. */
class DiffView {
  readonly side: OneSide;
  readonly #nextAbsent: Statement<[string, string, string], string>;
  readonly #countAbsent: Statement<[string, string], number>;
  readonly #states: Statement<[string, string], RangeStates>;

  constructor(database: Database, diff: DiffTable, rootKey: number) {
    this.side = diff.sideOf(rootKey);
    const { table, absent, size } = absentSql(diff, rootKey);
    this.#nextAbsent = database.prepare<[string, string, string], string>(nextNestedSql(table, 'path', absent)).pluck();
    this.#countAbsent = database
      .prepare<[string, string], number>(`SELECT count(*) FROM ${table} WHERE path >= ? AND path < ? AND ${absent}`)
      .pluck();
    this.#states = database.prepare(
      `SELECT coalesce(sum(${absent}), 0) AS missing,
         coalesce(sum(iif(${absent}, ${size}, 0)), 0) AS absentBytes,
         coalesce(sum(side = ${this.side} AND other IS NULL), 0) AS extra,
         coalesce(sum(side = ${SIDE.both}), 0) AS different,
         coalesce(sum(side = ${this.side} AND other IS NOT NULL), 0) AS moved
       FROM ${table} WHERE path >= ? AND path < ?`,
    );
  }

  nextAbsent(prefix: string, start: string, end: string): string | undefined {
    return this.#nextAbsent.get(prefix, start, end);
  }

  countAbsent({ start, end }: Range): number {
    return this.#countAbsent.get(start, end) ?? 0;
  }

  states({ start, end }: Range): RangeStates {
    return this.#states.get(start, end) ?? NO_STATES;
  }
}

interface FilePageValues extends Range {
  readonly root: number;
  readonly limit: number;
  readonly offset: number;
}

/** Names of the subfolders, found by jumping over what lies in each. `next` gives the first deeper path in a range. */
function jump(prefix: string, range: Range, next: (start: string, end: string) => string | undefined): string[] {
  const names: string[] = [];
  for (let { start } = range; ;) {
    const path = next(start, range.end);
    if (path === undefined) return names;
    const name = path.slice(prefix.length, path.indexOf('/', prefix.length));
    names.push(name);
    // `0` is the character after `/`.
    start = `${prefix}${name}0`;
  }
}

/** Where the files that lie directly in the folder are: before, between and after its subfolders. */
function gapsBetween({ start, end }: Range, subfolders: readonly Subfolder[]): Range[] {
  const starts = [start, ...subfolders.map(({ path }) => `${path}0`)];
  const ends = [...subfolders.map(({ path }) => `${path}/`), end];
  return starts.map((gapStart, index) => ({ start: gapStart, end: ends[index] ?? end }));
}

/** The first path in a range that has a `/` after the prefix. */
function nextNestedSql(table: string, column: string, condition: string): string {
  return `SELECT ${column} FROM (SELECT length(?) + 1 AS rest) CROSS JOIN ${table}
    WHERE ${condition} AND ${column} >= ? AND ${column} < ? AND instr(substr(${column}, rest), '/') > 0
    ORDER BY ${column} LIMIT 1`;
}

/** What only the other root has, under no other name here. */
function absentSql(diff: DiffTable, rootKey: number): { table: string; absent: string; size: string } {
  const theirs = diff.sideOf(rootKey) === SIDE.first ? SIDE.second : SIDE.first;
  return {
    table: `temp.${diff.name}`,
    absent: `(side = ${theirs} AND other IS NULL)`,
    size: `${columns(theirs)}_size`,
  };
}

/** A page of the files in a gap. Names are paged first, in index order; only those of the page are looked up. */
export function filePageSql(diff: DiffTable | undefined, rootKey: number, absent: boolean): string {
  const own =
    'SELECT relpath AS path, 0 AS absent FROM files WHERE root_key = @root AND relpath >= @start AND relpath < @end';
  const columnsOf = (side: string): string =>
    `${side}size AS size, ${side}mtime_ms AS mtimeMs, lower(hex(${side}blake3)) AS blake3`;
  const paged = (names: string): string => `(${names} ORDER BY 1 LIMIT @limit OFFSET @offset) AS name`;
  const file = 'LEFT JOIN files AS file ON file.root_key = @root AND file.relpath = name.path';
  if (diff === undefined) {
    return `SELECT name.path, ${columnsOf('file.')}, NULL AS side, NULL AS other, name.absent
      FROM ${paged(own)} ${file} ORDER BY name.path`;
  }
  const { table, absent: condition } = absentSql(diff, rootKey);
  const theirs = diff.sideOf(rootKey) === SIDE.first ? 'second' : 'first';
  const names = absent
    ? `${own} UNION ALL SELECT path, 1 AS absent FROM ${table} WHERE path >= @start AND path < @end AND ${condition}`
    : own;
  const either = (column: string): string =>
    `CASE WHEN name.absent THEN item.${theirs}_${column} ELSE file.${column} END`;
  return `SELECT name.path, ${either('size')} AS size, ${either('mtime_ms')} AS mtimeMs,
      lower(hex(${either('blake3')})) AS blake3, item.side, item.other, name.absent
    FROM ${paged(names)} ${file} LEFT JOIN ${table} AS item ON item.path = name.path ORDER BY name.path`;
}

function toFileEntry(row: FileEntryRow, name: string, view: DiffView | undefined): FolderEntry {
  const { path, size, mtimeMs, blake3, other } = row;
  return {
    type: 'file',
    name,
    path,
    size,
    mtimeMs,
    blake3: blake3 === '' ? null : blake3,
    ...(view === undefined ? {} : { state: stateOf(row) }),
    ...(other === null ? {} : { movedFrom: other }),
    absent: row.absent === 1,
  };
}

function stateOf({ side, other, absent }: FileEntryRow): 'equal' | 'missing' | 'extra' | 'different' | 'moved' {
  if (side === null) return 'equal';
  if (absent === 1) return 'missing';
  if (other !== null) return 'moved';
  return side === SIDE.both ? 'different' : 'extra';
}
