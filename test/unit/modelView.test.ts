import assert from 'node:assert/strict';

import { comparisonSentence } from '../../src/host/trees/differenceWords.ts';
import { modelCategory } from '../../src/host/trees/modelCategories.ts';
import { type ModelNode, pairRoots, rootLabel, type StateCounts } from '../../src/host/trees/modelNodes.ts';
import { modelView } from '../../src/host/trees/modelView.ts';
import { sampleFile, sampleFolder, sampleLake, sampleRoot } from '../support/sampleValues.ts';

const local = sampleRoot();
const lake = sampleLake();

function fileNode(...args: Parameters<typeof sampleFile>): ModelNode {
  return { kind: 'file', root: local, other: lake, entry: sampleFile(...args) };
}

function folderNode(...args: Parameters<typeof sampleFolder>): ModelNode {
  return { kind: 'folder', root: local, other: lake, entry: sampleFolder(...args) };
}

describe('a row of the Models tree', () => {
  it('shows a root with its size', () => {
    const view = modelView({ kind: 'root', root: local, other: lake });
    assert.deepEqual([view.label, view.description, view.icon?.id], ['Local', '12 files · 6.9 GB', 'device-desktop']);
    assert.equal(view.context, ';root;mounted;local;');
  });

  it('says that a root is not mounted, and why', () => {
    const problem = { code: 'ROOT_NOT_MOUNTED', category: 'infra' as const, message: 'The folder /lake is not there.' };
    const view = modelView({ kind: 'root', root: sampleLake({ mounted: false, problem }), other: local });
    assert.equal(view.description, 'not mounted');
    assert.match(view.tooltip ?? '', /12 files · 6\.9 GB when last seen/);
    assert.match(view.tooltip ?? '', /The folder \/lake is not there\./);
    assert.equal(view.icon?.id, 'warning');
    assert.equal(view.context, ';root;unmounted;lake;');
  });

  it('asks for a first scan with one click', () => {
    const view = modelView({ kind: 'hint', root: sampleRoot({ scannedAt: null }), other: lake, hint: 'notScanned' });
    assert.deepEqual([view.label, view.command], ['Not scanned yet. Scan now', 'lakeside.scanRoot']);
  });

  it('calls the folders of ComfyUI what they hold', () => {
    const view = modelView(folderNode('loras', { name: 'loras' }));
    assert.deepEqual([view.label, view.description, view.icon?.id], ['LoRAs', '3 · 3.0 KB', 'layers']);
  });

  it('leaves the names of deeper folders and of folders of one’s own alone', () => {
    assert.equal(modelView(folderNode('loras/vae')).label, 'vae');
    assert.deepEqual(modelView(folderNode('my models')).icon, { id: 'symbol-folder', color: undefined });
    assert.deepEqual(modelView(folderNode('loras/vae')).icon, { id: 'folder', color: undefined });
    assert.equal(modelCategory('constructor'), undefined);
    assert.equal(modelCategory('Checkpoints')?.label, 'Checkpoints');
  });

  it('says with a mark, and in words where it is pointed at or read aloud, how a file differs', () => {
    const rows = (['equal', 'extra', 'different', 'moved', 'missing'] as const).map((state) => {
      const absent = state === 'missing';
      const view = modelView(fileNode('loras/a.safetensors', { state, absent, movedFrom: 'loras/old/a.safetensors' }));
      return [view.spoken, view.decoration?.badge, view.decoration?.tooltip, view.decoration?.color];
    });
    assert.deepEqual(rows, [
      ['a.safetensors, 2.0 KB', undefined, undefined, undefined],
      ['a.safetensors, 2.0 KB, only here', '+', 'Only here', 'gitDecoration.addedResourceForeground'],
      [
        'a.safetensors, 2.0 KB, differs from Lake',
        '≠',
        'Differs from Lake',
        'gitDecoration.modifiedResourceForeground',
      ],
      [
        'a.safetensors, 2.0 KB, in Lake: loras/old/a.safetensors',
        '→',
        'In Lake: loras/old/a.safetensors',
        'gitDecoration.renamedResourceForeground',
      ],
      ['a.safetensors, 2.0 KB, only in Lake', '↓', 'Only in Lake', 'disabledForeground'],
    ]);
  });

  it('greys what only the Lake has and offers to bring it', () => {
    const view = modelView(fileNode('vae/b.safetensors', { state: 'missing', absent: true }));
    assert.deepEqual(view.icon, { id: 'cloud-download', color: 'disabledForeground' });
    assert.equal(view.context, ';file;absent;local;');
  });

  it('sums up in a folder what differs below it', () => {
    const states = { missing: 1_200, extra: 0, different: 1, moved: 2 };
    const view = modelView(folderNode('vae', { states }));
    assert.equal(view.description, '↓1,200 ≠1 →2 · 3.0 KB');
    assert.equal(view.spoken, 'VAE, 3 files, 3.0 KB, 1 different, 1,200 only in Lake, 2 moved');
    assert.deepEqual(view.decoration, {
      badge: undefined,
      tooltip: '1 different, 1,200 only in Lake, 2 moved',
      color: 'gitDecoration.modifiedResourceForeground',
    });
  });

  it('does not grey a folder that is there for what it lacks', () => {
    const view = modelView(folderNode('vae', { states: { missing: 2, extra: 0, different: 0, moved: 0 } }));
    assert.deepEqual([view.description, view.decoration?.color], ['↓2 · 3.0 KB', undefined]);
  });

  it('marks nothing where there is nothing to compare with', () => {
    const view = modelView({ kind: 'file', root: local, other: undefined, entry: sampleFile('a', { state: 'extra' }) });
    assert.deepEqual([view.description, view.decoration], ['2.0 KB', undefined]);
  });
});

