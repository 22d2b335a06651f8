import assert from 'node:assert/strict';

import { studioNode } from '../../src/host/trees/projectNodes.ts';
import { projectView, type ProjectView } from '../../src/host/trees/projectView.ts';
import { formatTime } from '../../src/host/trees/modelView.ts';
import type { Run, RunImage, RunState, WorkItem } from '../../src/protocol/studioValues.ts';
import { sampleBrand, sampleImage, sampleItem, sampleProject, sampleRun } from '../support/sampleStudio.ts';

const NOW = 1_700_000_400_000;
const run = (fields: Partial<Run>): ProjectView =>
  projectView(studioNode({ kind: 'run', run: sampleRun(fields) }), NOW);
const image = (fields: Partial<RunImage>): ProjectView =>
  projectView(studioNode({ kind: 'image', image: sampleImage(fields) }), NOW);
const item = (fields: Partial<WorkItem>, active?: 'running' | 'waiting'): ProjectView =>
  projectView(studioNode({ kind: 'item', item: sampleItem(fields), active }), NOW);

describe('a row of the Projects tree', () => {
  it('counts what is in a brand, a project and a work item, in words that fit a narrow side bar', () => {
    const brand = projectView(studioNode({ kind: 'brand', brand: sampleBrand({ projects: 1 }) }), NOW);
    const project = projectView(studioNode({ kind: 'project', project: sampleProject() }), NOW);
    assert.deepEqual([brand.label, brand.description], ['Café', '1 project']);
    assert.deepEqual([project.label, project.description], ['Summer menu', '40 images']);
    assert.match(project.tooltip ?? '', /3 work items · 40 images\n\/data\/images/);
    assert.equal(item({}).description, '12 images');
    assert.equal(item({ picked: 2 }).description, '2 of 12 picked');
  });

  it('says what a work item’s runs are doing', () => {
    assert.deepEqual(
      [item({}, 'running').icon, item({}, 'running').description],
      [{ id: 'sync~spin' }, 'generating · 12 images'],
    );
    assert.equal(item({}, 'waiting').description, 'waiting · 12 images');
  });

  it('is faint and says so when it is archived, and offers to restore', () => {
    const view = item({ archived: true });
    assert.equal(view.description, 'archived · 12 images');
    assert.deepEqual(view.icon, { id: 'symbol-color', color: 'disabledForeground' });
    assert.equal(view.context, ';item;archived;');
  });

  it('names a run by its time, with the date unless it was today', () => {
    const time = formatTime(1_700_000_000_000);
    assert.equal(run({}).label, time.slice(11));
    const later = projectView(studioNode({ kind: 'run', run: sampleRun() }), NOW + 3 * 86_400_000);
    assert.equal(later.label, time);
  });

  it('says where a run stands, and why it failed or waits', () => {
    const error = { code: 'PROVIDER_AWAY', category: 'provider', message: 'Studio does not answer.' } as const;
    const words: Record<RunState, string> = {
      queued: 'in the queue · a cup of coffee',
      waiting: 'ComfyUI is away · a cup of coffee',
      running: '1 of 4 · a cup of coffee',
      succeeded: '1 image · a cup of coffee',
      failed: 'Studio does not answer.',
      canceled: 'canceled after 1 image · a cup of coffee',
    };
    for (const [status, description] of Object.entries(words) as [RunState, string][]) {
      const view = run({ status, images: 1, error, waitingFor: 'ComfyUI is away' });
      assert.equal(view.description, description);
      assert.equal(view.context, `;run;${status};images;`);
    }
    assert.match(run({ status: 'failed', error }).tooltip ?? '', /Studio does not answer\. \(PROVIDER_AWAY\)/);
  });

  it('opens only where a run has images, and then shows them when it is clicked', () => {
    assert.deepEqual([run({}).open, run({}).command], ['closed', 'lakeside.openGallery']);
    assert.deepEqual([run({ images: 0 }).open, run({ images: 0 }).command], ['never', 'lakeside.openItem']);
  });

  it('shows a prompt of many lines in one, and no more of it than a row holds', () => {
    const view = run({ prompt: `a\n\n  cup ${'very '.repeat(10_000)}` });
    assert.match(view.description ?? '', /^4 images · a cup very/);
    assert.ok((view.description?.length ?? 0) < 300 && (view.tooltip?.length ?? 0) < 500);
  });

  it('shows how an image was judged', () => {
    assert.deepEqual([image({}).label, image({}).description], ['image-a-1.png', '1024 × 768']);
    assert.equal(image({ rating: 3 }).description, '★★★ · 1024 × 768');
    assert.equal(image({ rating: 3, pick: 'picked' }).spoken, 'Image 1, picked · 3 stars of 5 · 1024 × 768');
    assert.equal(image({ pick: 'picked' }).icon?.id, 'pass-filled');
    assert.equal(image({ pick: 'rejected' }).icon?.id, 'circle-slash');
    assert.equal(image({ path: String.raw`D:\images\a-1.png` }).label, 'a-1.png');
  });

  it('keeps its place in the tree over a refresh', () => {
    assert.equal(item({}).id, item({ images: 13, name: 'Other' }).id);
    assert.notEqual(run({ id: 'a' }).id, run({ id: 'b' }).id);
  });
});
