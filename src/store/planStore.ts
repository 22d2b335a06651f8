import type { Database, Statement } from 'better-sqlite3';

import type { Clock } from '../base/clock.ts';
import { LakesideError } from '../base/errors.ts';
import type { PlanFilter } from '../protocol/contracts/plans.ts';
import { planHeaderSchema, planSummarySchema } from '../protocol/planFile.ts';
import type { PlanHeader, PlanItem, PlanSummary } from '../protocol/planFile.ts';
import type { ApplySummary, PlanOp } from '../protocol/values.ts';
import { ApplyResults, toSummary } from './applyResults.ts';
import { retryWhileBusy } from './busyRetry.ts';
import { type Keep, type LiveTotals, PlanConflicts } from './planConflicts.ts';
import { PlanLastCopies } from './planLastCopies.ts';
import { PlanPages } from './planPages.ts';
import type { JobRow, PlanPage, PlanPageQuery } from './planPages.ts';
import { insertPlanItemsSql, PLAN_ITEM_COLUMNS, planItemValues, type RawPlanItem } from './planRows.ts';
import { toPlanItem } from './planRows.ts';

export interface PlanInfo {
  readonly plan: string;
  readonly header: PlanHeader;
  readonly all: PlanSummary;
  readonly ticked: PlanSummary;
  readonly replaces: number;
  readonly dirty: boolean;
  readonly job?: string;
  readonly progress?: ApplySummary;
}

interface PlanKeyRow {
  readonly key: number;
  readonly header: string;
  readonly totals: string;
  readonly items: number;
  readonly replaces: number;
  readonly path: string | null;
}

