import { canceledError, LakesideError, toLakesideError } from '../base/errors.ts';
import { companionParts, modelStems } from '../library/companions.ts';
import { isYoung } from '../library/hashTrust.ts';
import { absolutePath } from '../library/pathRules.ts';
import type { Problem, TrashReport } from '../protocol/values.ts';
import type { JobPayload } from '../queue/jobKinds.ts';
import type { JobContext } from '../queue/jobHandlers.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { TrashRow } from '../store/trashStore.ts';
import type { TransferRunner } from '../transfer/applyOptions.ts';
import type { Keeper } from '../store/keeperStore.ts';
import { pooledTransfers } from '../transfer/pooledTransfers.ts';
import { rootPlace } from '../transfer/rootPlace.ts';
import { toStoredChange } from '../transfer/storedSteps.ts';
import { trashPath } from '../transfer/transferPaths.ts';
import type { TransferPlace } from '../transfer/transferPlace.ts';
import type { PurgeItem, TrashItem, TrashOutcome } from '../transfer/trashTasks.ts';
import type { Core } from './core.ts';
import { indexTrash } from './indexTrash.ts';
import { requireRootById } from './requireRoot.ts';

const FILES_A_TASK = 50;
const ROWS_A_PAGE = 500;
const HINT_MS = 1_000;
/** Problems that are told; the rest is in their number. */
const MAX_PROBLEMS = 1_000;
const NO_BYTES = (): void => undefined;

/** The handler of `trash`: brings files out of the trash of a root, or removes them for good. */
export async function trashJob(core: Core, payload: JobPayload<'trash'>, context: JobContext): Promise<TrashReport> {
  const work = new TrashWork(core, requireRootById(core, payload.root), payload, context);
  try {
    return payload.action === 'restore' ? await work.restore(payload.ids) : await work.purge(payload);
  } finally {
    core.changed('files', 'trash');
  }
}

class TrashWork {
  readonly #core: Core;
  readonly #root: RootRow;
  readonly #context: JobContext;
  readonly #runner: TransferRunner;
  readonly #place: TransferPlace;
  readonly #started: number;
  readonly #lastCopies: ReadonlySet<string>;
  readonly #report = { done: 0, kept: 0, bytes: 0, problems: [] as Problem[] };
  #total: number | null = null;
  #hinted: number;

  constructor(core: Core, root: RootRow, payload: JobPayload<'trash'>, context: JobContext) {
    this.#core = core;
    this.#root = root;
    this.#context = context;
    this.#runner = pooledTransfers(core.transfers);
    this.#started = core.clock.now();
    this.#hinted = this.#started;
    this.#place = rootPlace(root, this.#started);
    this.#lastCopies = new Set(payload.action === 'purge' ? payload.lastCopies : []);
  }

  async restore(ids: readonly string[]): Promise<TrashReport> {
    await this.#core.mounts.require(this.#root);
    const rows = this.#withCompanions(this.#named(ids));
    this.#total = rows.length;
    for (const chunk of chunks(rows, FILES_A_TASK)) {
      this.#throwIfStopped();
      const items = chunk.map(toItem);
      const outcomes = await this.#runner.run('restore', this.#place, { items }, this.#runOptions());
      await this.#record(chunk, outcomes);
    }
    return this.#end();
  }

  async purge(payload: Extract<JobPayload<'trash'>, { action: 'purge' }>): Promise<TrashReport> {
    await this.#core.mounts.require(this.#root);
    const { ids, before } = payload;
    if (ids !== undefined) {
      const rows = this.#named(ids).filter(({ trashedAt }) => before === undefined || trashedAt < before);
      this.#total = rows.length;
      for (const chunk of chunks(rows, FILES_A_TASK)) await this.#purgeSome(chunk);
    } else {
      // All means all that lies there, whoever put it there and whether anybody looked at it yet.
      await indexTrash(this.#core, this.#root, this.#context.signal);
      for (const { name } of this.#core.store.trash.folders(this.#root.key, before)) {
        for (let after = ''; ;) {
          const rows = this.#core.store.trash.entries(this.#root.key, name, after, ROWS_A_PAGE);
          const last = rows.at(-1);
          if (last === undefined) break;
          after = last.path;
          for (const chunk of chunks(rows, FILES_A_TASK)) await this.#purgeSome(chunk);
        }
      }
    }
    return this.#end();
  }

  /** What the ids name, as far as it is still there; each once. */
  #named(ids: readonly string[]): TrashRow[] {
    return [...new Set(ids)].flatMap((id) => {
      const slash = id.indexOf('/');
      return this.#core.store.trash.get(this.#root.key, id.slice(0, slash), id.slice(slash + 1)) ?? [];
    });
  }

