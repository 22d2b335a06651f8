import assert from 'node:assert/strict';

import type { Pick, RunImage } from '../../src/protocol/studioValues.ts';
import type { ItemRemote } from '../../webview/item/itemRemote.ts';
import { RunsStore } from '../../webview/item/runsStore.ts';
import { madeUpImage, madeUpRun } from '../support/madeUpRuns.ts';
import { ManualClock } from '../support/manualClock.ts';
import { settle } from '../support/settle.ts';

/** A host that says what it has when it is asked, and is heard when the test says so. */
class SlowHost {
  readonly #answers: (() => void)[] = [];
  pick: Pick = 'none';
  refuses = false;

  readonly remote = {
    on: () => ({ dispose: () => undefined }),
    request: (name: string, params: { pick?: Pick }) => {
      const answer = this.#answer(name, params.pick);
      return new Promise((resolve, reject) => {
        this.#answers.push(() => {
          if (answer instanceof Error) reject(answer);
          else resolve(answer);
        });
      });
    },
  } as unknown as ItemRemote;

  /** Lets all that is on its way arrive. */
  async arrive(): Promise<void> {
    for (const answer of this.#answers.splice(0)) answer();
    await settle();
  }

  #answer(name: string, pick: Pick | undefined): unknown {
    if (name === 'runs.list') return { runs: [madeUpRun({ id: 'r1' })] };
    if (name === 'images.page') return { images: [{ ...image, pick: this.pick }] };
    if (name !== 'images.judge') return { thumbnails: [] };
    if (this.refuses) return new Error('This image is not there any more.');
    this.pick = pick ?? 'none';
    return {};
  }
}

const image: RunImage = madeUpImage('r1', 1);

describe('a pick in the Work item editor', () => {
  async function open(): Promise<{
    host: SlowHost;
    store: RunsStore;
    shown: () => Pick | undefined;
    press: (pick: Pick) => void;
  }> {
    const host = new SlowHost();
    const store = new RunsStore(host.remote, new ManualClock(), 'item-1');
    const drawn = (): RunImage | undefined => store.state.getSnapshot().images.get('r1')?.[0];
    await host.arrive();
    return { host, store, shown: () => drawn()?.pick, press: (pick) => store.judge(drawn() ?? assert.fail(), pick) };
  }

  it('stays as it was pressed last while answers from before still come in', async () => {
    const { host, store, shown, press } = await open();
    press('picked');
    await host.arrive();
    // The fetch after the pick is on its way now, and does not know of what is pressed next.
    press('rejected');
    assert.equal(shown(), 'rejected');
    await host.arrive();
    assert.equal(shown(), 'rejected');
    press('rejected');
    assert.equal(shown(), 'none');
    for (let trip = 0; trip < 5; trip++) {
      await host.arrive();
      assert.equal(shown(), 'none');
    }
    assert.equal(host.pick, 'none');
    store.dispose();
  });

  it('follows what others decide once the host has told it', async () => {
    const { host, store, shown, press } = await open();
    press('picked');
    for (let trip = 0; trip < 3; trip++) await host.arrive();
    host.pick = 'rejected';
    const refreshed = store.refresh();
    for (let trip = 0; trip < 2; trip++) await host.arrive();
    await refreshed;
    assert.equal(shown(), 'rejected');
    store.dispose();
  });

  it('is as before when it was refused', async () => {
    const { host, store, shown, press } = await open();
    host.refuses = true;
    press('picked');
    assert.equal(shown(), 'picked');
    for (let trip = 0; trip < 3; trip++) await host.arrive();
    assert.equal(shown(), 'none');
    assert.match(store.state.getSnapshot().refused?.error.message ?? '', /not there any more/);
    store.dispose();
  });
});
