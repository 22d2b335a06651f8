import * as z from 'zod';

import { rootName } from './values.ts';

const providerName = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,63}$/u,
    'A name is 1 to 64 letters, digits, spaces, dots, dashes or underscores',
  );
const serviceUrl = z.url({ protocol: /^https?$/ });

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
  /** Absolute path; empty: `images` in the data dir. */
  'studio.imagesDir': z.string().default(''),
  'comfyui.servers': z
    .array(
      z.strictObject({
        name: providerName,
        url: serviceUrl,
        hourlyPrice: z.number().nonnegative().optional(),
        maxConcurrent: z.int().min(1).max(16).optional(),
      }),
    )
    .default([{ name: 'local', url: 'http://127.0.0.1:8188' }]),
  /** Programs that make an image. The first word of `argv` is the program; no shell reads them. */
  'studio.commands': z
    .array(
      z.strictObject({
        name: providerName,
        argv: z.array(z.string().max(10_000)).min(1),
        cwd: z.string().min(1).optional(),
        /** Names of the environment variables the program gets, beside those without which none would start. */
        env: z.array(z.string().min(1)).optional(),
        timeLimitSeconds: z.int().min(1).max(86_400).optional(),
      }),
    )
    .default([]),
  /** Services that speak OpenAI's image API; `url` ends before `/images`. Their keys are secrets, never settings. */
  'studio.apis': z
    .array(
      z.strictObject({
        name: providerName,
        url: serviceUrl,
        model: z.string().min(1).optional(),
        pricePerImage: z.number().nonnegative().optional(),
      }),
    )
    .default([]),
  'log.level': z.enum(['error', 'warn', 'info', 'debug']).default('info'),
});
export type Settings = z.infer<typeof settingsSchema>;

export function defaultSettings(): Settings {
  return settingsSchema.parse({});
}
