import assert from 'node:assert/strict';
import type { Database } from 'better-sqlite3';

import { systemClock } from '../../src/base/clock.ts';
import { createPlan } from '../../src/library/planDraft.ts';
import type { PlanItem } from '../../src/protocol/planFile.ts';
import type { PlanFilter } from '../../src/protocol/contracts/plans.ts';
import { stepBytes } from '../../src/protocol/planTotals.ts';
import { STEP_STATUSES, type StepStatus } from '../../src/protocol/values.ts';
import { countSql, stepsSql, stepsWithoutStatusSql } from '../../src/store/planQueries.ts';
import { LATEST_JOB_SQL, type PlanPageQuery } from '../../src/store/planPages.ts';
import { CHANGED_TICKS_SQL, PlanStore, UNTICKED_SQL } from '../../src/store/planStore.ts';
import { type LibraryDatabase, openLibraryDatabase } from '../support/libraryDatabase.ts';
import { manyItems, planSummary, preamble } from '../support/planItems.ts';

const COUNT = 2_345;
const page: PlanPageQuery = { sort: 'path', descending: false, offset: 0, limit: COUNT };

/** An apply job of a plan whose first `statuses.length` steps stand as given. */
function addJob(database: Database, plan: string, statuses: readonly StepStatus[]): void {
  const { lastInsertRowid } = database
    .prepare(
      `INSERT INTO jobs (id, kind, title, status, lane, payload, created_at, started_at)
       VALUES (?, 'apply', 'Apply', 'running', 'transfer', ?, 0, 0)`,
    )
    .run(`job-${String(database.prepare('SELECT count(*) FROM jobs').pluck().get())}`, JSON.stringify({ plan }));
  const insert = database.prepare('INSERT INTO steps (job_key, step, status, code, bytes) VALUES (?, ?, ?, ?, 7)');
  for (const [step, status] of statuses.entries()) {
    insert.run(lastInsertRowid, step, status, status === 'failed' ? 'ENOSPC' : null);
  }
}

