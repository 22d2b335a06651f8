import * as z from 'zod';

import { errorShapeSchema } from './apiResponse.ts';
import { jobsCancel, jobsGet, jobsList, jobsRetry } from './contracts/jobs.ts';
import { plansApply, plansInfo, plansPage, plansResult, plansTick } from './contracts/plans.ts';
import { rootsList, rootsSpace } from './contracts/roots.ts';
import { changedEvent, progressEvent } from './engineEvents.ts';
import { contract } from './rpc.ts';
import { folderPath, id, relpath, rootName } from './values.ts';

/** The use cases a panel may call; the panel host forwards these to the engine and nothing else. */
export const PANEL_USE_CASES = {
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
export type PanelUseCaseName = keyof typeof PANEL_USE_CASES;

/** The document a panel shows. */
export const panelDocumentSchema = z.object({
  fileName: z.string(),
  /** The plan in the store; null when the file could not be opened, and `error` says why. */
  plan: id.nullable(),
  error: errorShapeSchema.optional(),
  /** False in an untrusted workspace: one may look, not apply. */
  trusted: z.boolean(),
});
export type PanelDocument = z.infer<typeof panelDocumentSchema>;

const nothing = z.null();

/** What only the panel's host can do. */
const hostRequests = {
  /** Answers once the document is open, or could not be opened. */
  'panel.document': { input: z.strictObject({}), output: panelDocumentSchema },
  /** Reads the file again after it could not be opened. */
  'panel.reopen': { input: z.strictObject({}), output: panelDocumentSchema },
  'panel.save': { input: z.strictObject({}), output: nothing },
  'panel.revealFile': { input: z.strictObject({ root: rootName, path: relpath }), output: nothing },
  'panel.openFolder': { input: z.strictObject({ root: rootName, path: folderPath }), output: nothing },
  'panel.copyText': { input: z.strictObject({ text: z.string().max(100_000) }), output: nothing },
  'panel.showJob': { input: z.strictObject({ job: id }), output: nothing },
} as const;
export type PanelHostRequestName = keyof typeof hostRequests;

/** What the panel's host answers and tells. */
export const panelContract = contract({
  requests: { ...PANEL_USE_CASES, ...hostRequests },
  events: {
    changed: changedEvent,
    progress: progressEvent,
    /** The document is another one now: opened again, saved, or the workspace became trusted. */
    document: panelDocumentSchema,
    /** The host is going away; nothing will be answered any more. */
    dispose: z.object({ reason: z.string() }),
  },
});
export type PanelContract = typeof panelContract;

/** What a panel answers: nothing. It asks. */
export const panelViewContract = contract({ requests: {}, events: {} });

/**
 * Every message between a panel and its host bears the panel's session: a hidden panel is torn down and loads afresh
 * with the same numbers, so an answer meant for its former life must not reach it.
 */
export const panelEnvelopeSchema = z.object({ session: z.string().min(1).max(64), body: z.unknown() });
export type PanelEnvelope = z.infer<typeof panelEnvelopeSchema>;
