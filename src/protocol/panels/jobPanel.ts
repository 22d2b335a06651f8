import * as z from 'zod';

import {
  jobsCancel,
  jobsGet,
  jobsList,
  jobsLog,
  jobsMove,
  jobsPause,
  jobsResume,
  jobsRetry,
  jobsSpeed,
} from '../contracts/jobs.ts';
import { plansResult } from '../contracts/plans.ts';
import { contract } from '../rpc.ts';
import { id } from '../values.ts';
import { nothing, sharedHostRequests, sharedPanelEvents } from './panelParts.ts';

/** The use cases the Job panel may call; its host forwards these to the engine and nothing else. */
export const JOB_PANEL_USE_CASES = {
  'jobs.get': jobsGet,
  /** Its parts, where it has some. */
  'jobs.list': jobsList,
  'jobs.log': jobsLog,
  'jobs.speed': jobsSpeed,
  'jobs.pause': jobsPause,
  'jobs.resume': jobsResume,
  'jobs.move': jobsMove,
  'jobs.cancel': jobsCancel,
  'jobs.retry': jobsRetry,
  'plans.result': plansResult,
} as const;

export const jobPanelContract = contract({
  requests: {
    ...JOB_PANEL_USE_CASES,
    ...sharedHostRequests,
    /** The job this panel is about, and whether one may do more than look. */
    'job.shown': { input: z.strictObject({}), output: z.object({ job: id, trusted: z.boolean() }) },
    /** Opens the plan that this job applies. */
    'job.openPlan': { input: z.strictObject({}), output: nothing },
    /** Makes the plan that takes back what it did, and opens it. */
    'job.undo': { input: z.strictObject({}), output: nothing },
    /** Opens all there is to know of it as a text. */
    'job.asText': { input: z.strictObject({}), output: nothing },
  },
  events: { ...sharedPanelEvents },
});
export type JobPanelContract = typeof jobPanelContract;

/** What the page keeps, so that VS Code can open it again. */
export const jobPanelStateSchema = z.object({ job: id });
