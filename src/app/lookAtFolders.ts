import { scanFolders } from '../library/scanRoot.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { Core } from './core.ts';
import { whileMounted } from './whileMounted.ts';

/** Brings the index of some folders of a root up to date: light work, done at once and not as a job. */
export async function lookAtFolders(
  core: Core,
  root: RootRow,
  folders: readonly string[],
): Promise<{ added: number; changed: number; removed: number }> {
  // Before the first scan the index is not a picture of the root, and a part of it would look like all.
  if (root.scannedAt === null) return { added: 0, changed: 0, removed: 0 };
  const { added, changed, removed } = await whileMounted({
    roots: [root],
    probe: (place) => core.mounts.probe(place),
    clock: core.clock,
    signal: new AbortController().signal,
    work: (signal) =>
      scanFolders({
        root,
        store: core.store.files,
        ignore: core.settings().ignore,
        signal,
        folders,
        clock: core.clock,
      }),
  });
  // The next scan finds nothing new and would not look again for hashes of what came now.
  if (added + changed > 0) await retryWhileBusy(() => core.store.hashJournals.readAgain(root.key), core.clock);
  if (added + changed + removed > 0) core.changed('files');
  return { added, changed, removed };
}
