import * as vscode from 'vscode';

import { LakesideError } from '../../base/errors.ts';
import { formatQuantity } from '../../base/format.ts';
import type { Root } from '../../protocol/values.ts';
import type { UseCaseOutput } from '../../protocol/useCases.ts';
import { cancelable, CONTENT_TIMEOUT_MS, inModelsView, PLAN_TIMEOUT_MS } from '../progress.ts';
import type { Services } from '../services.ts';
import { comparisonSentence } from '../trees/differenceWords.ts';
import { rootLabel } from '../trees/modelNodes.ts';
import type { CommandTable } from './commandTable.ts';
import { choosePlanFile, newPlanFile, openPlanFile } from './planFiles.ts';
import { rootOf } from './rootCommands.ts';

interface Pair {
  readonly from: Root;
  readonly to: Root;
}

export function planCommands(services: Services): CommandTable {
  return {
    'lakeside.compareRoots': (node) => compareRoots(services, rootOf(node)),
    'lakeside.makeMirrorPlan': (node) => makeMirrorPlan(services, rootOf(node)),
    'lakeside.openPlan': async (uri) => {
      const file = uri instanceof vscode.Uri ? uri : await choosePlanFile();
      if (file !== undefined) await openPlanFile(file.fsPath);
    },
    'lakeside.openPlanAsText': async (uri) => {
      if (uri instanceof vscode.Uri) await vscode.commands.executeCommand('vscode.openWith', uri, 'default');
    },
  };
}

async function compareRoots(services: Services, root: Root | undefined): Promise<void> {
  const pair = await pickPair(services, root);
  if (pair === undefined) return;
  const { from, to } = pair;
  const { counts } = await inModelsView(() =>
    services.engine.call('library.diff', { from: from.name, to: to.name, limit: 0 }, { timeoutMs: PLAN_TIMEOUT_MS }),
  );
  const makePlan = 'Make mirror plan…';
  const differ = counts.missing + counts.extra + counts.different + counts.moved > 0;
  const message = comparisonSentence(from, to, counts);
  const chosen = await vscode.window.showInformationMessage(message, ...(differ ? [makePlan] : []));
  if (chosen === makePlan) await makeMirrorPlan(services, undefined, pair);
}

async function makeMirrorPlan(services: Services, root: Root | undefined, pair?: Pair): Promise<void> {
  const direction = await pickDirection(services, root, pair);
  if (direction === undefined) return;
  const { from, to } = direction;
  const options = await pickOptions(from, to);
  if (options === undefined) return;
  const made = await planMirror(services, direction, options);
  warnOfLeftOut(made.problems);
  const { copy, move, delete: deletes } = made.header.summary;
  if (copy.count + move.count + deletes.count === 0) {
    const rest = options.delete ? '' : ` It may hold more: that is kept.`;
    void vscode.window.showInformationMessage(
      `Nothing to do: ${rootLabel(to)} has all that ${rootLabel(from)} has.${rest}`,
    );
    return;
  }
  const path = await newPlanFile('mirror', from.name, to.name);
  await inModelsView(() =>
    services.engine.call('plans.save', { plan: made.plan, path }, { timeoutMs: PLAN_TIMEOUT_MS }),
  );
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

function planMirror(
  { engine }: Services,
  { from, to }: Pair,
  options: MirrorOptions,
): Promise<UseCaseOutput<'plans.mirror'>> {
  const input = { from: from.name, to: to.name, ...options };
  if (!options.content) return inModelsView(() => engine.call('plans.mirror', input, { timeoutMs: PLAN_TIMEOUT_MS }));
  return cancelable(`Comparing the content of ${rootLabel(from)} and ${rootLabel(to)}`, (signal) =>
    engine.call('plans.mirror', input, { signal, timeoutMs: CONTENT_TIMEOUT_MS }),
  );
}

/** Two roots to compare; asked for where there are more. Local and the Lake come first. */
async function pickPair(services: Services, root: Root | undefined): Promise<Pair | undefined> {
  const pairs = pairsOf(await scannedRoots(services), root);
  if (pairs.length === 1) return pairs[0];
  const items = pairs.map((pair) => ({ label: `${rootLabel(pair.from)} and ${rootLabel(pair.to)}`, pair }));
  return (await vscode.window.showQuickPick(items, { title: 'Compare which folders?' }))?.pair;
}

async function pickDirection(services: Services, root: Root | undefined, pair?: Pair): Promise<Pair | undefined> {
  const pairs = pair === undefined ? pairsOf(await scannedRoots(services), root) : [pair];
  const items = pairs
    // Bringing what the Lake has to Local is what one wants most.
    .flatMap(({ from, to }) => [
      { from: to, to: from },
      { from, to },
    ])
    .map((direction) => ({
      label: `${rootLabel(direction.from)} $(arrow-right) ${rootLabel(direction.to)}`,
      description: `make ${rootLabel(direction.to)} hold what ${rootLabel(direction.from)} holds`,
      direction,
    }));
  const title = 'Make mirror plan (1 of 2): which way?';
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.direction;
}

interface MirrorOptions {
  readonly delete: boolean;
  readonly content: boolean;
}

async function pickOptions(from: Root, to: Root): Promise<MirrorOptions | undefined> {
  const items = [
    {
      option: 'delete' as const,
      label: `Also remove what only ${rootLabel(to)} has`,
      detail: `The plan lists each file first. Removed files go to the trash of ${rootLabel(to)}.`,
    },
    {
      option: 'content' as const,
      label: 'Compare by content: find moved and renamed files',
      detail: 'Reads what names, sizes and times cannot tell. Slower the first time.',
    },
  ];
  const chosen = await vscode.window.showQuickPick(items, {
    title: `Make mirror plan (2 of 2): ${rootLabel(from)} to ${rootLabel(to)}`,
    placeHolder: 'Tick what you want, or press Enter',
    canPickMany: true,
  });
  if (chosen === undefined) return undefined;
  const has = (option: 'delete' | 'content'): boolean => chosen.some((item) => item.option === option);
  return { delete: has('delete'), content: has('content') };
}

async function scannedRoots({ models }: Services): Promise<readonly Root[]> {
  const roots = await models.refreshRoots();
  if (roots.length < 2) {
    throw new LakesideError(
      'TWO_ROOTS_NEEDED',
      'validation',
      'Two folders are needed to compare. Set Local and the Lake first.',
    );
  }
  const scanned = roots.filter((root) => root.scannedAt !== null);
  if (scanned.length >= 2) return scanned;
  const [missing] = roots.filter((root) => root.scannedAt === null).map(rootLabel);
  throw new LakesideError(
    'ROOT_NOT_SCANNED',
    'validation',
    `${missing ?? 'A folder'} is not scanned yet. Scan it, then compare.`,
  );
}

function pairsOf(roots: readonly Root[], including: Root | undefined): Pair[] {
  const order: readonly Root['role'][] = ['local', 'lake', 'other'];
  const sorted = roots.toSorted((a, b) => order.indexOf(a.role) - order.indexOf(b.role));
  return sorted
    .flatMap((from, index) => sorted.slice(index + 1).map((to) => ({ from, to })))
    .filter(({ from, to }) => including === undefined || from.id === including.id || to.id === including.id);
}
