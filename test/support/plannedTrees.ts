import assert from 'node:assert/strict';
import fc from 'fast-check';

import { compareRelpaths } from '../../src/base/relpath.ts';
import { pairMoves } from '../../src/library/diffMoves.ts';
import type { PlanItem } from '../../src/protocol/planFile.ts';
import type { DiffItem, FileState } from '../../src/protocol/values.ts';
import { classifyPair } from './classifyPair.ts';

/** Path → state of the file there. */
export type StateTree = ReadonlyMap<string, FileState>;

/** Trees of few names and contents, so that all states of a diff are common; models with companions among them. */
export const tree: fc.Arbitrary<StateTree> = fc
  .uniqueArray(
    fc.tuple(
      fc
        .tuple(fc.constantFrom('', 'f/', 'g/'), fc.constantFrom('a', 'b'), fc.constantFrom('.pt', '.png', '.txt'))
        .map((parts) => parts.join('')),
      fc.constantFrom('a', 'b', 'c').map((content): FileState => ({
        size: content === 'c' ? 0 : 5,
        mtimeMs: 1,
        blake3: content.repeat(64),
      })),
    ),
    { selector: ([name]) => name },
  )
  .map((files) => new Map(files));

/** The diff of two trees by content, as the second implementation has it. */
export function treeDiff(from: StateTree, to: StateTree): DiffItem[] {
  const rule = { mtimeStepMs: 1, content: true };
  const single = (files: StateTree, others: StateTree): (FileState & { path: string })[] =>
    [...files].filter(([path]) => !others.has(path)).map(([path, state]) => ({ path, ...state }));
  const moves = new Map(pairMoves(single(from, to), single(to, from), rule).map((pair) => [pair.path, pair.movedFrom]));
  const taken = new Set(moves.values());
  return [...new Set([...from.keys(), ...to.keys()])]
    .filter((path) => !taken.has(path))
    .sort(compareRelpaths)
    .map((path) => {
      const movedFrom = moves.get(path);
      const [left, right] = [from.get(path), to.get(movedFrom ?? path)];
      return {
        state: movedFrom === undefined ? classifyPair(left, right, rule) : 'moved',
        path,
        ...(movedFrom === undefined ? {} : { movedFrom }),
        ...(left === undefined ? {} : { from: left }),
        ...(right === undefined ? {} : { to: right }),
      };
    });
}

/**
 * What a plan promises to do to two trees, in the order of apply: forward moves and copies, then those the other way,
 * then deletions. Each step must find what it expects.
 */
export function applied(
  items: readonly PlanItem[],
  from: StateTree,
  to: StateTree,
): { readonly from: Map<string, FileState>; readonly to: Map<string, FileState> } {
  const result = { from: new Map(from), to: new Map(to) };
  moveAndCopy(
    items.filter((item) => item.direction === undefined),
    result.from,
    result.to,
  );
  moveAndCopy(items.filter((item) => item.direction === 'reverse').map(turned), result.to, result.from);
  for (const item of items.filter((entry) => entry.op === 'delete')) {
    assert.deepEqual(result.to.get(item.path), item.expect.to);
    result.to.delete(item.path);
  }
  return result;
}

function moveAndCopy(items: readonly PlanItem[], from: StateTree, to: Map<string, FileState>): void {
  const moving = items
    .filter((item) => item.op === 'move')
    .map((item) => ({ item, file: to.get(item.movedFrom ?? '') }));
  for (const { item, file } of moving) {
    assert.deepEqual(file, item.expect.to);
    to.delete(item.movedFrom ?? '');
  }
  for (const { item, file } of moving) if (file !== undefined) to.set(item.path, file);
  for (const item of items.filter((entry) => entry.op === 'copy')) {
    assert.deepEqual(to.get(item.path) ?? null, item.expect.to);
    assert.deepEqual(from.get(item.path), item.expect.from);
    to.set(item.path, from.get(item.path) ?? assert.fail());
  }
}

/** A step the other way, as one forward between roots that have changed places. */
function turned({ direction: _direction, ...item }: PlanItem): PlanItem {
  const names = item.movedFrom === undefined ? {} : { path: item.movedFrom, movedFrom: item.path };
  return { ...item, ...names, expect: { from: item.expect.to, to: item.expect.from } };
}
