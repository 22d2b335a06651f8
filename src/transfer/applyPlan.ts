import { canceledError, isCanceled } from '../base/errors.ts';
import { applyCopies } from './applyCopies.ts';
import { applyDeletes, tidyMoved } from './applyDeletes.ts';
import { applyMoves } from './applyMoves.ts';
import { type ApplyCounts, type ApplyOptions, ApplyRun } from './applyRun.ts';

/**
 * Applies the pending steps of a plan: moves, then copies, then (only if no copy failed) deletes; then removes the folders
 * this emptied. Each step checks what it expects at both ends at the last moment, and is recorded when it is durable.
 * Applying again what was interrupted reports what is finished as `already`.
 *
 * @returns what this call did
 * @throws LakesideError ROOT_NOT_MOUNTED (nothing was recorded as failed; run again when it is back), CANCELED (what was
 *   left is recorded as canceled), LEASE_LOST, or the reason of the signal
 */
export async function applyPlan(options: ApplyOptions): Promise<ApplyCounts> {
  const run = new ApplyRun(options);
  try {
    await applySteps(run);
  } catch (error) {
    if (!isCanceled(error) || !isCanceled(options.signal.reason)) throw error;
    // Whoever cancels does not want it any more; a pause or an end of the engine keeps what is there to go on with.
    await run.run('discard', null, () => null, { stoppable: false });
    for (const op of ['move', 'copy', 'delete'] as const) {
      await run.endPending(op, 'canceled', 'CANCELED', 'The apply was canceled before this step.');
    }
    await settle(run);
    run.showNow();
    throw canceledError('The apply');
  } finally {
    run.end();
  }
  run.showNow();
  return run.counts;
}

async function applySteps(run: ApplyRun): Promise<void> {
  const { options } = run;
  run.throwIfStopped();
  await run.requireMounted();
  const totals = await options.steps.totals();
  run.setTotals(totals);
  const survey = await run.run('survey', null, () => {
    throw canceledError('The apply');
  });
  await run.record([], [], survey.changes);
  run.setAside(survey.aside);
  await applyMoves(run, survey.foldsCase);
  // Before the copies: a file may come in the place of a folder that the moves emptied.
  await tidyMoved(run);
  const failed = await applyCopies(run, survey.freeBytes, totals.failedCopies);
  await applyDeletes(run, failed);
  run.throwIfStopped();
  await settle(run);
}

/** What was set aside and not used goes back, or into the trash. Only a crash leaves it to the next apply. */
async function settle(run: ApplyRun): Promise<void> {
  const settled = await run.run('settle', { kept: run.keptAside }, () => [], { stoppable: false });
  await run.record([], [], settled);
}
