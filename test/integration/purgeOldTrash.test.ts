import assert from 'node:assert/strict';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

import { submitOldTrash } from '../../src/app/purgeOldTrash.ts';
import { Mounts } from '../../src/app/mounts.ts';
import { prepareRoot } from '../../src/library/prepareRoot.ts';
import { defaultSettings } from '../../src/protocol/settings.ts';
import type { Job } from '../../src/protocol/values.ts';
import { Store } from '../../src/store/store.ts';
import { ManualClock } from '../support/manualClock.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { storeOptions } from '../support/testStore.ts';

const DAY_MS = 86_400_000;

describe('The trash, by its age', () => {
  const folder = temporaryFolder();
  let store: Store;
  let clock: ManualClock;
  let days: number;
  let trusted: boolean;
  let submitted: unknown[];
  const lake = (): string => join(folder(), 'lake');

  beforeEach(async () => {
    clock = new ManualClock();
    store = await Store.open(storeOptions(join(folder(), 'data'), clock));
    mkdirSync(lake());
    const prepared = prepareRoot({ name: 'lake', path: lake(), existing: [], clock });
    store.roots.add({ ...prepared, role: 'lake', allowDelete: false });
    [days, trusted, submitted] = [30, true, []];
  });
  afterEach(() => store.close());

  const look = (): Promise<void> =>
    submitOldTrash({
      store,
      clock,
      mounts: new Mounts(clock),
      settings: () => ({ ...defaultSettings(), 'trash.days': days }),
      trusted: () => trusted,
      submit: (job: { payload: unknown; priority?: number }) => {
        submitted.push({ payload: job.payload, priority: job.priority });
        return Promise.resolve({} as Job);
      },
    });

  it('is purged once a day, behind all other work', async () => {
    await look();
    await look();
    const root = store.roots.byName('lake')?.id;
    const payload = { action: 'purge', root, before: clock.now() - 30 * DAY_MS, lastCopies: [] };
    assert.deepEqual(submitted, [{ payload, priority: -10 }]);
    await clock.advance(DAY_MS);
    await look();
    assert.equal(submitted.length, 2);
  });

  it('is left alone where the setting says so, without trust, and while its root is away', async () => {
    days = 0;
    await look();
    days = 30;
    trusted = false;
    await look();
    trusted = true;
    renameSync(lake(), `${lake()}-away`);
    await look();
    assert.deepEqual(submitted, []);
    renameSync(`${lake()}-away`, lake());
    await look();
    assert.equal(submitted.length, 1);
  });
});
