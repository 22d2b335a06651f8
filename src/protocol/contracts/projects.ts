import * as z from 'zod';

import { displayName, projectSchema, slug, storagePolicySchema } from '../studioValues.ts';
import { useCase } from '../useCase.ts';
import { id } from '../values.ts';

const currency = z.string().regex(/^[A-Z]{3}$/, 'A currency is three capital letters, such as USD');

export const projectsList = useCase({
  name: 'projects.list',
  version: 1,
  kind: 'query',
  summary: 'Projects by name, of one brand or of all.',
  input: z.strictObject({
    brand: id.optional(),
    /** Archived ones too, themselves or with their brand. */
    archived: z.boolean().default(false),
  }),
  output: z.object({ projects: z.array(projectSchema) }),
});

export const projectsAdd = useCase({
  name: 'projects.add',
  version: 1,
  kind: 'command',
  summary: 'Adds a project to a brand; without one, to the only brand, or to a first one called Studio.',
  input: z.strictObject({
    name: displayName,
    brand: id.optional(),
    slug: slug.optional(),
    storage: storagePolicySchema.optional(),
    currency: currency.optional(),
  }),
  output: z.object({ project: projectSchema }),
});

export const projectsUpdate = useCase({
  name: 'projects.update',
  version: 1,
  kind: 'command',
  summary:
    'Changes a project, archives it, or takes it out of the archive. Where it stores images counts for new runs.',
  input: z.strictObject({
    id,
    name: displayName.optional(),
    storage: storagePolicySchema.optional(),
    currency: currency.optional(),
    archived: z.boolean().optional(),
  }),
  output: z.object({ project: projectSchema }),
});
