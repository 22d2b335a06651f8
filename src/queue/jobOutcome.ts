import { isCanceled, type LakesideError } from '../base/errors.ts';
import type { NewLogLine } from '../store/jobHistory.ts';
import type { Transition } from '../store/jobStore.ts';
import { PauseRequest, StopRequest } from './stopReasons.ts';

/** How soon a job whose root went away is looked at again. */
const WAIT_CHECK_MS = 3_000;

export interface OutcomeQuestion {
  /** What the handler threw. */
  readonly error: LakesideError;
  /** Why the handler was aborted; undefined when it was not. */
  readonly reason: unknown;
  /** How long to wait before it is tried again, if it is. */
  readonly retryDelayMs: number | undefined;
  readonly now: number;
}

export interface Outcome {
  readonly to: Transition;
  readonly line: NewLogLine;
}

/** What becomes of a job whose handler threw. */
export function outcomeOf({ error, reason, retryDelayMs, now }: OutcomeQuestion): Outcome {
  const line = (level: NewLogLine['level'], message: string): NewLogLine => ({ at: now, level, message });
  const told = `${error.message} (${error.code})`;
  // Asked to stop, a handler may end with whatever it was at; the job goes on later all the same.
  const also = isCanceled(error) || error === reason ? '' : ` ${told}`;
  if (reason instanceof StopRequest) {
    return {
      to: { status: 'queued', now, notCounted: true },
      line: line('info', `Put back into the queue, since its process ends.${also}`),
    };
  }
  if (reason instanceof PauseRequest) {
    return { to: { status: 'paused', now, notCounted: true }, line: line('info', `Paused.${also}`) };
  }
  if (isCanceled(error) || isCanceled(reason)) {
    return { to: { status: 'canceled', now }, line: line('info', 'Canceled.') };
  }
  if (error.code === 'ROOT_NOT_MOUNTED' || error.code === 'UNC_HOST_NOT_ALLOWED') {
    return {
      to: { status: 'waiting', now, waitingFor: error.message, notBefore: now + WAIT_CHECK_MS, notCounted: true },
      line: line('warn', `Waits: ${told}`),
    };
  }
  if (retryDelayMs !== undefined) {
    return {
      to: { status: 'queued', now, notBefore: now + retryDelayMs, error: error.toShape() },
      line: line('warn', `Is tried again in ${(retryDelayMs / 1_000).toFixed(1)} s: ${told}`),
    };
  }
  return { to: { status: 'failed', now, error: error.toShape() }, line: line('error', `Failed: ${told}`) };
}
