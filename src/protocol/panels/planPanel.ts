import * as z from 'zod';

import { errorShapeSchema } from '../apiResponse.ts';
import { jobsCancel, jobsGet, jobsList, jobsPause, jobsResume, jobsRetry } from '../contracts/jobs.ts';
import { plansApply, plansInfo, plansPage, plansResolve, plansResult, plansTick } from '../contracts/plans.ts';
import { rootsList, rootsSpace } from '../contracts/roots.ts';
import { contract } from '../rpc.ts';
import { folderPath, id, problemSchema, relpath, rootName } from '../values.ts';
import { nothing, sharedHostRequests, sharedPanelEvents } from './panelParts.ts';

/** The use cases the Plan panel may call; its host forwards these to the engine and nothing else. */
export const PLAN_PANEL_USE_CASES = {
  'plans.info': plansInfo,
  'plans.page': plansPage,
  'plans.tick': plansTick,
  'plans.resolve': plansResolve,
  'plans.apply': plansApply,
  'plans.result': plansResult,
  'roots.list': rootsList,
  'roots.space': rootsSpace,
  'jobs.get': jobsGet,
  'jobs.list': jobsList,
  'jobs.cancel': jobsCancel,
  'jobs.retry': jobsRetry,
  'jobs.pause': jobsPause,
  'jobs.resume': jobsResume,
} as const;

/** The document the panel shows. */
export const panelDocumentSchema = z.object({
  fileName: z.string(),
  /** The plan in the store; null when the file could not be opened, and `error` says why. */
  plan: id.nullable(),
  error: errorShapeSchema.optional(),
  /** False in an untrusted workspace: one may look, not apply. */
  trusted: z.boolean(),
  /** What the plan could not hold when it was made, and why: names no plan may have, steps that cannot be undone. */
  leftOut: z.array(problemSchema).optional(),
});
export type PanelDocument = z.infer<typeof panelDocumentSchema>;

/** What only the panel's host can do. */
export const PLAN_HOST_REQUESTS = {
  ...sharedHostRequests,
  /** Answers once the document is open, or could not be opened. */
  'panel.document': { input: z.strictObject({}), output: panelDocumentSchema },
  /** Reads the file again after it could not be opened. */
  'panel.reopen': { input: z.strictObject({}), output: panelDocumentSchema },
  /** Makes the plan that takes back what this plan's apply did, and opens it. */
  'panel.undo': { input: z.strictObject({}), output: nothing },
  /** Lets the person name last copies that may go; true where some were named. */
  'panel.nameLastCopies': { input: z.strictObject({}), output: z.boolean() },
  'panel.save': { input: z.strictObject({}), output: nothing },
  'panel.revealFile': { input: z.strictObject({ root: rootName, path: relpath }), output: nothing },
  'panel.openFolder': { input: z.strictObject({ root: rootName, path: folderPath }), output: nothing },
} as const;

/** What the Plan panel's host answers and tells. */
export const planPanelContract = contract({
  requests: { ...PLAN_PANEL_USE_CASES, ...PLAN_HOST_REQUESTS },
  events: {
    ...sharedPanelEvents,
    /** The document is another one now: opened again, saved, or the workspace became trusted. */
    document: panelDocumentSchema,
  },
});
export type PlanPanelContract = typeof planPanelContract;
