import { describeRelpathProblem, relpathProblem } from '../base/relpath.ts';
import type { PlanStep } from './planSteps.ts';
import { skippedOutcome, type StepOutcome } from './stepOutcome.ts';

/** Splits steps into those whose paths can be used, and the outcomes of those whose cannot. */
export function checkPaths(
  steps: readonly PlanStep[],
  { windows = process.platform === 'win32' }: { readonly windows?: boolean },
): { readonly safe: PlanStep[]; readonly unsafe: StepOutcome[] } {
  const safe: PlanStep[] = [];
  const unsafe: StepOutcome[] = [];
  for (const step of steps) {
    const reason = pathProblem(step, windows);
    if (reason === undefined) safe.push(step);
    else unsafe.push(skippedOutcome(step, 'UNSAFE_PATH', reason));
  }
  return { safe, unsafe };
}

function pathProblem(step: PlanStep, windows: boolean): string | undefined {
  for (const path of [step.path, step.movedFrom, step.fromPath]) {
    if (path === undefined) continue;
    const problem = relpathProblem(path, { windows });
    if (problem !== undefined) {
      return `The path ${JSON.stringify(path)} ${describeRelpathProblem(problem)}, and is not touched.`;
    }
  }
  const { trashed } = step;
  if (trashed === undefined || (!trashed.includes('/') && relpathProblem(trashed, { windows: true }) === undefined)) {
    return undefined;
  }
  return `${JSON.stringify(trashed)} is no folder of the trash, and is not touched.`;
}
