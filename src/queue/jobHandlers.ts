import type { LakesideError } from '../base/errors.ts';
import type { LiveProgress, WorkKind } from '../protocol/values.ts';
import type { LogLevel } from '../store/jobHistory.ts';
import type { ClaimedJob, Lease } from '../store/jobLeases.ts';
import { JOB_PAYLOADS, type JobPayload, type JobResult } from './jobKinds.ts';

/** What a handler has of its job. */
export interface JobContext {
  readonly lease: Lease;
  readonly jobId: string;
  /**
   * Aborted when the job is canceled or paused, its lease is lost, or the engine stops. Only a cancellation has the reason
   * CANCELED; whatever else it is, the job goes on later from what was recorded.
   */
  readonly signal: AbortSignal;
  progress(progress: LiveProgress): void;
  /** Notes a sentence in the job's log: what was skipped or failed, with its path. */
  log(level: LogLevel, message: string): void;
  /** Throws LEASE_LOST when this process no longer holds the job: nothing may be written then. */
  assertHeld(): void;
  /** Whether the queue would run the job again by itself if it failed with this now. */
  triesAgain(error: LakesideError): boolean;
}

export type JobHandlers = {
  readonly [K in WorkKind]: (payload: JobPayload<K>, context: JobContext) => Promise<JobResult<K>>;
};

/** Runs the handler of a job's kind on its payload. A switch, so that each handler meets what its own schema parsed. */
export async function handleJob(handlers: JobHandlers, job: ClaimedJob, context: JobContext): Promise<unknown> {
  switch (job.kind) {
    case 'scan':
      return handlers.scan(JOB_PAYLOADS.scan.parse(job.payload), context);
    case 'hash':
      return handlers.hash(JOB_PAYLOADS.hash.parse(job.payload), context);
    case 'verify':
      return handlers.verify(JOB_PAYLOADS.verify.parse(job.payload), context);
    case 'apply':
      return handlers.apply(JOB_PAYLOADS.apply.parse(job.payload), context);
    case 'trash':
      return handlers.trash(JOB_PAYLOADS.trash.parse(job.payload), context);
    case 'generate':
      return handlers.generate(JOB_PAYLOADS.generate.parse(job.payload), context);
    case 'group':
      throw new Error('A group is never claimed.');
  }
}
