import type { JobState } from '../protocol/values.ts';

/** What can happen to a job. docs/queue.md holds the same table for people. */
export const JOB_EVENTS = [
  'claim',
  'succeed',
  'fail',
  'retryLater',
  'wait',
  'wake',
  'pause',
  'resume',
  'cancel',
  'retry',
  'loseLease',
] as const;
export type JobEvent = (typeof JOB_EVENTS)[number];

const TRANSITIONS: Readonly<Record<JobState, Partial<Readonly<Record<JobEvent, JobState>>>>> = {
  queued: { claim: 'running', wait: 'waiting', pause: 'paused', cancel: 'canceled' },
  waiting: { wake: 'queued', pause: 'paused', cancel: 'canceled' },
  paused: { resume: 'queued', cancel: 'canceled' },
  running: {
    succeed: 'succeeded',
    fail: 'failed',
    retryLater: 'queued',
    wait: 'waiting',
    pause: 'paused',
    cancel: 'canceled',
    loseLease: 'queued',
  },
  succeeded: {},
  failed: { retry: 'queued' },
  canceled: { retry: 'queued' },
};

/** The state after an event, or undefined where the event cannot happen in that state. */
export function nextState(state: JobState, event: JobEvent): JobState | undefined {
  return TRANSITIONS[state][event];
}
