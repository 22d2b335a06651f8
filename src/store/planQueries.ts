import { foldName } from '../base/relpath.ts';
import type { PlanFilter } from '../protocol/contracts/plans.ts';

export type PlanSort = 'path' | 'op' | 'size' | 'status';

/** Values that every query of a plan's steps may name. */
export interface PlanQueryValues {
  readonly plan: number;
  /** The latest apply job of the plan, or 0. */
  readonly job: number;
  readonly text: string;
}

/** Name of the SQL function that folds names as `foldName` does, for text beyond ASCII. */
export const FOLD_FUNCTION = 'lakeside_fold';

/** What is bound to @text: lower case, as the paths it is compared with. */
export function filterText(filter: PlanFilter | undefined): string {
  return foldName(filter?.text ?? '');
}

/**
 * SQL of the step numbers that a filter shows, in order. Each walks an index in its own order: the plan's items by
 * step or op, or their order by size; or, where the status matters, the job's steps by status, so that the three failed ones of 100,000
 * are found at once.
 */
export function stepsSql(filter: PlanFilter | undefined, sort: PlanSort, descending: boolean): string {
  const direction = descending ? 'DESC' : 'ASC';
  const statuses = filter?.statuses;
  if (statuses !== undefined && statuses.length > 0 && sort === 'path') {
    // A merge of one ordered range for each status.
    const branches = statuses.map((status) => `SELECT step.step ${byStatusFrom(filter)} AND step.status = '${status}'`);
    return `${branches.join(' UNION ALL ')} ORDER BY 1 ${direction}`;
  }
  if (sort === 'status') {
    return `SELECT step.step ${byStatusFrom(filter)}${statusCondition(filter)}
      ORDER BY step.status ${direction}, step.step ${direction}`;
  }
  const conditions = itemConditions(filter);
  const job = statuses === undefined ? '' : `JOIN steps AS step ON step.job_key = @job AND step.step = item.step`;
  if (sort === 'size') {
    const items =
      conditions === '' && job === ''
        ? ''
        : `CROSS JOIN plan_items AS item ON item.plan_key = @plan AND item.step = size.step ${job}`;
    return `SELECT size.step FROM temp.plan_sizes AS size ${items}
      WHERE size.plan_key = @plan${conditions}${statusCondition(filter)}
      ORDER BY size.bytes ${direction}, size.step ${direction}`;
  }
  const order = { path: '', op: `item.op ${direction}, ` }[sort];
  return `SELECT item.step FROM plan_items AS item ${job}
    WHERE item.plan_key = @plan${conditions}${statusCondition(filter)} ORDER BY ${order}item.step ${direction}`;
}

/** Steps of plans in the order of their sizes, for this connection. */
export const SIZE_ORDER_SQL = `CREATE TEMP TABLE plan_sizes (
  plan_key INTEGER NOT NULL, bytes INTEGER NOT NULL, step INTEGER NOT NULL, PRIMARY KEY (plan_key, bytes, step)
) STRICT, WITHOUT ROWID`;

export const FILL_SIZE_ORDER_SQL = `INSERT INTO temp.plan_sizes
  SELECT plan_key, bytes, step FROM plan_items WHERE plan_key = ? ORDER BY bytes, step`;

/** SQL of the steps that no job has taken up, in order of their numbers: what a sort by status shows beside the others. */
export function stepsWithoutStatusSql(filter: PlanFilter | undefined, descending: boolean): string {
  return `SELECT item.step FROM plan_items AS item
    WHERE item.plan_key = @plan${itemConditions(filter)}
      AND NOT EXISTS (SELECT 1 FROM steps AS step WHERE step.job_key = @job AND step.step = item.step)
    ORDER BY item.step ${descending ? 'DESC' : 'ASC'}`;
}

/** SQL of how many steps a filter shows. */
export function countSql(filter: PlanFilter | undefined): string {
  return filter?.statuses === undefined
    ? `SELECT count(*) FROM plan_items AS item WHERE item.plan_key = @plan${itemConditions(filter)}`
    : `SELECT count(*) ${byStatusFrom(filter)}${statusCondition(filter)}`;
}

/** SQL of how many steps a filter shows are ticked. */
export function tickedCountSql(filter: PlanFilter | undefined): string {
  const steps =
    filter?.statuses === undefined
      ? ''
      : `JOIN steps AS step ON step.job_key = @job AND step.step = item.step${statusCondition(filter)}`;
  return `SELECT count(*) FROM plan_items AS item ${steps}
    WHERE item.plan_key = @plan AND item.ticked = 1 AND item.direction IS NOT 'undecided'${itemConditions(filter)}`;
}

function byStatusFrom(filter: PlanFilter | undefined): string {
  const conditions = itemConditions(filter);
  const join =
    conditions === '' ? '' : 'CROSS JOIN plan_items AS item ON item.plan_key = @plan AND item.step = step.step';
  return `FROM steps AS step ${join} WHERE step.job_key = @job${conditions}`;
}

function statusCondition(filter: PlanFilter | undefined): string {
  return filter?.statuses === undefined ? '' : ` AND step.status IN (${quoted(filter.statuses)})`;
}

function itemConditions(filter: PlanFilter | undefined): string {
  const ops = filter?.ops === undefined ? '' : ` AND item.op IN (${quoted(filter.ops)})`;
  return ops + conflictCondition(filter?.undecided) + textCondition(filter?.text ?? '');
}

function conflictCondition(undecided: boolean | undefined): string {
  if (undecided === undefined) return '';
  return undecided ? " AND item.direction = 'undecided'" : " AND item.direction IS NOT 'undecided'";
}

function textCondition(text: string): string {
  if (text === '') return '';
  const path = isAscii(filterText({ text })) ? 'lower(item.path)' : `${FOLD_FUNCTION}(item.path)`;
  return ` AND instr(${path}, @text) > 0`;
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

/** Words of our own enumerations, checked by the contract; quoted, so that each index range stands in the plan. */
function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "''")}'`).join(', ');
}
