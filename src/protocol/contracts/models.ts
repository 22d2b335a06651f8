import * as z from 'zod';

import { useCase } from '../useCase.ts';
import { byteCount, contentHash, relpath, rootName, timeMs } from '../values.ts';

const count = z.number().nonnegative();

/** What is known of a model from its file alone. */
export const modelFactsSchema = z.object({
  format: z.enum(['safetensors', 'gguf', 'pickle']),
  fileBytes: byteCount,
  /** Of its tensors. */
  tensorBytes: count,
  tensorCount: z.int(),
  /** Numbers in its tensors, as they are stored. */
  parameters: count,
  /** The most common first. */
  dtypes: z.array(z.object({ dtype: z.string(), parameters: count })),
  /** `checkpoint`, `LoRA`, `vae` …; `unknown`. */
  kind: z.string(),
  /** Of an adapter of low rank. */
  rank: count.optional(),
  /** The family in lower case: `sdxl`, `flux-1`. */
  architecture: z.string().optional(),
  /** As people call it: `SDXL`. */
  baseModel: z.string().optional(),
  /** How sure architecture and base model are. */
  sure: z.enum(['certain', 'likely', 'guess']).optional(),
  trainedFrom: z.string().optional(),
  title: z.string().optional(),
  author: z.string().optional(),
  licence: z.string().optional(),
  description: z.string().optional(),
  /** Pixels: `1024x1024`. */
  resolution: z.string().optional(),
  triggerWords: z.array(z.string()),
  /** Of the captions it was trained with, the most common first. */
  tags: z.array(z.object({ tag: z.string(), count })),
});

/** Whether loading a file might run a program. */
export const modelSafetySchema = z.object({
  /** `safe`: it can only make data. `suspicious`: it cannot be told. `dangerous`: it does what no model has to do. */
  level: z.enum(['safe', 'suspicious', 'dangerous']),
  /** Sentences, the worst first; none where it is safe. */
  reasons: z.array(z.string()),
  /** Every callable that it names, the worst first. */
  callables: z.array(
    z.object({ name: z.string(), level: z.enum(['safe', 'suspicious', 'dangerous']), why: z.string() }),
  ),
});

export const modelsShow = useCase({
  name: 'models.show',
  version: 1,
  kind: 'query',
  summary:
    'What a model of a root is, by the header of its file: format, parameters, kind, architecture, training; of a pickle whether it is safe to load. No tensor is read, and nothing is run.',
  input: z.strictObject({ root: rootName, path: relpath }),
  output: z.object({
    root: rootName,
    path: relpath,
    size: byteCount,
    mtimeMs: timeMs,
    /** null while the index knows no hash of it as it is now. */
    blake3: contentHash.nullable(),
    /** By its bytes: `safetensors`, `gguf`, `zip`, `pickle`, `html` … */
    fileKind: z.string(),
    facts: modelFactsSchema.optional(),
    safety: modelSafetySchema.optional(),
    findings: z.array(z.object({ code: z.string(), message: z.string() })),
  }),
});
