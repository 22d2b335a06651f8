import { LakesideError } from '../base/errors.ts';
import { foldName } from '../base/relpath.ts';
import { changedFields } from '../studio/changedFields.ts';
import { changeStudio, currentUser } from './changeStudio.ts';
import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';
import { requireUser } from './requireStudio.ts';

export function userUseCases(core: Core): AreaImplementations<'users'> {
  const { store } = core;

  function refuseTakenName(name: string, exceptId?: string): void {
    const taken = store.users
      .list({ archived: true })
      .find((user) => user.id !== exceptId && foldName(user.name) === foldName(name));
    if (taken === undefined) return;
    const hint = taken.archived ? 'They are archived: restore them, or choose another name.' : 'Choose another name.';
    throw new LakesideError('USER_EXISTS', 'validation', `There is a user named "${taken.name}" already. ${hint}`, {
      context: { name },
    });
  }

  return {
    'users.list': async ({ archived }) => {
      await currentUser(core);
      return { users: store.users.list({ archived }) };
    },
    'users.add': async ({ name, switch: switches }) =>
      changeStudio(core, ({ by, now, audit }) => {
        refuseTakenName(name);
        const id = core.newStudioId();
        store.users.add({ id, name, now });
        audit({ action: 'user.add', subject: 'user', subjectId: id, after: { name } });
        if (switches) {
          store.users.switchTo(id);
          audit({ action: 'user.switch', subject: 'user', subjectId: id, before: { id: by.id }, after: { id } });
        }
        return { user: requireUser(core, id) };
      }),
    'users.update': async ({ id, name, archived }) =>
      changeStudio(core, ({ now, audit }) => {
        const user = requireUser(core, id);
        const before = { name: user.name, archived: user.archived };
        const after = { name: name ?? user.name, archived: archived ?? user.archived };
        if (after.archived && user.current) {
          const sentence = `${user.name} works at this machine now. Switch to another user first.`;
          throw new LakesideError('USER_CURRENT', 'validation', sentence);
        }
        refuseTakenName(after.name, id);
        const changed = changedFields(before, after);
        if (changed === undefined) return { user };
        store.users.update(id, { name: after.name, archivedAt: after.archived ? now : null });
        audit({ action: 'user.update', subject: 'user', subjectId: id, ...changed });
        return { user: requireUser(core, id) };
      }),
    'users.switch': async ({ id }) =>
      changeStudio(core, ({ by, audit }) => {
        const user = requireUser(core, id);
        if (user.archived) {
          throw new LakesideError(
            'USER_ARCHIVED',
            'validation',
            `The user "${user.name}" is archived. Restore them first.`,
          );
        }
        if (by.id === id) return { user };
        store.users.switchTo(id);
        audit({ action: 'user.switch', subject: 'user', subjectId: id, before: { id: by.id }, after: { id } });
        return { user: requireUser(core, id) };
      }),
  };
}
