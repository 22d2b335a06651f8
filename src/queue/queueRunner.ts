import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { type LakesideError, toLakesideError } from '../base/errors.ts';
import type { JobProgress } from '../protocol/engineEvents.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { ClaimedJob, JobLeases } from '../store/jobLeases.ts';
import type { JobStore, Transition } from '../store/jobStore.ts';
import type { QueueStore, QueueWorker, WorkerRole } from '../store/queueStore.ts';
import { handleJob, type JobHandlers } from './jobHandlers.ts';
import { laneLimits } from './jobKinds.ts';
import { outcomeOf } from './jobOutcome.ts';
import { JobRecorder } from './jobRecorder.ts';
import { laneShares } from './laneShares.ts';
import { formatOwner, isDead, type LeaseOwner, parseOwner } from './leaseOwner.ts';
import { retryDelayMs } from './retryPolicy.ts';
import { RunningJob } from './runningJob.ts';
import { StopRequest } from './stopReasons.ts';
import { WaitingJobs } from './waitingJobs.ts';

export const LEASE_MS = 30_000;
const HEARTBEAT_MS = 5_000;
const IDLE_CHECK_MS = 2_000;
const STAMP_MS = 600_000;
/** A process that has not said for so long that it works is gone. */
const WORKER_MS = 1_500_000;
/** Room that the others leave so long is anybody's. */
const LEFT_MS = 1_000;

export interface QueueRunnerOptions {
  readonly jobs: JobStore;
  readonly leases: JobLeases;
  readonly queue: QueueStore;
  readonly handlers: JobHandlers;
  readonly clock: Clock;
  readonly owner: LeaseOwner;
  readonly role: WorkerRole;
  /** This process runs no other engine at the same time: leases of earlier ones are free. */
  readonly soleEngine: boolean;
  readonly settings: () => { readonly concurrency: number; readonly retryCount: number };
  /** Why this process cannot give what a job needs, as a sentence; undefined when it can. */
  readonly lacks: (need: string) => Promise<string | undefined>;
  readonly random: () => number;
  /** Takes secrets out of what is kept; by default there are none. */
  readonly hideSecrets?: (text: string) => string;
  readonly onChange: () => void;
  readonly onProgress: (progress: JobProgress) => void;
  readonly onError: (error: LakesideError) => void;
}

/** Claims jobs, runs their handlers, keeps their leases. One per engine; any number per database. */
export class QueueRunner implements Disposable {
  readonly #options: QueueRunnerOptions;
  readonly #owner: string;
  readonly #running = new Map<string, RunningJob>();
  readonly #recorder: JobRecorder;
  readonly #waiting: WaitingJobs;
  /** Since when a lane has had room that this process left to the others. */
  readonly #leftSince = new Map<string, number>();
  #heartbeatTimer: Disposable | undefined;
  #idleTimer: Disposable | undefined;
  #ticking: Promise<void> | undefined;
  #again = false;
  #stopped = true;
  #joined = false;
  #left = false;
  #stampedAt = -Infinity;

