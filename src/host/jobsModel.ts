import { type Clock, systemClock } from '../base/clock.ts';
import { type Disposable, DisposableStore } from '../base/disposables.ts';
import { Emitter, type Event } from '../base/events.ts';
import { speedCount } from '../protocol/progressMeasure.ts';
import { addSample, type RateSample, rateOf } from '../base/rate.ts';
import type { UseCaseOutput } from '../protocol/useCases.ts';
import { isOver, type Job } from '../protocol/values.ts';
import type { EngineClient, EngineEvents } from './engineClient.ts';
import { Throttle } from './throttle.ts';

const LISTED_JOBS = 200;
/** The list is fetched at once, and not more often than this while hints rain. */
const REFRESH_MS = 250;

/** What is held back for all windows, whatever is added. */
export type HeldJobs = NonNullable<UseCaseOutput<'jobs.list'>['paused']>;

const NOTHING_HELD: HeldJobs = { all: false, kinds: [] };

/** What changed: everything, or the progress of one job. */
export type JobsChange = { readonly kind: 'list' } | { readonly kind: 'progress'; readonly job: string };

export interface JobWithRate {
  readonly job: Job;
  /** Bytes, or items where it moves no bytes, per second; undefined while it is not known. */
  readonly rate: number | undefined;
}

/** The jobs of the queue, kept fresh from the engine's hints. One for the tree and the status bar. */
export class JobsModel implements Disposable {
  readonly #engine: EngineClient;
  readonly #clock: Clock;
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new Emitter<JobsChange>());
  readonly #refresh: Throttle;
  /** By job, while it is active. */
  readonly #samples = new Map<string, readonly RateSample[]>();
  #jobs: readonly Job[] = [];
  #held = NOTHING_HELD;
  #loaded = false;

  constructor(engine: EngineClient, onError: (error: unknown) => void, clock: Clock = systemClock) {
    this.#engine = engine;
    this.#clock = clock;
    this.#refresh = this.#owned.add(new Throttle(() => void this.#fetch().catch(onError), REFRESH_MS, clock));
    this.#owned.add(
      engine.onStateChange(({ kind }) => {
        if (kind === 'ready') this.#refresh.ask();
        else if (kind !== 'starting') this.#set([]);
      }),
    );
    this.#owned.add(
      engine.on('changed', ({ topics }) => {
        if (topics.includes('jobs')) this.#refresh.ask();
      }),
    );
    this.#owned.add(engine.on('progress', (progress) => this.#onProgress(progress)));
  }

  readonly onChange: Event<JobsChange> = this.#changed.event;

  /** Newest first. */
  get jobs(): readonly JobWithRate[] {
    return this.#jobs.map((job) => ({ job, rate: rateOf(this.#samples.get(job.id) ?? []) }));
  }

  get held(): HeldJobs {
    return this.#held;
  }

  /** The parts of a group, oldest first. */
  partsOf(id: string): readonly JobWithRate[] {
    return this.jobs.filter(({ job }) => job.parent === id).toReversed();
  }

  job(id: string): JobWithRate | undefined {
    return this.jobs.find(({ job }) => job.id === id);
  }

  /** The jobs, fetched now if they never were; starts the engine. */
  async load(): Promise<readonly JobWithRate[]> {
    if (!this.#loaded) await this.#fetch();
    return this.jobs;
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #fetch(): Promise<void> {
    const { jobs, paused } = await this.#engine.call('jobs.list', { limit: LISTED_JOBS });
    this.#loaded = true;
    this.#held = paused ?? NOTHING_HELD;
    this.#set(jobs);
  }

  #set(jobs: readonly Job[]): void {
    this.#jobs = jobs;
    const active = new Set(jobs.filter(({ status }) => !isOver(status)).map(({ id }) => id));
    for (const id of this.#samples.keys()) if (!active.has(id)) this.#samples.delete(id);
    this.#changed.fire({ kind: 'list' });
  }

  #onProgress({ job: id, status, progress }: EngineEvents['progress']): void {
    const known = this.#jobs.find((job) => job.id === id);
    if (known?.status !== status) {
      this.#refresh.ask();
      return;
    }
    const sample = { atMs: this.#clock.now(), done: speedCount(progress) };
    this.#samples.set(id, addSample(this.#samples.get(id) ?? [], sample));
    this.#jobs = this.#jobs.map((job) => (job.id === id ? { ...job, progress } : job));
    this.#changed.fire({ kind: 'progress', job: id });
  }
}
