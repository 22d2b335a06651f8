import type { Clock } from '../../src/base/clock.ts';
import { type Disposable, DisposableStore, toDisposable } from '../../src/base/disposables.ts';
import { isCanceled, type LakesideError, toLakesideError } from '../../src/base/errors.ts';
import { addSample, type RateSample } from '../../src/base/rate.ts';
import type { JobProgress } from '../../src/protocol/engineEvents.ts';
import type { JobPanelContract } from '../../src/protocol/panels/jobPanel.ts';
import { speedCount } from '../../src/protocol/progressMeasure.ts';
import type { Remote } from '../../src/protocol/rpc.ts';
import type { UseCaseOutput } from '../../src/protocol/useCases.ts';
import { type ApplySummary, isOver, type Job, type LiveProgress } from '../../src/protocol/values.ts';
import { panelState } from '../shared/host.ts';
import { ObservableState } from '../shared/observableState.ts';
import { Refresher } from '../shared/refresher.ts';
import type { SpeedSample } from './speedModel.ts';

export type JobRemote = Remote<JobPanelContract>;
export type LogLine = UseCaseOutput<'jobs.log'>['lines'][number];

export interface JobPanelState {
  readonly job: Job | undefined;
  readonly trusted: boolean;
  /** The newest word of it, ahead of `job.progress`. */
  readonly progress: LiveProgress | undefined;
  readonly rates: readonly RateSample[];
  readonly lines: readonly LogLine[];
  readonly speed: readonly SpeedSample[];
  /** What it is made of, where it is made of other jobs. */
  readonly parts: readonly Job[];
  /** Steps by status, of an apply. */
  readonly steps: (ApplySummary & { readonly total: number }) | undefined;
  readonly error: LakesideError | undefined;
  readonly actionError: LakesideError | undefined;
  readonly acting: boolean;
}

/** While it runs, log and speed are asked for this often. */
const LIVE_MS = 2_000;
const LOG_PAGE = 1_000;
/** The engine keeps as many of a job. */
const LOG_LINES = 5_000;
const PARTS = 1_000;
/** Making the plan of an undo reads what many steps did. */
const LONG_TIMEOUT_MS = 600_000;

type JobAction = 'jobs.pause' | 'jobs.resume' | 'jobs.cancel' | 'jobs.retry' | 'first' | 'last';

/** What the panel knows of its job, kept current by hints. */
export class JobStore implements Disposable {
  readonly #remote: JobRemote;
  readonly #clock: Clock;
  readonly #owned = new DisposableStore();
  readonly #refresher: Refresher;
  readonly state: ObservableState<JobPanelState>;
  #id: string | undefined;
  #liveDue: Disposable | undefined;

  constructor(remote: JobRemote, clock: Clock) {
    this.#remote = remote;
    this.#clock = clock;
    this.state = this.#owned.add(
      new ObservableState<JobPanelState>({
        job: undefined,
        trusted: false,
        progress: undefined,
        rates: [],
        lines: [],
        speed: [],
        parts: [],
        steps: undefined,
        error: undefined,
        actionError: undefined,
        acting: false,
      }),
    );
    this.#refresher = this.#owned.add(new Refresher(clock, () => this.#fetch()));
    this.#owned.add(toDisposable(() => this.#liveDue?.dispose()));
    this.#owned.add(
      remote.on('changed', ({ topics }) => {
        if (topics.includes('jobs') || topics.includes('plans')) this.#refresher.soon();
      }),
    );
    this.#owned.add(remote.on('progress', (progress) => this.#hearProgress(progress)));
    void this.#refresher.now();
  }

  refresh(): Promise<void> {
    return this.#refresher.now();
  }

  act(action: JobAction): void {
    const id = this.#id;
    if (id === undefined || this.state.getSnapshot().acting) return;
    this.state.set({ acting: true });
    void this.#attempt(() => this.#request(action, id)).then(async () => {
      await this.#refresher.now();
      this.state.set({ acting: false });
    });
  }

  /** Runs something of the person's asking; a refusal is shown until the next asking. */
  ask(request: (remote: JobRemote, options: { timeoutMs: number }) => Promise<unknown>): void {
    void this.#attempt(() => request(this.#remote, { timeoutMs: LONG_TIMEOUT_MS }));
  }

  dismissError(): void {
    this.state.set({ actionError: undefined });
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #request(action: JobAction, id: string): Promise<unknown> {
    const options = { idempotencyKey: crypto.randomUUID() };
    switch (action) {
      case 'jobs.pause':
      case 'jobs.resume':
        return this.#remote.request(action, { what: 'job', id }, options);
      case 'jobs.cancel':
      case 'jobs.retry':
        return this.#remote.request(action, { id }, options);
      case 'first':
      case 'last':
        return this.#remote.request('jobs.move', { id, to: action }, options);
    }
  }

  async #attempt(request: () => Promise<unknown>): Promise<void> {
    this.state.set({ actionError: undefined });
    try {
      await request();
    } catch (error) {
      if (!isCanceled(error)) this.state.set({ actionError: toLakesideError(error) });
    }
  }

  #hearProgress({ job, progress, status }: JobProgress): void {
    const known = this.state.getSnapshot();
    if (job !== this.#id) {
      if (known.parts.some(({ id }) => id === job)) this.#live();
      return;
    }
    const sample = { atMs: this.#clock.now(), done: speedCount(progress) };
    this.state.set({ progress, rates: addSample(known.rates, sample) });
    if (status === known.job?.status) this.#live();
    else this.#refresher.soon();
  }

  #live(): void {
    this.#liveDue ??= this.#clock.after(LIVE_MS, () => {
      this.#liveDue = undefined;
      void this.#refresher.now();
    });
  }

  async #fetch(): Promise<void> {
    try {
      const { job: id, trusted } = await this.#remote.request('job.shown', {});
      if (this.#id !== id) panelState.set({ job: id });
      this.#id = id;
      const { job } = await this.#remote.request('jobs.get', { id });
      const [lines, speed, parts, steps] = await Promise.all([
        this.#fetchLog(id),
        this.#fetchSpeed(id),
        this.#fetchParts(job),
        this.#fetchSteps(job),
      ]);
      const ended = isOver(job.status) ? { progress: undefined, rates: [] } : {};
      this.state.set({ job, trusted, lines, speed, parts, steps, error: undefined, ...ended });
    } catch (error) {
      if (!isCanceled(error)) this.state.set({ error: toLakesideError(error) });
    }
  }

  /** What was noted since the last time, behind what is known. */
  async #fetchLog(id: string): Promise<readonly LogLine[]> {
    let lines = this.state.getSnapshot().lines;
    for (;;) {
      const after = lines.at(-1)?.line;
      const page = await this.#remote.request('jobs.log', {
        id,
        limit: LOG_PAGE,
        ...(after === undefined ? {} : { after }),
      });
      if (page.lines.length > 0) lines = [...lines, ...page.lines].slice(-LOG_LINES);
      if (page.lines.length < LOG_PAGE) return lines;
    }
  }

  async #fetchSpeed(id: string): Promise<readonly SpeedSample[]> {
    return (await this.#remote.request('jobs.speed', { id })).samples;
  }

  async #fetchParts({ id, parts }: Job): Promise<readonly Job[]> {
    if (parts === undefined) return [];
    return (await this.#remote.request('jobs.list', { parent: id, limit: PARTS })).jobs;
  }

  async #fetchSteps({ id, kind }: Job): Promise<JobPanelState['steps']> {
    if (kind !== 'apply') return undefined;
    return this.#remote.request('plans.result', { job: id, limit: 1 });
  }
}
