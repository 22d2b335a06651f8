import { isAbsolute } from 'node:path';

import { LakesideError } from '../base/errors.ts';
import { createPlan } from '../library/planDraft.ts';
import { savePlan } from '../library/planFileWriter.ts';
import { PLAN_FORMAT, PLAN_VERSION, type PlanHeader, type PlanItem, type PlanOptions } from '../protocol/planFile.ts';
import type { Problem } from '../protocol/values.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { Core } from './core.ts';

/** The target can hold only names that Windows can: known only of this machine's own file systems. */
export const windowsTarget = process.platform === 'win32';

export interface NewPlan {
  readonly kind: PlanHeader['kind'];
  readonly from: RootRow;
  readonly to: RootRow;
  readonly options: PlanOptions;
  /** Sorted by path. */
  readonly items: Iterable<PlanItem>;
  /** Absolute path of the file it is written to, too. */
  readonly out?: string | undefined;
}

/** Makes a sealed plan in the store. */
export async function makePlan(
  core: Core,
  { kind, from, to, options, items, out }: NewPlan,
): Promise<{ plan: string; header: PlanHeader }> {
  const { store } = core;
  const plan = core.newId();
  const header = await createPlan({
    store: store.plans,
    id: plan,
    preamble: {
      format: PLAN_FORMAT,
      version: PLAN_VERSION,
      kind,
      from: { root: from.name, id: from.id },
      to: { root: to.name, id: to.id },
      options,
    },
    items,
  });
  core.changed('plans');
  if (out !== undefined) await savePlan(store.plans, plan, out);
  return { plan, header };
}

/** Notes in the log what a plan leaves out. */
export function logProblem(core: Core, { code, message }: Problem): void {
  core.log.write({ level: 'warn', message, data: { code } });
}

/** Gathers what a plan leaves out; `told` is what its maker is told of that. */
export function leftOut(core: Core): { onProblem: (problem: Problem) => void; told: () => { problems?: Problem[] } } {
  const problems: Problem[] = [];
  return {
    onProblem: (problem) => {
      logProblem(core, problem);
      problems.push(problem);
    },
    told: () => (problems.length === 0 ? {} : { problems }),
  };
}

/** @throws PATH_NOT_ABSOLUTE */
export function requireAbsolute(path: string): void {
  if (isAbsolute(path)) return;
  throw new LakesideError('PATH_NOT_ABSOLUTE', 'validation', `${path} is not an absolute path.`, { context: { path } });
}
