import * as z from 'zod';

import { itemsList } from '../contracts/items.ts';
import { jobsCancel, jobsRetry } from '../contracts/jobs.ts';
import { overviewGet } from '../contracts/overview.ts';
import { contract } from '../rpc.ts';
import { id, rootName } from '../values.ts';
import { nothing, sharedHostRequests, sharedPanelEvents } from './panelParts.ts';

/** The use cases the Overview may call; its host forwards these to the engine and nothing else. */
export const OVERVIEW_PANEL_USE_CASES = {
  'overview.get': overviewGet,
  /** Where nothing was made yet: which work item to begin with. */
  'items.list': itemsList,
  'jobs.cancel': jobsCancel,
  'jobs.retry': jobsRetry,
} as const;

export const overviewPanelContract = contract({
  requests: {
    ...OVERVIEW_PANEL_USE_CASES,
    ...sharedHostRequests,
    'overview.thumbnails': {
      input: z.strictObject({ images: z.array(id).min(1).max(200) }),
      output: z.object({ thumbnails: z.array(z.object({ id, uri: z.string().optional() })) }),
    },
    'overview.openGallery': {
      input: z.strictObject({ run: id.optional(), image: id.optional() }),
      output: nothing,
    },
    'overview.openItem': { input: z.strictObject({ item: id }), output: nothing },
    'overview.showRoot': { input: z.strictObject({ root: rootName }), output: nothing },
    /** Begins a new brand, project and work item, as the command does. */
    'overview.newItem': { input: z.strictObject({}), output: nothing },
  },
  events: { ...sharedPanelEvents },
});
export type OverviewPanelContract = typeof overviewPanelContract;
