import type { Clock } from '../base/clock.ts';
import { canceledError, LakesideError, stoppedForNowError, toLakesideError } from '../base/errors.ts';
import type { JobProgress } from '../protocol/engineEvents.ts';
import type { ClaimedJob, JobLeases, Lease } from '../store/jobLeases.ts';
import type { LiveProgress } from '../protocol/values.ts';
import type { JobContext } from './jobHandlers.ts';
import type { JobRecorder } from './jobRecorder.ts';
import { PauseRequest } from './stopReasons.ts';

const PROGRESS_EVENT_MS = 100;

export interface RunningJobOptions {
  readonly job: ClaimedJob;
  readonly leases: JobLeases;
  readonly recorder: JobRecorder;
  readonly clock: Clock;
  readonly onProgress: (progress: JobProgress) => void;
  readonly triesAgain: (error: LakesideError) => boolean;
  /** Takes secrets out of what is kept. */
  readonly hideSecrets: (text: string) => string;
}

/** A job that this process holds and works on. */
export class RunningJob {
  readonly job: ClaimedJob;
  readonly lease: Lease;
  /** Settles when its end is written. Never rejects. */
  ended: Promise<void> = Promise.resolve();
  readonly #options: RunningJobOptions;
  readonly #abort = new AbortController();
  #toldAt = -Infinity;

  constructor(options: RunningJobOptions) {
    this.#options = options;
    this.job = options.job;
    this.lease = { key: options.job.key, fence: options.job.fence };
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The first reason is what the handler sees; a cancellation that comes later counts when the job is let go. */
  stop(reason: LakesideError): void {
    this.#abort.abort(reason);
  }

  /** @param options `keepPartials`: whoever asked will go on with what is half-copied */
  cancel({ keepPartials }: { readonly keepPartials: boolean }): void {
    this.stop(keepPartials ? stoppedForNowError('The job') : canceledError('The job'));
  }

  pause(): void {
    this.stop(new PauseRequest());
  }

  loseLease(): LakesideError {
    const lost = new LakesideError('LEASE_LOST', 'infra', 'Another process has taken this job over.');
    this.stop(lost);
    return lost;
  }

  log(level: 'info' | 'warn' | 'error', message: string): void {
    const { recorder, clock, hideSecrets } = this.#options;
    recorder.log(this.lease, { at: clock.now(), level, message: hideSecrets(message) });
  }

  context(): JobContext {
    const { leases, job, triesAgain } = this.#options;
    return {
      lease: this.lease,
      jobId: job.id,
      signal: this.signal,
      triesAgain,
      progress: (progress) => this.#progress(progress),
      log: (level, message) => this.log(level, message),
      assertHeld: () => {
        if (this.signal.aborted) throw toLakesideError(this.signal.reason);
        if (!leases.holds(this.lease)) throw this.loseLease();
      },
    };
  }

  #progress(progress: LiveProgress): void {
    const { clock, job, onProgress, recorder } = this.#options;
    recorder.progress(this.lease, progress);
    const now = clock.now();
    if (now - this.#toldAt < PROGRESS_EVENT_MS) return;
    this.#toldAt = now;
    onProgress({ job: job.id, kind: job.kind, title: job.title, status: 'running', progress });
  }
}
