import * as z from 'zod';

import { errorShapeSchema } from './apiResponse.ts';
import { byteCount, contentHash, id, timeMs } from './values.ts';

/** Shapes of the studio that several contracts share. Sizes in bytes or pixels, times in whole milliseconds since 1970. */

/** Lower-case letters, digits and single dashes: a folder name on every system. */
export const slug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'A slug is made of lower-case letters and digits, with single dashes between them')
  .max(64);
export const displayName = z
  .string()
  .trim()
  .min(1, 'A name must not be empty')
  .max(200, 'A name has at most 200 characters')
  .refine(
    (name) => !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(name),
    'A name is one line of text, without control characters',
  );
/** Instructions, briefs and prompts: as long as a short book, and no longer. */
export const longText = z.string().max(200_000, 'A text has at most 200,000 characters');
/** From 0; as large as a number can be exact. ComfyUI itself takes up to 2^64. */
export const seed = z.int().nonnegative();

export const userSchema = z.object({
  id,
  name: displayName,
  /** The person at this machine now, who is named on every row they cause. */
  current: z.boolean(),
  archived: z.boolean(),
});
export type User = z.infer<typeof userSchema>;

export const brandSchema = z.object({
  id,
  slug,
  name: displayName,
  /** How the brand speaks and looks: words that go into every prompt. */
  voice: longText,
  createdBy: z.string(),
  createdAt: timeMs,
  archived: z.boolean(),
  projects: z.int(),
});
export type Brand = z.infer<typeof brandSchema>;

/** Where a project keeps its images: below the studio's own folder, or below one of its own (absolute path). */
export const storagePolicySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('default') }),
  z.strictObject({ kind: z.literal('folder'), path: z.string().min(1) }),
]);
export type StoragePolicy = z.infer<typeof storagePolicySchema>;

export const projectSchema = z.object({
  id,
  slug,
  name: displayName,
  brand: z.object({ id, slug, name: displayName }),
  storage: storagePolicySchema,
  /** Absolute path of the folder that the storage policy means; the project's images lie below it, in its slug. */
  imagesFolder: z.string(),
  /** ISO 4217 code. */
  currency: z.string().regex(/^[A-Z]{3}$/),
  createdBy: z.string(),
  createdAt: timeMs,
  archived: z.boolean(),
  items: z.int(),
  images: z.int(),
});
export type Project = z.infer<typeof projectSchema>;

export const RUN_STATES = ['queued', 'waiting', 'running', 'succeeded', 'failed', 'canceled'] as const;
export const runStateSchema = z.enum(RUN_STATES);
export type RunState = z.infer<typeof runStateSchema>;

/** Values a generation is made with, by the name of what they are bound to: `width`, `steps`, `model`, … */
export const generationValuesSchema = z.record(
  z.string().min(1).max(100),
  z.union([z.string().max(200_000), z.number(), z.boolean()]),
);
export type GenerationValues = z.infer<typeof generationValuesSchema>;

/** What a person asks for. */
export const generationSchema = z.strictObject({
  /** Name of a provider. */
  provider: z.string().min(1).max(100),
  /** Id of a workflow, for providers that run one; without it the provider's first. */
  workflow: id.optional(),
  prompt: longText.default(''),
  negative: longText.default(''),
  /** Of the first image; each further one has the next. Left out: a random one. */
  seed: seed.optional(),
  count: z.int().min(1).max(100).default(1),
  values: generationValuesSchema.default({}),
});
export type Generation = z.infer<typeof generationSchema>;

export const itemSchema = z.object({
  id,
  slug,
  name: displayName,
  project: z.object({ id, slug, name: displayName }),
  brief: longText,
  /** What the editor would generate with. */
  draft: generationSchema.partial(),
  createdBy: z.string(),
  createdAt: timeMs,
  archived: z.boolean(),
  runs: z.int(),
  images: z.int(),
  picked: z.int(),
});
export type WorkItem = z.infer<typeof itemSchema>;

export const INSTRUCTION_SCOPES = ['user', 'brand', 'project', 'item'] as const;
export const instructionScopeSchema = z.enum(INSTRUCTION_SCOPES);
export type InstructionScope = z.infer<typeof instructionScopeSchema>;

/** What the provider is told, and where each piece came from. */
export const mergedPromptSchema = z.object({
  prompt: z.string(),
  negative: z.string(),
  /** From the most general to the most particular; empty texts are left out. */
  parts: z.array(z.object({ from: z.enum(['user', 'voice', 'brand', 'project', 'item', 'prompt']), text: z.string() })),
});
export type MergedPrompt = z.infer<typeof mergedPromptSchema>;

export const PROVIDER_KINDS = ['comfyui', 'command', 'http', 'draft'] as const;
export const providerKindSchema = z.enum(PROVIDER_KINDS);
export type ProviderKind = z.infer<typeof providerKindSchema>;

export const VALUE_TYPES = ['text', 'integer', 'number', 'boolean', 'choice', 'image'] as const;

