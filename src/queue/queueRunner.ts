import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { canceledError, isCanceled, LakesideError, toLakesideError } from '../base/errors.ts';
import type { JobProgress } from '../protocol/engineEvents.ts';
import type { JobKind, LiveProgress } from '../protocol/values.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { ClaimedJob, JobStore, Lease, Transition } from '../store/jobStore.ts';
import { JOB_PAYLOADS, type JobPayload, type JobResult, laneLimits } from './jobKinds.ts';
import { formatOwner, isDead, type LeaseOwner, parseOwner } from './leaseOwner.ts';
import { retryDelayMs } from './retryPolicy.ts';

export const LEASE_MS = 30_000;
const HEARTBEAT_MS = 5_000;
const IDLE_CHECK_MS = 2_000;
const WAIT_CHECK_MS = 3_000;
/** How long a job that lacks what hangs on the process (a setting, trust) is left to other processes. */
const ELSEWHERE_MS = 10_000;
const PROGRESS_EVENT_MS = 100;
const PROGRESS_WRITE_MS = 250;

export interface JobContext {
  readonly lease: Lease;
  readonly jobId: string;
  /** Aborted when the job is canceled, its lease is lost, or the engine stops. */
  readonly signal: AbortSignal;
  progress(progress: LiveProgress): void;
  /** Throws LEASE_LOST when this process no longer holds the job: nothing may be written then. */
  assertHeld(): void;
  /** Whether the queue would run the job again by itself if it failed with this now. */
  triesAgain(error: LakesideError): boolean;
}

export type JobHandlers = {
  readonly [K in JobKind]: (payload: JobPayload<K>, context: JobContext) => Promise<JobResult<K>>;
};

export interface QueueRunnerOptions {
  readonly jobs: JobStore;
  readonly handlers: JobHandlers;
  readonly clock: Clock;
  readonly owner: LeaseOwner;
  /** This process runs no other engine at the same time: leases of earlier ones are free. */
  readonly soleEngine: boolean;
  readonly settings: () => { readonly concurrency: number; readonly retryCount: number };
  /** Why this process cannot give what a job needs, as a sentence; undefined when it can. */
  readonly lacks: (need: string) => Promise<string | undefined>;
  readonly random: () => number;
  readonly onChange: () => void;
  readonly onProgress: (progress: JobProgress) => void;
  readonly onError: (error: LakesideError) => void;
}

interface Running {
  readonly job: ClaimedJob;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
  lastProgress: LiveProgress | undefined;
}

/** Claims jobs, runs their handlers, keeps their leases. One per engine; any number per database. */
export class QueueRunner implements Disposable {
  readonly #options: QueueRunnerOptions;
  readonly #owner: string;
  readonly #running = new Map<string, Running>();
  #heartbeatTimer: Disposable | undefined;
  #idleTimer: Disposable | undefined;
  #ticking: Promise<void> | undefined;
  #again = false;
  #stopped = true;

