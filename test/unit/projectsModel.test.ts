import assert from 'node:assert/strict';

import type { StudioNode } from '../../src/host/trees/projectNodes.ts';
import { ProjectsModel, ROWS_SHOWN, RUNS_SHOWN } from '../../src/host/trees/projectsModel.ts';
import type { Run, RunImage, WorkItem } from '../../src/protocol/studioValues.ts';
import { AnsweringEngine } from '../support/answeringEngine.ts';
import { sampleBrand, sampleImage, sampleItem, sampleProject, sampleRun } from '../support/sampleStudio.ts';

interface Studio {
  readonly items?: readonly WorkItem[];
  readonly runs?: readonly Run[];
  readonly images?: readonly RunImage[];
}

function modelOver({ items = [], runs = [], images = [] }: Studio): { model: ProjectsModel; engine: AnsweringEngine } {
  const engine = new AnsweringEngine({
    'brands.list': ({ archived }) => ({
      brands: [sampleBrand(), ...(archived ? [sampleBrand({ id: 'old', archived: true })] : [])],
    }),
    'projects.list': () => ({ projects: [sampleProject()] }),
    'items.list': () => ({ items: [...items] }),
    'runs.list': ({ states, limit }) => ({
      runs: runs.filter(({ status }) => states?.includes(status) ?? true).slice(0, limit),
    }),
    'images.page': ({ offset, limit }) => ({ total: images.length, images: images.slice(offset, offset + limit) }),
  });
  return { model: new ProjectsModel(engine.call), engine };
}

/** The rows below the first row, level by level. */
async function open(model: ProjectsModel, levels: number): Promise<StudioNode[]> {
  let rows = await model.children();
  for (let level = 0; level < levels; level++) rows = await model.children(rows[0]);
  return rows;
}

const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
const kinds = (rows: readonly StudioNode[]): string[] => rows.map(({ kind }) => kind);

describe('the model of the Projects tree', () => {
  it('goes from brand to project, work item, run and image, and asks for one level at a time', async () => {
    const { model, engine } = modelOver({ items: [sampleItem()], runs: [sampleRun()], images: [sampleImage()] });
    assert.deepEqual(kinds(await open(model, 4)), ['image']);
    assert.deepEqual(
      engine.calls.map(({ name }) => name),
      ['brands.list', 'runs.list', 'projects.list', 'items.list', 'runs.list', 'images.page'],
    );
  });

  it('shows archived ones only when asked, and never counts them as brands there are', async () => {
    const { model } = modelOver({});
    const seen: number[] = [];
    model.onBrandsChange((brands) => seen.push(brands.length));
    assert.equal((await model.children()).length, 1);
    model.showArchived(true);
    assert.equal((await model.children()).length, 2);
    assert.deepEqual(seen, [1, 1]);
  });

  it('offers to begin where there is nothing', async () => {
    assert.deepEqual(kinds(await open(modelOver({}).model, 2)), ['empty']);
    assert.deepEqual(kinds(await open(modelOver({ items: [sampleItem()] }).model, 3)), ['empty']);
  });

  it('says which work items generate now, and which wait', async () => {
    const items = ['a', 'b', 'c'].map((id) => sampleItem({ id }));
    const of = (id: string, status: Run['status']): Run =>
      sampleRun({ id: `${id}-${status}`, status, item: { id, slug: id, name: id } });
    const { model } = modelOver({ items, runs: [of('a', 'queued'), of('a', 'running'), of('b', 'waiting')] });
    const rows = await open(model, 2);
    assert.deepEqual(
      rows.map((row) => (row.kind === 'item' ? row.active : row.kind)),
      ['running', 'waiting', undefined],
    );
  });

  it('counts in names as people do, and knows the way up from a work item', async () => {
    const items = ['Poster 10', 'Poster 2', 'card'].map((name) => sampleItem({ id: name, name }));
    const { model } = modelOver({ items });
    const rows = await open(model, 2);
    assert.deepEqual(
      rows.map((row) => (row.kind === 'item' ? row.item.name : row.kind)),
      ['card', 'Poster 2', 'Poster 10'],
    );
    const [item] = rows;
    assert.ok(item);
    const project = await model.parent(item);
    assert.equal(project?.kind, 'project');
    assert.equal((await model.parent(project))?.kind, 'brand');
  });

  it('shows thousands of work items in parts', async () => {
    const { model } = modelOver({ items: many(ROWS_SHOWN + 20, (n) => sampleItem({ id: `item-${n}` })) });
    const rows = await open(model, 2);
    assert.equal(rows.length, ROWS_SHOWN + 1);
    const rest = await model.children(rows.at(-1));
    assert.deepEqual([rest.length, rest[0]?.kind], [20, 'item']);
  });

  it('fetches the images of a run part by part', async () => {
    const { model, engine } = modelOver({
      items: [sampleItem()],
      runs: [sampleRun()],
      images: many(450, (n) => sampleImage({ id: `image-${n}` })),
    });
    const rows = await open(model, 4);
    assert.deepEqual(kinds(rows.slice(199)), ['image', 'part', 'part']);
    assert.equal((await model.children(rows.at(-1))).length, 50);
    assert.deepEqual(engine.calls.at(-1)?.input, { run: 'run-1', offset: 400, limit: 200 });
  });

  it('shows the newest runs, and more of them when asked', async () => {
    const item = sampleItem({ runs: 120 });
    const { model } = modelOver({ items: [item], runs: many(120, (n) => sampleRun({ id: `run-${n}` })) });
    const rows = await open(model, 3);
    assert.deepEqual([rows.length, rows.at(-1)?.kind], [RUNS_SHOWN + 1, 'olderRuns']);
    model.showOlderRuns(item);
    assert.equal((await open(model, 3)).length, 120);
  });
});
