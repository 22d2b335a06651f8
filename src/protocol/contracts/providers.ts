import * as z from 'zod';

import { errorShapeSchema } from '../apiResponse.ts';
import { providerKindSchema } from '../studioValues.ts';
import { useCase } from '../useCase.ts';

export const providersList = useCase({
  name: 'providers.list',
  version: 1,
  kind: 'query',
  summary: 'The ways to make an image that are set up here; `check` also asks each whether it can work now.',
  input: z.strictObject({ check: z.boolean().default(false) }),
  output: z.object({
    providers: z.array(
      z.object({
        name: z.string(),
        kind: providerKindSchema,
        /** A line for the person: `2 servers`, `imagegen generate`. */
        detail: z.string(),
        /** Whether it runs a workflow. */
        workflows: z.boolean(),
        /** Whether the same seed makes the same image. */
        seeds: z.boolean(),
        /** Only with `check`: whether it answers, and if not, why. */
        available: z.boolean().optional(),
        problem: errorShapeSchema.optional(),
      }),
    ),
  }),
});
export type ProviderInfo = z.infer<typeof providersList.output>['providers'][number];
