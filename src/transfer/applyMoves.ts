import { foldName } from '../base/relpath.ts';
import { clearPath } from './applyDeletes.ts';
import { type ApplyRun, PAGE_STEPS } from './applyRun.ts';
import { canceledOutcome, skippedOutcome } from './stepOutcome.ts';
import { checkPaths } from './stepPaths.ts';
import { type MoveAction, orderMoves } from './moveOrder.ts';
import type { MoveItem } from './moveStep.ts';
import type { PlanStep } from './planSteps.ts';
import type { StepOutcome } from './stepOutcome.ts';
import { trashPath } from './transferPaths.ts';
import type { MoveOutcomes } from './stepTasks.ts';

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
    const { safe, unsafe } = checkPaths(page, run.options);
    await run.record(page, [...unsafe, ...safe.filter(isIncomplete).map(incomplete)]);
    for (const step of safe) if (!isIncomplete(step)) steps.set(step.step, step);
  }
  if (steps.size === 0) return;
  const moves = [...steps.values()].map((step) => ({ step: step.step, from: sourceOf(step), to: step.path }));
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
  const cleared = new Set<string>();
  const all = toItems(run, actions, steps);
  let lifted: readonly string[] = [];
  for (let start = 0; start < all.length && !(run.isStopped && lifted.length === 0);) {
    const sent = nextIndexes(all, start, ended);
    const items = sent.flatMap((index) => all[index] ?? []);
    const before = lifted;
    const unheard = (): MoveOutcomes => ({
      outcomes: items.map(({ action }): StepOutcome => canceledOutcome(action.move.step)),
      changes: [],
      lifted: before,
      kept: [],
    });
    // A file that was lifted must get its place, whoever wants to stop.
    const result = await run.run('move', { items, lifted }, unheard, { stoppable: lifted.length === 0 });
    lifted = result.lifted;
    run.keepAside(result.kept);
    start = (sent.at(-1) ?? all.length) + 1;
    let { outcomes } = result;
    if (result.blocked !== undefined) {
      const { item, at } = result.blocked;
      const again = !cleared.has(at) && (await clearPath(run, at));
      cleared.add(at);
      if (again) outcomes = outcomes.slice(0, -1);
      start = (sent[item] ?? all.length) + (again ? 0 : 1);
    }
    for (const { step } of outcomes) ended.add(step);
    await run.record([], outcomes, result.changes);
  }
  run.throwIfStopped();
}

/** Indexes of the next actions whose steps have not come to an end. */
function nextIndexes(items: readonly MoveItem[], start: number, ended: ReadonlySet<number>): number[] {
  const indexes: number[] = [];
  for (let index = start; index < items.length && indexes.length < ACTIONS_A_TASK; index++) {
    const step = items[index]?.action.move.step;
    if (step !== undefined && !ended.has(step)) indexes.push(index);
  }
  return indexes;
}

function toItems(run: ApplyRun, actions: readonly MoveAction[], steps: ReadonlyMap<number, PlanStep>): MoveItem[] {
  return actions.flatMap((action): MoveItem[] => {
    const step = steps.get(action.move.step);
    const expected = step?.expect.to;
    if (step === undefined || expected === null || expected === undefined) return [];
    const known = run.options.steps.knownHash('to', action.move.from, expected.size, expected.mtimeMs);
    const { trashed, movedFrom: path = '' } = step;
    const makesWay = run.options.undoes === true ? step.expect.from : null;
    return [
      {
        action,
        expected,
        ...(known === undefined ? {} : { known }),
        ...(trashed === undefined ? {} : { trashed: { folder: trashed, path } }),
        ...(makesWay === null ? {} : { makesWay }),
      },
    ];
  });
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

/** Where the file lies now, under the root. */
function sourceOf({ movedFrom = '', trashed }: PlanStep): string {
  return trashed === undefined ? movedFrom : trashPath(trashed, movedFrom);
}
