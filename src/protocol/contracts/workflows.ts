import * as z from 'zod';

import { bindingSchema, displayName, inputFieldSchema, VALUE_TYPES, workflowSchema } from '../studioValues.ts';
import { useCase } from '../useCase.ts';
import { id } from '../values.ts';

export const workflowsList = useCase({
  name: 'workflows.list',
  version: 1,
  kind: 'query',
  summary: 'The workflows that come with Lakeside, then those that were imported, by name.',
  input: z.strictObject({}),
  output: z.object({ workflows: z.array(workflowSchema) }),
});

export const workflowsImport = useCase({
  name: 'workflows.import',
  version: 1,
  kind: 'command',
  summary:
    'Reads a workflow in API format, from a JSON file or an image ComfyUI made, and finds what its prompt, seed, size … are. The same graph again gives the workflow that is there.',
  input: z.strictObject({
    /** Absolute path. */
    path: z.string().min(1),
    name: displayName.optional(),
  }),
  output: z.object({ workflow: workflowSchema }),
});

export const workflowsGet = useCase({
  name: 'workflows.get',
  version: 1,
  kind: 'query',
  summary: 'A workflow with every input of its nodes that a name can be bound to.',
  input: z.strictObject({ id }),
  output: z.object({
    workflow: workflowSchema,
    inputs: z.array(
      z.object({
        node: z.string(),
        /** The node as the graph calls it: its title, or its class. */
        title: z.string(),
        input: z.string(),
        type: z.enum(VALUE_TYPES),
        value: z.union([z.string(), z.number(), z.boolean()]),
      }),
    ),
  }),
});

export const workflowsBind = useCase({
  name: 'workflows.bind',
  version: 1,
  kind: 'command',
  summary: 'Corrects what the names of a workflow are bound to. Workflows that come with Lakeside are copied first.',
  input: z.strictObject({ id, bindings: z.array(bindingSchema).max(200) }),
  output: z.object({ workflow: workflowSchema }),
});

export const workflowsUpdate = useCase({
  name: 'workflows.update',
  version: 1,
  kind: 'command',
  summary: 'Renames an imported workflow, or archives it.',
  input: z.strictObject({ id, name: displayName.optional(), archived: z.boolean().optional() }),
  output: z.object({ workflow: workflowSchema }),
});

export const workflowsFields = useCase({
  name: 'workflows.fields',
  version: 1,
  kind: 'query',
  summary:
    'What one can set when generating with a provider and, where it runs one, a workflow: with choices such as models as the provider has them now.',
  input: z.strictObject({ provider: z.string().min(1).max(100), workflow: id.optional() }),
  output: z.object({
    fields: z.array(inputFieldSchema),
    /** Why choices are not known now: the server does not answer, lacks a node. */
    problems: z.array(z.object({ code: z.string(), message: z.string() })),
  }),
});
