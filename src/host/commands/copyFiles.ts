import * as vscode from 'vscode';

import { LakesideError } from '../../base/errors.ts';
import { formatBytes, formatQuantity } from '../../base/format.ts';
import type { Root } from '../../protocol/values.ts';
import type { UseCaseOutput } from '../../protocol/useCases.ts';
import { inModelsView, PLAN_TIMEOUT_MS } from '../progress.ts';
import type { Services } from '../services.ts';
import { type EntryNode, rootLabel, sourceOf } from '../trees/modelNodes.ts';
import { requireTrust } from '../trust.ts';
import { warnOfLeftOut } from './openMadePlan.ts';
import { newPlanFile, openPlanFile } from './planFiles.ts';

type CopyPlan = UseCaseOutput<'plans.copy'>;

/**
 * Copies files and folders to the same place in another root. Replacing is asked for first, in numbers; all else just
 * becomes a job.
 */
export async function copyFiles(services: Services, nodes: readonly EntryNode[], to: Root): Promise<void> {
  requireTrust('nothing is copied');
  const bySource = Map.groupBy(nodes, (node) => sourceOf(node).name);
  bySource.delete(to.name);
  if (bySource.size === 0) {
    throw new LakesideError('SAME_ROOT', 'validation', `These files are in ${rootLabel(to)} already.`);
  }
  for (const [from, members] of bySource) {
    const paths = members.map(({ entry }) => entry.path);
    await copyPaths(services, { from, paths, to, what: describeNodes(members) });
  }
}

async function copyPaths(
  services: Services,
  copy: { readonly from: string; readonly paths: readonly string[]; readonly to: Root; readonly what: string },
): Promise<void> {
  const { engine } = services;
  const { from, to, what } = copy;
  const plan = await inModelsView(() =>
    engine.call('plans.copy', { from, to: to.name, paths: [...copy.paths] }, { timeoutMs: PLAN_TIMEOUT_MS }),
  );
  warnOfLeftOut(plan.problems);
  const { copy: copies, move: moves } = plan.header.summary;
  if (copies.count + moves.count === 0) {
    void vscode.window.showInformationMessage(`${rootLabel(to)} has ${what} already.`);
    return;
  }
  const answer = plan.replaces === 0 ? 'copy' : await askToReplace(plan, to);
  switch (answer) {
    case 'copy':
      await services.planActions.apply(plan.plan);
      return;
    case 'review': {
      const path = await newPlanFile('copy', from, to.name);
      await engine.call('plans.save', { plan: plan.plan, path }, { timeoutMs: PLAN_TIMEOUT_MS });
      await openPlanFile(path);
      return;
    }
    case 'nothing':
      return;
  }
}

async function askToReplace({ header, replaces }: CopyPlan, to: Root): Promise<'copy' | 'review' | 'nothing'> {
  const { count, bytes } = header.summary.copy;
  const all = count === replaces ? 'all' : `${replaces}`;
  const message =
    count === 1
      ? `Replace the file in ${rootLabel(to)}?`
      : `Replace ${formatQuantity(replaces, 'file')} in ${rootLabel(to)}?`;
  const detail = `${formatQuantity(count, 'file')} (${formatBytes(bytes)}) would be copied, and ${all} of them ${replaces === 1 ? 'replaces' : 'replace'} a file that differs. Nothing is replaced before its copy is verified.`;
  const copy = 'Copy and replace';
  const review = 'Review plan';
  const chosen = await vscode.window.showWarningMessage(message, { modal: true, detail }, copy, review);
  return chosen === copy ? 'copy' : chosen === review ? 'review' : 'nothing';
}

function describeNodes(nodes: readonly EntryNode[]): string {
  const [first] = nodes;
  return nodes.length === 1 && first !== undefined ? first.entry.name : formatQuantity(nodes.length, 'item');
}
