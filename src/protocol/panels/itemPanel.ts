import * as z from 'zod';

import { imagesJudge, imagesPage } from '../contracts/images.ts';
import { instructionsGet, instructionsMerge, instructionsSet } from '../contracts/instructions.ts';
import { itemsGet, itemsUpdate } from '../contracts/items.ts';
import { jobsCancel, jobsGet, jobsRetry } from '../contracts/jobs.ts';
import { providersList } from '../contracts/providers.ts';
import { runsAgain, runsGenerate, runsList } from '../contracts/runs.ts';
import { workflowsBind, workflowsFields, workflowsGet, workflowsList } from '../contracts/workflows.ts';
import { contract } from '../rpc.ts';
import { generationSchema, workflowSchema } from '../studioValues.ts';
import { id } from '../values.ts';
import { nothing, sharedHostRequests, sharedPanelEvents } from './panelParts.ts';

/** The use cases the Work item editor may call; its host forwards these to the engine and nothing else. */
export const ITEM_PANEL_USE_CASES = {
  'items.get': itemsGet,
  'items.update': itemsUpdate,
  'instructions.get': instructionsGet,
  'instructions.set': instructionsSet,
  'instructions.merge': instructionsMerge,
  'providers.list': providersList,
  'workflows.list': workflowsList,
  'workflows.get': workflowsGet,
  'workflows.bind': workflowsBind,
  'workflows.fields': workflowsFields,
  'runs.generate': runsGenerate,
  'runs.list': runsList,
  'runs.again': runsAgain,
  'images.page': imagesPage,
  'images.judge': imagesJudge,
  'jobs.get': jobsGet,
  'jobs.cancel': jobsCancel,
  'jobs.retry': jobsRetry,
} as const;

/** What the page keeps in its state (`panelState.set`), beside all else: its host opens it again from that. */
export const itemStateSchema = z.looseObject({ item: id });

export const itemPanelContract = contract({
  requests: {
    ...ITEM_PANEL_USE_CASES,
    ...sharedHostRequests,
    'item.which': { input: z.strictObject({}), output: z.object({ item: id, trusted: z.boolean() }) },
    /** Asks for a workflow file and imports it; null when the person gave up. */
    'item.importWorkflow': { input: z.strictObject({}), output: z.object({ workflow: workflowSchema.nullable() }) },
    /** Asks for an image file; null when the person gave up. */
    'item.chooseImage': { input: z.strictObject({}), output: z.object({ path: z.string().nullable() }) },
    'item.thumbnails': {
      input: z.strictObject({ images: z.array(id).min(1).max(200) }),
      output: z.object({ thumbnails: z.array(z.object({ id, uri: z.string().optional() })) }),
    },
    'item.openGallery': { input: z.strictObject({ run: id.optional(), image: id.optional() }), output: nothing },
    'item.openSettings': { input: z.strictObject({ setting: z.string() }), output: nothing },
  },
  events: {
    ...sharedPanelEvents,
    /** A picture of what is being made, as a URI; each replaces the one before. */
    preview: z.object({ run: id, part: z.int(), uri: z.string() }),
    /** Fill the editor with this: a person asked for an image again. */
    fill: z.object({ generation: generationSchema }),
    trust: z.object({ trusted: z.boolean() }),
  },
});
export type ItemPanelContract = typeof itemPanelContract;
