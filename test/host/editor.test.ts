import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';

import { openJobReport, registerJobReports } from '../../src/host/jobReports.ts';
import { ManualClock } from '../support/manualClock.ts';
import { JobsModel } from '../../src/host/jobsModel.ts';
import { RootWatchers } from '../../src/host/rootWatchers.ts';
import { JobsTree } from '../../src/host/trees/jobsTree.ts';
import { modelNode } from '../../src/host/trees/modelNodes.ts';
import { ModelsDragAndDrop } from '../../src/host/trees/modelsDragAndDrop.ts';
import { ModelsModel } from '../../src/host/trees/modelsModel.ts';
import { ModelsTree } from '../../src/host/trees/modelsTree.ts';
import { AnsweringEngine } from '../support/answeringEngine.ts';
import { sampleFile, sampleJob, sampleLake, sampleRoot } from '../support/sampleValues.ts';

const counts = { queued: 0, waiting: 0, paused: 0, running: 0, succeeded: 0, failed: 0, canceled: 0 };
const neverFails = (error: unknown): void => assert.ifError(error);
const absent = sampleFile('loras/a.safetensors', { state: 'missing', absent: true });
const different = sampleFile('loras/b.safetensors', { state: 'different' });

describe('the Models tree in the editor', () => {
  const engine = new AnsweringEngine({
    'roots.list': () => ({ roots: [sampleRoot(), sampleLake()] }),
    'library.folder': () => ({ total: 2, entries: [absent, different] }),
  });
  const tree = new ModelsTree(new ModelsModel(engine.call), neverFails);

  it('gives each row an id, a place and a decoration of its own', async () => {
    const [local] = await tree.getChildren();
    const items = (await tree.getChildren(local)).map((node) => tree.getTreeItem(node));
    assert.deepEqual(
      items.map(({ id }) => id),
      ['id-local?comparison', 'id-local/loras/a.safetensors', 'id-local/loras/b.safetensors'],
    );
    const files = items.slice(1);
    assert.ok(files.every(({ resourceUri }) => resourceUri?.scheme === 'lakeside' && resourceUri.query !== ''));
    assert.equal(new Set(files.map(({ resourceUri }) => String(resourceUri))).size, 2);
  });

  it('is empty, and throws nothing at the editor, when the engine does not answer', async () => {
    const errors: unknown[] = [];
    const broken = new ModelsTree(new ModelsModel(new AnsweringEngine({}).call), (error) => errors.push(error));
    assert.deepEqual(await broken.getChildren(), []);
    assert.equal(errors.length, 1);
  });
});

describe('dragging', () => {
  const local = sampleRoot();
  const lake = sampleLake();
  const root = (of: typeof local): ReturnType<typeof modelNode> =>
    modelNode({ kind: 'root', root: of, other: undefined });
  const grey = modelNode({ kind: 'file', root: local, other: lake, entry: absent });
  const present = modelNode({ kind: 'file', root: local, other: lake, entry: different });
  let copied: string[];
  let controller: ModelsDragAndDrop;

  beforeEach(() => {
    copied = [];
    controller = new ModelsDragAndDrop((nodes, to) => {
      copied.push(...nodes.map(({ entry }) => `${entry.path} to ${to.name}`));
      return Promise.resolve();
    });
  });

  async function drag(
    nodes: Parameters<typeof controller.handleDrag>[0],
    onto: typeof local,
  ): Promise<vscode.DataTransfer> {
    const data = new vscode.DataTransfer();
    controller.handleDrag(nodes, data);
    await controller.handleDrop(root(onto), data);
    return data;
  }

  it('a file onto the other root copies it there', async () => {
    await drag([present], lake);
    assert.deepEqual(copied, ['loras/b.safetensors to lake']);
  });

  it('what only the Lake has onto Local brings it', async () => {
    await drag([grey], local);
    assert.deepEqual(copied, ['loras/a.safetensors to local']);
  });

  it('a file onto its own root, or a root, does nothing', async () => {
    await drag([present], local);
    await drag([grey], lake);
    await drag([root(local)], lake);
    assert.deepEqual(copied, []);
  });

  it('hands other programs the files where they really lie', async () => {
    const data = await drag([grey], lake);
    const list = await data.get('text/uri-list')?.asString();
    assert.equal(list, vscode.Uri.file('/lake/loras/a.safetensors').toString());
  });
});

