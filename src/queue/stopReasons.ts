import { LakesideError } from '../base/errors.ts';

/** Why a handler is aborted when its engine stops: the job is not over, another process goes on with it. */
export class StopRequest extends LakesideError {
  constructor() {
    super('STOPPING', 'infra', 'The engine is stopping.', { retryable: true });
  }
}

/** Why a handler is aborted when a person pauses the job: it goes on later from what was recorded. */
export class PauseRequest extends LakesideError {
  constructor() {
    super('PAUSING', 'infra', 'The job is paused.', { retryable: true });
  }
}
