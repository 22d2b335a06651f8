import assert from 'node:assert/strict';
import fc from 'fast-check';

import { copyItems, planItems } from '../../src/library/plan.ts';
import { selectionOf } from '../../src/library/planSelection.ts';
import type { PlanItem } from '../../src/protocol/planFile.ts';
import { planItemSchema } from '../../src/protocol/planFile.ts';
import type { DiffItem, FileState, Problem } from '../../src/protocol/values.ts';
import { planSummary } from '../support/planItems.ts';
import { applied, tree, treeDiff } from '../support/plannedTrees.ts';

const one: FileState = { size: 1, mtimeMs: 10 };
const two: FileState = { size: 2, mtimeMs: 20, blake3: 'ab'.repeat(32) };
const rules = { delete: true, windowsTarget: false };

describe('planItems', () => {
  it('makes one step of each difference, with the state it expects at both ends', () => {
    const items: DiffItem[] = [
      { state: 'missing', path: 'a', from: one },
      { state: 'different', path: 'b', from: one, to: two },
      { state: 'equal', path: 'c', from: one, to: one },
      { state: 'moved', path: 'd', movedFrom: 'z', from: two, to: two },
      { state: 'extra', path: 'e', to: one },
    ];
    const copies: PlanItem[] = [
      { op: 'copy', path: 'a', expect: { from: one, to: null } },
      { op: 'copy', path: 'b', expect: { from: one, to: two } },
      { op: 'move', path: 'd', movedFrom: 'z', expect: { from: two, to: two } },
    ];
    const all = [...planItems(items, rules)];
    assert.deepEqual(all, [...copies, { op: 'delete', path: 'e', expect: { from: null, to: one } }]);
    assert.deepEqual([...planItems(items, { ...rules, delete: false })], copies);
    assert.deepEqual(planSummary(all), {
      copy: { count: 2, bytes: 2 },
      move: { count: 1, bytes: 2 },
      delete: { count: 1, bytes: 1 },
    });
  });

  it('copies a selection to the same place even where its content lies elsewhere, and deletes nothing', () => {
    const items: DiffItem[] = [
      { state: 'moved', path: 'd', movedFrom: 'z', from: two, to: two },
      { state: 'extra', path: 'e', to: one },
    ];
    assert.deepEqual(
      [...copyItems(items, { windowsTarget: false })],
      [{ op: 'copy', path: 'd', expect: { from: two, to: null } }],
    );
  });

  it('takes a selected file with its companions, and a selected folder whole', () => {
    const selected = selectionOf(['loras/cat.safetensors', 'vae', 'notes.txt']);
    for (const path of [
      'loras/cat.safetensors',
      'loras/cat.preview.png',
      'loras/cat.txt',
      'vae/a.pt',
      'vae/deep/b',
      'notes.txt',
    ]) {
      assert.ok(selected(path), path);
    }
    for (const path of ['loras/cat-2.safetensors', 'cat.txt', 'loras/cat.ckpt', 'vae2/a.pt', 'notes.json', 'loras']) {
      assert.ok(!selected(path), path);
    }
  });

  it('makes no step for a name that no plan may hold, and tells it', () => {
    const problems: Problem[] = [];
    const onProblem = (problem: Problem): void => void problems.push(problem);
    const items: DiffItem[] = [
      { state: 'missing', path: 'a\\b', from: one },
      { state: 'missing', path: 'aux.txt', from: one },
      { state: 'moved', path: 'ok', movedFrom: 'c\\d', from: two, to: two },
    ];
    assert.deepEqual(
      [...planItems(items, { ...rules, onProblem })].map(({ op, path }) => [op, path]),
      [
        ['copy', 'aux.txt'],
        ['copy', 'ok'],
      ],
    );
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['a\\b'],
    );
    assert.deepEqual(
      [...planItems(items, { ...rules, windowsTarget: true })].map(({ path }) => path),
      ['ok'],
    );
  });

  it('leads to a target that holds all the source holds, and with deletions nothing else', () => {
    fc.assert(
      fc.property(tree, tree, (from, to) => {
        const mirrored = applied([...planItems(treeDiff(from, to), rules)], from, to).to;
        assert.deepEqual(new Map([...mirrored].sort()), new Map([...from].sort()));
        const items = [...planItems(treeDiff(from, to), { ...rules, delete: false })];
        const kept = applied(items, from, to).to;
        for (const [name, state] of from) assert.deepEqual(kept.get(name), state);
        const movedAway = new Set(items.map((item) => item.movedFrom));
        for (const name of to.keys()) assert.ok(kept.has(name) || movedAway.has(name));
        for (const item of items) assert.ok(planItemSchema.safeParse(item).success);
      }),
      { numRuns: 500 },
    );
  });
});
