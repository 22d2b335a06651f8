import assert from 'node:assert/strict';
import fc from 'fast-check';

import { moveCandidates } from '../../src/library/moveCandidates.ts';
import { copyItems, planItems } from '../../src/library/plan.ts';
import { bothItems } from '../../src/library/planBoth.ts';
import { isCompleteItem } from '../../src/library/planItemCheck.ts';
import { selectFiles, selectItems, type SizedFile } from '../../src/library/planSelection.ts';
import type { PlanItem } from '../../src/protocol/planFile.ts';
import { planItemSchema } from '../../src/protocol/planFile.ts';
import { replacesFile, stepBytes } from '../../src/protocol/planTotals.ts';
import type { DiffItem, FileState } from '../../src/protocol/values.ts';
import { planSummary } from '../support/planItems.ts';
import { applied, type StateTree, tree, treeDiff } from '../support/plannedTrees.ts';

const one: FileState = { size: 1, mtimeMs: 10 };
const two: FileState = { size: 2, mtimeMs: 20, blake3: 'ab'.repeat(32) };
const rules = { windowsTarget: false };

function sorted(files: StateTree): StateTree {
  return new Map([...files].sort());
}

describe('an update plan', () => {
  it('adds and replaces; it moves and deletes nothing, so all that was there under its name is still there', () => {
    fc.assert(
      fc.property(tree, tree, (from, to) => {
        const items = [...copyItems(treeDiff(from, to), rules)];
        assert.ok(items.every(({ op }) => op === 'copy'));
        const after = applied(items, from, to);
        assert.deepEqual(after.from, from);
        assert.deepEqual(sorted(after.to), sorted(new Map([...to, ...from])));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a plan both ways', () => {
  const items: DiffItem[] = [
    { state: 'missing', path: 'a', from: one },
    { state: 'different', path: 'b', from: one, to: two },
    { state: 'extra', path: 'c', to: two },
    { state: 'moved', path: 'd', movedFrom: 'z', from: two, to: two },
    { state: 'equal', path: 'e', from: one, to: one },
  ];

  it('copies each way what the other side lacks, and leaves every choice to the person', () => {
    const steps = [...bothItems(items, rules)];
    assert.deepEqual(steps, [
      { op: 'copy', path: 'a', expect: { from: one, to: null } },
      { op: 'copy', path: 'b', direction: 'undecided', expect: { from: one, to: two } },
      { op: 'copy', path: 'c', direction: 'reverse', expect: { from: null, to: two } },
      { op: 'move', path: 'd', movedFrom: 'z', direction: 'undecided', expect: { from: two, to: two } },
    ]);
    assert.deepEqual(planSummary(steps), {
      copy: { count: 2, bytes: 3 },
      move: { count: 0, bytes: 0 },
      delete: { count: 0, bytes: 0 },
      conflict: { count: 2, bytes: 3 },
    });
    assert.equal(steps.filter(replacesFile).length, 0);
  });

  it('proposes nothing for a name that no plan may hold, and tells it', () => {
    const problems: string[] = [];
    const steps = bothItems(
      [
        { state: 'extra', path: 'a\\b', to: one },
        { state: 'moved', path: 'ok', movedFrom: 'c\\d', from: two, to: two },
      ],
      { ...rules, onProblem: ({ path }) => problems.push(path) },
    );
    assert.deepEqual([[...steps], problems], [[], ['a\\b']]);
  });

  it('keeps on each side all that was there, until conflicts are decided; decided, both sides are the same', () => {
    fc.assert(
      fc.property(tree, tree, fc.infiniteStream(fc.boolean()), (from, to, choices) => {
        const plan = [...bothItems(treeDiff(from, to), rules)];
        for (const item of plan) {
          assert.ok(planItemSchema.safeParse(item).success);
          assert.ok(isCompleteItem(item, 'both'));
        }
        const open = applied(plan, from, to);
        for (const [path, file] of from) assert.deepEqual(open.from.get(path), file);
        for (const [path, file] of to) assert.deepEqual(open.to.get(path), file);

        const decided = plan.map((item): PlanItem => {
          if (item.direction !== 'undecided') return item;
          const { direction: _direction, ...forward } = item;
          return choices.next().value === true ? forward : { ...forward, direction: 'reverse' };
        });
        for (const item of decided) assert.ok(isCompleteItem(item, 'both'));
        const after = applied(decided, from, to);
        assert.deepEqual(sorted(after.from), sorted(after.to));
        const contents = (files: StateTree): Set<string | undefined> =>
          new Set([...files.values()].map((f) => f.blake3));
        const replaced = new Set(decided.filter(replacesFile).map(({ expect }) => expect));
        for (const content of [...contents(from), ...contents(to)]) {
          const lost = [...replaced].some(({ from: a, to: b }) => a?.blake3 === content || b?.blake3 === content);
          assert.ok(contents(after.to).has(content) || lost, 'only what a person chose to replace is gone');
        }
      }),
      { numRuns: 300 },
    );
  });

  it('counts the bytes of the side that stays', () => {
    const conflict: PlanItem = { op: 'copy', path: 'b', expect: { from: one, to: two } };
    assert.equal(stepBytes(conflict), 1);
    assert.equal(stepBytes({ ...conflict, direction: 'reverse' }), 2);
    assert.ok(replacesFile({ ...conflict, direction: 'reverse' }));
  });
});

describe('a step of a plan file', () => {
  const copy: PlanItem = { op: 'copy', path: 'a', expect: { from: one, to: two } };
  const kept: PlanItem = { op: 'delete', path: 'a', expect: { from: two, to: two } };

  it('may have a direction only in plans that change both roots', () => {
    assert.ok(isCompleteItem({ ...copy, direction: 'undecided' }, 'both'));
    assert.ok(!isCompleteItem({ ...copy, direction: 'undecided' }, 'mirror'));
    assert.ok(!isCompleteItem({ ...copy, direction: 'reverse' }, 'update'));
    assert.ok(!isCompleteItem({ ...copy, direction: 'undecided', expect: { from: one, to: null } }, 'both'));
    assert.ok(!isCompleteItem({ ...copy, direction: 'reverse', expect: { from: one, to: null } }, 'both'));
    assert.ok(!isCompleteItem({ ...kept, direction: 'reverse' }, 'both'));
  });

  it('evicts only what the other root is known to hold', () => {
    assert.ok(isCompleteItem(kept, 'evict'));
    assert.ok(isCompleteItem({ ...kept, fromPath: 'b' }, 'evict'));
    assert.ok(!isCompleteItem(kept, 'mirror'), 'elsewhere a deletion has no file in from');
    assert.ok(!isCompleteItem({ ...kept, expect: { from: null, to: two } }, 'evict'));
    assert.ok(!isCompleteItem({ ...kept, expect: { from: one, to: two } }, 'evict'));
    assert.ok(!isCompleteItem({ ...kept, expect: { from: { ...two, blake3: 'cd'.repeat(32) }, to: two } }, 'evict'));
    assert.ok(!isCompleteItem({ ...copy, fromPath: 'b' }, 'mirror'));
  });
});

describe('a selection of files', () => {
  const model: SizedFile = { path: 'loras/cat.safetensors', size: 1_000 };
  const modelOf = (path: string): SizedFile | undefined => (path === 'loras/cat.preview.png' ? model : undefined);
  const preview = { path: 'loras/cat.preview.png', size: 3 };

  it('is by folder at any depth, by glob over the whole path, and by size', () => {
    const selected = (selection: Parameters<typeof selectFiles>[0], path: string, size = 10): boolean =>
      selectFiles(selection, () => undefined)({ path, size });
    assert.ok(selected({ folders: ['loras'] }, 'loras/a/b'));
    assert.ok(selected({ folders: ['loras/a'] }, 'loras/a/b'));
    assert.ok(!selected({ folders: ['loras'] }, 'loras2/a'));
    assert.ok(selected({ globs: ['**/*.gguf', 'vae/**'] }, 'vae/x.pt'));
    assert.ok(selected({ globs: ['vae'] }, 'vae/deep/x.pt'));
    assert.ok(!selected({ globs: ['**/*.gguf'] }, 'vae/x.pt'));
    assert.ok(selected({ minSize: 10, maxSize: 10 }, 'a'));
    assert.ok(!selected({ minSize: 11 }, 'a'));
    assert.ok(!selected({ maxSize: 9 }, 'a'));
    assert.ok(!selected({ folders: ['loras'], globs: ['**/*.pt'] }, 'loras/a.ckpt'), 'every rule must let it through');
    assert.ok(selected({}, 'a'));
    assert.throws(() => selected({ globs: [''] }, 'a'), { code: 'GLOB_INVALID' });
  });

  it('takes the companions of a model along, whatever their own name and size', () => {
    assert.ok(selectFiles({ globs: ['**/*.safetensors'], minSize: 500 }, modelOf)(preview));
    assert.ok(!selectFiles({ maxSize: 500 }, modelOf)(preview));
    assert.ok(!selectFiles({ folders: ['vae'] }, modelOf)(preview));
  });

  it('makes of a move over its edge a file that is only there, or not there', () => {
    const moved: DiffItem = { state: 'moved', path: 'b/x', movedFrom: 'a/x', from: two, to: two };
    const other: DiffItem = { state: 'missing', path: 'a/y', from: one };
    const within = (folder: string): DiffItem[] => {
      const inFolder = ({ path }: SizedFile): boolean => path.startsWith(folder);
      return [...selectItems(() => [other, moved], inFolder)];
    };
    assert.deepEqual(within('b/'), [{ state: 'missing', path: 'b/x', from: two }]);
    assert.deepEqual(within('a/'), [{ state: 'extra', path: 'a/x', to: two }, other]);
    assert.deepEqual(within(''), [other, moved]);
  });

  it('keeps a mirror with deletions inside it: outside nothing changes, inside both are the same', () => {
    const selected = ({ path }: SizedFile): boolean => path.startsWith('f/');
    fc.assert(
      fc.property(tree, tree, (from, to) => {
        const items = [
          ...planItems(
            selectItems(() => treeDiff(from, to), selected),
            { ...rules, delete: true },
          ),
        ];
        const after = applied(items, from, to).to;
        const part = (files: StateTree, inside: boolean): StateTree =>
          sorted(new Map([...files].filter(([path]) => path.startsWith('f/') === inside)));
        assert.deepEqual(part(after, false), part(to, false));
        assert.deepEqual(part(after, true), part(from, true));
      }),
      { numRuns: 300 },
    );
  });
});

describe('the search for moved files', () => {
  it('hashes what has no hash of one size and name that only one side has, and nothing else', () => {
    const file = (size: number, blake3?: string): FileState => ({ size, mtimeMs: 1, ...(blake3 && { blake3 }) });
    const candidates = moveCandidates([
      { state: 'missing', path: 'new/x.pt', from: file(5) },
      { state: 'extra', path: 'old/x.pt', to: file(5) },
      { state: 'missing', path: 'new/hashed.pt', from: file(7, 'a'.repeat(64)) },
      { state: 'extra', path: 'old/hashed.pt', to: file(7) },
      { state: 'missing', path: 'new/grown.pt', from: file(8) },
      { state: 'extra', path: 'old/grown.pt', to: file(9) },
      { state: 'missing', path: 'new/renamed.pt', from: file(11) },
      { state: 'extra', path: 'old/other.pt', to: file(11) },
      { state: 'missing', path: 'new/empty.pt', from: file(0) },
      { state: 'extra', path: 'old/empty.pt', to: file(0) },
      { state: 'different', path: 'both.pt', from: file(5), to: file(5) },
    ]);
    assert.deepEqual(candidates, { from: ['new/x.pt'], to: ['old/x.pt', 'old/hashed.pt'] });
  });
});
