import { withKeepers } from './applyDepartures.ts';
import { applyEvictions, isEviction } from './applyEvictions.ts';
import { type ApplyRun, PAGE_STEPS } from './applyRun.ts';
import { canceledOutcome, skippedOutcome } from './stepOutcome.ts';
import { checkPaths } from './stepPaths.ts';
import type { DeleteItem } from './deleteStep.ts';
import type { PlanStep } from './planSteps.ts';

const DELETES_A_TASK = 50;

/** The deletes of a plan, last of all, and only where no copy failed. */
export async function applyDeletes(run: ApplyRun, failedCopies: number): Promise<void> {
  if (failedCopies > 0) {
    await run.endPending(
      'delete',
      'skipped',
      'COPIES_FAILED',
      `Not deleted, because ${failedCopies === 1 ? 'a copy' : `${failedCopies} copies`} of this plan failed. Apply again when the cause is gone.`,
    );
    return;
  }
  for (let after = -1; ;) {
    run.throwIfStopped();
    const page = await run.options.steps.pending('delete', after, PAGE_STEPS);
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.step;
    const deletes = page.filter((step) => !isEviction(step));
    for (let start = 0; start < deletes.length && !run.isStopped; start += DELETES_A_TASK) {
      await runDeletes(run, deletes.slice(start, start + DELETES_A_TASK));
    }
    if (deletes.length < page.length) return applyEvictions(run);
  }
}

async function runDeletes(run: ApplyRun, steps: readonly PlanStep[], top?: string): Promise<void> {
  const { safe, unsafe } = checkPaths(steps, run.options);
  const incomplete = safe.filter(({ expect }) => expect.to === null);
  const items = safe.flatMap(({ step, path, expect }): DeleteItem[] =>
    expect.to === null ? [] : [{ step, path, expected: expect.to }],
  );
  const named = new Set(safe.filter(({ lastCopy }) => lastCopy === true).map(({ step }) => step));
  const removals = items.map(({ step, path, expected }) => ({ path, expected, lastCopy: named.has(step) }));
  const outcomes = await withKeepers(run, removals, (keepers) => {
    const kept = items.map((item) => ({ ...item, keepers: keepers.get(item.path) }));
    return run.run('delete', { items: kept, ...(top === undefined ? {} : { top }) }, () =>
      items.map(({ step }) => canceledOutcome(step)),
    );
  });
  await run.record(steps, [
    ...unsafe,
    ...incomplete.map((step) =>
      skippedOutcome(
        step,
        'PLAN_CONFLICT',
        `The plan does not say which file is deleted at ${step.path}. Make a new plan.`,
      ),
    ),
    ...outcomes,
  ]);
}

/**
 * Runs the plan's deletes of a path and of what is below it ahead of their turn, because a file or a folder there has the
 * place of something that comes. False where the plan has none.
 */
export async function clearPath(run: ApplyRun, path: string): Promise<boolean> {
  const deletes = (await run.options.steps.deletesAt(path)).filter((step) => !isEviction(step));
  if (deletes.length > 0) await runDeletes(run, deletes, path);
  return deletes.length > 0;
}

/** Removes the folders that the moves of this plan emptied, those of earlier runs included. */
export async function tidyMoved(run: ApplyRun): Promise<void> {
  for (let after = -1; ;) {
    const page = await run.options.steps.finishedMoves(after, PAGE_STEPS);
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.step;
    const { safe } = checkPaths(page, run.options);
    const paths = safe.flatMap(({ movedFrom, trashed }) =>
      movedFrom === undefined || trashed !== undefined ? [] : [movedFrom],
    );
    await run.run('tidy', { paths }, () => null);
  }
}
