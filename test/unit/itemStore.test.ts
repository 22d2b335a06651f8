import assert from 'node:assert/strict';

import { LakesideError } from '../../src/base/errors.ts';
import { itemPanelContract } from '../../src/protocol/panels/itemPanel.ts';
import { panelViewContract } from '../../src/protocol/panels/panelParts.ts';
import { connect } from '../../src/protocol/rpc.ts';
import type { DraftState } from '../../webview/item/draftKeeper.ts';
import { ItemStore, type OpenItem } from '../../webview/item/itemStore.ts';
import type { KeptState } from '../../webview/item/keptItem.ts';
import { FakeItemHost, type FakeItemHostOptions } from '../support/fakeItemHost.ts';
import { madeUpRun } from '../support/madeUpRuns.ts';
import { ManualClock } from '../support/manualClock.ts';
import { memoryChannelPair } from '../support/memoryChannel.ts';

/** What VS Code keeps of a page that is torn down. */
class Memory implements KeptState {
  kept: unknown;
  get(): unknown {
    return this.kept;
  }
  set(state: unknown): void {
    this.kept = structuredClone(state);
  }
}

interface Editor {
  readonly host: FakeItemHost;
  readonly clock: ManualClock;
  readonly memory: Memory;
  readonly store: ItemStore;
  readonly open: () => OpenItem;
  readonly draft: () => DraftState;
}

async function openEditor(
  options: FakeItemHostOptions = {},
  { host = new FakeItemHost(options), memory = new Memory() } = {},
): Promise<Editor> {
  const clock = new ManualClock();
  const { left, right } = memoryChannelPair();
  host.serve(left, (error) => assert.fail(error.message));
  const { remote } = connect({
    channel: right,
    local: panelViewContract,
    handlers: {},
    remote: itemPanelContract,
    clock,
    onProtocolError: (error) => assert.fail(error.message),
  });
  const store = new ItemStore(remote, clock, memory);
  // Two round trips to open, one more for what it shows.
  for (let trip = 0; trip < 6; trip++) await clock.advance(0);
  const open = (): OpenItem => {
    const { open: opened } = store.state.getSnapshot();
    assert.ok(opened, 'the work item is open');
    return opened;
  };
  return { host, clock, memory, store, open, draft: () => open().draft.state.getSnapshot() };
}

const updates = ({ host }: Editor): string[] => host.asked.filter((request) => request.startsWith('items.update'));

describe('the draft of a work item', () => {
  it('is saved by itself, once, when the person pauses', async () => {
    const editor = await openEditor();
    for (const prompt of ['a', 'a c', 'a cat']) {
      editor.open().draft.change({ prompt });
      await editor.clock.advance(100);
    }
    assert.equal(editor.draft().saving, 'unsaved');
    assert.deepEqual(updates(editor), []);
    await editor.clock.advance(1_000);
    assert.equal(editor.draft().saving, 'saved');
    assert.equal(updates(editor).length, 1);
    assert.equal(editor.host.item.draft.prompt, 'a cat');
  });

  it('survives a panel that is hidden before it was saved', async () => {
    const first = await openEditor();
    first.open().draft.change({ prompt: 'typed in the last moment' });
    first.store.dispose();
    const second = await openEditor({}, { host: first.host, memory: first.memory });
    assert.equal(second.draft().draft.prompt, 'typed in the last moment');
    await second.clock.advance(1_000);
    assert.equal(second.host.item.draft.prompt, 'typed in the last moment');
    assert.equal(second.draft().saving, 'saved');
  });

  it('is not mixed up with what another work item left', async () => {
    const first = await openEditor();
    first.open().draft.change({ prompt: 'of another one' });
    first.store.dispose();
    const second = await openEditor(
      { item: { id: 'item-9' } },
      { host: new FakeItemHost({ item: { id: 'item-9' } }), memory: first.memory },
    );
    assert.notEqual(second.draft().draft.prompt, 'of another one');
  });

  it('is saved again when saving failed for a while', async () => {
    const editor = await openEditor();
    const busy = new LakesideError('DATABASE_BUSY', 'infra', 'Another program holds the database.', {
      retryable: true,
    });
    editor.host.refusals.set('items.update', busy);
    editor.open().draft.change({ prompt: 'kept' });
    await editor.clock.advance(1_000);
    assert.equal(editor.draft().saving, 'failed');
    assert.equal(editor.draft().error?.code, 'DATABASE_BUSY');
    editor.host.refusals.clear();
    await editor.clock.advance(6_000);
    assert.equal(editor.draft().saving, 'saved');
    assert.equal(editor.host.item.draft.prompt, 'kept');
  });

  it('follows another window, unless something is typed here', async () => {
    const editor = await openEditor();
    editor.host.item = { ...editor.host.item, brief: 'changed elsewhere' };
    editor.host.changed('studio');
    await editor.clock.advance(500);
    assert.equal(editor.draft().brief, 'changed elsewhere');
    editor.open().draft.changeBrief('mine');
    editor.host.item = { ...editor.host.item, brief: 'theirs' };
    editor.host.changed('studio');
    await editor.clock.advance(300);
    assert.equal(editor.draft().brief, 'mine');
  });

  it('is not undone by an answer that was on its way while one typed', async () => {
    const editor = await openEditor();
    const { revision } = editor.open().draft;
    const before = editor.host.item;
    editor.open().draft.changeBrief('newer');
    await editor.clock.advance(1_000);
    assert.equal(editor.draft().saving, 'saved');
    editor.open().draft.accept(before, revision);
    assert.equal(editor.draft().brief, 'newer');
  });

  it('keeps the provider that was used, though another one comes back', async () => {
    const editor = await openEditor();
    assert.equal(editor.draft().draft.provider, undefined);
    await editor.store.generate();
    assert.equal(editor.draft().draft.provider, 'ComfyUI');
  });

  it('takes the settings of an image, and gives back what was there', async () => {
    const editor = await openEditor();
    editor.host.emit('fill', {
      generation: { provider: 'Draft', prompt: 'again', negative: '', seed: 5, count: 1, values: {} },
    });
    await editor.clock.advance(0);
    assert.equal(editor.draft().draft.prompt, 'again');
    editor.open().draft.undoFill();
    assert.match(editor.draft().draft.prompt ?? '', /^A table by the sea/);
  });
});