describe('the Jobs tree in the editor', () => {
  it('redraws only the row whose progress it hears', async () => {
    const job = sampleJob();
    const engine = new AnsweringEngine({ 'jobs.list': () => ({ jobs: [job], counts }) });
    const clock = new ManualClock();
    const tree = new JobsTree(new JobsModel(engine, neverFails), neverFails, clock);
    const [group] = await tree.getChildren();
    const [row] = await tree.getChildren(group);
    assert.ok(row);
    const redrawn: unknown[] = [];
    tree.onDidChangeTreeData((nodes) => redrawn.push(nodes));
    const hear = (doneBytes: number): void => {
      const progress = { doneItems: 1, totalItems: 4, doneBytes, totalBytes: 100 };
      engine.progress.fire({ job: job.id, kind: job.kind, title: job.title, status: 'running', progress });
    };
    // The list that was fetched.
    await clock.advance(1_000);
    redrawn.length = 0;
    hear(25);
    await clock.advance(0);
    assert.deepEqual(redrawn, [[row]]);
    assert.equal(tree.getTreeItem(row).description, '25 % · 25 B of 100 B');
    // The editor waits until nothing has changed for 200 ms.
    for (const doneBytes of [30, 40, 50]) {
      await clock.advance(90);
      hear(doneBytes);
    }
    assert.deepEqual(redrawn, [[row]]);
    await clock.advance(300);
    assert.deepEqual(redrawn, [[row], [row]]);
  });

  it('opens a report that tells what was skipped', async () => {
    const summary = { done: 1, already: 0, skipped: 1, failed: 0, canceled: 0, bytes: 7, ms: 3 };
    const job = sampleJob({ status: 'succeeded', finishedAt: 1_700_000_002_000, result: summary });
    const engine = new AnsweringEngine({
      'jobs.get': () => ({ job }),
      'plans.result': () => ({
        ...summary,
        total: 2,
        items: [
          { op: 'copy', path: 'loras/a.safetensors', status: 'done' },
          { op: 'copy', path: 'loras/b.safetensors', status: 'skipped', reason: 'It changed meanwhile.' },
        ],
      }),
    });
    const registered = registerJobReports(engine.call, new JobsModel(engine, neverFails), 'lakeside-job-test');
    await openJobReport(job, 'lakeside-job-test');
    registered.dispose();
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    assert.match(text, /^Mirror lake to local\n/);
    assert.match(text, /loras\/b\.safetensors\n +It changed meanwhile\./);
    assert.doesNotMatch(text, /loras\/a\.safetensors/);
  });
});

describe('watching a large root', () => {
  it('looks again at the folder in which something changed', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'lakeside-watch-'));
    await mkdir(path.join(folder, 'loras'));
    const looked = Promise.withResolvers<unknown>();
    const engine = new AnsweringEngine({
      'library.look': (input) => {
        looked.resolve(input);
        return { added: 1, changed: 0, removed: 0 };
      },
    });
    const watchers = new RootWatchers(engine, neverFails);
    watchers.update([sampleRoot({ path: folder, watcher: 'host' })]);
    // The editor's watcher says nothing when it is ready: the file is written until it is seen.
    const writing = setInterval(
      () => void writeFile(path.join(folder, 'loras', 'new.safetensors'), String(Date.now())),
      200,
    );
    try {
      assert.deepEqual(await looked.promise, { root: 'local', folders: ['loras'] });
    } finally {
      clearInterval(writing);
      watchers.dispose();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});

describe('a plan file', () => {
  it('opens in the Plan panel', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'lakeside-plan-'));
    const file = path.join(folder, 'a.lakeplan.json');
    await writeFile(file, '{}');
    await vscode.commands.executeCommand('lakeside.openPlan', vscode.Uri.file(file));
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputCustom);
    assert.equal(input.viewType, 'lakeside.plan');
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await rm(folder, { recursive: true, force: true });
  });
});
