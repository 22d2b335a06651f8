import type { FolderEntry } from '../protocol/contracts/library.ts';
import type { DiffStore } from '../store/diffStore.ts';
import type { FolderStore } from '../store/folderStore.ts';
import type { RootRow } from '../store/rootStore.ts';
import { freshDiff } from './diff.ts';

export interface FolderRequest {
  readonly store: { readonly folders: FolderStore; readonly diffs: DiffStore };
  readonly root: RootRow;
  /** The root to compare with. */
  readonly other?: RootRow | undefined;
  /** `''` is the root itself. */
  readonly folder: string;
  /** Lists what only the other root has, too. */
  readonly absent: boolean;
  readonly offset: number;
  readonly limit: number;
  /** Grows with every change of the index; without it the comparison is made anew for each listing. */
  readonly revision?: number | undefined;
}

/**
 * A page of what a folder holds, folders first. States are those of the quick diff, from the same rows, so the tree and
 * the diff cannot disagree. Until both roots have been scanned there is nothing to compare, and no states.
 */
export function listFolder(request: FolderRequest): { total: number; entries: FolderEntry[] } {
  const { store, root, other, folder, absent, offset, limit, revision } = request;
  const comparable =
    other !== undefined && other.key !== root.key && other.scannedAt !== null && root.scannedAt !== null;
  const diff = comparable ? freshDiff({ store: store.diffs, from: other, to: root, revision }) : undefined;
  return store.folders.list({ rootKey: root.key, folder, diff, absent, offset, limit });
}
