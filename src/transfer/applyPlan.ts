import { canceledError, isCanceled, keepsPartials } from '../base/errors.ts';
import { applyCopies } from './applyCopies.ts';
import { applyDeletes, tidyMoved } from './applyDeletes.ts';
import { applyMoves } from './applyMoves.ts';
import type { ApplyCounts, ApplyOptions } from './applyOptions.ts';
import { ApplyRun } from './applyRun.ts';
import type { StepTotals } from './planSteps.ts';

/**
 * Applies the pending steps of a plan: moves, then copies, then (only if no copy failed) deletes; then removes the folders
 * this emptied. Steps that change *from* come after those that change *to*, before the deletes. Each step checks what it
 * expects at both ends at the last moment, and is recorded when it is durable. Applying again what was interrupted reports
 * what is finished as `already`.
 *
 * @returns what this call did
 * @throws LakesideError ROOT_NOT_MOUNTED (nothing was recorded as failed; run again when it is back), CANCELED (what was
 *   left is recorded as canceled), LEASE_LOST, or the reason of the signal
 */
export async function applyPlan(options: ApplyOptions): Promise<ApplyCounts> {
  const run = new ApplyRun(options);
  const ways = [run];
  try {
    const totals = await begin(run);
    if (totals.reverse > 0) ways.push(run.reversed());
    await applySteps(ways, totals.failedCopies);
  } catch (error) {
    if (!isCanceled(error) || !isCanceled(options.signal.reason)) throw error;
    await endCanceled(ways, { keepPartials: keepsPartials(options.signal.reason) });
    run.progress.show();
    throw canceledError('The apply');
  } finally {
    run.end();
  }
  run.progress.show();
  return run.counts;
}

async function begin(run: ApplyRun): Promise<StepTotals> {
  run.throwIfStopped();
  await run.requireMounted();
  const totals = await run.options.steps.totals();
  run.progress.setTotals(totals);
  return totals;
}

async function applySteps(ways: readonly ApplyRun[], failedBefore: number): Promise<void> {
  let failed = failedBefore;
  for (const run of ways) {
    await run.endPending(
      'undecided',
      'skipped',
      'CONFLICT_UNDECIDED',
      'Each side has its own version or name, and nobody has decided which shall stay. Decide it in the plan, and apply again.',
    );
    const survey = await run.run('survey', null, () => {
      throw canceledError('The apply');
    });
    await run.record([], [], survey.changes);
    // What was looked at is what was meant.
    await run.requireMounted();
    run.setSurvey(survey);
    await applyMoves(run, survey.foldsCase);
    // Before the copies: a file may come in the place of a folder that the moves emptied.
    await tidyMoved(run);
    failed = await applyCopies(run, survey.freeBytes, failed);
  }
  for (const run of ways) {
    await applyDeletes(run, failed);
    run.throwIfStopped();
    await settle(run);
  }
}

async function endCanceled(
  ways: readonly ApplyRun[],
  { keepPartials }: { readonly keepPartials: boolean },
): Promise<void> {
  for (const run of ways) {
    // Whoever cancels does not want it any more; a pause, Ctrl-C or an end of the engine keeps what is there to go on with.
    if (!keepPartials) await run.run('discard', null, () => null, { stoppable: false });
    for (const op of ['undecided', 'move', 'copy', 'delete'] as const) {
      await run.endPending(op, 'canceled', 'CANCELED', 'The apply was canceled before this step.');
    }
    await settle(run);
  }
}

/** What was set aside and not used goes back, or into the trash. Only a crash leaves it to the next apply. */
async function settle(run: ApplyRun): Promise<void> {
  const settled = await run.run('settle', { kept: run.keptAside }, () => [], { stoppable: false });
  await run.record([], [], settled);
}
