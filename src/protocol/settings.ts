import * as z from 'zod';

import { rootName } from './values.ts';

const providerName = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,63}$/u,
    'A name is 1 to 64 letters, digits, spaces, dots, dashes or underscores',
  );
const serviceUrl = z.url({ protocol: /^https?$/ });

/** Hours and minutes of the day, of the local clock. */
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
const megabytesPerSecond = z.number().min(0).max(1_000_000);
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

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
  /** Whether a process of its own goes on with the queue when the last window closes. */
  'queue.finishInBackground': z.boolean().default(false),
  'transfer.parallelFiles': z.int().min(1).max(32).default(4),
  /**
   * How fast copies may be, all together, in 10^6 bytes a second; 0: as fast as they can. A plain number is taken for the
   * limit at any time.
   */
  'transfer.bandwidth': z
    .preprocess(
      (value) => (typeof value === 'number' ? { megabytesPerSecond: value } : value),
      z
        .strictObject({
          megabytesPerSecond: megabytesPerSecond.default(0),
          /** The first row that holds now takes the place of the limit above. */
          timetable: z
            .array(
              z.strictObject({
                /** Every day, if none is named. A row over midnight belongs to the day it begins on. */
                days: z.array(z.enum(WEEKDAYS)).min(1).optional(),
                from: clockTime,
                /** Exclusive; at or before `from`: of the next day. */
                to: clockTime,
                megabytesPerSecond,
              }),
            )
            .max(100)
            .default([]),
        })
        // Here, too: it is the one that the contract tells.
        .default({ megabytesPerSecond: 0, timetable: [] }),
    )
    .default({ megabytesPerSecond: 0, timetable: [] }),
  'trash.enabled': z.boolean().default(true),
  /** After so many days what lies in the trash is removed for good, but for the last copy of a content; 0: never. */
  'trash.days': z.int().min(0).max(3_650).default(30),
  /**
   * A plan that deletes or replaces more than either is asked about again, in numbers; for a share only from 20 files on,
   * since fewer can be read one by one.
   */
  'plan.maxDelete': z
    .strictObject({
      /** Files. */
      count: z.int().min(0).default(1_000),
      /** Of the files of the root. */
      percent: z.number().min(0).max(100).default(10),
    })
    .default({ count: 1_000, percent: 10 }),
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
/** In the data dir: the settings of the last window, for the process that finishes what it left. */
export const BACKGROUND_SETTINGS_FILE = 'background.json';

export type Settings = z.infer<typeof settingsSchema>;

export function defaultSettings(): Settings {
  return settingsSchema.parse({});
}
