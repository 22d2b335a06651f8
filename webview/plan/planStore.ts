import type { Clock } from '../../src/base/clock.ts';
import { type Disposable, DisposableStore, toDisposable } from '../../src/base/disposables.ts';
import { isCanceled, type LakesideError, toLakesideError } from '../../src/base/errors.ts';
import { Emitter } from '../../src/base/events.ts';
import { addSample, type RateSample } from '../../src/base/rate.ts';
import type { PlanFilter } from '../../src/protocol/contracts/plans.ts';
import type { JobProgress } from '../../src/protocol/engineEvents.ts';
import type { PanelDocument, PlanPanelContract } from '../../src/protocol/panels/planPanel.ts';
import { speedCount } from '../../src/protocol/progressMeasure.ts';
import type { Remote } from '../../src/protocol/rpc.ts';
import type { Job, Progress, Root } from '../../src/protocol/values.ts';
import { Refresher } from '../shared/refresher.ts';
import { changesBoth } from './planKinds.ts';
import {
  groupReasons,
  type PlanInfo,
  planPhase,
  type ReasonGroup,
  type Space,
  type Spaces,
  trulySkipped,
} from './planModel.ts';

/** The panel's host, as the panel sees it. */
export type PlanRemote = Remote<PlanPanelContract>;

export interface PlanState {
  readonly document: PanelDocument | undefined;
  readonly info: PlanInfo | undefined;
  /** The apply job of this plan, if one ran or runs. */
  readonly job: Job | undefined;
  /** The newest word of the running job, ahead of `job.progress`. */
  readonly progress: Progress | undefined;
  readonly samples: readonly RateSample[];
  readonly roots: readonly Root[] | undefined;
  readonly spaces: Spaces;
  /** Why steps were skipped or failed, once the job is over. */
  readonly reasons: readonly ReasonGroup[];
  /** What the person asked for last and was refused. */
  readonly actionError: LakesideError | undefined;
  /** True from a press of Apply, Cancel or Retry until its answer. */
  readonly acting: boolean;
  /** Rises when the rows on screen may be out of date. */
  readonly revision: number;
}

/** Rows whose status changes are fetched this often while an apply runs. */
const LIVE_ROWS_MS = 400;
const REASON_ROWS = 2_000;
const OPEN_TIMEOUT_MS = 600_000;
/** Dialogs wait for a person. */
const PERSON_TIMEOUT_MS = 3_600_000;

const initialState: PlanState = {
  document: undefined,
  info: undefined,
  job: undefined,
  progress: undefined,
  samples: [],
  roots: undefined,
  spaces: { from: undefined, to: undefined },
  reasons: [],
  actionError: undefined,
  acting: false,
  revision: 0,
};

/** What the panel knows of its plan, kept current by hints. */
export class PlanStore implements Disposable {
  readonly #remote: PlanRemote;
  readonly #clock: Clock;
  readonly #owned = new DisposableStore();
  readonly #refresher: Refresher;
  readonly #changes = this.#owned.add(new Emitter<undefined>());
  #state = initialState;
  #rowsDue: Disposable | undefined;

