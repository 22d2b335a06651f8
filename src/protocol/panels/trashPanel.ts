import * as z from 'zod';

import { rootsList } from '../contracts/roots.ts';
import { trashList, trashRestore } from '../contracts/trash.ts';
import { contract } from '../rpc.ts';
import { byteCount, id, relpath, rootName } from '../values.ts';
import { sharedHostRequests, sharedPanelEvents } from './panelParts.ts';

/** The use cases the Trash panel may call; its host forwards these to the engine and nothing else. */
export const TRASH_PANEL_USE_CASES = {
  'trash.list': trashList,
  'trash.restore': trashRestore,
  'roots.list': rootsList,
} as const;

/** What the person chose to remove for good, as they saw it. */
export const removalSchema = z.strictObject({
  entries: z.array(z.strictObject({ root: rootName, ids: z.array(z.string().min(1)).min(1).max(100_000) })).min(1),
  count: z.int().positive(),
  bytes: byteCount,
  /** Those of them whose content nobody else holds. */
  lastCopies: z.array(z.strictObject({ root: rootName, id: z.string().min(1), path: relpath })).max(1_000),
});
export type Removal = z.infer<typeof removalSchema>;

export const trashPanelContract = contract({
  requests: {
    ...TRASH_PANEL_USE_CASES,
    ...sharedHostRequests,
    /** The root whose trash was asked for, and whether one may do more than look. */
    'trash.shown': { input: z.strictObject({}), output: z.object({ root: rootName.nullable(), trusted: z.boolean() }) },
    /** Asks the person, in numbers and names, and queues it; no job where they said no. */
    'trash.removeForGood': { input: removalSchema, output: z.object({ jobs: z.array(id) }) },
  },
  events: {
    ...sharedPanelEvents,
    /** The trash of another root was asked for. */
    shown: z.object({ root: rootName.nullable(), trusted: z.boolean() }),
  },
});
export type TrashPanelContract = typeof trashPanelContract;

/** What the page keeps, so that it is as it was when it is shown again. */
export const trashPanelStateSchema = z.object({ root: rootName.nullable(), text: z.string() });
