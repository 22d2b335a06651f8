import * as z from 'zod';

import { settingsSchema } from '../settings.ts';
import { useCase } from '../useCase.ts';

export const engineInfo = useCase({
  name: 'engine.info',
  version: 1,
  kind: 'query',
  summary: 'Version, places and health of the core.',
  input: z.strictObject({}),
  output: z.object({
    version: z.string(),
    dataDir: z.string(),
    schema: z.int(),
    hashImplementation: z.enum(['native', 'wasm']),
    queueRunning: z.boolean(),
    /** Set when another window runs newer code on this database. */
    reloadNeeded: z.boolean(),
    /** Resident bytes of the process. */
    memoryBytes: z.int(),
  }),
});

export const engineConfigure = useCase({
  name: 'engine.configure',
  version: 1,
  kind: 'command',
  summary: 'Takes the settings of this window. They seed the roots table by name; the table is the truth.',
  input: z.strictObject({
    settings: settingsSchema,
    /** Scans roots that these settings add, so that they are seen at once. */
    scanNew: z.boolean().optional(),
    /** Whether the workspace of this window is trusted; providers that run programs work only where it is. */
    trusted: z.boolean().optional(),
  }),
  output: z.object({ problems: z.array(z.object({ setting: z.string(), code: z.string(), message: z.string() })) }),
});
