import * as vscode from 'vscode';

import { LakesideError } from '../../base/errors.ts';
import type { Root } from '../../protocol/values.ts';
import type { Services } from '../services.ts';
import { rootLabel } from '../trees/modelNodes.ts';

export interface Pair {
  readonly from: Root;
  readonly to: Root;
}

/** Two roots to compare; asked for where there are more. Local and the Lake come first. */
export async function pickPair(
  services: Services,
  root: Root | undefined,
  title = 'Compare which folders?',
): Promise<Pair | undefined> {
  const pairs = pairsOf(await scannedRoots(services), root);
  if (pairs.length === 1) return pairs[0];
  const items = pairs.map((pair) => ({ label: `${rootLabel(pair.from)} and ${rootLabel(pair.to)}`, pair }));
  return (await vscode.window.showQuickPick(items, { title }))?.pair;
}

/** From which root to which. */
export async function pickDirection(
  services: Services,
  root: Root | undefined,
  words: { readonly title: string; readonly describe: (pair: Pair) => string },
  pair?: Pair,
): Promise<Pair | undefined> {
  const pairs = pair === undefined ? pairsOf(await scannedRoots(services), root) : [pair];
  const items = pairs
    // Bringing what the Lake has to Local is what one wants most.
    .flatMap(({ from, to }) => [
      { from: to, to: from },
      { from, to },
    ])
    .map((direction) => ({
      label: `${rootLabel(direction.from)} $(arrow-right) ${rootLabel(direction.to)}`,
      description: words.describe(direction),
      direction,
    }));
  return (await vscode.window.showQuickPick(items, { title: words.title, matchOnDescription: true }))?.direction;
}

/** The roots that can be compared. Throws where there are fewer than two. */
export async function scannedRoots({ models }: Services): Promise<readonly Root[]> {
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
