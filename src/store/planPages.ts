import type { Database } from 'better-sqlite3';

import { foldName } from '../base/relpath.ts';
import type { PlanFilter, PlanRow } from '../protocol/contracts/plans.ts';
import type { PlanSummary } from '../protocol/planFile.ts';
import { PLAN_OPS, STEP_STATUSES, type PlanOp } from '../protocol/values.ts';
import {
  countSql,
  FILL_SIZE_ORDER_SQL,
  filterText,
  FOLD_FUNCTION,
  SIZE_ORDER_SQL,
  tickedCountSql,
} from './planQueries.ts';
import { type PlanQueryValues, type PlanSort, stepsSql, stepsWithoutStatusSql } from './planQueries.ts';
import { PLAN_ITEM_COLUMNS, type RawPlanRow, toPlanRow } from './planRows.ts';

export interface PlanPageQuery {
  readonly filter?: PlanFilter | undefined;
  readonly sort: PlanSort;
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** A plan whose steps are looked at. */
export interface PagedPlan {
  readonly id: string;
  readonly key: number;
  readonly totals: PlanSummary;
  /** Totals of its ticked steps. */
  readonly ticked: PlanSummary;
}

export interface PlanPage {
  readonly total: number;
  /** How many of them are ticked. */
  readonly tickedTotal: number;
  readonly items: PlanRow[];
}

export interface JobRow {
  readonly key: number;
  readonly id: string;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

/** Totals of filtered views that are kept; items of plans without conflicts never change, so they stay true. */
const MAX_CACHED_TOTALS = 200;

const MAX_ORDERED_PLANS = 4;

/** Views of plans' steps: filtered, sorted, in pages, each with its status in the plan's latest job. */
export class PlanPages {
  readonly #database: Database;
  readonly #totals = new Map<string, number>();
  /** Plans whose steps stand in the temporary order by size, the longest unused first. */
  readonly #ordered = new Set<number>();

  constructor(database: Database) {
    this.#database = database;
    database.exec(SIZE_ORDER_SQL);
    database.function(FOLD_FUNCTION, { deterministic: true, directOnly: true }, (text) => foldName(String(text)));
  }

  /** The newest apply job of a plan. */
  latestJob(id: string): JobRow | undefined {
    return this.#database.prepare<[string], JobRow>(LATEST_JOB_SQL).get(id);
  }

  /** Numbers of the steps that a filter shows, in order. */
  steps(id: string, key: number, filter: PlanFilter | undefined): number[] {
    return this.#read(stepsSql(filter, 'path', false), this.#values(id, key, filter));
  }

  /** The sizes of steps have changed. */
  forget(key: number): void {
    if (this.#ordered.delete(key)) this.#dropOrder(key);
  }

  #values(id: string, key: number, filter: PlanFilter | undefined): PlanQueryValues {
    return { plan: key, job: this.latestJob(id)?.key ?? 0, text: filterText(filter) };
  }

  /** A page of what a filter shows of a plan. */
  page(plan: PagedPlan, query: PlanPageQuery): PlanPage {
    const values = this.#values(plan.id, plan.key, query.filter);
    const total = this.#total(plan, values, query.filter);
    const steps = this.#pageSteps(values, query, total);
    const rows = this.#database
      .prepare<[string, number, number], RawPlanRow>(
        `SELECT ${PLAN_ITEM_COLUMNS}, item.bytes, item.ticked, step.status, step.code, step.reason
         FROM json_each(?) AS wanted CROSS JOIN plan_items AS item ON item.plan_key = ? AND item.step = wanted.value
           LEFT JOIN steps AS step ON step.job_key = ? AND step.step = item.step
         ORDER BY wanted.key`,
      )
      .all(JSON.stringify(steps), values.plan, values.job);
    return { total, tickedTotal: this.#tickedTotal(plan, values, query.filter, total), items: rows.map(toPlanRow) };
  }

  #pageSteps(values: PlanQueryValues, query: PlanPageQuery, total: number): number[] {
    const { filter, sort, descending, offset, limit } = query;
    if (sort === 'size') this.#orderBySize(values.plan);
    const read = (sql: string, from: number, count: number): number[] =>
      count <= 0 ? [] : this.#read(`${sql} LIMIT ${count} OFFSET ${from}`, values);
    if (sort !== 'status' || filter?.statuses !== undefined) {
      return read(stepsSql(filter, sort, descending), offset, limit);
    }
    // Steps with a status and steps without are two lists; those without stand first, last when descending.
    const withStatus = this.#count(countSql({ ...filter, statuses: [...STEP_STATUSES] }), values);
    const lists = [
      { count: total - withStatus, sql: stepsWithoutStatusSql(filter, descending) },
      { count: withStatus, sql: stepsSql(filter, 'status', descending) },
    ];
    if (descending) lists.reverse();
    const steps: number[] = [];
    let skip = offset;
    for (const { count, sql } of lists) {
      steps.push(...read(sql, skip, Math.min(limit - steps.length, count - skip)));
      skip = Math.max(0, skip - count);
    }
    return steps;
  }

