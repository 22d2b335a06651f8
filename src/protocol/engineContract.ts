import * as z from 'zod';

import { changedEvent, previewEvent, progressEvent } from './engineEvents.ts';
import { contract } from './rpc.ts';
import { USE_CASES } from './useCases.ts';

/** What the engine answers (every use case) and tells: hints to fetch again, and progress as it happens. */
export const engineContract = contract({
  requests: USE_CASES,
  events: {
    changed: changedEvent,
    progress: progressEvent,
    preview: previewEvent,
    /** A decision a person should know of; everything else goes to the log. */
    notice: z.object({ level: z.enum(['info', 'warning', 'error']), code: z.string(), message: z.string() }),
    log: z.object({
      level: z.enum(['error', 'warn', 'info', 'debug']),
      message: z.string(),
      data: z.string().optional(),
    }),
  },
});
export type EngineContract = typeof engineContract;

/** What the engine tells, by event name. */
export type EngineEvents = { [K in keyof EngineContract['events']]: z.output<EngineContract['events'][K]> };

/** What the engine asks of its host, since only the host has it. */
export const engineHostContract = contract({
  requests: {
    /** A key for an outside service, by the name of the provider that needs it; null where there is none. */
    'host.secret': {
      input: z.strictObject({ name: z.string().min(1).max(100) }),
      output: z.object({ value: z.string().nullable() }),
    },
  },
  events: {},
});
export type EngineHostContract = typeof engineHostContract;
