import { formatBytes, formatCount, formatQuantity } from '../../src/base/format.ts';
import type { TrashEntry } from '../../src/protocol/contracts/trash.ts';
import type { Removal } from '../../src/protocol/panels/trashPanel.ts';

/** The engine takes so many at once, and so many last copies by name. */
export const MOST_TICKED = 100_000;
const MOST_NAMED = 1_000;

/** The entries that are ticked, by `keyOf`, in the order they were ticked. */
export type Ticked = ReadonlyMap<string, TrashEntry>;

/** Names an entry among those of all roots. */
export function keyOf({ root, id }: Pick<TrashEntry, 'root' | 'id'>): string {
  return `${root}\n${id}`;
}

/** The choice with these ticked, or not; at most `MOST_TICKED` of them. */
export function withTicked(chosen: Ticked, entries: readonly TrashEntry[], ticked: boolean): Ticked {
  const next = new Map(chosen);
  for (const entry of entries) {
    if (!ticked) next.delete(keyOf(entry));
    else if (next.size < MOST_TICKED) next.set(keyOf(entry), entry);
  }
  return next;
}

/** Ids of what is ticked, by root. */
export function idsByRoot(chosen: Ticked): { readonly root: string; readonly ids: string[] }[] {
  const byRoot = Map.groupBy(chosen.values(), ({ root }) => root);
  return [...byRoot].map(([root, entries]) => ({ root, ids: entries.map(({ id }) => id) }));
}

export function bytesOf(chosen: Ticked): number {
  let bytes = 0;
  for (const { size } of chosen.values()) bytes += size;
  return bytes;
}

/** What removing these for good comes to. Last copies beyond those that can be named stay. */
export function removalOf(chosen: Ticked): Removal {
  const lastCopies = [...chosen.values()].filter(({ lastCopy }) => lastCopy).slice(0, MOST_NAMED);
  return {
    entries: idsByRoot(chosen),
    count: chosen.size,
    bytes: bytesOf(chosen),
    lastCopies: lastCopies.map(({ root, id, path }) => ({ root, id, path })),
  };
}

/** `3 of 210 files, 1.2 GB`, or what lies there altogether. */
export function chosenSentence(chosen: Ticked, total: number, bytes: number): string {
  return chosen.size === 0
    ? `${formatQuantity(total, 'file')}, ${formatBytes(bytes)}`
    : `${formatCount(chosen.size)} of ${formatQuantity(total, 'file')} ticked, ${formatBytes(bytesOf(chosen))}`;
}

export function actionLabel(verb: string, chosen: Ticked): string {
  return chosen.size === 0 ? verb : `${verb} ${formatQuantity(chosen.size, 'file')}`;
}
