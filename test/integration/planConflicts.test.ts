import assert from 'node:assert/strict';

import { systemClock } from '../../src/base/clock.ts';
import { createPlan } from '../../src/library/planDraft.ts';
import { sealTicked } from '../../src/library/planFileWriter.ts';
import type { PlanItem } from '../../src/protocol/planFile.ts';
import { CHANGED_DIRECTIONS_SQL } from '../../src/store/planConflicts.ts';
import type { PlanPageQuery } from '../../src/store/planPages.ts';
import { countSql, stepsSql } from '../../src/store/planQueries.ts';
import { PlanStore } from '../../src/store/planStore.ts';
import { type LibraryDatabase, openLibraryDatabase } from '../support/libraryDatabase.ts';
import { planSummary, preamble } from '../support/planItems.ts';

const page: PlanPageQuery = { sort: 'path', descending: false, offset: 0, limit: 2_000 };
const small = { size: 10, mtimeMs: 1 };
const large = { size: 500, mtimeMs: 2 };

/** 0: a conflict of contents; 1: one of names; 2: a copy back; 3: a copy; and so on. */
function itemAt(index: number): PlanItem {
  const path = `file-${String(index).padStart(6, '0')}`;
  switch (index % 4) {
    case 0:
      return { op: 'copy', path, direction: 'undecided', expect: { from: small, to: large } };
    case 1:
      return { op: 'move', path, movedFrom: `old/${path}`, direction: 'undecided', expect: { from: small, to: small } };
    case 2:
      return { op: 'copy', path, direction: 'reverse', expect: { from: null, to: large } };
    default:
      return { op: 'copy', path, expect: { from: small, to: null } };
  }
}