  constructor(options: QueueRunnerOptions) {
    this.#options = options;
    this.#owner = formatOwner(options.owner);
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

  /** Looks at the queue now: something was added, canceled, or changed by another process. */
  poke(): void {
    if (this.#stopped) return;
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

  /** Stops the job at once if it runs here; its state is written when its handler has ended. */
  cancelHere(jobId: string): boolean {
    const running = this.#running.get(jobId);
    running?.abort.abort(canceledError('The job'));
    return running !== undefined;
  }

  /** Puts running jobs back into the queue and takes no more. Settles when their handlers have ended. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#heartbeatTimer?.dispose();
    this.#idleTimer?.dispose();
    await this.#ticking;
    for (const { abort } of this.#running.values()) abort.abort(new StopRequest());
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  dispose(): void {
    this.stop().catch((error: unknown) => this.#options.onError(toLakesideError(error)));
  }

  #write<T>(run: () => T): Promise<T> {
    return retryWhileBusy(run, this.#options.clock);
  }

  async #tick(): Promise<void> {
    const { jobs, clock } = this.#options;
    await this.#freeAbandoned();
    const given = await this.#sortWaiting();
    if (this.#stopped) return;
    const { concurrency } = this.#options.settings();
    const claimed = await this.#write(() =>
      jobs.claim({
        owner: this.#owner,
        now: clock.now(),
        leaseMs: LEASE_MS,
        laneLimits: laneLimits(concurrency),
        gives: (need) => given.has(need),
      }),
    );
    for (const job of claimed) this.#run(job);
    if (claimed.length > 0) this.#options.onChange();
  }

  /** Jobs of dead processes and of those whose lease ran out go back to the queue. */
  async #freeAbandoned(): Promise<void> {
    const { jobs, clock, owner, soleEngine, onChange } = this.#options;
    for (const row of jobs.running()) {
      const mine = this.#running.get(row.id);
      if (mine !== undefined) {
        if (row.cancelAsked) mine.abort.abort(canceledError('The job'));
        continue;
      }
      const holder = parseOwner(row.owner);
      // Ours, but not running: a claim whose handler this engine never started or already lost.
      const dead = holder === undefined || row.owner === this.#owner || isDead(holder, owner, { soleEngine });
      if (!dead && row.leaseUntil >= clock.now()) continue;
      if (await this.#write(() => jobs.free(row.id, row.owner, row.cancelAsked, clock.now()))) onChange();
    }
  }

  /** Jobs that lack something wait, with a sentence; those that lack it no more are queued again. Gives what is at hand. */
  async #sortWaiting(): Promise<ReadonlySet<string>> {
    const { jobs, clock, onChange } = this.#options;
    const due = jobs.waiting().filter(({ notBefore }) => notBefore <= clock.now());
    const queued = jobs.queued();
    const lacking = new Map<string, string | undefined>();
    await Promise.all(
      [...new Set([...due, ...queued].flatMap(({ needs }) => needs))].map(async (need) => {
        lacking.set(need, await this.#options.lacks(need));
      }),
    );
    const missing = (needs: readonly string[]): string | undefined =>
      needs.map((need) => lacking.get(need)).find((sentence) => sentence !== undefined);
    const now = clock.now();
    for (const { id, needs } of due) {
      if (missing(needs) !== undefined) continue;
      if (await this.#write(() => jobs.transition(id, 'waiting', { status: 'queued', now }))) onChange();
    }
    for (const { id, needs, createdAt } of queued) {
      const waitingFor = missing(needs);
      if (waitingFor === undefined) continue;
      // What only this process lacks, another one may have: it gets its chance before the job is said to wait.
      const mayBeElsewhere = needs.some((need) => !need.startsWith('root:') && lacking.get(need) !== undefined);
      if (mayBeElsewhere && now - createdAt < ELSEWHERE_MS) continue;
      if (await this.#write(() => jobs.transition(id, 'queued', { status: 'waiting', now, waitingFor }))) onChange();
    }
    return new Set([...lacking].filter(([, sentence]) => sentence === undefined).map(([need]) => need));
  }

  #run(job: ClaimedJob): void {
    const abort = new AbortController();
    const lease: Lease = { key: job.key, fence: job.fence };
    const running: Running = { job, abort, lastProgress: undefined, ended: Promise.resolve() };
    const ended = this.#work(running, lease)
      .catch((error: unknown) => this.#options.onError(toLakesideError(error)))
      .finally(() => {
        this.#running.delete(job.id);
        this.#options.onChange();
        this.poke();
      });
    this.#running.set(job.id, Object.assign(running, { ended }));
  }

  async #work(running: Running, lease: Lease): Promise<void> {
    const { job, abort } = running;
    let outcome: Transition;
    try {
      const result = await this.#handle(job, this.#context(running, lease));
      outcome = { status: 'succeeded', now: this.#options.clock.now(), result };
    } catch (error) {
      outcome = this.#outcomeOf(toLakesideError(error), job, abort.signal);
    }
    const { lastProgress } = running;
    await this.#write(() => {
      if (lastProgress !== undefined) this.#options.jobs.setProgress(lease, lastProgress);
      this.#options.jobs.release(lease, outcome);
    });
  }

  #handle(job: ClaimedJob, context: JobContext): Promise<unknown> {
    const { handlers } = this.#options;
    // A switch, so that each handler meets the payload its own schema parsed.
    switch (job.kind) {
      case 'scan':
        return handlers.scan(JOB_PAYLOADS.scan.parse(job.payload), context);
      case 'hash':
        return handlers.hash(JOB_PAYLOADS.hash.parse(job.payload), context);
      case 'apply':
        return handlers.apply(JOB_PAYLOADS.apply.parse(job.payload), context);
      case 'generate':
        return handlers.generate(JOB_PAYLOADS.generate.parse(job.payload), context);
    }
  }

  #context(running: Running, lease: Lease): JobContext {
    const { jobs, clock, onProgress, onError } = this.#options;
    const { job, abort } = running;
    let lastEvent = 0;
    let lastWrite = 0;
    return {
      lease,
      triesAgain: (error) => this.#retryDelay(error, job) !== undefined,
      jobId: job.id,
      signal: abort.signal,
      progress: (progress) => {
        running.lastProgress = progress;
        const now = clock.now();
        if (now - lastEvent >= PROGRESS_EVENT_MS) {
          lastEvent = now;
          onProgress({ job: job.id, kind: job.kind, title: job.title, status: 'running', progress });
        }
        if (now - lastWrite >= PROGRESS_WRITE_MS) {
          lastWrite = now;
          this.#write(() => jobs.setProgress(lease, progress)).catch((error: unknown) =>
            onError(toLakesideError(error)),
          );
        }
      },
      assertHeld: () => {
        if (abort.signal.aborted) throw toLakesideError(abort.signal.reason);
        if (!jobs.holds(lease)) {
          const lost = new LakesideError('LEASE_LOST', 'infra', 'Another process has taken this job over.');
          abort.abort(lost);
          throw lost;
        }
      },
    };
  }

