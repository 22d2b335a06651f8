import { retryWhileBusy } from '../store/busyRetry.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { TrashFile } from '../store/trashStore.ts';
import { pooledTransfers } from '../transfer/pooledTransfers.ts';
import { rootPlace } from '../transfer/rootPlace.ts';
import type { Core } from './core.ts';

const ROWS_A_TRANSACTION = 1_000;
const NO_BYTES = (): void => undefined;

/**
 * Brings the index of a root's trash up to date with the disk, which an I/O thread walks; hashes stay with files that are
 * as they were. Returns whether anything was different.
 * @throws ROOT_NOT_MOUNTED; LakesideError by errno
 */
export async function indexTrash(core: Core, root: RootRow, signal: AbortSignal): Promise<boolean> {
  const { store, clock } = core;
  const runner = pooledTransfers(core.transfers);
  const place = rootPlace(root, clock.now());
  const options = { signal, onBytes: NO_BYTES };
  const onDisk = await runner.run('trashFolders', place, null, options);
  const names = new Set(onDisk.map(({ name }) => name));
  let changes = 0;
  for (const folder of store.trash.folders(root.key)) {
    if (!names.has(folder.name)) changes += await forgetFolder(core, folder.key);
  }
  for (const { name, startedAtMs } of onDisk) {
    const found = await runner.run('trashed', place, { folder: name }, options);
    if (found.length > 0) changes += await indexFolder(core, root, { name, startedAtMs }, found);
  }
  await retryWhileBusy(() => store.trash.setRead(root.key, clock.now()), clock);
  return changes > 0;
}

async function indexFolder(
  { store, clock }: Core,
  root: RootRow,
  { name, startedAtMs }: { readonly name: string; readonly startedAtMs: number },
  found: readonly TrashFile[],
): Promise<number> {
  const key = await retryWhileBusy(
    () => store.transaction(() => store.trash.folderKey(root.key, name, startedAtMs)),
    clock,
  );
  let changes = 0;
  for (let start = 0; start < found.length; start += ROWS_A_TRANSACTION) {
    const chunk = found.slice(start, start + ROWS_A_TRANSACTION);
    changes += await retryWhileBusy(() => store.transaction(() => store.trash.upsert(key, chunk)), clock);
  }
  const there = new Set(found.map(({ path }) => path));
  for (let after = ''; ;) {
    const rows = store.trash.entries(root.key, name, after, ROWS_A_TRANSACTION);
    const last = rows.at(-1);
    if (last === undefined) return changes;
    after = last.path;
    const gone = rows.map(({ path }) => path).filter((path) => !there.has(path));
    if (gone.length > 0) {
      changes += await retryWhileBusy(() => store.transaction(() => store.trash.forget(key, gone)), clock);
    }
  }
}

async function forgetFolder({ store, clock }: Core, key: number): Promise<number> {
  for (;;) {
    const forgotten = await retryWhileBusy(() => store.transaction(() => store.trash.forget(key)), clock);
    if (forgotten < ROWS_A_TRANSACTION) break;
  }
  await retryWhileBusy(() => store.transaction(() => store.trash.removeIfEmpty(key)), clock);
  return 1;
}
