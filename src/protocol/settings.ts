import * as z from 'zod';

import { rootName } from './values.ts';

/** The settings the core takes, by their names without `lakeside.`; each with its default. */
export const settingsSchema = z.strictObject({
  'local.root': z.string().default(''),
  'lake.root': z.string().default(''),
  'local.allowDelete': z.boolean().default(false),
  'lake.allowDelete': z.boolean().default(false),
  roots: z
    .array(
      z.strictObject({
        name: rootName,
        path: z.string().min(1),
        allowDelete: z.boolean().default(false),
        network: z.boolean().default(false),
      }),
    )
    .default([]),
  /** Globs of what is neither indexed nor mirrored nor deleted. */
  ignore: z
    .array(z.string().min(1))
    .default(['**/*.partial', '**/*.part', '**/*.crdownload', '**/*.tmp', '**/Thumbs.db', '**/.DS_Store', '**/.*/**']),
  'queue.concurrency': z.int().min(1).max(16).default(1),
  'queue.retryCount': z.int().min(0).max(20).default(3),
  'queue.historyDays': z.int().min(1).max(3_650).default(90),
  'transfer.parallelFiles': z.int().min(1).max(32).default(4),
  'trash.enabled': z.boolean().default(true),
  'watch.mode': z.enum(['auto', 'events', 'poll', 'off']).default('auto'),
  /** 0: the number of cores, at most 4. */
  'hash.threads': z.int().min(0).max(64).default(0),
  'log.level': z.enum(['error', 'warn', 'info', 'debug']).default('info'),
});
export type Settings = z.infer<typeof settingsSchema>;

export function defaultSettings(): Settings {
  return settingsSchema.parse({});
}