  /**
   * Puts the steps of a plan in the order of their sizes, once, when somebody asks for it (0.1 s for 100,000): an index
   * for every plan would double the time to bring one in.
   */
  #orderBySize(planKey: number): void {
    if (!this.#ordered.delete(planKey)) this.#database.prepare(FILL_SIZE_ORDER_SQL).run(planKey);
    this.#ordered.add(planKey);
    const [oldest] = this.#ordered;
    if (this.#ordered.size <= MAX_ORDERED_PLANS || oldest === undefined) return;
    this.#dropOrder(oldest);
    this.#ordered.delete(oldest);
  }

  #dropOrder(key: number): void {
    this.#database.prepare('DELETE FROM temp.plan_sizes WHERE plan_key = ?').run(key);
  }

  #total(plan: PagedPlan, values: PlanQueryValues, filter: PlanFilter | undefined): number {
    if (filter?.statuses !== undefined || hasConflicts(plan)) return this.#count(countSql(filter), values);
    if (filter?.undecided === true) return 0;
    if (values.text === '') {
      const ops: readonly PlanOp[] = filter?.ops ?? PLAN_OPS;
      return ops.reduce((sum, op) => sum + plan.totals[op].count, 0);
    }
    const name = JSON.stringify([plan.key, filter?.ops, values.text]);
    const known = this.#totals.get(name);
    if (known !== undefined) return known;
    const total = this.#count(countSql(filter), values);
    if (this.#totals.size >= MAX_CACHED_TOTALS) this.#totals.clear();
    this.#totals.set(name, total);
    return total;
  }

  /** How many of the steps a filter shows are ticked; counted only where some are and some are not. */
  #tickedTotal(plan: PagedPlan, values: PlanQueryValues, filter: PlanFilter | undefined, total: number): number {
    if (hasConflicts(plan)) return this.#count(tickedCountSql(filter), values);
    const ops: readonly PlanOp[] = filter?.ops ?? PLAN_OPS;
    const ofOps = ops.reduce((sum, op) => sum + plan.ticked[op].count, 0);
    if (ofOps === 0 || total === 0) return 0;
    if (ofOps === ops.reduce((sum, op) => sum + plan.totals[op].count, 0)) return total;
    if (filter?.statuses === undefined && values.text === '') return ofOps;
    return this.#count(tickedCountSql(filter), values);
  }

  #count(sql: string, values: PlanQueryValues): number {
    return this.#database.prepare<[PlanQueryValues], number>(sql).pluck().get(values) ?? 0;
  }

  #read(sql: string, values: PlanQueryValues): number[] {
    return this.#database.prepare<[PlanQueryValues], number>(sql).pluck().all(values);
  }
}

/** Its counts by kind of step change as conflicts are decided. */
function hasConflicts({ totals }: PagedPlan): boolean {
  return totals.conflict !== undefined;
}

export const LATEST_JOB_SQL = `SELECT key, id, started_at AS startedAt, finished_at AS finishedAt FROM jobs
  WHERE kind = 'apply' AND json_extract(payload, '$.plan') = ? ORDER BY key DESC LIMIT 1`;
