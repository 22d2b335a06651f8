import * as z from 'zod';

import { useCase } from '../useCase.ts';
import { byteCount, rootName, rootRole, rootSchema } from '../values.ts';

export const rootsList = useCase({
  name: 'roots.list',
  version: 1,
  kind: 'query',
  summary: 'Every root, whether it is mounted, and what the index holds of it.',
  input: z.strictObject({}),
  output: z.object({ roots: z.array(rootSchema) }),
});

export const rootsAdd = useCase({
  name: 'roots.add',
  version: 1,
  kind: 'command',
  summary: 'Makes a folder a root: writes its marker, or adopts the one it has.',
  input: z.strictObject({
    name: rootName,
    path: z.string().min(1),
    role: rootRole.optional(),
    allowDelete: z.boolean().optional(),
    network: z.boolean().optional(),
    /** Gives the folder a new id when its marker is that of another root (a copied folder). */
    newId: z.boolean().optional(),
  }),
  output: z.object({ root: rootSchema }),
});

export const rootsUpdate = useCase({
  name: 'roots.update',
  version: 1,
  kind: 'command',
  summary: 'Changes where a root lies (its marker must be there), or what may be done to it.',
  input: z.strictObject({
    name: rootName,
    path: z.string().min(1).optional(),
    allowDelete: z.boolean().optional(),
    network: z.boolean().optional(),
  }),
  output: z.object({ root: rootSchema }),
});

export const rootsRemove = useCase({
  name: 'roots.remove',
  version: 1,
  kind: 'command',
  summary: 'Forgets a root and its index. No file is touched.',
  input: z.strictObject({ name: rootName }),
  output: z.object({ roots: z.array(rootSchema) }),
});

export const rootsSpace = useCase({
  name: 'roots.space',
  version: 1,
  kind: 'query',
  summary: 'Free and total space of the file system a root lies on.',
  input: z.strictObject({ name: rootName }),
  output: z.object({ freeBytes: byteCount, totalBytes: byteCount }),
});
