import { userInfo } from 'node:os';

import { displayName, type User } from '../protocol/studioValues.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { Audit } from '../store/auditStore.ts';
import type { Core } from './core.ts';
import { reloadNeededError } from './reloadNeededError.ts';

/** What a command of the studio works with, within its transaction. */
export interface StudioChange {
  /** The person at this machine. */
  readonly by: User;
  readonly now: number;
  /** Notes what the command did. */
  readonly audit: (audit: Omit<Audit, 'at' | 'by'>) => void;
}

/**
 * Runs a command of the studio as one transaction, by the person at this machine. Other processes write before it or
 * after it, never in between. The views hear of what was noted in the audits. Throws RELOAD_NEEDED.
 */
export async function changeStudio<T>(core: Core, work: (change: StudioChange) => T): Promise<T> {
  const { store, clock } = core;
  if (core.reloadNeeded()) throw reloadNeededError();
  const { result, audits } = await retryWhileBusy(
    () =>
      store.transaction(() => {
        const by = store.users.current() ?? addFirstUser(core);
        const now = clock.now();
        const noted: Audit[] = [];
        const answer = work({ by, now, audit: (audit) => noted.push({ ...audit, at: now, by: by.id }) });
        for (const audit of noted) store.audits.add(audit);
        return { result: answer, audits: noted.length };
      }),
    clock,
  );
  if (audits > 0) core.changed('studio');
  return result;
}

/** The person at this machine; the first time, one is made of the name the system knows them by. */
export async function currentUser(core: Core): Promise<User> {
  return core.store.users.current() ?? changeStudio(core, ({ by }) => by);
}

function addFirstUser(core: Core): User {
  const { store, clock } = core;
  const id = core.newStudioId();
  const now = clock.now();
  const name = systemUserName();
  store.users.add({ id, name, now });
  store.users.switchTo(id);
  store.audits.add({ at: now, by: id, action: 'user.add', subject: 'user', subjectId: id, after: { name } });
  return { id, name, current: true, archived: false };
}

function systemUserName(): string {
  try {
    return displayName.catch('Me').parse(userInfo().username);
  } catch {
    // Some systems know no name for the person, as a container without an entry for its user.
    return 'Me';
  }
}