describe('the conflicts of a plan both ways', () => {
  let library: LibraryDatabase;
  let store: PlanStore;
  beforeEach(async () => {
    library = openLibraryDatabase();
    store = new PlanStore(library.database, systemClock);
    await make('plan', 8);
  });
  afterEach(() => library.close());

  async function make(id: string, count: number): Promise<void> {
    const items = Array.from({ length: count }, (_, index) => itemAt(index));
    await createPlan({ store, id, preamble: { ...preamble, kind: 'both', options: {} }, items });
  }

  const ticked = (): number[] =>
    store
      .page('plan', page)
      .items.filter((item) => item.ticked)
      .map((item) => item.step);
  const directions = (): unknown[] => store.page('plan', page).items.map((item) => item.direction ?? 'forward');

  it('are counted apart, have no tick, and are found by a filter', () => {
    const { all, ticked: totals, replaces, dirty } = store.info('plan');
    const conflict = { count: 4, bytes: 40 };
    const copy = { count: 4, bytes: 1_020 };
    assert.deepEqual(all, { copy, move: { count: 0, bytes: 0 }, delete: { count: 0, bytes: 0 }, conflict });
    assert.deepEqual([totals, replaces, dirty], [all, 0, false]);
    assert.deepEqual(ticked(), [2, 3, 6, 7]);
    const only = store.page('plan', { ...page, filter: { undecided: true } });
    assert.deepEqual([only.total, only.tickedTotal, only.items.map(({ step }) => step)], [4, 0, [0, 1, 4, 5]]);
    const rest = store.page('plan', { ...page, filter: { undecided: false, ops: ['copy'] } });
    assert.deepEqual([rest.total, rest.tickedTotal, rest.items.map(({ step }) => step)], [4, 4, [2, 3, 6, 7]]);
    const copies = store.page('plan', { ...page, filter: { ops: ['copy'] } });
    assert.deepEqual([copies.total, copies.tickedTotal], [6, 4]);
  });

  it('are decided by number or by filter; what is decided is ticked, and counts as what it does', async () => {
    await store.resolve('plan', 'to', { steps: [0] });
    assert.deepEqual(store.info('plan').all.copy, { count: 5, bytes: 1_520 });
    await store.resolve('plan', 'from', { filter: { undecided: true, ops: ['copy'] } });
    await store.resolve('plan', 'to', { steps: [1] });
    const { all, replaces, dirty } = store.info('plan');
    assert.deepEqual(
      [all.copy, all.move.count, all.conflict],
      [{ count: 6, bytes: 1_530 }, 1, { count: 1, bytes: 10 }],
    );
    assert.deepEqual([replaces, dirty], [2, true]);
    assert.deepEqual(ticked(), [0, 1, 2, 3, 4, 6, 7]);
    assert.deepEqual(directions().slice(0, 6), ['reverse', 'reverse', 'reverse', 'forward', 'forward', 'undecided']);
    assert.deepEqual(
      store.page('plan', { ...page, sort: 'size', descending: true, limit: 3 }).items.map(({ step }) => step),
      [6, 2, 0],
    );
  });

  it('can be left open again; then nothing is done for them', async () => {
    await store.resolve('plan', 'to', {});
    assert.equal(store.info('plan').all.conflict?.count, 0);
    await store.tick('plan', false, { steps: [0] });
    await store.resolve('plan', 'none', {});
    assert.deepEqual(store.info('plan').all.conflict, { count: 4, bytes: 40 });
    assert.equal(store.info('plan').dirty, false);
    assert.deepEqual(ticked(), [2, 3, 6, 7]);
  });

  it('leaves alone what is no conflict', async () => {
    await store.resolve('plan', 'to', { steps: [2, 3] });
    await store.resolve('plan', 'none', { steps: [2, 3] });
    assert.equal(store.info('plan').dirty, false);
    assert.deepEqual(directions().slice(2, 4), ['reverse', 'forward']);
  });

  it('cannot be ticked before they are decided', async () => {
    await store.tick('plan', false, {});
    await store.tick('plan', true, { steps: [0] });
    assert.deepEqual(ticked(), []);
    assert.deepEqual(store.tickedSteps('plan'), [0, 1, 4, 5], 'they stay in the plan, so that an apply tells of them');
  });

  it('are sealed as they are decided, and go back to how they were saved', async () => {
    const sealBefore = store.header('plan').seal;
    await store.resolve('plan', 'to', { steps: [0, 1] });
    const header = sealTicked(store, 'plan');
    assert.notEqual(header.seal, sealBefore);
    assert.deepEqual(header.summary, planSummary([...store.items('plan')].map(({ item }) => item)));
    await store.markSaved('plan', header, '/tmp/plan');
    assert.equal(store.info('plan').dirty, false);
    await store.resolve('plan', 'from', {});
    assert.equal(store.info('plan').dirty, true);
    await store.revert('plan');
    assert.equal(store.info('plan').dirty, false);
    assert.deepEqual(directions().slice(0, 2), ['reverse', 'reverse']);
    assert.equal(sealTicked(store, 'plan').seal, header.seal);
    assert.deepEqual(store.info('plan').all, { ...header.summary, conflict: { count: 2, bytes: 20 } });
  });

  it('are decided by the thousand, and listed from an index', async () => {
    await make('many', 10_000);
    await store.resolve('many', 'from', {});
    assert.equal(store.info('many').all.conflict?.count, 0);
    await store.revert('many');
    assert.equal(store.info('many').all.conflict?.count, 5_000);
    const explain = (sql: string, bound: unknown[]): string =>
      library.database
        .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...bound)
        .map((line) => line.detail)
        .join('\n');
    const values = { plan: 1, job: 0, text: '' };
    for (const plan of [
      explain(stepsSql({ undecided: true }, 'path', false), [values]),
      explain(countSql({ undecided: true }), [values]),
    ]) {
      assert.match(plan, /plan_items_undecided/);
      assert.doesNotMatch(plan, /TEMP B-TREE/);
    }
    assert.match(explain(CHANGED_DIRECTIONS_SQL, [1, 1]), /plan_items_redirected/);
  });
});
