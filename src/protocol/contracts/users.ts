import * as z from 'zod';

import { displayName, userSchema } from '../studioValues.ts';
import { useCase } from '../useCase.ts';
import { id } from '../values.ts';

export const usersList = useCase({
  name: 'users.list',
  version: 1,
  kind: 'query',
  summary: 'The people who work at this machine, and which of them does now.',
  input: z.strictObject({
    /** Archived ones too. */
    archived: z.boolean().default(false),
  }),
  output: z.object({ users: z.array(userSchema) }),
});

export const usersAdd = useCase({
  name: 'users.add',
  version: 1,
  kind: 'command',
  summary: 'Adds a person; `switch` makes them the one at this machine.',
  input: z.strictObject({ name: displayName, switch: z.boolean().default(false) }),
  output: z.object({ user: userSchema }),
});

export const usersUpdate = useCase({
  name: 'users.update',
  version: 1,
  kind: 'command',
  summary: 'Renames a person, archives them, or takes them out of the archive. The current one cannot be archived.',
  input: z.strictObject({ id, name: displayName.optional(), archived: z.boolean().optional() }),
  output: z.object({ user: userSchema }),
});

export const usersSwitch = useCase({
  name: 'users.switch',
  version: 1,
  kind: 'command',
  summary: 'Says who is at this machine now.',
  input: z.strictObject({ id }),
  output: z.object({ user: userSchema }),
});
