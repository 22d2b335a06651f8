import type { PlanItem } from '../protocol/planFile.ts';
import type { DiffItem } from '../protocol/values.ts';
import { expected, pathProblem, type PlanRules, unplannable } from './plan.ts';

/**
 * The steps that bring to each root what only the other one has, in the order of the diff (by path). Nothing is guessed:
 * two versions of one path, and two names of one content, are conflicts, which do nothing until they are decided.
 */
export function* bothItems(
  diff: Iterable<DiffItem>,
  rules: Omit<PlanRules, 'delete'> & {
    /** Which side stays wherever the two differ; left out: nobody has said. */
    readonly keep?: 'from' | 'to' | undefined;
  },
): Generator<PlanItem> {
  for (const item of diff) {
    for (const step of bothSteps(item, rules.windowsTarget)) {
      const problem = unplannable(step.path, rules.windowsTarget);
      if (problem === undefined) yield step.direction === 'undecided' ? decided(step, rules.keep) : step;
      else rules.onProblem?.(pathProblem(step.path, problem));
    }
  }
}

function decided(conflict: PlanItem, keep: 'from' | 'to' | undefined): PlanItem {
  if (keep === undefined) return conflict;
  const { direction: _undecided, ...forward } = conflict;
  return keep === 'from' ? forward : { ...forward, direction: 'reverse' };
}

function bothSteps(item: DiffItem, windowsTarget: boolean): PlanItem[] {
  const { path, movedFrom } = item;
  const [from, to] = [expected(item.from), expected(item.to)];
  switch (item.state) {
    case 'equal':
      return [];
    case 'missing':
      return [{ op: 'copy', path, expect: { from, to: null } }];
    case 'extra':
      return [{ op: 'copy', path, direction: 'reverse', expect: { from: null, to } }];
    case 'different':
      // Of a damaged file and a whole one nobody has to choose.
      if (item.damaged === 'to') return [{ op: 'copy', path, expect: { from, to } }];
      return [{ op: 'copy', path, direction: item.damaged === 'from' ? 'reverse' : 'undecided', expect: { from, to } }];
    case 'moved':
      // Both sides hold the content. A name that no plan may hold cannot be taken over, so there is nothing to decide.
      return movedFrom === undefined || unplannable(movedFrom, windowsTarget) !== undefined
        ? []
        : [{ op: 'move', path, movedFrom, direction: 'undecided', expect: { from, to } }];
  }
}
