import { randomBytes } from 'node:crypto';

import { FLUSH_TOGETHER_FROM } from './copyItems.ts';
import { JOURNAL_CHUNK_BYTES } from './transferJournal.ts';
import { type RunNames, trashFolderName } from './transferPaths.ts';
import type { TransferPlace } from './transferPlace.ts';

/** A place for work within one root that is no part of a plan. */
export function rootPlace(
  root: { readonly id: string; readonly path: string; readonly mtimeStepMs: number; readonly network: boolean },
  nowMs: number,
): TransferPlace {
  const names: RunNames = { tag: '0'.repeat(8), run: randomBytes(2).toString('hex') };
  return {
    fromRoot: root.path,
    toRoot: root.path,
    fromId: root.id,
    network: { from: root.network, to: root.network },
    chunkBytes: JOURNAL_CHUNK_BYTES,
    flushesAll: false,
    flushTogetherFrom: FLUSH_TOGETHER_FROM,
    liveRuns: [],
    fromStepMs: root.mtimeStepMs,
    toStepMs: root.mtimeStepMs,
    names,
    trashFolder: trashFolderName(nowMs, names),
    trashEnabled: true,
    allowDelete: false,
    aside: [],
    // No file is copied, so no name is looked for in another spelling.
    foldsCase: false,
  };
}
