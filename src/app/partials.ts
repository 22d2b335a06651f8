import { LakesideError } from '../base/errors.ts';
import { rootTitle } from '../base/rootTitle.ts';
import type { RootRow } from '../store/rootStore.ts';
import { liveRunNames } from '../transfer/applyRun.ts';
import type { LeftPartial } from '../transfer/leftPartials.ts';
import type { Core } from './core.ts';
import type { Implementations } from './implementations.ts';
import { requireRoot } from './requireRoot.ts';

/** Half-copied files: what lies there, who goes on with it, and taking away what nobody does. */
export function partialUseCases(core: Core): Pick<Implementations, 'partials.list' | 'partials.remove'> {
  return {
    'partials.list': async ({ root, search }, { signal }) => {
      const roots = root === undefined ? core.store.roots.list() : [requireRoot(core, root)];
      const lists = await Promise.all(roots.map((each) => partialsOf(core, each, search ? 'everywhere' : [], signal)));
      return {
        partials: lists.flat().map(({ root: name, partial: { path, size, mtimeMs }, job }) => ({
          root: name,
          path,
          size,
          mtimeMs,
          ...(job === undefined ? {} : { job }),
        })),
      };
    },
    'partials.remove': async ({ root: name, paths }, { signal }) => {
      const root = requireRoot(core, name);
      await core.mounts.require(root);
      const wanted = new Set(paths);
      const listed = await partialsOf(core, root, paths, signal);
      const used = listed.find(({ partial, job }) => job !== undefined && wanted.has(partial.path));
      if (used !== undefined) {
        throw new LakesideError(
          'PARTIAL_IN_USE',
          'policy',
          `A job will go on with ${used.partial.path} in ${rootTitle(root.name)}. Cancel the job first.`,
          { context: { path: used.partial.path, job: used.job ?? '' } },
        );
      }
      return core.looking.run('removePartials', { root: root.path, paths, liveRuns: liveRunNames() }, { signal });
    },
  };
}

interface ListedPartial {
  readonly root: string;
  readonly partial: LeftPartial;
  readonly job: string | undefined;
}

async function partialsOf(
  core: Core,
  root: RootRow,
  search: 'everywhere' | readonly string[],
  signal: AbortSignal,
): Promise<ListedPartial[]> {
  if (!(await core.mounts.probe(root)).mounted) return [];
  const partials = await core.looking.run(
    'partials',
    { root: root.path, search, liveRuns: liveRunNames() },
    { signal, repeatable: true },
  );
  if (partials.length === 0) return [];
  const jobs = core.store.partialJobs.active(
    root.id,
    partials.flatMap(({ target }) => target ?? []),
  );
  return partials.map((partial) => ({
    root: root.name,
    partial,
    job: jobs.find(
      ({ paths, seal }) =>
        (partial.target !== undefined && paths.has(partial.target)) ||
        (partial.plan !== undefined && seal.startsWith(partial.plan)),
    )?.id,
  }));
}
