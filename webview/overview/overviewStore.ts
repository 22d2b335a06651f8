import type { Clock } from '../../src/base/clock.ts';
import { type Disposable, DisposableStore } from '../../src/base/disposables.ts';
import { isCanceled, type LakesideError, toLakesideError } from '../../src/base/errors.ts';
import type { WorkItem } from '../../src/protocol/studioValues.ts';
import type { LiveProgress } from '../../src/protocol/values.ts';
import { ObservableState } from '../shared/observableState.ts';
import { Refresher } from '../shared/refresher.ts';
import { Thumbnails } from '../shared/thumbnails.ts';
import { shownImages } from './overviewModel.ts';
import type { Overview, OverviewRemote } from './overviewRemote.ts';

export interface OverviewState {
  readonly overview: Overview | undefined;
  /** Where nothing was made yet: the newest work item, to begin with. */
  readonly firstItem: WorkItem | undefined;
  /** By job, ahead of what the overview says. */
  readonly progress: ReadonlyMap<string, LiveProgress>;
  readonly error: LakesideError | undefined;
  /** Jobs that wait for the answer to Cancel or Retry. */
  readonly acting: ReadonlySet<string>;
  readonly actionError: LakesideError | undefined;
}

/** What goes on in the studio, kept current by hints. */
export class OverviewStore implements Disposable {
  readonly #remote: OverviewRemote;
  readonly #owned = new DisposableStore();
  readonly #refresher: Refresher;
  readonly state: ObservableState<OverviewState>;
  readonly thumbnails: Thumbnails;

  constructor(remote: OverviewRemote, clock: Clock) {
    this.#remote = remote;
    this.state = this.#owned.add(
      new ObservableState<OverviewState>({
        overview: undefined,
        firstItem: undefined,
        progress: new Map(),
        error: undefined,
        acting: new Set(),
        actionError: undefined,
      }),
    );
    this.thumbnails = this.#owned.add(
      new Thumbnails(async (wanted, _size, signal) => {
        return (await remote.request('overview.thumbnails', { images: wanted }, { signal })).thumbnails;
      }, clock),
    );
    this.#refresher = this.#owned.add(new Refresher(clock, () => this.#fetch()));
    this.#owned.add(
      remote.on('changed', ({ topics }) => {
        if (topics.some((topic) => topic !== 'plans' && topic !== 'trash')) this.#refresher.soon();
      }),
    );
    this.#owned.add(
      remote.on('progress', ({ job, status, progress }) => {
        const known = this.state.getSnapshot().overview?.jobs.find(({ id }) => id === job);
        this.state.set({ progress: new Map(this.state.getSnapshot().progress).set(job, progress) });
        if (known?.status !== status) this.#refresher.soon();
      }),
    );
    void this.#refresher.now();
  }

  refresh(): Promise<void> {
    return this.#refresher.now();
  }

  cancel(job: string): void {
    void this.#act(job, 'jobs.cancel');
  }

  retry(job: string): void {
    void this.#act(job, 'jobs.retry');
  }

  /** Opens something elsewhere; a refusal is shown until the next asking. */
  ask(request: (remote: OverviewRemote) => Promise<unknown>): void {
    void this.#attempt(() => request(this.#remote));
  }

  dismissError(): void {
    this.state.set({ actionError: undefined });
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #act(job: string, name: 'jobs.cancel' | 'jobs.retry'): Promise<void> {
    if (this.state.getSnapshot().acting.has(job)) return;
    this.state.set({ acting: new Set(this.state.getSnapshot().acting).add(job) });
    await this.#attempt(() => this.#remote.request(name, { id: job }, { idempotencyKey: crypto.randomUUID() }));
    await this.#refresher.now();
    const acting = new Set(this.state.getSnapshot().acting);
    acting.delete(job);
    this.state.set({ acting });
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
      const overview = await this.#remote.request('overview.get', {});
      const firstItem = await this.#fetchFirstItem(overview);
      const active = new Set(overview.jobs.map(({ id }) => id));
      const progress = [...this.state.getSnapshot().progress].filter(([job]) => active.has(job));
      this.state.set({ overview, firstItem, progress: new Map(progress), error: undefined });
      this.thumbnails.want(
        shownImages(overview).map(({ id }) => id),
        256,
      );
    } catch (error) {
      if (!isCanceled(error)) this.state.set({ error: toLakesideError(error) });
    }
  }

  async #fetchFirstItem({ counts }: Overview): Promise<WorkItem | undefined> {
    if (counts.items === 0 || counts.runs > 0) return undefined;
    const { items } = await this.#remote.request('items.list', {});
    return items.toSorted((a, b) => b.createdAt - a.createdAt)[0];
  }
}
