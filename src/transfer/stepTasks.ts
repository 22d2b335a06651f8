import { canceledError } from '../base/errors.ts';
import type { TaskContext } from '../library/hashFile.ts';
import { type DeleteItem, deleteStep } from './deleteStep.ts';
import { type EvictItem, evictStep } from './evictStep.ts';
import { type MoveItem, moveStep } from './moveStep.ts';
import { isRootGone, requireRoots } from './rootSight.ts';
import type { IndexChange, StepOutcome } from './stepOutcome.ts';
import { SkipStep, stepEnd } from './stepProblem.ts';
import type { Workplace } from './transferPlace.ts';
import { takeTrashed, withTrashed } from './trashedChanges.ts';

/** Several steps of a kind, one after the other: how a step ends is an outcome; only a root that is gone ends them all. */

export interface MoveOutcomes {
  readonly outcomes: readonly StepOutcome[];
  /** Changes of files that were lifted and belong to no finished step. */
  readonly changes: readonly IndexChange[];
  /** Source paths that stand aside now. */
  readonly lifted: readonly string[];
  /** Of those whose place could not be given to them: they stay aside for the next apply where their old one is taken. */
  readonly kept: readonly string[];
  /** Where it stopped because a file has a folder's place, or the other way round; the outcome of that item is the last. */
  readonly blocked?: { readonly item: number; readonly at: string };
}

function blockedBy(error: unknown): string | undefined {
  return error instanceof SkipStep ? error.blockedAt : undefined;
}

export function runMoves(
  work: Workplace,
  input: { readonly items: readonly MoveItem[]; readonly lifted: readonly string[] },
  control: TaskContext,
): MoveOutcomes {
  const lifted = new Set(input.lifted);
  const ended = new Set<number>();
  const outcomes: StepOutcome[] = [];
  const changes: IndexChange[] = [];
  const kept: string[] = [];
  for (const [index, item] of input.items.entries()) {
    const { step, from } = item.action.move;
    if (ended.has(step)) continue;
    try {
      // Between a lift and its place a file has no path; that is no moment to stop.
      if (lifted.size === 0 && control.aborted()) throw canceledError('The move');
      if (lifted.size === 0) requireRoots(work.files, work.place);
      const moved = moveStep(work, item, lifted, control);
      changes.push(...takeTrashed(work), ...moved.changes);
      if (moved.status === 'lifted') continue;
      ended.add(step);
      outcomes.push({ step, status: moved.status, bytes: 0, changes: changes.splice(0) });
    } catch (error) {
      if (isRootGone(error)) throw error;
      ended.add(step);
      const end = stepEnd(error, 'move', from);
      changes.push(...takeTrashed(work));
      const at = blockedBy(error);
      const isAside = lifted.has(from) || work.aside.has(from);
      if (isAside) kept.push(from);
      const where = isAside
        ? ` Apply again; until then it is in its old place or, where that is taken, at ${work.to.path(work.asidePath(from))}.`
        : '';
      // The outcome of one that is blocked may be dropped, and tried again; what is done by now stays done.
      const own = at === undefined ? changes.splice(0) : [];
      outcomes.push({ step, ...end, reason: end.reason + where, bytes: 0, changes: own });
      if (at === undefined) lifted.delete(from);
      if (at !== undefined) return { outcomes, changes, lifted: [...lifted], kept, blocked: { item: index, at } };
    }
  }
  return { outcomes, changes, lifted: [...lifted], kept };
}

export function runDelete(
  work: Workplace,
  item: DeleteItem,
  top: string | undefined,
  control: TaskContext,
): StepOutcome {
  try {
    if (control.aborted()) throw canceledError('The delete');
    requireRoots(work.files, work.place);
    const { changes, ...done } = deleteStep(work, item, control, top);
    return { step: item.step, ...done, ...withTrashed(work, item.path, changes) };
  } catch (error) {
    if (isRootGone(error)) throw error;
    return { step: item.step, ...stepEnd(error, 'delete', item.path), bytes: 0, ...withTrashed(work, item.path, []) };
  }
}

export function runEvict(work: Workplace, item: EvictItem, control: TaskContext): StepOutcome {
  try {
    if (control.aborted()) throw canceledError('Freeing space');
    requireRoots(work.files, work.place);
    return { step: item.step, ...evictStep(work, item, control) };
  } catch (error) {
    if (isRootGone(error)) throw error;
    return { step: item.step, ...stepEnd(error, 'remove', item.path), bytes: 0, changes: [] };
  }
}