describe('PlanStore', () => {
  const items = [...manyItems(COUNT)];
  let library: LibraryDatabase;
  let store: PlanStore;
  beforeEach(async () => {
    library = openLibraryDatabase();
    store = new PlanStore(library.database, systemClock);
    await createPlan({ store, id: 'plan', preamble, items });
  });
  afterEach(() => library.close());

  const steps = (query: Partial<PlanPageQuery>): number[] =>
    store.page('plan', { ...page, ...query }).items.map((item) => item.step);
  const stepsOf = (wanted: (item: PlanItem, step: number) => boolean): number[] =>
    [...items.keys()].filter((step) => wanted(items[step] ?? assert.fail(), step));

  it('gives every item back in pages', () => {
    const rows = [0, 1_000, 2_000].flatMap((offset) => store.page('plan', { ...page, offset, limit: 1_000 }).items);
    assert.deepEqual(
      rows.map(({ step: _step, ticked, bytes, ...item }) => {
        assert.equal(ticked, true);
        assert.equal(bytes, stepBytes(item));
        return item;
      }),
      items,
    );
    assert.deepEqual(
      rows.map((row) => row.step),
      [...items.keys()],
    );
  });

  it('filters by op and by text of any case, and counts what the filter shows', () => {
    const moves = stepsOf((item) => item.op === 'move');
    assert.deepEqual(steps({ filter: { ops: ['move'] } }), moves);
    const { total, items: few } = store.page('plan', { ...page, limit: 3, offset: 2, filter: { ops: ['move'] } });
    assert.deepEqual([total, few.map((row) => row.step)], [moves.length, moves.slice(2, 5)]);
    const withText = stepsOf((item) => item.path.includes('model-12'));
    assert.deepEqual(steps({ filter: { text: 'MODEL-12' } }), withText);
    assert.equal(
      store.page('plan', { ...page, limit: 1, filter: { text: 'Model-12', ops: ['move'] } }).total,
      withText.filter((step) => step % 7 === 0).length,
    );
    assert.deepEqual(steps({ filter: { text: '%' } }), []);
    assert.deepEqual(steps({ filter: { ops: [] } }), []);
  });

  it('folds case beyond ASCII in a text filter', async () => {
    const item: PlanItem = { op: 'copy', path: 'Élan/ÄPFEL.pt', expect: { from: { size: 1, mtimeMs: 1 }, to: null } };
    await createPlan({ store, id: 'umlaut', preamble, items: [item] });
    assert.equal(store.page('umlaut', { ...page, filter: { text: 'äpfel' } }).total, 1);
    assert.equal(store.page('umlaut', { ...page, filter: { text: 'opfel' } }).total, 0);
  });

  it('sorts by path, op and size, both ways, steps of equal rank by number', () => {
    const all = [...items.keys()];
    const by = (rank: (item: PlanItem) => number | string) => (left: number, right: number) => {
      const [a, b] = [rank(items[left] ?? assert.fail()), rank(items[right] ?? assert.fail())];
      return a < b ? -1 : a > b ? 1 : left - right;
    };
    const orders = { path: [...all], op: all.toSorted(by((item) => item.op)), size: all.toSorted(by(stepBytes)) };
    for (const sort of ['path', 'op', 'size'] as const) {
      assert.deepEqual(steps({ sort }), orders[sort]);
      assert.deepEqual(steps({ sort, descending: true }), orders[sort].toReversed());
    }
  });

  it('shows the steps of the latest job that runs the plan, and counts them', () => {
    addJob(library.database, 'plan', ['failed']);
    addJob(library.database, 'other', ['failed']);
    addJob(library.database, 'plan', ['done', 'failed', 'skipped', 'done', 'pending']);
    const rows = store.page('plan', { ...page, limit: 6 }).items;
    assert.deepEqual(
      rows.map((row) => row.status),
      ['done', 'failed', 'skipped', 'done', 'pending', undefined],
    );
    assert.equal(rows[1]?.code, 'ENOSPC');
    assert.deepEqual(steps({ filter: { statuses: ['failed'] } }), [1]);
    assert.deepEqual(steps({ filter: { statuses: ['skipped', 'done'] } }), [0, 2, 3]);
    assert.deepEqual(steps({ filter: { statuses: ['skipped', 'done'] }, descending: true }), [3, 2, 0]);
    assert.deepEqual(
      steps({ filter: { statuses: ['done'], ops: ['copy'] } }),
      stepsOf((item, step) => item.op === 'copy' && [0, 3].includes(step)),
    );
    assert.deepEqual(steps({ filter: { statuses: ['done', 'failed'] }, sort: 'size', descending: true }), [3, 1, 0]);
    assert.equal(store.page('plan', { ...page, filter: { statuses: ['done'] }, limit: 1 }).total, 2);
    const { job, progress } = store.info('plan');
    assert.equal(job, 'job-2');
    assert.deepEqual(
      { ...progress, ms: 0 },
      { done: 2, already: 0, skipped: 1, failed: 1, canceled: 0, bytes: 35, ms: 0 },
    );
  });

  it('sorts by status with the steps that nobody took up first, or last', () => {
    addJob(library.database, 'plan', ['skipped', 'done', 'failed', 'done']);
    const rest = stepsOf((_item, step) => step > 3);
    const order = [...rest, 1, 3, 2, 0];
    assert.deepEqual(steps({ sort: 'status' }), order);
    assert.deepEqual(steps({ sort: 'status', descending: true }), order.toReversed());
    assert.deepEqual(steps({ sort: 'status', offset: COUNT - 5, limit: 3 }), order.slice(COUNT - 5, COUNT - 2));
    assert.deepEqual(steps({ sort: 'status', descending: true, offset: 2, limit: 3 }), order.toReversed().slice(2, 5));
    assert.deepEqual(steps({ sort: 'status', filter: { statuses: ['done', 'skipped'] } }), [1, 3, 0]);
  });

  it('ticks by number and by filter, and sums up what is ticked', async () => {
    assert.deepEqual(store.info('plan').ticked, planSummary(items));
    const replaced = (list: PlanItem[]): number =>
      list.filter((item) => item.op === 'copy' && item.expect.to !== null).length;
    assert.equal(store.info('plan').replaces, replaced(items));
    assert.equal(store.info('plan').dirty, false);
    await store.tick('plan', false, { steps: [1, 2, 3, 3, 99_999] });
    await store.tick('plan', false, { filter: { ops: ['delete'] } });
    const left = items.filter((item, step) => ![1, 2, 3].includes(step) && item.op !== 'delete');
    const info = store.info('plan');
    assert.deepEqual([info.ticked, info.replaces, info.dirty], [planSummary(left), replaced(left), true]);
    assert.deepEqual(
      [...store.items('plan', store.tickedSteps('plan'))].map(({ item }) => item),
      left,
    );
    assert.deepEqual(
      store.page('plan', { ...page, limit: 4 }).items.map((row) => row.ticked),
      [true, false, false, false],
    );
    await store.tick('plan', true, {});
    assert.equal(store.info('plan').dirty, false);
    await store.tick('plan', false, {});
    assert.deepEqual(store.info('plan').ticked, planSummary([]));
    await store.revert('plan');
    assert.deepEqual(store.info('plan').ticked, planSummary(items));
  });

  it('counts how many of the steps a filter shows are ticked', async () => {
    addJob(library.database, 'plan', ['done', 'done', 'done', 'failed']);
    const filters: PlanFilter[] = [
      {},
      { ops: ['copy'] },
      { text: 'model-1' },
      { statuses: ['done'] },
      { ops: ['move'], statuses: ['done'] },
    ];
    const check = (): void => {
      for (const filter of filters) {
        const { total, tickedTotal, items: rows } = store.page('plan', { ...page, filter });
        assert.deepEqual([total, tickedTotal], [rows.length, rows.filter((row) => row.ticked).length]);
      }
    };
    check();
    await store.tick('plan', false, { filter: { ops: ['delete', 'move'] } });
    await store.tick('plan', false, { steps: [1, 12] });
    check();
    await store.tick('plan', false, {});
    check();
  });

  it('knows no plan that is not finished, and says so in a sentence', async () => {
    await store.begin('half', undefined);
    for (const id of ['half', 'none']) assert.throws(() => store.info(id), { code: 'PLAN_NOT_FOUND' });
  });

  it('removes old plans that no job speaks of, and all that is theirs', async () => {
    await createPlan({ store, id: 'used', preamble, items: [] });
    addJob(library.database, 'used', []);
    assert.equal(await store.removeOlderThan(0), 0);
    assert.equal(await store.removeOlderThan(systemClock.now() + 1_000), 1);
    assert.throws(() => store.info('plan'), { code: 'PLAN_NOT_FOUND' });
    assert.equal(store.info('used').plan, 'used');
    assert.equal(library.database.prepare('SELECT count(*) FROM plan_items').pluck().get(), 0);
  });

  it('leaves nothing of a plan whose items fail', async () => {
    const failing = function* (): Generator<PlanItem> {
      yield* manyItems(1_500);
      throw new Error('no more');
    };
    await assert.rejects(createPlan({ store, id: 'failed', preamble, items: failing() }), /no more/);
    assert.equal(library.database.prepare('SELECT count(*) FROM plans').pluck().get(), 1);
  });

  it('answers each hot query from an index, without a sort', () => {
    const values = { plan: 1, job: 1, text: '' };
    const explain = (sql: string, ...bound: unknown[]): string =>
      library.database
        .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...bound)
        .map((line) => line.detail)
        .join('\n');
    const plans = [
      explain(LATEST_JOB_SQL, 'plan'),
      explain(UNTICKED_SQL, 1),
      explain(CHANGED_TICKS_SQL, 1, 1),
      ...(['path', 'op', 'size', 'status'] as const).flatMap((sort) =>
        [false, true].map((descending) => explain(stepsSql(undefined, sort, descending), values)),
      ),
      ...[false, true].map((descending) => explain(stepsWithoutStatusSql(undefined, descending), values)),
      ...STEP_STATUSES.map((status) => explain(stepsSql({ statuses: [status] }, 'path', false), values)),
      explain(stepsSql({ statuses: ['done', 'failed'] }, 'path', true), values),
      explain(countSql({ statuses: ['done', 'failed'] }), values),
    ];
    assert.match(plans[2] ?? '', /plan_items_changed/);
    for (const plan of plans) assert.ok(!/TEMP B-TREE|SCAN (?!step USING)/.test(plan), plan);
  });
});
