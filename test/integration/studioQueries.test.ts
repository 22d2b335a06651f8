import assert from 'node:assert/strict';

import { Store } from '../../src/store/store.ts';
import { queryPlans } from '../support/queryPlans.ts';
import { storeOptions } from '../support/testStore.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('the studio’s queries', () => {
  const folder = temporaryFolder();
  let store: Store;

  beforeEach(async () => {
    store = await Store.open(storeOptions(folder()));
  });
  afterEach(() => {
    store.close();
  });

  const plans = (work: () => unknown): string[] => queryPlans(store.database, work);

  /** The plan of work that asks one question: joined or counted, never one for each row. */
  function onlyPlan(work: () => unknown): string {
    const [plan, ...more] = plans(work);
    assert.ok(plan !== undefined);
    assert.deepEqual(more, [], 'one query');
    return plan;
  }

  describe('have the indexes asked for', () => {
    for (const [table, columns, unique] of [
      ['brands', ['slug'], true],
      ['projects', ['slug'], true],
      ['work_items', ['project_id', 'slug'], true],
      ['jobs', ['status', 'created_at'], false],
      ['jobs', ['work_item_id', 'created_at DESC'], false],
      ['runs', ['work_item_id', 'created_at DESC'], false],
      ['run_images', ['run_id', 'created_at'], false],
    ] as const) {
      it(`${table}(${columns.join(', ')})`, () => {
        const indexes = store.database
          .prepare<[string], { name: string; unique: number; partial: number }>(
            'SELECT name, "unique", partial FROM pragma_index_list(?)',
          )
          .all(table)
          .filter(({ partial }) => partial === 0)
          .map((index) => ({
            unique: index.unique === 1,
            columns: store.database
              .prepare<[string], { name: string; desc: number }>(
                'SELECT name, "desc" FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno',
              )
              .all(index.name)
              .map(({ name, desc }) => (desc === 1 ? `${name} DESC` : name)),
          }));
        assert.ok(
          indexes.some((index) => index.unique === unique && index.columns.join() === columns.join()),
          JSON.stringify(indexes),
        );
      });
    }
  });

  for (const [what, work, step] of [
    [
      'whether a brand’s slug is taken',
      () => store.brands.hasSlug('a'),
      /USING COVERING INDEX brands_slug \(slug=\?\)/,
    ],
    [
      'whether a project’s slug is taken',
      () => store.projects.hasSlug('a'),
      /USING COVERING INDEX projects_slug \(slug=\?\)/,
    ],
    [
      'whether a work item’s slug is taken',
      () => store.items.hasSlug('p', 'a'),
      /USING COVERING INDEX work_items_slug \(project_id=\? AND slug=\?\)/,
    ],
    [
      'jobs by their state',
      () => store.jobs.list({ states: ['failed'], limit: 10 }),
      /SEARCH jobs USING INDEX jobs_by_status \(status=\?\)/,
    ],
    [
      'the jobs of a work item',
      () => store.runJobs.active('i'),
      /SEARCH jobs USING INDEX jobs_work_item \(work_item_id=\?\)/,
    ],
    [
      'the runs of a work item',
      () => store.runs.ended({ item: 'i', limit: 10 }),
      /SEARCH run USING INDEX runs_work_item \(work_item_id=\?\)/,
    ],
    ['the last runs', () => store.runs.ended({ limit: 10 }), /SCAN run USING INDEX runs_created/],
    [
      'the last runs that failed',
      () => store.runs.ended({ states: ['failed'], limit: 10 }),
      /SCAN run USING INDEX runs_failed/,
    ],
    [
      'who did what to a thing',
      () => store.audits.list('brand', 'b', 10),
      /SEARCH audit USING INDEX audits_subject \(subject=\? AND subject_id=\?\)/,
    ],
  ] as const) {
    it(`find ${what} by an index, in its order`, () => {
      const plan = onlyPlan(work);
      assert.match(plan, step);
      // Jobs come newest first by their key, of few.
      if (what !== 'jobs by their state') assert.doesNotMatch(plan, /TEMP B-TREE|AUTOMATIC/);
    });
  }

  for (const [what, work, steps] of [
    [
      'brands',
      () => store.brands.list({ archived: false }),
      [/SEARCH projects USING INDEX projects_brand \(brand_id=\?\)/],
    ],
    [
      'projects',
      () => store.projects.list({ archived: false }),
      [
        /SEARCH work_items USING INDEX work_items_slug \(project_id=\?\)/,
        /SEARCH run_images USING COVERING INDEX run_images_project \(project_id=\?\)/,
      ],
    ],
    [
      'the projects of a brand',
      () => store.projects.list({ brand: 'b', archived: false }),
      [
        /SEARCH project USING INDEX projects_brand \(brand_id=\?\)/,
        /SEARCH run_images USING COVERING INDEX run_images_project \(project_id=\?\)/,
      ],
    ],
    [
      'the work items of a project',
      () => store.items.list({ project: 'p', archived: false }),
      [
        /SEARCH item USING INDEX work_items_slug \(project_id=\?\)/,
        /SEARCH runs USING COVERING INDEX runs_work_item \(work_item_id=\?\)/,
        /SEARCH run_images USING COVERING INDEX run_images_work_item \(work_item_id=\?\)/,
      ],
    ],
    [
      'a work item',
      () => store.items.byId('i'),
      [/SEARCH run_images USING COVERING INDEX run_images_work_item \(work_item_id=\?\)/],
    ],
  ] as const) {
    it(`count what lies in ${what} in the same query, from indexes`, () => {
      const plan = onlyPlan(work);
      for (const step of steps) assert.match(plan, step);
      assert.doesNotMatch(plan, /SCAN (run_images|runs|work_items|projects)|AUTOMATIC/);
    });
  }

  for (const [of, scope, index] of [
    ['a run', { run: 'r' }, /SEARCH image USING (COVERING )?INDEX run_images_run \(run_id=\?\)/],
    ['a work item', { item: 'i' }, /SEARCH image USING COVERING INDEX run_images_work_item \(work_item_id=\?\)/],
    ['a project', { project: 'p' }, /SEARCH image USING COVERING INDEX run_images_project \(project_id=\?\)/],
    ['everything', {}, /SCAN image USING COVERING INDEX run_images_created/],
  ] as const) {
    it(`page through the images of ${of} by an index, and look up only the page`, () => {
      const [count, page, ...more] = plans(() => store.images.page({ ...scope, minRating: 0, offset: 0, limit: 200 }));
      assert.ok(count !== undefined && page !== undefined);
      assert.deepEqual(more, [], 'two queries');
      assert.match(count, /USING COVERING INDEX/);
      assert.match(page, index);
      assert.match(page, /SEARCH image USING INTEGER PRIMARY KEY \(rowid=\?\)/);
    });
  }

  it('count everything there is in one query, runs and images from indexes alone', () => {
    const plan = onlyPlan(() => store.overview.counts());
    assert.match(plan, /SCAN run_images USING COVERING INDEX/);
    assert.match(plan, /SCAN runs USING COVERING INDEX/);
  });

  it('find the images of a run by its index, and what is not judged yet by that of those alone', () => {
    assert.match(
      onlyPlan(() => store.images.ofRun('r')),
      /SEARCH image USING INDEX \S+ \(run_id=\?\)/,
    );
    const plan = onlyPlan(() => store.runs.toPick(10));
    assert.match(plan, /SCAN run USING INDEX runs_created/);
    assert.match(plan, /USING COVERING INDEX run_images_unpicked \(run_id=\?\)/);
    assert.doesNotMatch(plan, /TEMP B-TREE/);
  });
});
