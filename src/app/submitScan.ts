import { rootTitle } from '../base/rootTitle.ts';
import type { Job } from '../protocol/values.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { Core } from './core.ts';

/** Queues the scan of a root, with `hash` the hashing of what has no hash after it. */
export function submitScan(core: Core, root: RootRow, hash: boolean): Promise<Job> {
  return core.submit({
    kind: 'scan',
    title: hash ? `Scan and hash ${rootTitle(root.name)}` : `Scan ${rootTitle(root.name)}`,
    payload: { root: root.id, hash },
    roots: [root.id],
    dedupeKey: `scan ${root.id} ${hash}`,
    // A scan is short and everything else stands on it.
    priority: 1,
  });
}
