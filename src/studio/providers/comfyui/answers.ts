import * as z from 'zod';

/** What a ComfyUI answers, as far as it is read; further fields are left alone. Source: server.py, execution.py of 0.3.64. */

/** `[number, id, graph, extra data, outputs]`. */
const queueEntry = z.array(z.unknown()).min(2);
export const queueSchema = z.looseObject({ queue_running: z.array(queueEntry), queue_pending: z.array(queueEntry) });

export const outputFileSchema = z.looseObject({
  filename: z.string().min(1),
  subfolder: z.string().default(''),
  type: z.string().default('output'),
});
export type OutputFile = z.infer<typeof outputFileSchema>;

const historyEntrySchema = z.looseObject({
  prompt: z.array(z.unknown()).optional(),
  outputs: z.record(z.string(), z.looseObject({ images: z.array(z.unknown()).optional().catch(undefined) })),
  /** Servers of before 2024 say none. */
  status: z
    .looseObject({ status_str: z.string(), messages: z.array(z.tuple([z.string(), z.unknown()])).catch([]) })
    .optional(),
});
export type HistoryEntry = z.infer<typeof historyEntrySchema>;
export const historySchema = z.record(z.string(), historyEntrySchema);

export const acceptedSchema = z.looseObject({ prompt_id: z.string().min(1) });

export const refusedSchema = z.looseObject({
  error: z.union([
    z.string(),
    z.looseObject({ type: z.string().default(''), message: z.string().default(''), details: z.string().default('') }),
  ]),
  node_errors: z
    .record(
      z.string(),
      z.looseObject({
        class_type: z.string().default(''),
        errors: z
          .array(z.looseObject({ type: z.string(), message: z.string(), details: z.string().default('') }))
          .default([]),
      }),
    )
    .catch({}),
});
export type Refused = z.infer<typeof refusedSchema>;

export const uploadedSchema = z.looseObject({ name: z.string().min(1), subfolder: z.string().default('') });

export const statsSchema = z.looseObject({ system: z.looseObject({}) });

/** Data of `execution_error`. */
export const executionErrorSchema = z.looseObject({
  node_type: z.string().default('a node'),
  exception_message: z.string().default(''),
  exception_type: z.string().default(''),
});