/** A named thing one can set: an input of a workflow, a placeholder of a command, a field of an API. */
export const inputFieldSchema = z.object({
  /** `prompt`, `negative`, `seed`, `width`, `height`, `steps`, `cfg`, `sampler`, `scheduler`, `denoise`, `model`, `lora`, `image`, or a name of the user's. */
  name: z.string().min(1).max(100),
  label: z.string(),
  type: z.enum(VALUE_TYPES),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  choices: z.array(z.string()).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  step: z.number().optional(),
});
export type InputField = z.infer<typeof inputFieldSchema>;

/** A named input of a workflow: which input of which node it sets. */
export const bindingSchema = z.strictObject({
  name: z.string().min(1).max(100),
  node: z.string().min(1),
  input: z.string().min(1),
  type: z.enum(VALUE_TYPES),
});
export type Binding = z.infer<typeof bindingSchema>;

/** A graph in ComfyUI's API format: node id → class and inputs; a link is `[node id, output]`. */
export const workflowGraphSchema = z.record(
  z.string().min(1),
  z.looseObject({ class_type: z.string().min(1), inputs: z.record(z.string(), z.unknown()) }),
);
export type WorkflowGraph = z.infer<typeof workflowGraphSchema>;

export const workflowSchema = z.object({
  id,
  name: displayName,
  /** Comes with Lakeside, and cannot be changed. */
  builtIn: z.boolean(),
  bindings: z.array(bindingSchema),
  nodes: z.int(),
});
export type Workflow = z.infer<typeof workflowSchema>;

export const PICKS = ['none', 'picked', 'rejected'] as const;
export const pickSchema = z.enum(PICKS);
export type Pick = z.infer<typeof pickSchema>;

export const rating = z.int().min(0).max(5);

export const runImageSchema = z.object({
  id,
  run: id,
  item: id,
  project: id,
  /** Absolute. */
  path: z.string(),
  stage: z.string(),
  variant: z.string(),
  /** From 1, within its part of the run. */
  n: z.int(),
  mime: z.string(),
  width: z.int(),
  height: z.int(),
  bytes: byteCount,
  blake3: contentHash,
  seed,
  model: z.string(),
  rating,
  pick: pickSchema,
  createdAt: timeMs,
});
export type RunImage = z.infer<typeof runImageSchema>;

/** All a run was made with; kept in the job, the run and the sidecars. */
export const runSnapshotSchema = z.object({
  run: id,
  item: z.object({ id, slug, name: z.string() }),
  project: z.object({ id, slug, name: z.string() }),
  brand: z.object({ id, slug, name: z.string() }),
  user: z.object({ id, name: z.string() }),
  provider: z.object({ name: z.string(), kind: providerKindSchema }),
  workflow: z.object({ id, name: z.string(), graph: workflowGraphSchema, bindings: z.array(bindingSchema) }).optional(),
  merged: mergedPromptSchema,
  /** What was asked, with the seed decided. */
  generation: generationSchema.extend({ seed }),
  /** Absolute path of the run's folder. */
  folder: z.string(),
});
export type RunSnapshot = z.infer<typeof runSnapshotSchema>;

export const runSchema = z.object({
  id,
  job: id,
  status: runStateSchema,
  /** Why it waits, as a sentence. */
  waitingFor: z.string().optional(),
  item: z.object({ id, slug, name: z.string() }),
  project: z.object({ id, slug, name: z.string() }),
  provider: z.string(),
  prompt: z.string(),
  count: z.int(),
  images: z.int(),
  /** Images that are neither picked nor rejected. */
  unpicked: z.int(),
  error: errorShapeSchema.optional(),
  createdBy: z.string(),
  createdAt: timeMs,
  startedAt: timeMs.nullable(),
  finishedAt: timeMs.nullable(),
});
export type Run = z.infer<typeof runSchema>;

/** What software wrote about how an image was made. */
export const generationDataSchema = z.object({
  /** Who wrote it; `unknown` where the image says nothing. */
  source: z.enum(['lakeside', 'comfyui', 'a1111', 'invokeai', 'swarmui', 'unknown']),
  width: z.int(),
  height: z.int(),
  format: z.enum(['png', 'jpeg', 'webp', 'avif', 'other']),
  bytes: byteCount,
  prompt: z.string().optional(),
  negative: z.string().optional(),
  seed: z.union([seed, z.string()]).optional(),
  steps: z.number().optional(),
  cfg: z.number().optional(),
  sampler: z.string().optional(),
  scheduler: z.string().optional(),
  model: z.string().optional(),
  loras: z.array(z.object({ name: z.string(), strength: z.number().optional() })).optional(),
  /** Everything else that was said, by name. */
  more: z.record(z.string(), z.string()).optional(),
  /** The ComfyUI graph in API format, and the one the editor shows, as JSON texts. */
  graph: z.string().optional(),
  workflow: z.string().optional(),
});
export type GenerationData = z.infer<typeof generationDataSchema>;
