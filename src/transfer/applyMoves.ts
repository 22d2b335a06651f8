import { foldName } from '../base/relpath.ts';
import { type ApplyRun, canceledOutcome, PAGE_STEPS, skippedOutcome } from './applyRun.ts';
import { type MoveAction, orderMoves } from './moveOrder.ts';
import type { MoveItem } from './moveStep.ts';
import type { PlanStep } from './planSteps.ts';
import type { StepOutcome } from './stepOutcome.ts';

/** Actions a task, so that progress shows and a cancellation is heard. */
const ACTIONS_A_TASK = 100;

/** The moves of a plan: all are read first, since their order depends on all. One at a time: they are renames. */
export async function applyMoves(run: ApplyRun, foldsCase: boolean): Promise<void> {
  const steps = new Map<number, PlanStep>();
  for (let after = -1; ;) {
    const page = await run.options.steps.pending('move', after, PAGE_STEPS);
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.step;
    const { safe, unsafe } = run.checkPaths(page);
    await run.record(page, [...unsafe, ...safe.filter(isIncomplete).map(incomplete)]);
    for (const step of safe) if (!isIncomplete(step)) steps.set(step.step, step);
  }
  if (steps.size === 0) return;
  const moves = [...steps.values()].map(({ step, movedFrom, path }) => ({ step, from: movedFrom ?? '', to: path }));
  const { actions, conflicts } = orderMoves(moves, foldsCase ? foldName : (relpath) => relpath);
  const conflicting = conflicts.flatMap(({ step }) => steps.get(step) ?? []);
  await run.record(
    conflicting,
    conflicting.map((step) =>
      skippedOutcome(
        step,
        'PLAN_CONFLICT',
        `Another step of this plan moves the same file, or moves a file to ${step.path} too.`,
      ),
    ),
  );
  await runActions(run, actions, steps);
}

async function runActions(
  run: ApplyRun,
  actions: readonly MoveAction[],
  steps: ReadonlyMap<number, PlanStep>,
): Promise<void> {
  const ended = new Set<number>();
  let lifted: readonly string[] = [];
  for (let start = 0; start < actions.length; start += ACTIONS_A_TASK) {
    if (run.isStopped && lifted.length === 0) break;
    const items = actions.slice(start, start + ACTIONS_A_TASK).flatMap((action): MoveItem[] => {
      const expected = steps.get(action.move.step)?.expect.to;
      if (expected === null || expected === undefined || ended.has(action.move.step)) return [];
      const known = run.options.steps.knownHash('to', action.move.from, expected.size, expected.mtimeMs);
      return [{ action, expected, ...(known === undefined ? {} : { known }) }];
    });
    const before = lifted;
    const result = await run.run('move', { items, lifted }, () => ({
      outcomes: items.map(({ action }): StepOutcome => canceledOutcome(action.move.step)),
      changes: [],
      lifted: before,
    }));
    lifted = result.lifted;
    for (const { step } of result.outcomes) ended.add(step);
    await run.record([...steps.values()], result.outcomes, result.changes);
  }
  run.throwIfStopped();
}

function isIncomplete(step: PlanStep): boolean {
  return step.movedFrom === undefined || step.expect.to === null;
}

function incomplete(step: PlanStep): StepOutcome {
  return skippedOutcome(
    step,
    'PLAN_CONFLICT',
    `The plan does not say which file is moved to ${step.path}. Make a new plan.`,
  );
}
