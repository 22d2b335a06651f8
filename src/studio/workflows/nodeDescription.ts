import * as z from 'zod';

/** An input of a node, as `/object_info` describes it. */
export interface NodeInput {
  /** `INT`, `FLOAT`, `STRING`, `BOOLEAN`, `COMBO`, or what kind of link it takes. */
  readonly type: string;
  /** Of a `COMBO`. */
  readonly choices?: readonly string[];
  readonly default?: string | number | boolean;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  /** Takes the name of an image that was uploaded. */
  readonly upload: boolean;
}

/** What a ComfyUI says of one class of nodes. */
export interface NodeDescription {
  readonly title: string;
  readonly inputs: ReadonlyMap<string, NodeInput>;
  /** It saves or shows something: a graph needs one. */
  readonly isOutput: boolean;
}

/** By class. A class that is not in it is not known, or not there. */
export type NodeDescriptions = ReadonlyMap<string, NodeDescription>;

const inputsSchema = z.record(z.string(), z.array(z.unknown())).optional().catch(undefined);
const nodeSchema = z.looseObject({
  input: z.looseObject({ required: inputsSchema, optional: inputsSchema }),
  display_name: z.string().optional().catch(undefined),
  output_node: z.boolean().optional().catch(undefined),
});
const optionsSchema = z.looseObject({
  default: z.union([z.string(), z.number(), z.boolean()]).optional().catch(undefined),
  min: z.number().optional().catch(undefined),
  max: z.number().optional().catch(undefined),
  step: z.number().optional().catch(undefined),
  options: z.array(z.unknown()).optional().catch(undefined),
  image_upload: z.boolean().optional().catch(undefined),
});
const answerSchema = z.record(z.string(), z.unknown());

/**
 * Reads an answer of `/object_info`. Nodes are written by many hands: one that is not as it should be is left out, and
 * does not spoil the others. Choices come as `[["a", "b"], {…}]` or, from newer servers, `["COMBO", {"options": […]}]`.
 * @returns undefined when it is no such answer at all
 */
export function readNodeDescriptions(answer: unknown): Map<string, NodeDescription> | undefined {
  const nodes = answerSchema.safeParse(answer);
  if (!nodes.success) return undefined;
  const descriptions = new Map<string, NodeDescription>();
  for (const [name, value] of Object.entries(nodes.data)) {
    const node = nodeSchema.safeParse(value);
    if (!node.success) continue;
    const { input, display_name: title, output_node: isOutput } = node.data;
    descriptions.set(name, {
      title: title ?? name,
      inputs: new Map(
        Object.entries({ ...input.optional, ...input.required }).map(([inputName, spec]) => [
          inputName,
          readInput(spec),
        ]),
      ),
      isOutput: isOutput ?? false,
    });
  }
  return descriptions;
}

function readInput(spec: readonly unknown[]): NodeInput {
  const [type, said] = spec;
  const parsed = optionsSchema.safeParse(said ?? {});
  const options = parsed.success ? parsed.data : {};
  const choices = Array.isArray(type) ? (type as unknown[]) : type === 'COMBO' ? options.options : undefined;
  return {
    type: choices === undefined ? (typeof type === 'string' ? type : '*') : 'COMBO',
    ...(choices === undefined ? {} : { choices: choices.map(String) }),
    ...(options.default === undefined ? {} : { default: options.default }),
    ...(options.min === undefined ? {} : { min: options.min }),
    ...(options.max === undefined ? {} : { max: options.max }),
    ...(options.step === undefined ? {} : { step: options.step }),
    upload: options.image_upload === true,
  };
}