const ROWS_A_TRANSACTION = 1_000;
const ITEMS_AN_INSERT = 20;
/** Plans and their items. What spans several transactions is asynchronous: it waits, thread free, for the write lock. */
export class PlanStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #insertMany: Statement<[(string | number | null)[]]>;
  readonly #pages: PlanPages;
  readonly #conflicts: PlanConflicts;
  readonly #lastCopies: PlanLastCopies;
  readonly #results: ApplyResults;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#insertMany = this.#insertSql(ITEMS_AN_INSERT);
    this.#pages = new PlanPages(database);
    this.#conflicts = new PlanConflicts(database);
    this.#lastCopies = new PlanLastCopies(database);
    this.#results = new ApplyResults(database);
  }

  /** Starts a plan that cannot be seen until `finish`. */
  async begin(id: string, path: string | undefined): Promise<number> {
    return this.#write(() =>
      Number(
        this.#database
          .prepare('INSERT INTO plans (id, path, created_at) VALUES (?, ?, ?)')
          .run(id, path ?? null, this.#clock.now()).lastInsertRowid,
      ),
    );
  }

  /**
   * Adds items to a plan that was begun, at most 1,000.
   * @param firstStep number of the first one
   */
  async addItems(key: number, firstStep: number, items: readonly PlanItem[]): Promise<void> {
    await this.#write(() => {
      for (let start = 0; start < items.length; start += ITEMS_AN_INSERT) {
        const chunk = items.slice(start, start + ITEMS_AN_INSERT);
        const insert = chunk.length === ITEMS_AN_INSERT ? this.#insertMany : this.#insertSql(chunk.length);
        insert.run(chunk.flatMap((item, index) => planItemValues(key, firstStep + start + index, item)));
      }
    });
  }

  #insertSql(count: number): Statement<[(string | number | null)[]]> {
    return this.#database.prepare<[(string | number | null)[]]>(insertPlanItemsSql(count));
  }

  /** Makes a plan that was begun visible. `replaces`: how many items replace a file at the target. */
  async finish(key: number, header: PlanHeader, replaces: number): Promise<void> {
    const { copy, move, delete: deleted, conflict } = header.summary;
    const items = copy.count + move.count + deleted.count + (conflict?.count ?? 0);
    await this.#write(() =>
      this.#database
        .prepare('UPDATE plans SET header = ?, totals = ?, items = ?, replaces = ? WHERE key = ?')
        .run(JSON.stringify(header), JSON.stringify(header.summary), items, replaces, key),
    );
  }

  /** The store's own number of a plan. */
  key(id: string): number {
    return this.#plan(id).key;
  }

  header(id: string): PlanHeader {
    return parseHeader(this.#plan(id).header);
  }

  /** The plan file that the plan was read from or last saved to. */
  path(id: string): string | undefined {
    return this.#plan(id).path ?? undefined;
  }

  /** A page of the steps of a plan, each with its status in the plan's latest job. */
  page(id: string, query: PlanPageQuery): PlanPage {
    const plan = this.#plan(id);
    const { all, ticked } = this.#totals(plan);
    return this.#pages.page({ id, key: plan.key, totals: all, ticked }, query);
  }

  info(id: string): PlanInfo {
    const plan = this.#plan(id);
    const { all, ticked, replaces } = this.#totals(plan);
    const changed = this.#database.prepare(CHANGED_TICKS_SQL).get(plan.key, 1);
    const job = this.#pages.latestJob(id);
    return {
      plan: id,
      header: parseHeader(plan.header),
      all,
      ticked,
      replaces,
      dirty: changed !== undefined || this.#conflicts.changed(plan.key) || this.#lastCopies.changed(plan.key),
      ...(job === undefined ? {} : { job: job.id, progress: this.#progress(job) }),
    };
  }

  /** Ticks or unticks the given steps, or those that a filter shows, or all; a conflict has no tick until it is decided. */
  async tick(
    id: string,
    ticked: boolean,
    which: { steps?: readonly number[] | undefined; filter?: PlanFilter | undefined },
  ): Promise<void> {
    const { key } = this.#plan(id);
    const steps = which.steps ?? this.#pages.steps(id, key, which.filter);
    const set = this.#database.prepare<[number, number, string, number]>(
      `UPDATE plan_items SET ticked = ? WHERE plan_key = ? AND step IN (SELECT value FROM json_each(?)) AND ticked <> ?
         AND direction IS NOT 'undecided'`,
    );
    for (let start = 0; start < steps.length; start += ROWS_A_TRANSACTION) {
      const chunk = JSON.stringify(steps.slice(start, start + ROWS_A_TRANSACTION));
      await this.#write(() => set.run(Number(ticked), key, chunk, Number(ticked)));
    }
  }

  /** Decides conflicts: of the given steps, or those that a filter shows, or all. */
  async resolve(
    id: string,
    keep: Keep,
    which: { steps?: readonly number[] | undefined; filter?: PlanFilter | undefined },
  ): Promise<void> {
    const { key } = this.#plan(id);
    const steps = which.steps ?? this.#pages.steps(id, key, which.filter);
    for (let start = 0; start < steps.length; start += ROWS_A_TRANSACTION) {
      const chunk = steps.slice(start, start + ROWS_A_TRANSACTION);
      await this.#write(() => {
        this.#conflicts.resolve(key, chunk, keep);
      });
    }
    this.#pages.forget(key);
  }

  /** Says of files, by name, that the last copy of their content may go, or takes it back. Returns how many steps that are. */
  async nameLastCopies(id: string, paths: readonly string[], allowed: boolean): Promise<number> {
    const { key } = this.#plan(id);
    const steps = this.#lastCopies.steps(key, paths);
    for (let start = 0; start < steps.length; start += ROWS_A_TRANSACTION) {
      const chunk = steps.slice(start, start + ROWS_A_TRANSACTION);
      await this.#write(() => this.#lastCopies.name(key, chunk, allowed));
    }
    return steps.length;
  }

  /** Ticks exactly the steps that the seal covers, and decides conflicts as it has them. */
  async revert(id: string): Promise<void> {
    await this.#settleChanges(id, 'ticked = sealed');
    await this.#settleDirections(id, 'revert');
    await this.#settleLastCopies(id, 'revert');
  }

  /** Records that the ticked steps now are the plan: its header, and the file they were written to. */
  async markSaved(id: string, header: PlanHeader, path: string): Promise<void> {
    await this.#settleChanges(id, 'sealed = ticked');
    await this.#settleDirections(id, 'seal');
    await this.#settleLastCopies(id, 'seal');
    await this.#write(() =>
      this.#database
        .prepare('UPDATE plans SET header = ?, path = ? WHERE id = ?')
        .run(JSON.stringify(header), path, id),
    );
  }

  async #settleChanges(id: string, assignment: 'ticked = sealed' | 'sealed = ticked'): Promise<void> {
    const { key } = this.#plan(id);
    const settle = this.#database.prepare<[number, number, number]>(
      `UPDATE plan_items SET ${assignment} WHERE plan_key = ? AND step IN
         (${CHANGED_TICKS_SQL})`,
    );
    for (;;) {
      const { changes } = await this.#write(() => settle.run(key, key, ROWS_A_TRANSACTION));
      if (changes < ROWS_A_TRANSACTION) return;
    }
  }

  async #settleLastCopies(id: string, way: 'revert' | 'seal'): Promise<void> {
    const { key } = this.#plan(id);
    while ((await this.#write(() => this.#lastCopies.settle(key, way, ROWS_A_TRANSACTION))) === ROWS_A_TRANSACTION);
  }

  async #settleDirections(id: string, way: 'revert' | 'seal'): Promise<void> {
    const { key } = this.#plan(id);
    while ((await this.#write(() => this.#conflicts.settle(key, way, ROWS_A_TRANSACTION))) === ROWS_A_TRANSACTION);
    this.#pages.forget(key);
  }

  /** Numbers of the ticked steps, and of the conflicts, in order. */
  tickedSteps(id: string): number[] {
    return this.#database
      .prepare<[number], number>('SELECT step FROM plan_items WHERE plan_key = ? AND ticked = 1 ORDER BY step')
      .pluck()
      .all(this.#plan(id).key);
  }

  /** The items of the given steps (all, if not given), in order; read in pages, so writes may come in between. */
  *items(id: string, steps?: readonly number[]): Generator<{ readonly step: number; readonly item: PlanItem }> {
    const plan = this.#plan(id);
    const count = steps?.length ?? plan.items;
    const read = this.#database.prepare<[string, number], RawPlanItem>(
      `SELECT ${PLAN_ITEM_COLUMNS} FROM json_each(?) AS wanted
         CROSS JOIN plan_items AS item ON item.plan_key = ? AND item.step = wanted.value ORDER BY wanted.key`,
    );
    for (let start = 0; start < count; start += ROWS_A_TRANSACTION) {
      const end = Math.min(count, start + ROWS_A_TRANSACTION);
      const wanted = steps?.slice(start, end) ?? Array.from({ length: end - start }, (_, index) => start + index);
      for (const row of read.all(JSON.stringify(wanted), plan.key)) yield { step: row.step, item: toPlanItem(row) };
    }
  }

  /** The newest plan with just these items that was applied before; `but` is left out. */
  appliedWithSeal(seal: string, but: string): string | undefined {
    return this.#database
      .prepare<[string, string], string>(
        `SELECT id FROM plans WHERE json_extract(header, '$.seal') = ? AND id <> ?
           AND NOT EXISTS (SELECT 1 FROM plan_items WHERE plan_key = plans.key
             AND (ticked = 0 OR sealed = 0 OR direction IS NOT sealed_direction OR renamed_last_copy = 1))
           AND EXISTS (SELECT 1 FROM jobs WHERE kind = 'apply' AND json_extract(payload, '$.plan') = plans.id)
         ORDER BY key DESC LIMIT 1`,
      )
      .pluck()
      .get(seal, but);
  }

  /** Removes a plan, a thousand items at a time; also one that was begun and not finished. */
  async remove(key: number): Promise<void> {
    const removeSome = this.#database.prepare<[number, number, number]>(
      'DELETE FROM plan_items WHERE plan_key = ? AND step IN (SELECT step FROM plan_items WHERE plan_key = ? LIMIT ?)',
    );
    while ((await this.#write(() => removeSome.run(key, key, ROWS_A_TRANSACTION))).changes > 0);
    await this.#write(() => this.#database.prepare('DELETE FROM plans WHERE key = ?').run(key));
  }

  /** Removes plans made before `beforeMs` that no job speaks of any more. Returns how many. */
  async removeOlderThan(beforeMs: number): Promise<number> {
    const keys = this.#database
      .prepare<[number], number>(
        `SELECT key FROM plans WHERE created_at < ? AND NOT EXISTS
           (SELECT 1 FROM jobs WHERE kind = 'apply' AND json_extract(payload, '$.plan') = plans.id)`,
      )
      .pluck()
      .all(beforeMs);
    for (const key of keys) await this.remove(key);
    return keys.length;
  }

  #plan(id: string): PlanKeyRow {
    const row = this.#database
      .prepare<[string], PlanKeyRow>(
        'SELECT key, header, totals, items, replaces, path FROM plans WHERE id = ? AND header IS NOT NULL',
      )
      .get(id);
    if (row !== undefined) return row;
    throw new LakesideError(
      'PLAN_NOT_FOUND',
      'validation',
      'This plan is no longer in the store. Open its file again, or make a new plan.',
      { context: { plan: id } },
    );
  }

  #totals(plan: PlanKeyRow): LiveTotals {
    // Only where conflicts are decided do the totals change after the plan was made.
    if (parseHeader(plan.header).kind === 'both') return this.#conflicts.totals(plan.key);
    const all = parseSummary(plan.totals);
    const ticked = parseSummary(plan.totals);
    let { replaces } = plan;
    const unticked = this.#database
      .prepare<[number], { op: PlanOp; count: number; bytes: number; replaces: number }>(UNTICKED_SQL)
      .all(plan.key);
    for (const row of unticked) {
      ticked[row.op].count -= row.count;
      ticked[row.op].bytes -= row.bytes;
      if (row.op === 'copy') replaces -= row.replaces;
    }
    return { all, ticked, replaces };
  }

  #progress(job: JobRow): ApplySummary {
    const ms = job.startedAt === null ? 0 : Math.max(0, (job.finishedAt ?? this.#clock.now()) - job.startedAt);
    return toSummary(this.#results.counts(job.key), ms);
  }

  #write<T>(run: () => T): Promise<T> {
    return retryWhileBusy(() => this.#database.transaction(run).immediate(), this.#clock);
  }
}

/** The index is named, or SQLite walks the whole plan by its key. */
export const CHANGED_TICKS_SQL =
  'SELECT step FROM plan_items INDEXED BY plan_items_changed WHERE plan_key = ? AND ticked <> sealed LIMIT ?';

export const UNTICKED_SQL = `SELECT op, count(*) AS count, sum(bytes) AS bytes, sum(CASE WHEN direction IS NULL THEN to_size IS NOT NULL ELSE from_size IS NOT NULL END) AS replaces
  FROM plan_items WHERE plan_key = ? AND ticked = 0 GROUP BY op`;

function parseHeader(json: string): PlanHeader {
  return planHeaderSchema.parse(JSON.parse(json));
}

function parseSummary(json: string): PlanSummary {
  return planSummarySchema.parse(JSON.parse(json));
}
