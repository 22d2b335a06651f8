import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';
import { describeRoot } from './roots.ts';
import { listRuns } from './runs.ts';

/** As much as one page shows; behind each list is a view that has all. */
const JOBS = 50;
const RUNS = 12;
const FAILURES = 10;
const TO_PICK = 10;
const IMAGES = 24;

export function overviewUseCases(core: Core): AreaImplementations<'overview'> {
  const { store } = core;
  return {
    'overview.get': async () => ({
      jobs: store.jobs.list({ states: ['running', 'queued', 'waiting', 'paused'], limit: JOBS }),
      runs: listRuns(core, { limit: RUNS }),
      failures: listRuns(core, { states: ['failed'], limit: FAILURES }),
      toPick: store.runs.toPick(TO_PICK),
      latest: store.images.page({ minRating: 0, offset: 0, limit: IMAGES }).images,
      roots: await Promise.all(store.roots.list().map((root) => describeRoot(core, root))),
      counts: store.overview.counts(),
    }),
  };
}
