import * as vscode from 'vscode';

import { formatQuantity } from '../../base/format.ts';
import type { UseCaseOutput } from '../../protocol/useCases.ts';
import type { Root } from '../../protocol/values.ts';
import { inModelsView, PLAN_TIMEOUT_MS } from '../progress.ts';
import type { Services } from '../services.ts';
import { newPlanFile, openPlanFile } from './planFiles.ts';
import type { Pair } from './rootPairs.ts';

export type MadePlan = UseCaseOutput<'plans.mirror'>;

/** What is known before the questions: from the row a command was called on, or from another command. */
export interface PlanStart {
  readonly root?: Root | undefined;
  readonly pair?: Pair | undefined;
  /** Folders of the tree that were chosen. */
  readonly folders?: readonly string[];
}

/** Writes a plan that was made to a file and opens it; says `nothing` where it holds no step. */
export async function openMadePlan(services: Services, made: MadePlan, nothing: string): Promise<void> {
  const { kind, from, to, summary } = made.header;
  const { copy, move, delete: deletes, conflict } = summary;
  if (copy.count + move.count + deletes.count + (conflict?.count ?? 0) === 0) {
    warnOfLeftOut(made.problems);
    void vscode.window.showInformationMessage(nothing);
    return;
  }
  const path = await newPlanFile(kind, from.root, to.root);
  await inModelsView(() =>
    services.engine.call('plans.save', { plan: made.plan, path }, { timeoutMs: PLAN_TIMEOUT_MS }),
  );
  services.leftOut.note(path, made.problems);
  await openPlanFile(path);
}

/** Names that no plan may hold: the rest of the plan is made all the same. */
export function warnOfLeftOut(problems: readonly { readonly message: string }[] = []): void {
  const [first] = problems;
  if (first === undefined) return;
  const more =
    problems.length === 1
      ? ''
      : ` ${formatQuantity(problems.length - 1, 'other file is', 'other files are')} left out too.`;
  void vscode.window.showWarningMessage(`Left out of the plan: ${first.message}${more}`);
}
