import { type Disposable, toDisposable } from '../base/disposables.ts';
import { toLakesideError } from '../base/errors.ts';
import { rootTitle } from '../base/rootTitle.ts';
import { isStoreOnlyRoot } from '../library/rootMarker.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { Core } from './core.ts';

const DAY_MS = 86_400_000;
/** Not while everything starts. */
const FIRST_MS = 5 * 60_000;
const AGAIN_MS = 60 * 60_000;

/** Once a day and root, while it is mounted: what lay in its trash for `trash.days` goes, but for last copies. */
export function purgeOldTrash(core: Core): Disposable {
  let isOver = false;
  const look = (): void => {
    submitOldTrash(core)
      .catch((error: unknown) => {
        if (isOver) return;
        const { code, message } = toLakesideError(error);
        core.log.write({ level: 'warn', message, data: { code } });
      })
      .finally(() => {
        if (!isOver) timer = core.clock.after(AGAIN_MS, look);
      });
  };
  let timer = core.clock.after(FIRST_MS, look);
  return toDisposable(() => {
    isOver = true;
    timer.dispose();
  });
}

/** Queues, behind all other work, the purge of each root whose turn it is. */
export async function submitOldTrash(
  core: Pick<Core, 'store' | 'clock' | 'mounts' | 'settings' | 'submit' | 'trusted'>,
): Promise<void> {
  const { store, clock, mounts } = core;
  const days = core.settings()['trash.days'];
  if (days === 0 || !core.trusted()) return;
  for (const root of store.roots.list()) {
    const now = clock.now();
    const { purgedAt } = store.trash.times(root.key);
    if (isStoreOnlyRoot(root.id) || (purgedAt !== null && now - purgedAt < DAY_MS)) continue;
    const probe = await mounts.probe(root);
    if (!probe.mounted || probe.readOnly) continue;
    await retryWhileBusy(() => store.trash.setPurged(root.key, now), clock);
    await core.submit({
      kind: 'trash',
      title: `Remove old files from the trash of ${rootTitle(root.name)}`,
      payload: { action: 'purge', root: root.id, before: now - days * DAY_MS, lastCopies: [] },
      roots: [root.id],
      needs: ['trust:'],
      dedupeKey: `trash by age ${root.id}`,
      priority: -10,
    });
  }
}
