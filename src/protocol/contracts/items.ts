import * as z from 'zod';

import { displayName, generationSchema, itemSchema, longText, slug } from '../studioValues.ts';
import { useCase } from '../useCase.ts';
import { id } from '../values.ts';

export const itemsList = useCase({
  name: 'items.list',
  version: 1,
  kind: 'query',
  summary: 'Work items by name, of one project or of all.',
  input: z.strictObject({
    project: id.optional(),
    /** Archived ones too, themselves or with what they lie in. */
    archived: z.boolean().default(false),
  }),
  output: z.object({ items: z.array(itemSchema) }),
});

export const itemsGet = useCase({
  name: 'items.get',
  version: 1,
  kind: 'query',
  summary: 'One work item.',
  input: z.strictObject({ id }),
  output: z.object({ item: itemSchema }),
});

export const itemsAdd = useCase({
  name: 'items.add',
  version: 1,
  kind: 'command',
  summary: 'Adds a work item to a project. Without a slug one is made of the name.',
  input: z.strictObject({
    project: id,
    name: displayName,
    slug: slug.optional(),
    brief: longText.default(''),
  }),
  output: z.object({ item: itemSchema }),
});

export const itemsEnsure = useCase({
  name: 'items.ensure',
  version: 1,
  kind: 'command',
  summary: 'Finds a project and a work item by name or slug, and makes those that are absent.',
  input: z.strictObject({ project: displayName, item: displayName }),
  output: z.object({ item: itemSchema }),
});

export const itemsUpdate = useCase({
  name: 'items.update',
  version: 1,
  kind: 'command',
  summary: 'Changes a work item, archives it, or takes it out of the archive.',
  input: z.strictObject({
    id,
    name: displayName.optional(),
    brief: longText.optional(),
    draft: generationSchema.partial().optional(),
    archived: z.boolean().optional(),
  }),
  output: z.object({ item: itemSchema }),
});