describe('the row that leads to the plan', () => {
  const row = (states: StateCounts): ReturnType<typeof modelView> =>
    modelView({ kind: 'comparison', root: local, other: lake, states });

  it('counts what differs', () => {
    const view = row({ missing: 35, extra: 9, different: 2, moved: 0 });
    assert.deepEqual([view.label, view.description], ['Mirror plan…', '↓35 +9 ≠2']);
    assert.equal(view.command, 'lakeside.makeMirrorPlan');
    assert.match(view.tooltip ?? '', /^Local and Lake differ: 2 different, 35 only in Lake, 9 only here\./);
  });

  it('says so when nothing differs', () => {
    const view = row({ missing: 0, extra: 0, different: 0, moved: 0 });
    assert.deepEqual([view.label, view.command], ['Nothing differs from Lake', undefined]);
  });
});

describe('roots', () => {
  it('come with Local first, each with what it is compared with', () => {
    const other = sampleRoot({ name: 'attic', id: 'id-attic', role: 'other' });
    const pairs = pairRoots([other, lake, local]).map((pair) => [pair.root.name, pair.other?.name]);
    assert.deepEqual(pairs, [
      ['local', 'lake'],
      ['lake', 'local'],
      ['attic', undefined],
    ]);
  });

  it('keep the name a person gave them', () => {
    assert.equal(rootLabel({ name: 'NAS 2' }), 'NAS 2');
  });

  it('are compared in one sentence, both ways', () => {
    const counts = { equal: 1_204, missing: 12, extra: 35, different: 3, moved: 2 };
    assert.equal(
      comparisonSentence(local, lake, counts),
      'Local and Lake differ: 12 only in Local, 35 only in Lake, 3 different, 2 moved. 1,204 files are equal.',
    );
    assert.equal(
      comparisonSentence(local, lake, { equal: 1, missing: 0, extra: 0, different: 0, moved: 0 }),
      'Local and Lake hold the same: 1 file.',
    );
  });
});
