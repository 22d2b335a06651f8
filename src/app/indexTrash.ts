import type { Clock } from '../base/clock.ts';
import { canceledError } from '../base/errors.ts';
import type { IoPool } from '../library/ioPool.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { Store } from '../store/store.ts';
import type { TrashFile } from '../store/trashStore.ts';
import { pooledTransfers } from '../transfer/pooledTransfers.ts';
import { rootPlace } from '../transfer/rootPlace.ts';

const ROWS_A_TRANSACTION = 1_000;
const NO_BYTES = (): void => undefined;

/** What of the core it needs. */
interface TrashCore {
  readonly store: Pick<Store, 'trash' | 'transaction'>;
  readonly clock: Clock;
  readonly transfers: Pick<IoPool, 'run'>;
}

/**
 * Brings the index of a root's trash up to date with the disk, which an I/O thread walks; hashes stay with files that are
 * as they were. Returns whether anything was different. What an apply brings into the trash meanwhile stays: only what the
 * index held before the look can be found to be gone.
 * @throws LakesideError ROOT_NOT_MOUNTED, CANCELED, or by errno
 */
export async function indexTrash(core: TrashCore, root: RootRow, signal: AbortSignal): Promise<boolean> {
  const { store, clock } = core;
  const runner = pooledTransfers(core.transfers);
  const place = rootPlace(root, clock.now());
  const options = { signal, onBytes: NO_BYTES };
  const known = store.trash.folders(root.key);
  const onDisk = await runner.run('trashFolders', place, null, options);
  const names = new Set(onDisk.map(({ name }) => name));
  let changes = 0;
  for (const folder of known) {
    if (!names.has(folder.name)) changes += await forgetFolder(core, folder.key);
  }
  for (const { name, startedAtMs } of onDisk) {
    const before = pathsIn(core, root, name);
    const found = await runner.run('trashed', place, { folder: name }, options);
    // What was not looked at to its end says nothing of what is gone.
    if (signal.aborted) throw canceledError('Looking at the trash');
    if (found.length + before.length > 0)
      changes += await indexFolder(core, root, { name, startedAtMs, before }, found);
  }
  await retryWhileBusy(() => store.trash.setRead(root.key, clock.now()), clock);
  return changes > 0;
}

function pathsIn({ store }: TrashCore, root: RootRow, folder: string): string[] {
  const paths: string[] = [];
  for (let after = ''; ;) {
    const rows = store.trash.entries(root.key, folder, after, ROWS_A_TRANSACTION);
    const last = rows.at(-1);
    if (last === undefined) return paths;
    after = last.path;
    for (const { path } of rows) paths.push(path);
  }
}

async function indexFolder(
  { store, clock }: TrashCore,
  root: RootRow,
  {
    name,
    startedAtMs,
    before,
  }: { readonly name: string; readonly startedAtMs: number; readonly before: readonly string[] },
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
  const gone = before.filter((path) => !there.has(path));
  for (let start = 0; start < gone.length; start += ROWS_A_TRANSACTION) {
    const chunk = gone.slice(start, start + ROWS_A_TRANSACTION);
    changes += await retryWhileBusy(() => store.transaction(() => store.trash.forget(key, chunk)), clock);
  }
  if (found.length === 0) await retryWhileBusy(() => store.transaction(() => store.trash.removeIfEmpty(key)), clock);
  return changes;
}

async function forgetFolder({ store, clock }: TrashCore, key: number): Promise<number> {
  for (;;) {
    const forgotten = await retryWhileBusy(() => store.transaction(() => store.trash.forget(key)), clock);
    if (forgotten < ROWS_A_TRANSACTION) break;
  }
  await retryWhileBusy(() => store.transaction(() => store.trash.removeIfEmpty(key)), clock);
  return 1;
}
