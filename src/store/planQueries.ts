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
 * step, op or size; or, where the status matters, the job's steps by status, so that the three failed ones of 100,000
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
  const order = { path: '', op: `item.op ${direction}, `, size: `item.bytes ${direction}, ` }[sort];
  const join = statuses === undefined ? '' : `JOIN steps AS step ON step.job_key = @job AND step.step = item.step`;
  return `SELECT item.step FROM plan_items AS item ${join}
    WHERE item.plan_key = @plan${itemConditions(filter)}${statusCondition(filter)} ORDER BY ${order}item.step ${direction}`;
}

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
  return ops + textCondition(filter?.text ?? '');
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