  constructor(options: QueueRunnerOptions) {
    this.#options = options;
    this.#owner = formatOwner(options.owner);
    const { jobs, leases, queue, clock, lacks, onChange } = options;
    this.#recorder = new JobRecorder({
      leases,
      clock,
      onError: (error) => options.onError(toLakesideError(error)),
      onWritten: (written) => this.#tellOfGroups(new Set(written.map(({ key }) => key))),
    });
    this.#waiting = new WaitingJobs({ jobs, leases, queue, clock, owner: this.#owner, lacks, onChange });
  }

  get isRunning(): boolean {
    return !this.#stopped;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#scheduleHeartbeat();
    this.poke();
  }

  /** Looks at the queue now: something was added, canceled, paused, or changed by another process. */
  poke(): void {
    if (this.#stopped) return;
    // Not behind the look at what waits: that may ask a drive that does not answer.
    this.#obey();
    if (this.#ticking !== undefined) {
      this.#again = true;
      return;
    }
    this.#ticking = this.#tick()
      .catch((error: unknown) => this.#options.onError(toLakesideError(error)))
      .finally(() => {
        this.#ticking = undefined;
        if (this.#again) {
          this.#again = false;
          this.poke();
        } else this.#scheduleIdleCheck();
      });
  }

  /** Notes that this process takes jobs. False for a second one in the background: it must not start. */
  async join(): Promise<boolean> {
    if (this.#joined) return true;
    const { queue, role, clock } = this.#options;
    this.#stampedAt = clock.now();
    this.#joined = await this.#write(() => queue.join({ owner: this.#owner, role }, this.#isGoneWorker, clock.now()));
    return this.#joined;
  }

  /**
   * Takes this process out of those that work on the queue, before it stops; gives those that are left. Of several that
   * leave at the same time, exactly one finds nobody else.
   */
  async leave(): Promise<readonly QueueWorker[]> {
    this.#joined = true;
    this.#left = true;
    return this.#write(() => this.#options.queue.leave(this.#owner, this.#isGoneWorker));
  }

  /** Puts running jobs back into the queue and takes no more. Settles when their handlers have ended. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#heartbeatTimer?.dispose();
    this.#idleTimer?.dispose();
    await this.#ticking;
    for (const running of this.#running.values()) running.stop(new StopRequest());
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
    if (this.#joined) await this.leave();
  }

  dispose(): void {
    this.stop().catch((error: unknown) => this.#options.onError(toLakesideError(error)));
  }

  #write<T>(run: () => T): Promise<T> {
    return retryWhileBusy(run, this.#options.clock);
  }

  /** Where a process that has its number now is taken for it (not every system tells them apart), time tells. */
  readonly #isGoneWorker = ({ owner, seen }: QueueWorker): boolean =>
    this.#isGone(owner) || this.#options.clock.now() - seen > WORKER_MS;

  readonly #isGone = (owner: string): boolean => {
    const holder = parseOwner(owner);
    const { owner: me, soleEngine } = this.#options;
    return holder === undefined || (owner !== this.#owner && isDead(holder, me, { soleEngine }));
  };

  async #tick(): Promise<void> {
    const { leases, clock } = this.#options;
    await this.join();
    await this.#freeAbandoned();
    const { given, hasWork } = await this.#waiting.sort();
    // A transaction that finds nothing would still keep others from writing.
    if (this.#stopped || !hasWork) return;
    const limits = laneLimits(this.#options.settings().concurrency);
    const workers = await this.#workers();
    const claims = await this.#write(() =>
      leases.claim({
        owner: this.#owner,
        now: clock.now(),
        leaseMs: LEASE_MS,
        laneLimits: limits,
        shares: laneShares({ limits, workers, unshared: this.#leftLong() }),
        gives: (need) => given.has(need),
      }),
    );
    this.#noteLeft(claims.left);
    for (const job of claims.jobs) this.#run(job);
    if (claims.jobs.length > 0) this.#options.onChange();
  }

  /** How many processes take jobs, this one included. */
  async #workers(): Promise<number> {
    const { queue } = this.#options;
    const workers = queue.workers();
    const gone = workers.filter(this.#isGoneWorker);
    if (gone.length > 0) await this.#write(() => queue.removeGone(this.#isGoneWorker));
    return Math.max(1, workers.length - gone.length);
  }

  #leftLong(): ReadonlySet<string> {
    const now = this.#options.clock.now();
    return new Set([...this.#leftSince].filter(([, since]) => now - since >= LEFT_MS).map(([lane]) => lane));
  }

  #noteLeft(left: ReadonlySet<string>): void {
    for (const lane of this.#leftSince.keys()) if (!left.has(lane)) this.#leftSince.delete(lane);
    for (const lane of left) if (!this.#leftSince.has(lane)) this.#leftSince.set(lane, this.#options.clock.now());
  }

  /** What was asked of the jobs that run here, by whichever process. */
  #obey(): void {
    if (this.#running.size === 0) return;
    for (const { id, owner, cancelAsked, keepPartials, pauseAsked } of this.#options.leases.running()) {
      if (owner !== this.#owner) continue;
      if (cancelAsked) this.#running.get(id)?.cancel({ keepPartials });
      else if (pauseAsked) this.#running.get(id)?.pause();
    }
  }

  /** Jobs of dead processes and of those whose lease ran out go back to the queue. */
  async #freeAbandoned(): Promise<void> {
    const { leases, clock, onChange } = this.#options;
    const gone = new Map<string, boolean>();
    for (const { id, owner, leaseUntil } of leases.running()) {
      if (this.#running.has(id)) continue;
      // Ours, but not running: a claim whose handler this engine never started or already lost.
      if (!gone.has(owner)) gone.set(owner, owner === this.#owner || this.#isGone(owner));
      if (gone.get(owner) !== true && leaseUntil >= clock.now()) continue;
      if (await this.#write(() => leases.free(id, owner, clock.now()))) onChange();
    }
  }

  #run(job: ClaimedJob): void {
    const { leases, clock, onProgress, hideSecrets = (text: string) => text } = this.#options;
    const running = new RunningJob({
      job,
      leases,
      recorder: this.#recorder,
      clock,
      onProgress,
      triesAgain: (error) => this.#retryDelay(error, job) !== undefined,
      hideSecrets,
    });
    this.#running.set(job.id, running);
    running.ended = this.#work(running)
      .catch((error: unknown) => this.#options.onError(toLakesideError(error)))
      .finally(() => {
        this.#running.delete(job.id);
        this.#options.onChange();
        this.poke();
      });
  }

  async #work(running: RunningJob): Promise<void> {
    const { handlers, clock } = this.#options;
    const { job, signal } = running;
    running.log(
      'info',
      job.attempts > 1 ? `Attempt ${job.attempts} begins in ${this.#here()}.` : `Begins in ${this.#here()}.`,
    );
    let to: Transition;
    try {
      const result = await handleJob(handlers, job, running.context());
      to = { status: 'succeeded', now: clock.now(), result };
      running.log('info', 'Done.');
    } catch (thrown) {
      const error = toLakesideError(thrown);
      const reason: unknown = signal.aborted ? signal.reason : undefined;
      const outcome = outcomeOf({ error, reason, retryDelayMs: this.#retryDelay(error, job), now: clock.now() });
      to = outcome.to;
      running.log(outcome.line.level, outcome.line.message);
    }
    await this.#recorder.release(running.lease, to);
  }

  #here(): string {
    return describeWorker(this.#options.role, this.#options.owner.pid);
  }

  #retryDelay({ retryable }: LakesideError, { attempts }: ClaimedJob): number | undefined {
    const { retryCount } = this.#options.settings();
    return retryDelayMs({ retryable, attempts, retryCount, random: this.#options.random() });
  }

  /** The progress of a group is that of its parts, as it was written. */
  #tellOfGroups(written: ReadonlySet<number>): void {
    const { jobs, onProgress } = this.#options;
    const parents = new Set<string>();
    for (const { job } of this.#running.values()) {
      if (job.parent !== null && written.has(job.key)) parents.add(job.parent);
    }
    for (const parent of parents) {
      const group = jobs.get(parent);
      if (group === undefined || group.progress === null) continue;
      const { id, kind, title, status, progress } = group;
      onProgress({ job: id, kind, title, status, progress });
    }
  }

  #scheduleHeartbeat(): void {
    this.#heartbeatTimer = this.#options.clock.after(HEARTBEAT_MS, () => {
      void this.#heartbeat()
        .catch((error: unknown) => this.#options.onError(toLakesideError(error)))
        .finally(() => {
          if (!this.#stopped) this.#scheduleHeartbeat();
        });
    });
  }

  /** Seldom: every write makes the other windows look whether anything is new. */
  async #stamp(): Promise<void> {
    const { queue, role, clock } = this.#options;
    if (!this.#joined || this.#left || clock.now() - this.#stampedAt < STAMP_MS) return;
    this.#stampedAt = clock.now();
    await this.#write(() => queue.stamp({ owner: this.#owner, role }, clock.now()));
  }

  async #heartbeat(): Promise<void> {
    const { leases, clock } = this.#options;
    await this.#stamp();
    const running = [...this.#running.values()];
    if (running.length === 0) return;
    const held = await this.#write(() =>
      leases.heartbeat(
        running.map(({ lease }) => lease),
        clock.now() + LEASE_MS,
      ),
    );
    for (const each of running) {
      if (!held.has(each.lease.key) && this.#running.get(each.job.id) === each) each.loseLease();
    }
    this.#obey();
  }

  #scheduleIdleCheck(): void {
    this.#idleTimer?.dispose();
    if (!this.#stopped) this.#idleTimer = this.#options.clock.after(IDLE_CHECK_MS, () => this.poke());
  }
}

/** Who works on the queue, for a person: `the command line (process 4711)`. */
export function describeWorker(role: WorkerRole, pid: number): string {
  const who: Record<WorkerRole, string> = {
    window: 'a window',
    command: 'the command line',
    background: 'the background',
  };
  return `${who[role]} (process ${pid})`;
}
