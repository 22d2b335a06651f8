import assert from 'node:assert/strict';

import type { FolderEntry } from '../../src/protocol/contracts/library.ts';
import { nodeId } from '../../src/host/trees/modelNodes.ts';
import { modelView } from '../../src/host/trees/modelView.ts';
import { ENTRIES_SHOWN, ModelsModel } from '../../src/host/trees/modelsModel.ts';
import { AnsweringEngine } from '../support/answeringEngine.ts';
import { sampleFile, sampleFolder, sampleLake, sampleRoot } from '../support/sampleValues.ts';

function modelOver(
  roots: ReturnType<typeof sampleRoot>[],
  entries: readonly FolderEntry[] = [],
): { model: ModelsModel; engine: AnsweringEngine } {
  const engine = new AnsweringEngine({
    'roots.list': () => ({ roots }),
    'library.folder': ({ offset, limit }) => ({
      total: entries.length,
      entries: entries.slice(offset, offset + limit),
    }),
  });
  return { model: new ModelsModel(engine.call), engine };
}

describe('the model of the Models tree', () => {
  it('has no rows without roots, so that the view can welcome', async () => {
    assert.deepEqual(await modelOver([]).model.children(), []);
  });

  it('offers to set the one of the two that is missing', async () => {
    const rows = await modelOver([sampleRoot()]).model.children();
    assert.deepEqual(
      rows.map((row) => (row.kind === 'setRoot' ? row.role : row.kind)),
      ['root', 'lake'],
    );
  });

  it('shows under Local also what only the Lake has, and under the Lake what it has itself', async () => {
    const { model, engine } = modelOver([sampleRoot(), sampleLake()], [sampleFolder('vae')]);
    for (const root of await model.children()) await model.children(root);
    const asked = engine.calls.filter(({ name }) => name === 'library.folder').map(({ input }) => input);
    assert.deepEqual(asked, [
      { root: 'local', folder: '', compareTo: 'lake', absent: true, offset: 0, limit: 500 },
      { root: 'lake', folder: '', compareTo: 'local', absent: false, offset: 0, limit: 500 },
    ]);
  });

  it('sums up under Local how it differs from the Lake', async () => {
    const { model } = modelOver(
      [sampleRoot(), sampleLake()],
      [
        sampleFolder('unet', { absent: true, files: 4 }),
        sampleFolder('vae', { states: { missing: 1, extra: 2, different: 3, moved: 0 } }),
        sampleFile('notes.txt', { state: 'extra' }),
        sampleFile('readme.txt', { state: 'equal' }),
      ],
    );
    const [local, lake] = await model.children();
    const [first] = await model.children(local);
    assert.deepEqual(first?.kind === 'comparison' ? first.states : first?.kind, {
      ...{ missing: 5, extra: 3, different: 3, moved: 0 },
    });
    assert.equal((await model.children(lake))[0]?.kind, 'folder');
  });

  it('compares with nothing that was never scanned', async () => {
    const { model, engine } = modelOver([sampleRoot(), sampleLake({ scannedAt: null })], [sampleFolder('vae')]);
    const [local] = await model.children();
    await model.children(local);
    assert.deepEqual(engine.calls.at(-1)?.input, { root: 'local', folder: '', absent: false, offset: 0, limit: 500 });
  });

  it('asks for a scan where there was none, or says what is missing', async () => {
    const { model } = modelOver([sampleRoot({ scannedAt: null }), sampleLake({ scannedAt: null, mounted: false })]);
    const hints = [];
    for (const root of await model.children()) {
      for (const row of await model.children(root)) hints.push(row.kind === 'hint' ? row.hint : row.kind);
    }
    assert.deepEqual(hints, ['notScanned', 'notMounted']);
  });

  it('shows the first entries of a huge folder, and rows to open for the rest', async () => {
    const total = 2 * ENTRIES_SHOWN + 7;
    const files = Array.from({ length: total }, (_, index) => sampleFile(`loras/${index}.safetensors`));
    const { model } = modelOver([sampleRoot()], files);
    const folder = { kind: 'folder' as const, root: sampleRoot(), other: undefined, entry: sampleFolder('loras') };
    const rows = await model.children(folder);
    assert.deepEqual(
      rows.slice(ENTRIES_SHOWN).map((row) => modelView(row).label),
      ['Entries 501 to 1,000', 'Entries 1,001 to 1,007'],
    );
    const ids = new Set(rows.map(nodeId));
    for (const part of rows.slice(ENTRIES_SHOWN)) {
      for (const row of await model.children(part)) ids.add(nodeId(row));
    }
    assert.equal(ids.size, total + 2);
  });
});
