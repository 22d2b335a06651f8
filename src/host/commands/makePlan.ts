import * as vscode from 'vscode';

import { formatQuantity } from '../../base/format.ts';
import type { Selection } from '../../protocol/planFile.ts';
import { cancelable, CONTENT_TIMEOUT_MS, inModelsView, PLAN_TIMEOUT_MS } from '../progress.ts';
import type { Services } from '../services.ts';
import { rootLabel } from '../trees/modelNodes.ts';
import { freeSpace } from './freeSpace.ts';
import { type MadePlan, openMadePlan, type PlanStart } from './openMadePlan.ts';
import { type Pair, pickDirection, pickPair, scannedRoots } from './rootPairs.ts';
import { askSelection, unlessAll } from './selectionQuestions.ts';

type PairKind = 'mirror' | 'update' | 'both';
/** Asks what kind of plan, and for what that kind needs. */
export async function makePlan(services: Services, start: PlanStart): Promise<void> {
  await scannedRoots(services);
  const kind = await pickKind(start);
  if (kind === undefined) return;
  if (kind === 'evict') await freeSpace(services, start);
  else await makePairPlan(services, kind, start);
}

/** Makes a plan between two roots, and opens it. */
export async function makePairPlan(services: Services, kind: PairKind, start: PlanStart = {}): Promise<void> {
  const title = `Make ${KIND_WORDS[kind]} plan`;
  const pair = await pickEnds(services, kind, title, start);
  if (pair === undefined) return;
  const options = await pickOptions(kind, pair, title, start);
  if (options === undefined) return;
  const select = await selectionFor(services, pair, options, title, start);
  if (select === undefined) return;
  const made = await requestPlan(services, kind, pair, { ...options, ...unlessAll(select) });
  await openMadePlan(services, made, nothingWords(kind, pair, options));
}

const KIND_WORDS: Readonly<Record<PairKind, string>> = { mirror: 'mirror', update: 'update', both: 'two-way' };

const KINDS: readonly (vscode.QuickPickItem & { readonly plan: PairKind | 'evict' })[] = [
  {
    plan: 'mirror',
    label: '$(mirror) Mirror',
    detail: 'Makes one folder hold what the other holds. Deletes only if you say so.',
  },
  {
    plan: 'update',
    label: '$(cloud-download) Update',
    detail: 'Adds what is missing and replaces what differs. Moves and deletes nothing.',
  },
  {
    plan: 'both',
    label: '$(arrow-swap) Both ways',
    detail: 'Copies to each what only the other has. Where the two differ, you say which stays.',
  },
  {
    plan: 'evict',
    label: '$(database) Free space',
    detail: 'Removes from one folder what another holds verified, until enough is free.',
  },
];

async function pickKind({ folders = [] }: PlanStart): Promise<PairKind | 'evict' | undefined> {
  const what = folders.length === 0 ? '' : ` of ${formatQuantity(folders.length, 'folder')}`;
  return (await vscode.window.showQuickPick(KINDS, { title: `Make plan${what}`, matchOnDetail: true }))?.plan;
}

async function pickEnds(
  services: Services,
  kind: PairKind,
  title: string,
  { root, pair }: PlanStart,
): Promise<Pair | undefined> {
  if (kind === 'both') return pair ?? pickPair(services, root, `${title}: between which folders?`);
  const verb = kind === 'mirror' ? 'hold what' : 'hold all that';
  const words = {
    title: `${title} (1 of 2): which way?`,
    describe: ({ from, to }: Pair) => `make ${rootLabel(to)} ${verb} ${rootLabel(from)} holds`,
  };
  return pickDirection(services, root, words, pair);
}

interface PlanChoices {
  readonly delete: boolean;
  readonly content: boolean;
  readonly findMoves: boolean;
  readonly some: boolean;
}

async function pickOptions(
  kind: PairKind,
  { from, to }: Pair,
  title: string,
  { folders = [] }: PlanStart,
): Promise<PlanChoices | undefined> {
  const items: (vscode.QuickPickItem & { readonly option: keyof PlanChoices })[] = [
    {
      option: 'delete',
      label: `Also remove what only ${rootLabel(to)} has`,
      detail: `The plan lists each file first. Removed files go to the trash of ${rootLabel(to)}.`,
    },
    {
      option: 'findMoves',
      label: 'Find moved folders and files',
      detail: 'Reads only files of one size and name that just one side has.',
    },
    {
      option: 'content',
      label: 'Compare by content: find moved and renamed files',
      detail: 'Reads what names, sizes and times cannot tell. Slower the first time.',
    },
    {
      option: 'some',
      label: 'Only some of it…',
      detail: 'Asks for folders, names and sizes.',
    },
  ];
  const offered = items.filter(
    ({ option }) =>
      (option !== 'delete' || kind === 'mirror') &&
      (option !== 'findMoves' || kind !== 'update') &&
      (option !== 'some' || folders.length === 0),
  );
  const ends = kind === 'both' ? `${rootLabel(from)} and ${rootLabel(to)}` : `${rootLabel(from)} to ${rootLabel(to)}`;
  const chosen = await vscode.window.showQuickPick(offered, {
    title: `${title} (2 of 2): ${ends}`,
    placeHolder: 'Tick what you want, or press Enter',
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (chosen === undefined) return undefined;
  const has = (option: keyof PlanChoices): boolean => chosen.some((item) => item.option === option);
  return { delete: has('delete'), content: has('content'), findMoves: has('findMoves'), some: has('some') };
}

async function selectionFor(
  services: Services,
  { from, to }: Pair,
  { some }: PlanChoices,
  title: string,
  { folders = [] }: PlanStart,
): Promise<Selection | undefined> {
  if (some) return askSelection(services, [from, to], title);
  return folders.length === 0 ? {} : { folders: [...folders] };
}

async function requestPlan(
  { engine }: Services,
  kind: PairKind,
  { from, to }: Pair,
  { delete: remove, content, findMoves, select }: PlanChoices & { readonly select?: Selection },
): Promise<MadePlan> {
  const input = { from: from.name, to: to.name, content, ...(select === undefined ? {} : { select }) };
  const request = (options: { signal?: AbortSignal; timeoutMs: number }): Promise<MadePlan> => {
    switch (kind) {
      case 'mirror':
        return engine.call('plans.mirror', { ...input, delete: remove, findMoves }, options);
      case 'update':
        return engine.call('plans.update', input, options);
      case 'both':
        return engine.call('plans.both', { ...input, findMoves }, options);
    }
  };
  if (!content && !findMoves) return inModelsView(() => request({ timeoutMs: PLAN_TIMEOUT_MS }));
  return cancelable(
    `${content ? 'Comparing the content of' : 'Looking for moved files in'} ${rootLabel(from)} and ${rootLabel(to)}`,
    (signal) => request({ signal, timeoutMs: CONTENT_TIMEOUT_MS }),
  );
}

function nothingWords(kind: PairKind, { from, to }: Pair, options: PlanChoices): string {
  if (kind === 'both') return `Nothing to do: ${rootLabel(from)} and ${rootLabel(to)} hold the same.`;
  const rest = options.delete ? '' : ` It may hold more: that is kept.`;
  return `Nothing to do: ${rootLabel(to)} has all that ${rootLabel(from)} has.${rest}`;
}
