import * as z from 'zod';

import { changedEvent, progressEvent } from '../engineEvents.ts';
import { contract } from '../rpc.ts';
import { id } from '../values.ts';

/** What every panel's host tells. */
export const sharedPanelEvents = {
  changed: changedEvent,
  progress: progressEvent,
  /** The host is going away; nothing will be answered any more. */
  dispose: z.object({ reason: z.string() }),
} as const;

export const nothing = z.null();

/** What every panel's host can do. */
export const sharedHostRequests = {
  'panel.copyText': { input: z.strictObject({ text: z.string().max(500_000) }), output: nothing },
  'panel.showJob': { input: z.strictObject({ job: id }), output: nothing },
} as const;

/** What a panel answers: nothing. It asks. */
export const panelViewContract = contract({ requests: {}, events: {} });

/**
 * Every message between a panel and its host bears the panel's session: a hidden panel is torn down and loads afresh
 * with the same numbers, so an answer meant for its former life must not reach it.
 */
export const panelEnvelopeSchema = z.object({ session: z.string().min(1).max(64), body: z.unknown() });
export type PanelEnvelope = z.infer<typeof panelEnvelopeSchema>;
