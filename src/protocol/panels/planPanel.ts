import * as z from 'zod';

import { errorShapeSchema } from '../apiResponse.ts';
import { jobsCancel, jobsGet, jobsList, jobsRetry } from '../contracts/jobs.ts';
import { plansApply, plansInfo, plansPage, plansResult, plansTick } from '../contracts/plans.ts';
import { rootsList, rootsSpace } from '../contracts/roots.ts';
import { contract } from '../rpc.ts';
import { folderPath, id, relpath, rootName } from '../values.ts';
import { nothing, sharedHostRequests, sharedPanelEvents } from './panelParts.ts';

/** The use cases the Plan panel may call; its host forwards these to the engine and nothing else. */
export const PLAN_PANEL_USE_CASES = {
  'plans.info': plansInfo,
  'plans.page': plansPage,
  'plans.tick': plansTick,
  'plans.apply': plansApply,
  'plans.result': plansResult,
  'roots.list': rootsList,
  'roots.space': rootsSpace,
  'jobs.get': jobsGet,
  'jobs.list': jobsList,
  'jobs.cancel': jobsCancel,
  'jobs.retry': jobsRetry,
} as const;

/** The document the panel shows. */
export const panelDocumentSchema = z.object({
  fileName: z.string(),
  /** The plan in the store; null when the file could not be opened, and `error` says why. */
  plan: id.nullable(),
  error: errorShapeSchema.optional(),
  /** False in an untrusted workspace: one may look, not apply. */
  trusted: z.boolean(),
});
export type PanelDocument = z.infer<typeof panelDocumentSchema>;

/** What only the panel's host can do. */
export const PLAN_HOST_REQUESTS = {
  ...sharedHostRequests,
  /** Answers once the document is open, or could not be opened. */
  'panel.document': { input: z.strictObject({}), output: panelDocumentSchema },
  /** Reads the file again after it could not be opened. */
  'panel.reopen': { input: z.strictObject({}), output: panelDocumentSchema },
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
