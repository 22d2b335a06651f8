import * as z from 'zod';

/** Files by which the extension host and the process outside tell each other how far they are. */
export const hostSignals = {
  scanned: 'scanned',
  shown: 'shown',
  changed: 'changed',
  ready: 'ready',
  moved: 'moved',
  result: 'result.json',
} as const;

const stretchSchema = z.object({
  /** Longest time a timer that was due had to wait. */
  longestWaitMs: z.number(),
  /** Longest processor time of the thread between two turns of that timer. */
  longestWorkMs: z.number(),
});
export type Stretch = z.infer<typeof stretchSchema>;

export const hostMeasurementSchema = z.object({
  activationMs: z.number(),
  idle: stretchSchema,
  busy: stretchSchema,
  /** While all files were hashed and copied to another root. */
  moving: stretchSchema,
  /** Bytes. */
  memoryAdded: z.number(),
});
export type HostMeasurement = z.infer<typeof hostMeasurementSchema>;

export const hostResultSchema = z.union([hostMeasurementSchema, z.object({ error: z.string() })]);
