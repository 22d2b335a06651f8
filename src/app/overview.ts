import { OVERVIEW_LIMITS } from '../protocol/contracts/overview.ts';
import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';
import { describeRoot } from './roots.ts';
import { listRuns } from './runs.ts';

export function overviewUseCases(core: Core): AreaImplementations<'overview'> {
  const { store } = core;
  return {
    'overview.get': async () => ({
      jobs: store.jobs.list({ states: ['running', 'queued', 'waiting', 'paused'], limit: OVERVIEW_LIMITS.jobs }),
      runs: listRuns(core, { limit: OVERVIEW_LIMITS.runs }),
      failures: listRuns(core, { states: ['failed'], limit: OVERVIEW_LIMITS.failures }),
      toPick: store.runs.toPick(OVERVIEW_LIMITS.toPick),
      latest: store.images.page({ minRating: 0, offset: 0, limit: OVERVIEW_LIMITS.images }).images,
      roots: await Promise.all(store.roots.list().map((root) => describeRoot(core, root))),
      counts: store.overview.counts(),
    }),
  };
}
