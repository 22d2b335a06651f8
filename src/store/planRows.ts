import type { PlanRow } from '../protocol/contracts/plans.ts';
import type { ExpectedFile, PlanItem } from '../protocol/planFile.ts';
import { stepBytes } from '../protocol/planTotals.ts';
import type { StepStatus } from '../protocol/values.ts';

/** A row of `plan_items` as SQL gives it; hashes in lower-case hex. */
export interface RawPlanItem {
  readonly step: number;
  readonly op: PlanItem['op'];
  readonly path: string;
  readonly movedFrom: string | null;
  readonly fromSize: number | null;
  readonly fromMtimeMs: number | null;
  readonly fromBlake3: string | null;
  readonly toSize: number | null;
  readonly toMtimeMs: number | null;
  readonly toBlake3: string | null;
  readonly fromPath: string | null;
  readonly direction: PlanItem['direction'] | null;
  readonly trashed: string | null;
  readonly lastCopy: number;
}

/** A row of a page: the item, its tick, and its step in the latest job. */
export interface RawPlanRow extends RawPlanItem {
  readonly bytes: number;
  readonly ticked: number;
  readonly status: StepStatus | null;
  readonly code: string | null;
  readonly reason: string | null;
}

export const PLAN_ITEM_COLUMNS = `item.step, item.op, item.path, item.moved_from AS movedFrom,
  item.from_size AS fromSize, item.from_mtime_ms AS fromMtimeMs, lower(hex(item.from_blake3)) AS fromBlake3,
  item.to_size AS toSize, item.to_mtime_ms AS toMtimeMs, lower(hex(item.to_blake3)) AS toBlake3,
  item.from_path AS fromPath, item.direction, item.trashed, item.last_copy AS lastCopy`;

/** SQL that adds `count` items at once; many in one statement take half the time of one each. */
export function insertPlanItemsSql(count: number): string {
  const values = '(?, ?, ?, ?, ?, ?, ?, unhex(?), ?, ?, unhex(?), ?, ?, ?, ?, ?, ?)';
  return `INSERT INTO plan_items (plan_key, step, op, path, moved_from,
      from_size, from_mtime_ms, from_blake3, to_size, to_mtime_ms, to_blake3, bytes,
      from_path, direction, sealed_direction, trashed, last_copy)
    VALUES ${Array.from({ length: count }, () => values).join(', ')}`;
}

export function planItemValues(planKey: number, step: number, item: PlanItem): (string | number | null)[] {
  const { from, to } = item.expect;
  return [
    planKey,
    step,
    item.op,
    item.path,
    item.movedFrom ?? null,
    from?.size ?? null,
    from?.mtimeMs ?? null,
    from?.blake3 ?? null,
    to?.size ?? null,
    to?.mtimeMs ?? null,
    to?.blake3 ?? null,
    stepBytes(item),
    item.fromPath ?? null,
    item.direction ?? null,
    item.direction ?? null,
    item.trashed ?? null,
    Number(item.lastCopy ?? false),
  ];
}

export function toPlanItem(row: RawPlanItem): PlanItem {
  return {
    op: row.op,
    path: row.path,
    ...(row.movedFrom === null ? {} : { movedFrom: row.movedFrom }),
    ...(row.fromPath === null ? {} : { fromPath: row.fromPath }),
    ...(row.direction === null ? {} : { direction: row.direction }),
    ...(row.trashed === null ? {} : { trashed: row.trashed }),
    ...(row.lastCopy === 1 ? { lastCopy: true } : {}),
    expect: {
      from: expectedFile(row.fromSize, row.fromMtimeMs, row.fromBlake3),
      to: expectedFile(row.toSize, row.toMtimeMs, row.toBlake3),
    },
  };
}

export function toPlanRow(row: RawPlanRow): PlanRow {
  return {
    ...toPlanItem(row),
    step: row.step,
    // A conflict belongs to the plan, but there is nothing to do for it yet.
    ticked: row.ticked === 1 && row.direction !== 'undecided',
    bytes: row.bytes,
    ...(row.status === null ? {} : { status: row.status }),
    ...(row.code === null ? {} : { code: row.code }),
    ...(row.reason === null ? {} : { reason: row.reason }),
  };
}

function expectedFile(size: number | null, mtimeMs: number | null, blake3: string | null): ExpectedFile | null {
  if (size === null || mtimeMs === null) return null;
  return blake3 === null || blake3 === '' ? { size, mtimeMs } : { size, mtimeMs, blake3 };
}
