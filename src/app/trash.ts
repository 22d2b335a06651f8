import { createHash } from 'node:crypto';

import { LakesideError, toLakesideError } from '../base/errors.ts';
import { formatQuantity } from '../base/format.ts';
import { baseName } from '../base/relpath.ts';
import { rootTitle } from '../base/rootTitle.ts';
import { isStoreOnlyRoot } from '../library/rootMarker.ts';
import type { TrashEntry } from '../protocol/contracts/trash.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { TrashListRow } from '../store/trashStore.ts';
import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';
import { indexTrash } from './indexTrash.ts';
import { requireTrusted } from './refuseUntrusted.ts';
import { requireRoot } from './requireRoot.ts';

/** A list that is shown again and again looks at the disk no more often than this. */
const LOOK_AGAIN_MS = 30_000;
const DAY_MS = 86_400_000;

export function trashUseCases(core: Core): AreaImplementations<'trash'> {
  const { store, clock } = core;
  /** When this process last looked at the trash of a root, by the root's key. */
  const lookedAt = new Map<number, number>();
  const looking = new Map<number, Promise<void>>();

  /** Looks at the trash on the disk; at once for all who ask meanwhile. */
  function look(root: RootRow): Promise<void> {
    const running = looking.get(root.key);
    if (running !== undefined) return running;
    lookedAt.set(root.key, clock.now());
    const look = indexTrash(core, root, new AbortController().signal)
      .then((different) => {
        if (different) core.changed('trash');
      })
      .finally(() => looking.delete(root.key));
    looking.set(root.key, look);
    return look;
  }

  /** What the index holds is shown at once; it is looked at again behind the scenes, except where nothing is known yet. */
  async function bringUpToDate(root: RootRow, fresh: boolean): Promise<void> {
    const isNew = store.trash.times(root.key).readAt === null;
    const last = lookedAt.get(root.key);
    if (fresh || isNew) {
      await look(root);
      return;
    }
    if (last !== undefined && clock.now() - last < LOOK_AGAIN_MS) return;
    look(root).catch(report);
  }

  function report(error: unknown): void {
    const { code, message } = toLakesideError(error);
    core.log.write({ level: 'warn', message, data: { code } });
  }

  async function mountedRoots(name: string | undefined): Promise<RootRow[]> {
    if (name !== undefined) {
      const root = requireRoot(core, name);
      const probe = await core.mounts.probe(root);
      if (!probe.mounted) throw probe.problem;
      return [root];
    }
    // A root that is known by the store alone is never written to, and has no trash.
    const roots = store.roots.list().filter(({ id }) => !isStoreOnlyRoot(id));
    const probes = await Promise.all(roots.map((root) => core.mounts.probe(root)));
    return roots.filter((_root, index) => probes[index]?.mounted === true);
  }

  return {
    'trash.list': async ({ root: name, text, fresh = false, offset, limit }) => {
      const roots: RootRow[] = [];
      for (const root of await mountedRoots(name)) {
        try {
          await bringUpToDate(root, fresh);
          roots.push(root);
        } catch (error) {
          if (name !== undefined) throw error;
          // It went away just now: the others are shown.
          report(error);
        }
      }
      const query = { rootKeys: roots.map(({ key }) => key), text };
      const names = new Map(roots.map((root) => [root.key, root.name]));
      const items = store.trash.page(query, offset, limit).map((row) => toEntry(row, names.get(row.rootKey) ?? ''));
      return { ...store.trash.totals(query), items };
    },
    'trash.restore': async ({ root: name, ids }) => {
      requireTrusted(core, 'nothing is restored');
      const root = requireRoot(core, name);
      await core.mounts.require(root);
      const title = `Restore ${countOf(ids)} in ${rootTitle(root.name)}`;
      const job = await core.submit({
        kind: 'trash',
        title,
        payload: { action: 'restore', root: root.id, ids },
        roots: [root.id],
        needs: ['trust:'],
        dedupeKey: `trash restore ${root.id} ${digest(ids)}`,
        // The person waits for it.
        priority: 1,
      });
      return { job: job.id };
    },
    'trash.purge': async ({ root: name, ids, olderThanDays, lastCopies = [] }) => {
      requireTrusted(core, 'nothing is removed');
      const root = requireRoot(core, name);
      if (ids === undefined && olderThanDays === undefined) {
        throw new LakesideError(
          'TRASH_NOTHING_NAMED',
          'validation',
          'Say which files of the trash are to be removed for good: name them, or say for how many days they must have lain there.',
        );
      }
      await core.mounts.require(root);
      const before = olderThanDays === undefined ? undefined : clock.now() - olderThanDays * DAY_MS;
      const job = await core.submit({
        kind: 'trash',
        title: `Remove ${ids === undefined ? 'old files' : countOf(ids)} from the trash of ${rootTitle(root.name)}`,
        payload: {
          action: 'purge',
          root: root.id,
          ...(ids === undefined ? {} : { ids }),
          ...(before === undefined ? {} : { before }),
          lastCopies,
        },
        roots: [root.id],
        needs: ['trust:'],
        dedupeKey: `trash purge ${root.id} ${digest([ids, olderThanDays, lastCopies])}`,
      });
      return { job: job.id };
    },
  };
}

/** Short, however much is asked for. */
function digest(asked: unknown): string {
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex');
}

function countOf(ids: readonly string[]): string {
  return ids.length === 1 ? baseName(ids[0] ?? '') : formatQuantity(ids.length, 'file');
}

function toEntry(row: TrashListRow, root: string): TrashEntry {
  const { folder, path, size, mtimeMs, trashedAt, jobId, blake3, lastCopy } = row;
  return {
    id: `${folder}/${path}`,
    root,
    path,
    size,
    mtimeMs,
    trashedAt,
    ...(jobId === null ? {} : { job: jobId }),
    ...(blake3 === null ? {} : { blake3: blake3.toString('hex') }),
    lastCopy: lastCopy === 1,
  };
}