  /** A model's previews and sidecars that came into the trash with it go back with it. */
  #withCompanions(rows: readonly TrashRow[]): TrashRow[] {
    const byFolder = Map.groupBy(rows, ({ folder }) => folder);
    return [...byFolder].flatMap(([folder, named]) => {
      const paths = new Set(named.map(({ path }) => path));
      const stems = modelStems(paths);
      if (stems.size === 0) return named;
      const companions: TrashRow[] = [];
      for (let after = ''; ;) {
        const page = this.#core.store.trash.entries(this.#root.key, folder, after, ROWS_A_PAGE);
        const last = page.at(-1);
        if (last === undefined) break;
        after = last.path;
        for (const row of page) {
          if (!paths.has(row.path) && companionParts(row.path).some(({ stem }) => stems.has(stem)))
            companions.push(row);
        }
      }
      return [...named, ...companions];
    });
  }

  async #purgeSome(chunk: readonly TrashRow[]): Promise<void> {
    this.#throwIfStopped();
    const { keepers, transaction } = this.#purgeStores();
    const rows = await this.#withHashes(chunk);
    const mounted = await this.#mountedRoots();
    this.#context.assertHeld();
    const { lease } = this.#context;
    const items = await transaction((): PurgeItem[] =>
      rows.map((row) => {
        const departure = { rootKey: row.rootKey, path: trashPath(row.folder, row.path) };
        if (this.#lastCopies.has(idOf(row))) {
          keepers.announce(lease.key, departure);
          return { ...toItem(row), keepers: null };
        }
        const { blake3 } = row;
        const found: Keeper[] =
          blake3 === null ? [] : (keepers.depart(lease.key, [{ ...departure, blake3 }], mounted)[0] ?? []);
        return { ...toItem(row), keepers: found };
      }),
    );
    try {
      const outcomes = await this.#runner.run('purge', this.#place, { items }, this.#runOptions());
      await this.#record(rows, outcomes);
    } finally {
      await transaction(() => keepers.settle(lease.key));
    }
  }

  #purgeStores(): { keepers: Core['store']['keepers']; transaction: <T>(work: () => T) => Promise<T> } {
    const { store, clock } = this.#core;
    return {
      keepers: store.keepers,
      transaction: (work) => retryWhileBusy(() => store.transaction(work), clock),
    };
  }

  /** Files without a hash are hashed first: what holds an unknown content is its last copy as far as anybody knows. */
  async #withHashes(rows: readonly TrashRow[]): Promise<TrashRow[]> {
    const { store, hashing, clock } = this.#core;
    const hashed: TrashRow[] = [];
    for (const row of rows) {
      if (row.blake3 !== null || row.size === 0 || this.#lastCopies.has(idOf(row))) {
        hashed.push(row);
        continue;
      }
      const { folder, path, rootKey } = row;
      const startedAt = clock.now();
      try {
        const file = await hashing.hash(absolutePath(this.#root.path, trashPath(folder, path)), {
          signal: this.#context.signal,
        });
        const blake3 = Buffer.from(file.blake3);
        const known = { path, size: file.size, mtimeMs: file.mtimeMs, blake3 };
        const sound = file.size === row.size && file.mtimeMs === row.mtimeMs && !isYoung(file.mtimeMs, startedAt);
        if (sound) {
          await retryWhileBusy(() => store.transaction(() => store.trash.setHash(rootKey, folder, known)), clock);
        }
        hashed.push(sound ? { ...row, blake3 } : row);
      } catch (error) {
        this.#throwIfStopped();
        // It stays, since nobody knows what it holds; the purge tells of it.
        this.#context.log('warn', toLakesideError(error).message);
        hashed.push(row);
      }
    }
    return hashed;
  }

  async #mountedRoots(): Promise<number[]> {
    const roots = this.#core.store.roots.list();
    const probes = await Promise.all(roots.map((root) => this.#core.mounts.probe(root)));
    return roots.filter((_root, index) => probes[index]?.mounted === true).map(({ key }) => key);
  }

  /** Writes down what became of some files, unless the root went away meanwhile: then nothing is believed. */
  async #record(rows: readonly TrashRow[], outcomes: readonly TrashOutcome[]): Promise<void> {
    const { store, clock, mounts } = this.#core;
    if (outcomes.some(({ status }) => status !== 'done')) await mounts.require(this.#root);
    const changes = outcomes.flatMap((outcome) => outcome.changes.map((change) => toStoredChange(change, clock.now())));
    await retryWhileBusy(() => store.steps.recordChanges(this.#context.lease, this.#root.key, changes), clock);
    const sizes = new Map(rows.map((row) => [idOf(row), row.size]));
    for (const { folder, path, status, code, reason } of outcomes) {
      if (status === 'done') {
        this.#report.done++;
        this.#report.bytes += sizes.get(`${folder}/${path}`) ?? 0;
      } else if (status === 'kept') {
        this.#report.kept++;
        this.#context.log('warn', reason ?? `${path} stays in the trash.`);
        if (this.#report.problems.length < MAX_PROBLEMS) {
          this.#report.problems.push({ path, code: code ?? 'FAILED', message: reason ?? '' });
        }
      }
    }
    this.#show();
    this.#throwIfStopped();
  }

  #runOptions(): { signal: AbortSignal; onBytes: (bytes: number) => void } {
    return { signal: this.#context.signal, onBytes: NO_BYTES };
  }

  #throwIfStopped(): void {
    const { signal } = this.#context;
    if (!signal.aborted) return;
    throw signal.reason instanceof LakesideError ? signal.reason : canceledError('The job');
  }

  #show(): void {
    const { clock } = this.#core;
    const { done, kept } = this.#report;
    this.#context.progress({ doneItems: done + kept, totalItems: this.#total, doneBytes: 0, totalBytes: null });
    if (clock.now() - this.#hinted < HINT_MS) return;
    this.#hinted = clock.now();
    this.#core.changed('files', 'trash');
  }

  #end(): TrashReport {
    return { ...this.#report, ms: this.#core.clock.now() - this.#started };
  }
}

function idOf({ folder, path }: TrashRow): string {
  return `${folder}/${path}`;
}

function toItem({ folder, path, size, mtimeMs, blake3 }: TrashRow): TrashItem {
  return { folder, path, size, mtimeMs, blake3: blake3?.toString('hex') ?? null };
}

function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