  #outcomeOf(error: LakesideError, job: ClaimedJob, signal: AbortSignal): Transition {
    const now = this.#options.clock.now();
    if (signal.aborted && signal.reason instanceof StopRequest) return { status: 'queued', now, notCounted: true };
    if (isCanceled(error) || (signal.aborted && isCanceled(signal.reason))) return { status: 'canceled', now };
    if (error.code === 'ROOT_NOT_MOUNTED' || error.code === 'UNC_HOST_NOT_ALLOWED') {
      return { status: 'waiting', now, waitingFor: error.message, notBefore: now + WAIT_CHECK_MS, notCounted: true };
    }
    const delay = this.#retryDelay(error, job);
    if (delay !== undefined) return { status: 'queued', now, notBefore: now + delay, error: error.toShape() };
    return { status: 'failed', now, error: error.toShape() };
  }

  #retryDelay({ retryable }: LakesideError, { attempts }: ClaimedJob): number | undefined {
    const { retryCount } = this.#options.settings();
    return retryDelayMs({ retryable, attempts, retryCount, random: this.#options.random() });
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

  async #heartbeat(): Promise<void> {
    const { jobs, clock } = this.#options;
    const running = [...this.#running.values()];
    if (running.length === 0) return;
    const held = await this.#write(() =>
      jobs.heartbeat(
        running.map(({ job }) => ({ key: job.key, fence: job.fence })),
        clock.now() + LEASE_MS,
      ),
    );
    const heldKeys = new Map(held.map((row) => [row.key, row.cancelAsked]));
    for (const { job, abort } of running) {
      const cancelAsked = heldKeys.get(job.key);
      if (cancelAsked === undefined && this.#running.has(job.id)) {
        abort.abort(new LakesideError('LEASE_LOST', 'infra', 'Another process has taken this job over.'));
      } else if (cancelAsked === true) abort.abort(canceledError('The job'));
    }
  }

  #scheduleIdleCheck(): void {
    this.#idleTimer?.dispose();
    if (!this.#stopped) this.#idleTimer = this.#options.clock.after(IDLE_CHECK_MS, () => this.poke());
  }
}

/** Why a handler is aborted when its engine stops: the job is not over, another process goes on with it. */
class StopRequest extends LakesideError {
  constructor() {
    super('STOPPING', 'infra', 'The engine is stopping.', { retryable: true });
  }
}
