import { describeRelpathProblem, relpathProblem, type RelpathProblem } from '../base/relpath.ts';
import type { PlanItem } from '../protocol/planFile.ts';
import type { DiffItem, FileState, Problem } from '../protocol/values.ts';

export interface PlanRules {
  /** Whether what only *to* has is deleted there. */
  readonly delete: boolean;
  /** Whether *to* can hold only names that Windows can. */
  readonly windowsTarget: boolean;
  /** Hears of each file that no step can be made for. */
  readonly onProblem?: ((problem: Problem) => void) | undefined;
}

/** The steps that make *to* hold what *from* holds, in the order of the diff (by path). */
export function* planItems(diff: Iterable<DiffItem>, rules: PlanRules): Generator<PlanItem> {
  for (const item of diff) {
    if (item.damaged === 'from') {
      rules.onProblem?.(damagedSource(item.path));
      continue;
    }
    const step = planStep(item, rules);
    if (step === undefined) continue;
    const problem = unplannable(step.path, rules.windowsTarget);
    if (problem === undefined) yield step;
    else rules.onProblem?.(pathProblem(step.path, problem));
  }
}

/** The steps that bring what was selected in *from* to the same place in *to*; nothing else there is touched. */
export function* copyItems(diff: Iterable<DiffItem>, rules: Omit<PlanRules, 'delete'>): Generator<PlanItem> {
  // A file that lies elsewhere in *to* is copied all the same: the person asked for it in this place.
  const selected = function* (): Generator<DiffItem> {
    for (const item of diff) {
      if (item.state !== 'moved') yield item;
      else yield { state: 'missing', path: item.path, ...(item.from === undefined ? {} : { from: item.from }) };
    }
  };
  yield* planItems(selected(), { ...rules, delete: false });
}

function planStep(item: DiffItem, rules: PlanRules): PlanItem | undefined {
  const { path, movedFrom } = item;
  const [from, to] = [expected(item.from), expected(item.to)];
  switch (item.state) {
    case 'equal':
      return undefined;
    case 'missing':
      return { op: 'copy', path, expect: { from, to: null } };
    case 'different':
      return { op: 'copy', path, expect: { from, to } };
    case 'moved':
      // A name that no plan may hold is left where it is, and the content copied instead.
      return movedFrom === undefined || unplannable(movedFrom, rules.windowsTarget) !== undefined
        ? { op: 'copy', path, expect: { from, to: null } }
        : { op: 'move', path, movedFrom, expect: { from, to } };
    case 'extra':
      return rules.delete ? { op: 'delete', path, expect: { from: null, to } } : undefined;
  }
}

function damagedSource(path: string): Problem {
  return {
    path,
    code: 'BIT_ROT',
    message: `${path} is damaged in the root it would be copied from, and whole in the other one, so no step is made for it. Plan the other way to replace the damaged one.`,
  };
}

export function expected(file: FileState | undefined): FileState | null {
  return file ?? null;
}

/** Problems of a path that only Windows has with it, and that do no harm elsewhere. */
const WINDOWS_ONLY: ReadonlySet<RelpathProblem> = new Set(['reserved', 'trailing', 'control']);

/**
 * What makes a path unfit for any plan: what could leave its root on either kind of platform is refused on both.
 * Undefined also for names that only Windows cannot store; `windowsNameProblem` finds those.
 */
export function planPathProblem(path: string): RelpathProblem | undefined {
  const onWindows = relpathProblem(path, { windows: true });
  if (onWindows === undefined || !WINDOWS_ONLY.has(onWindows)) return onWindows;
  // A name that Windows cannot store may hide a worse part after it.
  return relpathProblem(path, { windows: false });
}

/** Why Windows cannot store a name, though other systems can. */
export function windowsNameProblem(path: string): RelpathProblem | undefined {
  const problem = relpathProblem(path, { windows: true });
  return problem !== undefined && WINDOWS_ONLY.has(problem) ? problem : undefined;
}

/** What makes a path unfit for a plan whose target may be one of Windows. */
export function unplannable(path: string, windowsTarget: boolean): RelpathProblem | undefined {
  return planPathProblem(path) ?? (windowsTarget ? windowsNameProblem(path) : undefined);
}

export function pathProblem(path: string, problem: RelpathProblem): Problem {
  return {
    path,
    code: 'PATH_NOT_PLANNED',
    message: `${JSON.stringify(path)} ${describeRelpathProblem(problem)}, so no step is made for it. Rename it, then compare again.`,
  };
}
