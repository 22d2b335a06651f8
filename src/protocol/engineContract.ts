import * as z from 'zod';

import { contract } from './rpc.ts';
import { USE_CASES } from './useCases.ts';
import { id, jobKindSchema, jobStateSchema, progressSchema } from './values.ts';

export const CHANGE_TOPICS = ['roots', 'files', 'jobs', 'plans'] as const;

/** What the engine answers (every use case) and tells: hints to fetch again, and progress as it happens. */
export const engineContract = contract({
  requests: USE_CASES,
  events: {
    /** Something under these topics is different; fetch what you show again. */
    changed: z.object({ topics: z.array(z.enum(CHANGE_TOPICS)) }),
    /** At most ten a second per job. */
    progress: z.object({
      job: id,
      kind: jobKindSchema,
      title: z.string(),
      status: jobStateSchema,
      progress: progressSchema,
    }),
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

/** What the engine asks of its host. Nothing yet that the command line could not answer. */
export const engineHostContract = contract({ requests: {}, events: {} });
export type EngineHostContract = typeof engineHostContract;
