import assert from 'node:assert/strict';
import fc from 'fast-check';

import { TEXTS, writeApart } from './plannedWorld.ts';
import type { Tree, TransferWorld } from './transferWorld.ts';

/** What somebody else does between the plan and its apply. */
export type Mutation =
  | { readonly kind: 'write'; readonly place: 'from' | 'to'; readonly path: string; readonly text: string }
  | { readonly kind: 'erase'; readonly place: 'from' | 'to'; readonly index: number }
  | { readonly kind: 'rename'; readonly place: 'from' | 'to'; readonly index: number; readonly path: string };
const place = fc.constantFrom('from' as const, 'to' as const);
/** `path`: gives relpaths. */
export const mutationsOf = (path: fc.Arbitrary<string>): fc.Arbitrary<Mutation[]> =>
  fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('write' as const),
        place,
        path,
        text: fc.constantFrom('new 1', 'new 2', 'x', 'y'),
      }),
      fc.record({ kind: fc.constant('erase' as const), place, index: fc.nat(9) }),
      fc.record({ kind: fc.constant('rename' as const), place, index: fc.nat(9), path }),
    ),
    { minLength: 1, maxLength: 5 },
  );

/** Leaves out what cannot stand beside what came before: one name twice, a file and a folder of one name. */
export function toTree(all: readonly (readonly [string, string])[], fold: (relpath: string) => string): Tree {
  const kept: Record<string, string> = {};
  for (const [relpath, text] of all) if (fits(Object.keys(kept), relpath, fold)) kept[relpath] = text;
  return kept;
}

function fits(others: readonly string[], relpath: string, fold: (relpath: string) => string): boolean {
  return !others.some((other) => {
    const [one, two] = [fold(relpath), fold(other)];
    if (one === two || two.startsWith(`${one}/`) || one.startsWith(`${two}/`)) return true;
    // One folder cannot have two spellings.
    const [mine, its] = [relpath.split('/'), other.split('/')];
    for (let depth = 0; depth < Math.min(mine.length, its.length); depth++) {
      if (fold(mine[depth] ?? '') !== fold(its[depth] ?? '')) return false;
      if (mine[depth] !== its[depth]) return true;
    }
    return false;
  });
}

export function mutate(world: TransferWorld, change: Mutation, fold: (relpath: string) => string): void {
  const paths = Object.keys(world.tree(change.place));
  if (change.kind === 'write') {
    const isThere = paths.includes(change.path);
    if (!isThere && !fits(paths, change.path, fold)) return;
    world.write(change.place, change.path, change.text, Date.UTC(2025, 0, 1) + change.text.length * 10_000);
    return;
  }
  const chosen = paths[change.index % Math.max(1, paths.length)];
  if (chosen === undefined) return;
  const text = world.read(change.place, chosen) ?? '';
  if (change.kind === 'erase') world.erase(change.place, chosen);
  else if (fits(paths, change.path, fold)) {
    world.erase(change.place, chosen);
    if (TEXTS.includes(text)) writeApart(world, change.place, change.path, text);
    else world.write(change.place, change.path, text);
  }
}

/** Every text of the tree is still somewhere in the target: in a place or in the trash. */
export function requireContents(world: TransferWorld, tree: Tree): void {
  const everything = world.everything();
  for (const [at, text] of Object.entries(tree)) assert.ok(everything.has(text), `"${text}" of ${at} is lost`);
}
