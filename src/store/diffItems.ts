import type { DiffItem, FileState } from '../protocol/values.ts';
import { type OneSide, SIDE } from './diffSides.ts';

/** Reading a diff table: its rows as items of a diff, as seen from one of the roots. */

export interface ItemRow {
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

/** A moved pair has a row at each of its names; the diff shows it at its name in *from*. */
export function itemsSql(table: string, from: OneSide): string {
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

export function equalSql(table: string): string {
  return `SELECT mine.relpath AS path, NULL AS other, NULL AS damaged,
      mine.size AS fromSize, mine.mtime_ms AS fromMtimeMs, lower(hex(mine.blake3)) AS fromBlake3,
      pair.size AS toSize, pair.mtime_ms AS toMtimeMs, lower(hex(pair.blake3)) AS toBlake3
    FROM files AS mine CROSS JOIN files AS pair ON pair.root_key = ? AND pair.relpath = mine.relpath
    WHERE mine.root_key = ? AND mine.relpath > ? AND NOT EXISTS (SELECT 1 FROM temp.${table} AS item WHERE item.path = mine.relpath)
    ORDER BY mine.relpath`;
}

export function toItem(row: ItemRow, rowSide: number, from: OneSide): DiffItem {
  if (row.other !== null) {
    return { state: 'moved', path: row.path, movedFrom: row.other, ...fromState(row), ...toState(row) };
  }
  const state = rowSide === SIDE.both ? 'different' : rowSide === from ? 'missing' : 'extra';
  const damaged = row.damaged === null ? {} : ({ damaged: row.damaged === from ? 'from' : 'to' } as const);
  return { state, path: row.path, ...damaged, ...fromState(row), ...toState(row) };
}

export function fromState(row: ItemRow): { from?: FileState } {
  return row.fromSize === null || row.fromMtimeMs === null
    ? {}
    : { from: fileState(row.fromSize, row.fromMtimeMs, row.fromBlake3) };
}

export function toState(row: ItemRow): { to?: FileState } {
  return row.toSize === null || row.toMtimeMs === null
    ? {}
    : { to: fileState(row.toSize, row.toMtimeMs, row.toBlake3) };
}

function fileState(size: number, mtimeMs: number, blake3: string | null): FileState {
  return blake3 === null || blake3 === '' ? { size, mtimeMs } : { size, mtimeMs, blake3 };
}