describe('the seed', () => {
  it('is another one for each run, until it is locked', async () => {
    const editor = await openEditor();
    const sent = async (): Promise<number> => {
      await editor.store.generate();
      const request = editor.host.asked.findLast((each) => each.startsWith('runs.generate'));
      return Number(/"seed":(\d+)/.exec(request ?? '')?.[1]);
    };
    const shown = editor.store.state.getSnapshot().nextSeed;
    assert.equal(await sent(), shown, 'what is shown is what is sent');
    assert.notEqual(await sent(), shown);
    editor.store.lockSeed(true);
    const locked = editor.draft().draft.seed;
    assert.equal(await sent(), locked);
    assert.equal(await sent(), locked);
    editor.store.lockSeed(false);
    assert.equal(await sent(), locked, 'unlocking keeps what is shown for one run more');
    assert.notEqual(await sent(), locked);
  });
});

describe('the runs of a work item', () => {
  it('show previews while they are made, and drop those of parts that are done', async () => {
    const editor = await openEditor({ runs: [], images: [] });
    await editor.store.generate();
    const run = editor.open().runs.state.getSnapshot().runs?.[0];
    assert.ok(run);
    editor.host.setRun(run.id, { status: 'running' });
    await editor.clock.advance(500);
    editor.host.preview(run.id, 1);
    editor.host.preview(run.id, 2);
    await editor.clock.advance(0);
    const parts = (): number[] =>
      (editor.open().runs.state.getSnapshot().previews.get(run.id) ?? []).map(({ part }) => part);
    assert.deepEqual(parts(), [1, 2]);
    editor.host.addImage(run.id, 1);
    await editor.clock.advance(500);
    assert.deepEqual(parts(), [2]);
    editor.host.setRun(run.id, { status: 'succeeded' });
    await editor.clock.advance(500);
    assert.deepEqual(parts(), []);
  });

  it('keep a preview and a progress that came before them', async () => {
    const running = madeUpRun({ id: 'a', status: 'running', images: 1, finishedAt: null });
    const host = new FakeItemHost({ runs: [running] });
    host.silent.add('runs.list');
    const editor = await openEditor({}, { host });
    host.preview('a', 2);
    host.progress('a', { text: 'Sampling', doneItems: 1, totalItems: 4, doneBytes: 0, totalBytes: null });
    await editor.clock.advance(0);
    host.silent.clear();
    // The first fetch is given up by its time limit; a hint brings the next.
    await editor.clock.advance(60_000);
    host.changed('runs');
    await editor.clock.advance(500);
    const { previews, progress } = editor.open().runs.state.getSnapshot();
    assert.deepEqual(previews.get('a'), [{ part: 2, uri: '/made/preview-a-2.svg' }]);
    assert.equal(progress.get('job-a')?.text, 'Sampling');
  });

  it('ask a provider that is away again by themselves', async () => {
    const editor = await openEditor();
    const [comfyui] = editor.host.providers;
    assert.ok(comfyui);
    editor.host.providers = [{ ...comfyui, available: false }];
    editor.open().options.checkAgain();
    await editor.clock.advance(100);
    assert.equal(editor.open().options.state.getSnapshot().provider?.available, false);
    editor.host.providers = [comfyui];
    await editor.clock.advance(16_000);
    assert.equal(editor.open().options.state.getSnapshot().provider?.available, true);
  });
});
