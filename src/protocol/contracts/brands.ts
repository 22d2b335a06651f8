import * as z from 'zod';

import { brandSchema, displayName, longText, slug } from '../studioValues.ts';
import { useCase } from '../useCase.ts';
import { id } from '../values.ts';

export const brandsList = useCase({
  name: 'brands.list',
  version: 1,
  kind: 'query',
  summary: 'Brands by name.',
  input: z.strictObject({
    /** Archived ones too. */
    archived: z.boolean().default(false),
  }),
  output: z.object({ brands: z.array(brandSchema) }),
});

export const brandsAdd = useCase({
  name: 'brands.add',
  version: 1,
  kind: 'command',
  summary: 'Adds a brand. Without a slug one is made of the name; a slug that is taken gets a number.',
  input: z.strictObject({ name: displayName, slug: slug.optional(), voice: longText.default('') }),
  output: z.object({ brand: brandSchema }),
});

export const brandsUpdate = useCase({
  name: 'brands.update',
  version: 1,
  kind: 'command',
  summary: 'Changes a brand, archives it with all that is in it, or takes it out of the archive. Slugs stay.',
  input: z.strictObject({
    id,
    name: displayName.optional(),
    voice: longText.optional(),
    archived: z.boolean().optional(),
  }),
  output: z.object({ brand: brandSchema }),
});
