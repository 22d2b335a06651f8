import * as vscode from 'vscode';

import { toLakesideError } from '../../base/errors.ts';
import { formatBytes, formatQuantity } from '../../base/format.ts';
import { parseBytes } from '../../base/parseBytes.ts';
import type { UseCaseInput } from '../../protocol/useCases.ts';
import type { Root } from '../../protocol/values.ts';
import { PLAN_TIMEOUT_MS } from '../progress.ts';
import type { Services } from '../services.ts';
import { rootLabel } from '../trees/modelNodes.ts';
import { TypedEstimate } from '../typedEstimate.ts';
import { type MadePlan, openMadePlan, type PlanStart } from './openMadePlan.ts';
import { scannedRoots } from './rootPairs.ts';
import { askSelection, unlessAll } from './selectionQuestions.ts';

type EvictInput = UseCaseInput<'plans.evict'>;
type Rules = EvictInput['rules'];

const GIB = 1024 ** 3;
const ROUND_BYTES = 10 * GIB;

/** Asks what may go from which root and how much shall be free, makes the plan for that and opens it. */
export async function freeSpace(services: Services, { root: given, folders = [] }: PlanStart): Promise<void> {
  const roots = await scannedRoots(services);
  const root = given ?? (await pickRootToFree(roots));
  if (root === undefined) return;
  const title = `Free space on ${rootLabel(root)}`;
  const keptBy = await pickKeeper(roots, root, title);
  if (keptBy === undefined) return;
  const order = await pickOrder(title);
  if (order === undefined) return;
  const limits = await pickLimits(title, folders.length > 0);
  if (limits === undefined) return;
  const select = limits.some
    ? await askSelection(services, [root], title)
    : folders.length > 0
      ? { folders: [...folders] }
      : {};
  if (select === undefined) return;
  const input: EvictInput = {
    root: root.name,
    keptBy: keptBy.name,
    rules: { order, ...limits.rules },
    ...unlessAll(select),
  };
  const made = await askHowMuch(services, root, keptBy, input, title);
  if (made === undefined) return;
  const nothing = `${rootLabel(root)} holds nothing that these rules take and ${rootLabel(keptBy)} holds verified.`;
  await openMadePlan(services, made, nothing);
}

async function pickRootToFree(roots: readonly Root[]): Promise<Root | undefined> {
  const order: readonly Root['role'][] = ['local', 'other', 'lake'];
  const items = roots
    .toSorted((a, b) => order.indexOf(a.role) - order.indexOf(b.role))
    .map((root) => ({ label: rootLabel(root), description: root.path, detail: spaceWords(root), root }));
  return (await vscode.window.showQuickPick(items, { title: 'Free space on which folder?' }))?.root;
}

function spaceWords({ freeBytes, totalBytes }: Root): string {
  return freeBytes === undefined || totalBytes === undefined
    ? ''
    : `${formatBytes(freeBytes)} free of ${formatBytes(totalBytes)}`;
}

/** The root that must hold a file verified before it goes. */
async function pickKeeper(roots: readonly Root[], root: Root, title: string): Promise<Root | undefined> {
  const others = roots.filter(({ id }) => id !== root.id);
  if (others.length <= 1) return others[0];
  const items = others.map((other) => ({ label: rootLabel(other), description: other.path, other }));
  return (await vscode.window.showQuickPick(items, { title: `${title}: only what which folder holds?` }))?.other;
}

async function pickOrder(title: string): Promise<Rules['order'] | undefined> {
  const items = [
    { label: 'The largest first', detail: 'Frees the most with the fewest files.', order: 'largest' as const },
    {
      label: 'The longest unused first',
      detail: 'By when files were last read, as far as the file system notes that.',
      order: 'unused' as const,
    },
    { label: 'The oldest first', detail: 'By when files were last changed.', order: 'oldest' as const },
  ];
  return (
    await vscode.window.showQuickPick(items, { title: `${title} (1 of 3): what goes first?`, ignoreFocusOut: true })
  )?.order;
}

