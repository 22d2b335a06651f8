import { untilAborted } from '../base/abort.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { LakesideError } from '../base/errors.ts';
import type { Problem, Progress } from '../protocol/values.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { FileStore } from '../store/fileStore.ts';
import type { RootRow } from '../store/rootStore.ts';
import { IndexMerge } from './indexMerge.ts';
import { requireMounted } from './probeRoot.ts';
import { isStoreOnlyRoot, rootMarkerFile } from './rootMarker.ts';
import { FILES_A_BATCH, type ScanBatch, type ScanScope } from './scanMessages.ts';
import { type MakeScanWorker, newScanWorker, ScanThreads } from './scanThreads.ts';

export interface ScanOptions {
  readonly root: RootRow;
  readonly store: FileStore;
  /** Globs of what is left out: the setting `ignore`. */
  readonly ignore: readonly string[];
  readonly signal: AbortSignal;
  /** At most ten times a second. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly clock?: Clock | undefined;
  /** Where its threads come from, when some may have been started ahead. */
  readonly makeWorker?: MakeScanWorker | undefined;
}

export interface ScanResult {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Files and bytes the index now holds of what was looked at; of a folder not gone into, nothing. */
  readonly files: number;
  readonly bytes: number;
  readonly problems: readonly Problem[];
}

const PROGRESS_EVERY_MS = 100;
/**
 * Threads beside the walking one. A network drive answers late rather than slowly: the more questions at once, the sooner
 * all are answered. (Node's own asynchronous calls would have four at once for the whole process.)
 */
const HELPERS = { local: 1, network: 7 } as const;

/**
 * Brings the index of a root, or of one folder of it, up to what is on the disk. Files whose size and time are as the
 * index has them keep their hash. Nothing is removed unless the root is found mounted again at the end.
 * @throws LakesideError ROOT_NOT_MOUNTED, UNC_HOST_NOT_ALLOWED; CANCELED within 100 ms of the signal
 */
export async function scanRoot(options: ScanOptions & { readonly folder?: string | undefined }): Promise<ScanResult> {
  return scan(options, [{ folder: options.folder ?? '', known: 'all' }]);
}

/**
 * Looks at single folders again: at their own files, and with all that lies below at those sub-folders that are new or
 * gone. For hints of a watcher.
 */
export async function scanFolders(options: ScanOptions & { readonly folders: readonly string[] }): Promise<ScanResult> {
  const { root, store } = options;
  return scan(
    options,
    [...new Set(options.folders)].map((folder) => ({ folder, known: store.subfolders(root.key, folder) })),
  );
}

async function scan(options: ScanOptions, scopes: readonly ScanScope[]): Promise<ScanResult> {
  const { root, signal } = options;
  const clock = options.clock ?? systemClock;
  const what = `The scan of ${root.name}`;
  const mounted = (): Promise<unknown> => untilAborted(requireMounted(root, clock), signal, what);
  await mounted();
  const run = new ScanRun(options, clock);
  const distance = root.network ? 'network' : 'local';
  const helpers = scopes.some(({ known }) => known === 'all') ? HELPERS[distance] : 0;
  const threads = new ScanThreads({ makeWorker: options.makeWorker ?? newScanWorker, helpers, signal, what });
  try {
    const walk = threads.walk({
      rootPath: root.path,
      markerFile: isStoreOnlyRoot(root.id) ? undefined : rootMarkerFile(root.path),
      ignore: options.ignore,
      scopes,
      filesABatch: FILES_A_BATCH[distance],
      withStates: options.store.page(root.key, { limit: 1 }).length > 0,
    });
    for await (const message of walk) {
      if (message.type === 'begin') run.begin(message.scope, message.skipped);
      else if (message.type === 'end') run.end();
      else if (message.type === 'batch') await run.accept(message);
    }
    const absent = run.gone.length > 0 ? await threads.confirmAbsent(run.gone) : [];
    // Only if the root is there to be believed.
    await mounted();
    await run.remove(absent);
    run.report();
    return run.result();
  } catch (error) {
    // The thread saw something amiss first; why the root is away, the probe says better.
    if (error instanceof LakesideError && error.code === 'ROOT_NOT_MOUNTED') await mounted();
    throw error;
  } finally {
    threads.dispose();
  }
}

/** The engine's half of a scan: what the walk found goes into the index. */
class ScanRun {
  readonly #options: ScanOptions;
  readonly #clock: Clock;
  readonly #problems: Problem[] = [];
  readonly gone: string[] = [];
  #merge: IndexMerge | undefined;
  #added = 0;
  #changed = 0;
  #removed = 0;
  #files = 0;
  #bytes = 0;
  #progressAt = 0;

  constructor(options: ScanOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  begin(scope: ScanScope, skipped: readonly string[]): void {
    this.#merge = new IndexMerge(this.#options.store, this.#options.root.key, scope.folder, skipped);
  }

  async accept(batch: ScanBatch): Promise<void> {
    const { store, root } = this.#options;
    const changes = this.#merge?.accept(batch) ?? [];
    this.#problems.push(...batch.problems);
    this.#reportSometimes();
    if (changes.length > 0) await retryWhileBusy(() => store.applyScan(root.key, changes, []), this.#clock);
  }

  end(): void {
    if (this.#merge === undefined) return;
    this.#merge.finish();
    const { added, changed, files, bytes } = this.#merge.counts;
    this.#added += added;
    this.#changed += changed;
    this.#files += files;
    this.#bytes += bytes;
    for (const row of this.#merge.gone) this.gone.push(row.relpath);
    this.#merge = undefined;
  }

  /** Removes what was confirmed to be gone. */
  async remove(relpaths: readonly string[]): Promise<void> {
    if (relpaths.length === 0) return;
    const { store, root } = this.#options;
    await retryWhileBusy(() => store.applyScan(root.key, [], relpaths), this.#clock);
    this.#removed = relpaths.length;
  }

  result(): ScanResult {
    return {
      added: this.#added,
      changed: this.#changed,
      removed: this.#removed,
      files: this.#files,
      bytes: this.#bytes,
      problems: this.#problems,
    };
  }

  #reportSometimes(): void {
    const now = this.#clock.now();
    if (now - this.#progressAt < PROGRESS_EVERY_MS) return;
    this.#progressAt = now;
    this.report();
  }

  report(): void {
    const { files, bytes } = this.#merge?.counts ?? { files: 0, bytes: 0 };
    this.#options.onProgress?.({
      doneItems: this.#files + files,
      totalItems: null,
      doneBytes: this.#bytes + bytes,
      totalBytes: null,
    });
  }
}
