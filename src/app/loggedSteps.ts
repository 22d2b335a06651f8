import type { PlanStep, PlanSteps } from '../transfer/planSteps.ts';
import type { JobContext } from '../queue/jobHandlers.ts';

/** Steps of an apply job whose mishaps go into the job's log, each with its path and reason. */
export function loggedSteps(steps: PlanSteps, context: Pick<JobContext, 'log'>): PlanSteps {
  /** Of the pages in work; a step's outcome knows only its number. */
  const paths = new Map<number, string>();
  const seen = (page: readonly PlanStep[]): readonly PlanStep[] => {
    for (const { step, path } of page) paths.set(step, path);
    return page;
  };
  return {
    totals: () => steps.totals(),
    reversed: () => loggedSteps(steps.reversed(), context),
    undecided: async (...question) => seen(await steps.undecided(...question)),
    pending: async (...question) => seen(await steps.pending(...question)),
    deletesAt: async (path) => seen(await steps.deletesAt(path)),
    finishedMoves: (...question) => steps.finishedMoves(...question),
    begin: (numbers) => steps.begin(numbers),
    depart: (files) => steps.depart(files),
    departKept: (files) => steps.departKept(files),
    settleDepartures: (paths) => steps.settleDepartures(paths),
    knownHash: (...question) => steps.knownHash(...question),
    knownHashes: (root, files) => steps.knownHashes(root, files),
    async record(outcomes, further) {
      await steps.record(outcomes, further);
      for (const { step, status, code, reason } of outcomes) {
        const path = paths.get(step) ?? `step ${step}`;
        paths.delete(step);
        if (status !== 'skipped' && status !== 'failed') continue;
        context.log(
          status === 'failed' ? 'error' : 'warn',
          `${path}, ${status} (${code ?? 'UNKNOWN'}): ${reason ?? ''}`,
        );
      }
    },
  };
}
