import { join } from 'node:path';
import * as z from 'zod';

import { readTextIfPresent } from '../../../base/atomicFile.ts';

/** What provider and runner leave each other in the folder of one submission. */
export interface CommandFiles {
  readonly folder: string;
  readonly task: string;
  /** Made once, by the runner before it starts the program, or by who makes sure that it never will. */
  readonly started: string;
  /** How the program ended. */
  readonly exit: string;
  readonly outputDir: string;
}

export function commandFiles(scratch: string, submission: string): CommandFiles {
  const folder = join(scratch, submission);
  return {
    folder,
    task: join(folder, 'task.json'),
    started: join(folder, 'started.json'),
    exit: join(folder, 'exit.json'),
    outputDir: join(folder, 'output'),
  };
}

export const taskSchema = z.object({
  argv: z.array(z.string()).min(1),
  cwd: z.string(),
  timeLimitMs: z.int().positive(),
  started: z.string(),
  exit: z.string(),
});
export type CommandTask = z.infer<typeof taskSchema>;

export const startedSchema = z.union([
  z.object({ pid: z.int(), start: z.string() }),
  z.object({ abandoned: z.literal(true) }),
]);

export const exitSchema = z.object({
  code: z.int().nullable(),
  signal: z.string().nullable(),
  timedOut: z.boolean(),
  /** Why the program could not be started, as the system says it. */
  startError: z.string().optional(),
  /** The end of what it wrote to standard error, else of what it wrote to standard output. */
  said: z.string(),
});
export type CommandExit = z.infer<typeof exitSchema>;

/** A file of the folder, or undefined where it is not there yet or, after a power cut, not whole. */
export function readCommandFile<T>(path: string, schema: z.ZodType<T>): T | undefined {
  const text = readTextIfPresent(path);
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