  constructor(remote: PlanRemote, clock: Clock) {
    this.#remote = remote;
    this.#clock = clock;
    this.#refresher = this.#owned.add(new Refresher(clock, () => this.#fetch()));
    this.#owned.add(remote.on('document', (document) => this.#show(document)));
    this.#owned.add(
      remote.on('changed', ({ topics }) => {
        // What lies in the roots is not part of a plan; looking at it again is.
        if (topics.some((topic) => topic !== 'files' && topic !== 'trash')) this.#refresher.soon();
      }),
    );
    this.#owned.add(remote.on('progress', (progress) => this.#hearProgress(progress)));
    this.#owned.add(toDisposable(() => this.#rowsDue?.dispose()));
    void this.#open('panel.document');
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    const subscription = this.#changes.event(listener);
    return () => subscription.dispose();
  };

  readonly getSnapshot = (): PlanState => this.#state;

  /** Reads the file again after it could not be opened. */
  reopen(): void {
    this.#set({ ...initialState, revision: this.#state.revision });
    void this.#open('panel.reopen');
  }

  /** Ticks steps; resolves when the engine has them. The rows on screen are the caller's to change at once. */
  async tick(ticked: boolean, which: { readonly steps: number[] } | { readonly filter: PlanFilter }): Promise<void> {
    const plan = this.#state.info?.plan;
    if (plan === undefined) return;
    await this.#attempt(async () => {
      const info = await this.#remote.request(
        'plans.tick',
        { plan, ticked, ...which },
        { idempotencyKey: crypto.randomUUID() },
      );
      this.#set({ info });
    });
    // Also after a refusal: the rows on screen were changed ahead of the answer.
    this.#bumpRows();
  }

  /** Decides conflicts: which side stays, or that nothing is done. */
  async resolve(
    keep: 'from' | 'to' | 'none',
    which: { readonly steps: number[] } | { readonly filter: PlanFilter },
  ): Promise<void> {
    const plan = this.#state.info?.plan;
    if (plan === undefined) return;
    await this.#attempt(async () => {
      const options = { idempotencyKey: crypto.randomUUID() };
      this.#set({ info: await this.#remote.request('plans.resolve', { plan, keep, ...which }, options) });
    });
    this.#bumpRows();
  }

  apply(): void {
    const plan = this.#state.info?.plan;
    if (plan !== undefined) void this.#act('plans.apply', { plan });
  }

  cancel(): void {
    const id = this.#state.job?.id;
    if (id !== undefined) void this.#act('jobs.cancel', { id });
  }

  pause(): void {
    const id = this.#state.job?.id;
    if (id !== undefined) void this.#act('jobs.pause', { what: 'job', id });
  }

  resume(): void {
    const id = this.#state.job?.id;
    if (id !== undefined) void this.#act('jobs.resume', { what: 'job', id });
  }

  /** Lets the person name last copies that may go, and applies again what was skipped for them. */
  nameLastCopies(): void {
    this.ask(async (remote) => {
      if (await remote.request('panel.nameLastCopies', {}, { timeoutMs: PERSON_TIMEOUT_MS })) this.apply();
    });
  }

  /** A job that failed or was canceled is queued again; one that went through with failures is applied again. */
  retry(): void {
    const { job } = this.#state;
    if (job !== undefined && (job.status === 'failed' || job.status === 'canceled')) {
      void this.#act('jobs.retry', { id: job.id });
    } else this.apply();
  }

  save(): void {
    void this.#attempt(() => this.#remote.request('panel.save', {}, { timeoutMs: OPEN_TIMEOUT_MS }));
  }

  /** Runs something of the person's asking; a refusal is shown until the next asking. */
  ask(request: (remote: PlanRemote) => Promise<unknown>): void {
    void this.#attempt(() => request(this.#remote));
  }

  dismissError(): void {
    this.#set({ actionError: undefined });
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #set(change: Partial<PlanState>): void {
    this.#state = { ...this.#state, ...change };
    this.#changes.fire(undefined);
  }

  #bumpRows(): void {
    this.#set({ revision: this.#state.revision + 1 });
  }

  async #attempt(request: () => Promise<unknown>): Promise<void> {
    if (this.#state.actionError !== undefined) this.#set({ actionError: undefined });
    try {
      await request();
    } catch (error) {
      if (!isCanceled(error)) this.#set({ actionError: toLakesideError(error) });
    }
  }

  async #act(
    ...[name, input]:
      | ['plans.apply', { plan: string }]
      | ['jobs.cancel' | 'jobs.retry', { id: string }]
      | ['jobs.pause' | 'jobs.resume', { what: 'job'; id: string }]
  ): Promise<void> {
    if (this.#state.acting) return;
    this.#set({ acting: true });
    await this.#attempt(async () => {
      const options = { idempotencyKey: crypto.randomUUID() };
      // The host may ask the person first.
      if (name === 'plans.apply') await this.#remote.request(name, input, { ...options, timeoutMs: PERSON_TIMEOUT_MS });
      else if (name === 'jobs.pause' || name === 'jobs.resume') await this.#remote.request(name, input, options);
      else await this.#remote.request(name, input, options);
    });
    await this.#refresher.now();
    this.#set({ acting: false });
  }

  async #open(request: 'panel.document' | 'panel.reopen'): Promise<void> {
    try {
      this.#show(await this.#remote.request(request, {}, { timeoutMs: OPEN_TIMEOUT_MS }));
    } catch (error) {
      this.#show({ fileName: '', plan: null, trusted: false, error: toLakesideError(error).toShape() });
    }
  }

  #show(document: PanelDocument): void {
    this.#set({ document });
    void this.#refresher.now();
  }

  #hearProgress({ job, progress, status }: JobProgress): void {
    if (job !== this.#state.info?.job) return;
    const sample = { atMs: this.#clock.now(), done: speedCount(progress) };
    this.#set({ progress, samples: addSample(this.#state.samples, sample) });
    if (status !== this.#state.job?.status) this.#refresher.soon();
    this.#rowsDue ??= this.#clock.after(LIVE_ROWS_MS, () => {
      this.#rowsDue = undefined;
      this.#bumpRows();
    });
  }

  async #fetch(): Promise<void> {
    const plan = this.#state.document?.plan;
    if (plan === undefined || plan === null) return;
    try {
      const info = await this.#remote.request('plans.info', { plan });
      const [job, roots] = await Promise.all([this.#fetchJob(info), this.#remote.request('roots.list', {})]);
      const isOver = planPhase(info, job) === 'over';
      const spaceOf = async (name: string): Promise<Space | undefined> =>
        roots.roots.find((root) => root.name === name)?.mounted === true ? this.#fetchSpace(name) : undefined;
      const [from, to, reasons] = await Promise.all([
        changesBoth(info) ? spaceOf(info.header.from.root) : undefined,
        spaceOf(info.header.to.root),
        isOver ? this.#fetchReasons(info) : [],
      ]);
      const ended = isOver || job === undefined ? { progress: undefined, samples: [] } : {};
      const spaces = { from, to };
      this.#set({ info, job, roots: roots.roots, spaces, reasons, revision: this.#state.revision + 1, ...ended });
    } catch (error) {
      if (!isCanceled(error)) this.#set({ actionError: toLakesideError(error) });
    }
  }

  async #fetchJob(info: PlanInfo): Promise<Job | undefined> {
    if (info.job === undefined) return undefined;
    try {
      return (await this.#remote.request('jobs.get', { id: info.job })).job;
    } catch (error) {
      // Cleared from the history: what it did is in the plan all the same.
      if (toLakesideError(error).category === 'validation') return undefined;
      throw error;
    }
  }

  async #fetchSpace(name: string): Promise<Space | undefined> {
    try {
      return await this.#remote.request('roots.space', { name });
    } catch (error) {
      // A drive that cannot tell its space can still be written to; the panel leaves the figure out.
      if (isCanceled(error)) throw error;
      return undefined;
    }
  }

  async #fetchReasons(info: PlanInfo): Promise<readonly ReasonGroup[]> {
    const { progress } = info;
    if (progress === undefined || progress.failed + trulySkipped(progress) === 0) return [];
    const page = await this.#remote.request('plans.page', {
      plan: info.plan,
      filter: { statuses: ['failed', 'skipped'], undecided: false },
      limit: REASON_ROWS,
    });
    return groupReasons(page.items);
  }
}
