import { fileError } from '../base/errors.ts';
import { foldName } from '../base/relpath.ts';
import { prepareRoot } from '../library/prepareRoot.ts';
import { watcherFor } from '../library/watcherChoice.ts';
import type { Root } from '../protocol/values.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';
import { requireRoot } from './requireRoot.ts';
import { askSystem } from './rootSpaces.ts';

export async function describeRoot(core: Core, row: RootRow): Promise<Root> {
  const probe = await core.mounts.probe(row);
  const space = probe.mounted ? await core.rootSpaces.of(row.path) : undefined;
  const totals = core.store.files.totals(row.key);
  return {
    name: row.name,
    id: row.id,
    path: row.path,
    role: row.role,
    allowDelete: row.allowDelete,
    network: row.network,
    mounted: probe.mounted,
    ...(probe.mounted ? {} : { problem: probe.problem.toShape() }),
    files: totals.files,
    bytes: totals.bytes,
    scannedAt: row.scannedAt,
    verifiedAt: core.store.verified.verifiedAt(row.key),
    rottenFiles: core.store.verified.countRotten(row.key),
    hashedFiles: totals.files - totals.unhashed,
    hashedBytes: totals.bytes - totals.unhashedBytes,
    ...space,
    ...(probe.mounted ? { readOnly: probe.readOnly } : {}),
    watcher: watcherFor(totals.files, core.settings()['watch.mode']),
  };
}

export interface RootToAdd {
  readonly name: string;
  readonly path: string;
  readonly role?: RootRow['role'] | undefined;
  readonly allowDelete?: boolean | undefined;
  readonly network?: boolean | undefined;
  readonly newId?: boolean | undefined;
}

/** Makes a folder a root of that name. Throws what prepareRoot throws. */
export function addRoot(core: Core, root: RootToAdd): RootRow {
  const { store } = core;
  const prepared = prepareRoot({
    name: root.name,
    path: root.path,
    newId: root.newId,
    existing: store.roots.list(),
    clock: core.clock,
  });
  const row = store.roots.add({
    id: prepared.id,
    name: root.name,
    path: prepared.path,
    role: root.role ?? roleOf(root.name),
    allowDelete: root.allowDelete ?? false,
    network: root.network ?? prepared.network,
    mtimeStepMs: prepared.mtimeStepMs,
    createdAt: core.clock.now(),
  });
  core.mounts.forget();
  core.changed('roots', 'files');
  return row;
}

function roleOf(name: string): RootRow['role'] {
  const folded = foldName(name);
  return folded === 'local' || folded === 'lake' ? folded : 'other';
}

export function rootUseCases(core: Core): AreaImplementations<'roots'> {
  const { store } = core;
  const list = (): Promise<Root[]> => Promise.all(store.roots.list().map((row) => describeRoot(core, row)));

  return {
    'roots.list': async () => ({ roots: await list() }),
    'roots.add': async (input) => ({ root: await describeRoot(core, addRoot(core, input)) }),
    'roots.update': async ({ name, path, allowDelete, network }) => {
      const row = requireRoot(core, name);
      const moved = path === undefined ? undefined : await movedPath(core, row, path);
      store.roots.update(row.key, {
        ...(moved === undefined ? {} : { path: moved }),
        ...(allowDelete === undefined ? {} : { allowDelete }),
        ...(network === undefined ? {} : { network }),
      });
      core.mounts.forget();
      core.changed('roots');
      return { root: await describeRoot(core, requireRoot(core, name)) };
    },
    'roots.remove': async ({ name }) => {
      store.roots.remove(requireRoot(core, name).key);
      core.changed('roots', 'files');
      return { roots: await list() };
    },
    'roots.space': async ({ name }) => {
      const root = requireRoot(core, name);
      try {
        return await askSystem(root.path);
      } catch (error) {
        throw fileError('read the free space of', root.path, error);
      }
    },
  };
}

/** The new place of a root that was moved: it must carry this root's marker. */
async function movedPath(core: Core, row: RootRow, path: string): Promise<string> {
  const probe = await core.mounts.probe({ ...row, path });
  if (!probe.mounted) throw probe.problem;
  return path;
}
