import { rootTitle } from '../base/rootTitle.ts';
import { diffRoots } from '../library/diff.ts';
import { listFolder } from '../library/folderListing.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';
import { hashForPair } from './hashForPair.ts';
import { lookAtFolders } from './lookAtFolders.ts';
import { requireRoot } from './requireRoot.ts';
import { submitScan } from './submitScan.ts';

export function libraryUseCases(
  core: Core,
): Omit<AreaImplementations<'library'>, 'library.verify' | 'library.rotten' | 'library.importHashes'> {
  const { store } = core;
  return {
    'library.scan': async ({ roots, hash = false }) => {
      const rows = roots === undefined ? store.roots.list() : roots.map((name) => requireRoot(core, name));
      // Nothing is queued when one of several named roots cannot be scanned; without names, what is mounted is.
      const mounted: RootRow[] = [];
      for (const row of rows) {
        if (roots !== undefined || rows.length === 1) await core.mounts.require(row);
        else if (!(await core.mounts.probe(row)).mounted) continue;
        mounted.push(row);
      }
      const jobs = [];
      for (const row of mounted) {
        const job = await submitScan(core, row, hash);
        jobs.push({ root: row.name, job: job.id });
      }
      const title = hash ? `Scan and hash ${jobs.length} roots` : `Scan ${jobs.length} roots`;
      if (jobs.length > 1)
        await core.group(
          title,
          jobs.map(({ job }) => job),
        );
      return { jobs };
    },
    'library.hash': async ({ root: name, paths }) => {
      const root = requireRoot(core, name);
      await core.mounts.require(root);
      const job = await core.submit({
        kind: 'hash',
        title:
          paths === undefined
            ? `Hash ${rootTitle(root.name)}`
            : `Hash ${paths.length === 1 ? (paths[0] ?? '') : `${paths.length} items`} of ${rootTitle(root.name)}`,
        payload: paths === undefined ? { scope: 'unhashed', root: root.id } : { scope: 'paths', root: root.id, paths },
        roots: [root.id],
        dedupeKey: `hash ${root.id} ${paths === undefined ? '' : JSON.stringify(paths)}`,
      });
      return { job: job.id };
    },
    'library.hashes': ({ root: name, after, limit }) => {
      const root = requireRoot(core, name);
      const rows = store.files.page(root.key, { limit, ...(after === undefined ? {} : { after }) });
      const last = rows.at(-1);
      return {
        files: rows.map(({ relpath, size, mtimeMs, blake3 }) => ({
          path: relpath,
          size,
          mtimeMs,
          blake3: blake3?.toString('hex') ?? null,
        })),
        ...(rows.length === limit && last !== undefined ? { next: last.relpath } : {}),
      };
    },
    'library.look': ({ root, folders }) => lookAtFolders(core, requireRoot(core, root), folders),
    'library.diff': async (
      { from: fromName, to: toName, content = false, findMoves = false, all, limit, after },
      { signal },
    ) => {
      const started = performance.now();
      const from = requireRoot(core, fromName);
      const to = requireRoot(core, toName);
      await hashForPair(core, from, to, { content, findMoves }, signal);
      const { counts, items } = diffRoots({
        store: store.diffs,
        from,
        to,
        content,
        all,
        limit,
        after,
        revision: core.indexRevision(),
      });
      return { counts, items, ms: Math.round(performance.now() - started) };
    },
    'library.folder': ({ root: name, folder, compareTo, absent, offset, limit }) => {
      const root = requireRoot(core, name);
      const other = compareTo === undefined ? undefined : requireRoot(core, compareTo);
      return listFolder({ store, root, other, folder, absent, offset, limit, revision: core.indexRevision() });
    },
  };
}
