import * as z from 'zod';

import { instructionScopeSchema, longText, mergedPromptSchema } from '../studioValues.ts';
import { useCase } from '../useCase.ts';
import { id } from '../values.ts';

export const instructionsGet = useCase({
  name: 'instructions.get',
  version: 1,
  kind: 'query',
  summary: 'The instructions that count for a work item, by scope, with what each scope is called.',
  input: z.strictObject({ item: id }),
  output: z.object({
    instructions: z.array(z.object({ scope: instructionScopeSchema, id, name: z.string(), text: longText })),
    /** The brand's voice, which counts as well. */
    voice: longText,
  }),
});

export const instructionsSet = useCase({
  name: 'instructions.set',
  version: 1,
  kind: 'command',
  summary: 'Writes the instructions of a user, a brand, a project or a work item; an empty text takes them away.',
  input: z.strictObject({ scope: instructionScopeSchema, id, text: longText }),
  output: z.object({}),
});

export const instructionsMerge = useCase({
  name: 'instructions.merge',
  version: 1,
  kind: 'query',
  summary: 'What a provider would be told for this prompt, by the order of precedence in docs/studio.md.',
  input: z.strictObject({ item: id, prompt: longText, negative: longText.default('') }),
  output: mergedPromptSchema,
});
