import * as vscode from 'vscode';

import type { Root } from '../../protocol/values.ts';
import { inModelsView, PLAN_TIMEOUT_MS } from '../progress.ts';
import type { Services } from '../services.ts';
import { comparisonSentence } from '../trees/differenceWords.ts';
import { sourceOf } from '../trees/modelNodes.ts';
import type { CommandTable } from './commandTable.ts';
import { freeSpace } from './freeSpace.ts';
import { makePairPlan, makePlan } from './makePlan.ts';
import type { PlanStart } from './openMadePlan.ts';
import { choosePlanFile, openPlanFile } from './planFiles.ts';
import { rootOf } from './rootCommands.ts';
import { pickPair } from './rootPairs.ts';
import { selectedEntries } from './selectedNodes.ts';

export function planCommands(services: Services): CommandTable {
  return {
    'lakeside.compareRoots': (node) => compareRoots(services, rootOf(node)),
    'lakeside.makePlan': (...args) => makePlan(services, startOf(services, args)),
    'lakeside.makeMirrorPlan': (node) => makePairPlan(services, 'mirror', { root: rootOf(node) }),
    'lakeside.freeSpace': (node) => freeSpace(services, { root: rootOf(node) }),
    'lakeside.openPlan': async (uri) => {
      const file = uri instanceof vscode.Uri ? uri : await choosePlanFile();
      if (file !== undefined) await openPlanFile(file.fsPath);
    },
    'lakeside.openPlanAsText': async (uri) => {
      if (uri instanceof vscode.Uri) await vscode.commands.executeCommand('vscode.openWith', uri, 'default');
    },
  };
}

/** A plan of the selected folders where the command was called on one; else of everything. */
function startOf(services: Services, args: readonly unknown[]): PlanStart {
  const [clicked] = args;
  const root = rootOf(clicked);
  if (root === undefined) return {};
  const chosen = selectedEntries(services, args).filter((node) => node.kind === 'folder');
  const [first] = chosen;
  if (first === undefined) return { root };
  // Folders of one root: the editor lets a person select in both.
  const folders = chosen.filter((node) => sourceOf(node).id === sourceOf(first).id).map(({ entry }) => entry.path);
  return { root, folders };
}

async function compareRoots(services: Services, root: Root | undefined): Promise<void> {
  const pair = await pickPair(services, root);
  if (pair === undefined) return;
  const { from, to } = pair;
  const { counts } = await inModelsView(() =>
    services.engine.call('library.diff', { from: from.name, to: to.name, limit: 0 }, { timeoutMs: PLAN_TIMEOUT_MS }),
  );
  const mirror = 'Make mirror plan…';
  const other = 'Other plan…';
  const differ = counts.missing + counts.extra + counts.different + counts.moved > 0;
  const message = comparisonSentence(from, to, counts);
  const chosen = await vscode.window.showInformationMessage(message, ...(differ ? [mirror, other] : []));
  if (chosen === mirror) await makePairPlan(services, 'mirror', { pair });
  if (chosen === other) await makePlan(services, { pair });
}
