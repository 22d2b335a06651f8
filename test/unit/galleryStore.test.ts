import assert from 'node:assert/strict';

import { LakesideError } from '../../src/base/errors.ts';
import { imagesPanelContract } from '../../src/protocol/panels/imagesPanel.ts';
import { panelViewContract } from '../../src/protocol/panels/panelParts.ts';
import { connect } from '../../src/protocol/rpc.ts';
import { NO_FILTER } from '../../webview/images/galleryModel.ts';
import { GalleryStore } from '../../webview/images/galleryStore.ts';
import { ALL_MARKED, markOf } from '../../webview/images/marks.ts';
import { FakeImagesHost } from '../support/fakeImagesHost.ts';
import { ManualClock } from '../support/manualClock.ts';
import { memoryChannelPair } from '../support/memoryChannel.ts';

const PICTURE = { width: 64, height: 64, files: new Map() };

/** A gallery that has been opened over so many images. */
async function opened(
  count: number,
): Promise<{ host: FakeImagesHost; store: GalleryStore; clock: ManualClock; rest: () => Promise<void> }> {
  const host = new FakeImagesHost({ count, pictures: [PICTURE] });
  const clock = new ManualClock();
  const { left, right } = memoryChannelPair();
  host.serve(left, (error) => assert.fail(error.message));
  const { remote } = connect({
    channel: right,
    local: panelViewContract,
    handlers: {},
    remote: imagesPanelContract,
    clock,
  });
  const store = new GalleryStore(remote, clock);
  store.show(NO_FILTER);
  const rest = async (): Promise<void> => {
    for (let turn = 0; turn < 4; turn++) await clock.advance(150);
  };
  await rest();
  return { host, store, clock, rest };
}

describe('what the gallery knows', () => {
  it('shows a judgement before the engine has it, and takes back what was refused', async () => {
    const { host, store, rest } = await opened(10);
    host.failing.set('images.judge', new LakesideError('DATABASE_BUSY', 'infra', 'The database is busy.'));
    const done = store.judge(markOf(['image-10']), { pick: 'picked' });
    assert.equal(store.rows.getSnapshot().rowAt(0)?.pick, 'picked');
    await done;
    await rest();
    assert.equal(store.rows.getSnapshot().rowAt(0)?.pick, 'none');
    assert.equal(store.getSnapshot().actionError?.code, 'DATABASE_BUSY');
  });

  it('gives the last key pressed the last word, however fast they come', async () => {
    const { host, store, rest } = await opened(10);
    for (const rating of [1, 2, 3, 4]) void store.judge(markOf(['image-10']), { rating });
    await rest();
    assert.equal(host.judged('image-10').rating, 4);
    assert.equal(store.rows.getSnapshot().rowAt(0)?.rating, 4);
    await store.undo();
    assert.equal(host.judged('image-10').rating, 3);
  });

  it('judges all that the filter shows, though judged images leave it, and takes that back exactly', async () => {
    const { host, store, rest } = await opened(1_300);
    host.judge(['image-7'], { pick: 'picked', rating: 2 });
    store.show({ picks: ['none'], minRating: 0 });
    await rest();
    void store.judge({ all: true, except: new Set(['image-9']) }, { pick: 'rejected' });
    await rest();
    assert.equal(store.getSnapshot().counts?.rejected, 1_298);
    assert.equal(host.judged('image-9').pick, 'none');
    assert.equal(store.rows.getSnapshot().total, 1);
    const undone = store.undo();
    await rest();
    assert.equal((await undone)?.first, 'image-1300');
    assert.equal(store.getSnapshot().counts?.rejected, 0);
    assert.deepEqual(host.judged('image-7'), { pick: 'picked', rating: 2 });
  });

  it('says for a moment what was done', async () => {
    const { store, clock, rest } = await opened(3);
    void store.judge(ALL_MARKED, { rating: 5 });
    await rest();
    assert.deepEqual(store.getSnapshot().notice, { text: 'Rated 3 images 5 stars', canUndo: true });
    await clock.advance(6_000);
    assert.equal(store.getSnapshot().notice, undefined);
  });

  it('finds the ids of a range that was never on screen, and the place of an image', async () => {
    const { store, rest } = await opened(900);
    const ids = store.idsBetween(90, 310);
    const place = store.placeOf('image-20');
    await rest();
    assert.equal((await ids).length, 221);
    assert.equal((await ids).at(-1), 'image-590');
    assert.equal(await place, 880);
  });
});
