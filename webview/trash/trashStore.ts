import type { Clock } from '../../src/base/clock.ts';
import { type Disposable, DisposableStore } from '../../src/base/disposables.ts';
import { isCanceled, type LakesideError, toLakesideError } from '../../src/base/errors.ts';
import type { TrashEntry } from '../../src/protocol/contracts/trash.ts';
import { type TrashPanelContract, trashPanelStateSchema } from '../../src/protocol/panels/trashPanel.ts';
import type { Remote } from '../../src/protocol/rpc.ts';
import type { Root } from '../../src/protocol/values.ts';
import { panelState } from '../shared/host.ts';
import { ObservableState } from '../shared/observableState.ts';
import { Refresher } from '../shared/refresher.ts';
import { idsByRoot, MOST_TICKED, removalOf, type Ticked, withTicked } from './trashModel.ts';

export type TrashRemote = Remote<TrashPanelContract>;

/** What lies in the trash of a root. */
export interface RootTrash {
  readonly root: Root;
  readonly total: number;
  readonly bytes: number;
}

export interface TrashState {
  /** Whose trash is shown; null: that of every root. */
  readonly root: string | null;
  readonly text: string;
  readonly trusted: boolean;
  readonly roots: readonly RootTrash[] | undefined;
  readonly ticked: Ticked;
  readonly error: LakesideError | undefined;
  readonly actionError: LakesideError | undefined;
  readonly acting: boolean;
  /** What was asked for last: jobs, and in words what they do. */
  readonly queued: { readonly job: string; readonly words: string } | undefined;
  /** Rises when the rows on screen may be out of date. */
  readonly revision: number;
}

const PAGE = 2_000;
/** Dialogs wait for a person. */
const PERSON_TIMEOUT_MS = 3_600_000;

/** What the panel knows of the trash, kept current by hints. */
export class TrashStore implements Disposable {
  readonly #remote: TrashRemote;
  readonly #owned = new DisposableStore();
  readonly #refresher: Refresher;
  readonly state: ObservableState<TrashState>;
  #isNew = true;

  constructor(remote: TrashRemote, clock: Clock) {
    this.#remote = remote;
    const kept = trashPanelStateSchema.safeParse(panelState.get()).data;
    this.#isNew = kept === undefined;
    this.state = this.#owned.add(
      new ObservableState<TrashState>({
        root: kept?.root ?? null,
        text: kept?.text ?? '',
        trusted: false,
        roots: undefined,
        ticked: new Map(),
        error: undefined,
        actionError: undefined,
        acting: false,
        queued: undefined,
        revision: 0,
      }),
    );
    this.#refresher = this.#owned.add(new Refresher(clock, () => this.#fetch()));
    this.#owned.add(
      remote.on('changed', ({ topics }) => {
        if (topics.includes('trash') || topics.includes('roots')) this.#refresher.soon();
      }),
    );
    this.#owned.add(
      remote.on('shown', ({ root, trusted }) => {
        this.state.set({ trusted });
        if (root !== this.state.getSnapshot().root) this.show(root);
      }),
    );
    void this.#refresher.now();
  }

  refresh(): void {
    void this.#refresher.now();
  }

  show(root: string | null): void {
    this.state.set({ root, ticked: new Map() });
    this.#keep();
  }

  filter(text: string): void {
    this.state.set({ text });
    this.#keep();
  }

  tick(entries: readonly TrashEntry[], ticked: boolean): void {
    this.state.set({ ticked: withTicked(this.state.getSnapshot().ticked, entries, ticked) });
  }

  /** Ticks what lies from `first` to `last` in the list, both included, or all of it; what was never on screen is fetched. */
  async tickRange(first: number, last: number, ticked: boolean): Promise<void> {
    await this.#attempt(async () => {
      const end = Math.min(last, first + MOST_TICKED - 1);
      for (let offset = first; offset <= end;) {
        const query = { ...this.query(), offset, limit: Math.min(PAGE, end - offset + 1) };
        const { items } = await this.#remote.request('trash.list', query);
        this.tick(items, ticked);
        if (items.length === 0) return;
        offset += items.length;
      }
    });
  }

  untickAll(): void {
    this.state.set({ ticked: new Map() });
  }

  /** What the list shows, as `trash.list` takes it. */
  query(): { root?: string; text?: string } {
    const { root, text } = this.state.getSnapshot();
    const trimmed = text.trim();
    return { ...(root === null ? {} : { root }), ...(trimmed === '' ? {} : { text: trimmed.slice(0, 1_000) }) };
  }

  /** Queues that these go back where they lay. */
  restore(chosen: Ticked): void {
    void this.#act(async () => {
      const jobs: string[] = [];
      for (const { root, ids } of idsByRoot(chosen)) {
        const options = { idempotencyKey: crypto.randomUUID() };
        jobs.push((await this.#remote.request('trash.restore', { root, ids }, options)).job);
      }
      this.#queued(jobs, `Restoring ${chosen.size === 1 ? '1 file' : `${chosen.size} files`}.`);
    });
  }

  /** Asks the person and queues that these are removed for good. */
  removeForGood(chosen: Ticked): void {
    void this.#act(async () => {
      const options = { timeoutMs: PERSON_TIMEOUT_MS, idempotencyKey: crypto.randomUUID() };
      const { jobs } = await this.#remote.request('trash.removeForGood', removalOf(chosen), options);
      this.#queued(jobs, `Removing ${chosen.size === 1 ? '1 file' : `${chosen.size} files`} for good.`);
    });
  }

  /** Runs something of the person's asking; a refusal is shown until the next asking. */
  ask(request: (remote: TrashRemote) => Promise<unknown>): void {
    void this.#attempt(() => request(this.#remote));
  }

  dismissError(): void {
    this.state.set({ actionError: undefined });
  }

  dismissQueued(): void {
    this.state.set({ queued: undefined });
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #keep(): void {
    const { root, text } = this.state.getSnapshot();
    panelState.set({ root, text });
  }

  #queued(jobs: readonly string[], words: string): void {
    const [job] = jobs;
    if (job !== undefined) this.state.set({ queued: { job, words }, ticked: new Map() });
  }

  async #act(request: () => Promise<void>): Promise<void> {
    if (this.state.getSnapshot().acting) return;
    this.state.set({ acting: true });
    await this.#attempt(request);
    this.state.set({ acting: false });
  }

  async #attempt(request: () => Promise<unknown>): Promise<void> {
    this.state.set({ actionError: undefined });
    try {
      await request();
    } catch (error) {
      if (!isCanceled(error)) this.state.set({ actionError: toLakesideError(error) });
    }
  }

  async #fetch(): Promise<void> {
    try {
      const shown = await this.#remote.request('trash.shown', {});
      // What was asked for first; afterwards the page knows better.
      if (this.#isNew) this.state.set({ root: shown.root });
      this.#isNew = false;
      const { roots } = await this.#remote.request('roots.list', {});
      const trashes = await Promise.all(
        roots.map(async (root): Promise<RootTrash> => {
          if (!root.mounted) return { root, total: 0, bytes: 0 };
          const { total, bytes } = await this.#remote.request('trash.list', { root: root.name, limit: 1 });
          return { root, total, bytes };
        }),
      );
      const revision = this.state.getSnapshot().revision + 1;
      this.state.set({ trusted: shown.trusted, roots: trashes, error: undefined, revision });
      this.#keep();
    } catch (error) {
      if (!isCanceled(error)) this.state.set({ error: toLakesideError(error) });
    }
  }
}