interface Limits {
  readonly rules: Omit<Rules, 'order' | 'freeBytes'>;
  readonly some: boolean;
}

async function pickLimits(title: string, hasFolders: boolean): Promise<Limits | undefined> {
  const items: (vscode.QuickPickItem & { readonly rule?: Limits['rules'] })[] = [
    { label: 'Only files of 1 GB and more', rule: { minSize: GIB } },
    { label: 'Only files not used for 60 days', rule: { unusedForDays: 60 } },
    { label: 'Only files not changed for 90 days', rule: { olderThanDays: 90 } },
    ...(hasFolders ? [] : [{ label: 'Only some of it…', detail: 'Asks for folders, names and sizes.' }]),
  ];
  const chosen = await vscode.window.showQuickPick(items, {
    title: `${title} (2 of 3): what may go?`,
    placeHolder: 'Tick limits, or press Enter for none',
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (chosen === undefined) return undefined;
  let rules: Limits['rules'] = {};
  for (const { rule } of chosen) rules = { ...rules, ...rule };
  return { rules, some: chosen.some(({ rule }) => rule === undefined) };
}

/** Asks how much shall be free and says as it is typed what would go; the plan of the last answer. */
async function askHowMuch(
  { engine }: Services,
  root: Root,
  keptBy: Root,
  input: EvictInput,
  title: string,
): Promise<MadePlan | undefined> {
  const { freeBytes, totalBytes } = await engine.call('roots.space', { name: root.name });
  const box = vscode.window.createInputBox();
  const plan = (text: string, signal: AbortSignal): Promise<MadePlan> => {
    const wanted = text.trim() === '' ? {} : { freeBytes: parseBytes(text, 'GB') ?? 0 };
    const rules = { ...input.rules, ...wanted };
    return engine.call('plans.evict', { ...input, rules }, { signal, timeoutMs: PLAN_TIMEOUT_MS });
  };
  const estimate = new TypedEstimate(plan, (_text, answer) => {
    box.busy = answer === undefined;
    if (answer instanceof Error) box.validationMessage = toLakesideError(answer).message;
    else if (answer !== undefined) box.validationMessage = estimateOf(answer, freeBytes, rootLabel(keptBy));
  });
  try {
    box.title = `${title} (3 of 3): how much shall be free?`;
    box.prompt = `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} are free now. Leave it empty for all that may go.`;
    box.placeholder = '250 GB';
    box.value = formatGigabytes(Math.ceil((freeBytes + ROUND_BYTES) / ROUND_BYTES) * ROUND_BYTES);
    return await new Promise<MadePlan | undefined>((resolve, reject) => {
      const type = (text: string): void => {
        if (text.trim() !== '' && parseBytes(text, 'GB') === undefined) {
          estimate.dispose();
          box.busy = false;
          box.validationMessage = 'Write a size, such as 250 GB.';
        } else {
          box.validationMessage = undefined;
          estimate.type(text);
        }
      };
      box.onDidChangeValue(type);
      box.onDidHide(() => resolve(undefined));
      box.onDidAccept(() => {
        if (box.value.trim() !== '' && parseBytes(box.value, 'GB') === undefined) return;
        box.enabled = false;
        estimate.answer(box.value).then(resolve, reject);
      });
      box.show();
      type(box.value);
    });
  } finally {
    estimate.dispose();
    box.dispose();
  }
}

function estimateOf(made: MadePlan, freeBytes: number, keeper: string): vscode.InputBoxValidationMessage {
  const { count, bytes } = made.header.summary.delete;
  const message =
    count === 0
      ? `Nothing would go: no file passes that ${keeper} holds verified.`
      : `${formatQuantity(count, 'file')} would go, ${formatBytes(bytes)}: ${formatBytes(freeBytes + bytes)} free afterwards. You review them first.`;
  return { message, severity: vscode.InputBoxValidationSeverity.Info };
}

function formatGigabytes(bytes: number): string {
  return `${Math.round(bytes / GIB)} GB`;
}
