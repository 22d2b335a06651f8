import assert from 'node:assert/strict';
import fc from 'fast-check';

import { foldName } from '../../src/base/relpath.ts';
import { type Move, type MoveAction, orderMoves } from '../../src/transfer/moveOrder.ts';

const exact = (relpath: string): string => relpath;

function toMoves(...pairs: readonly (readonly [from: string, to: string])[]): Move[] {
  return pairs.map(([from, to], step) => ({ step, from, to }));
}

function written(actions: readonly MoveAction[]): string[] {
  return actions.map(({ kind, move }) => `${kind} ${move.from} ${move.to}`);
}

/** A file system of paths alone. Refuses what a real one refuses. */
function execute(files: Map<string, string>, actions: readonly MoveAction[], fold: (path: string) => string): void {
  const aside = new Map<number, string>();
  const take = (path: string): string => {
    const content = files.get(path);
    assert.ok(content !== undefined, `${path} is not there`);
    files.delete(path);
    return content;
  };
  const put = (path: string, content: string): void => {
    for (const other of files.keys()) {
      const [a, b] = [fold(other), fold(path)];
      assert.ok(a !== b && !a.startsWith(`${b}/`) && !b.startsWith(`${a}/`), `${other} is in the way of ${path}`);
    }
    files.set(path, content);
  };
  for (const { kind, move } of actions) {
    if (kind === 'lift') aside.set(move.step, take(move.from));
    else if (kind === 'move') put(move.to, take(move.from));
    else {
      const content = aside.get(move.step);
      assert.ok(content !== undefined, `step ${move.step} was not lifted`);
      aside.delete(move.step);
      put(move.to, content);
    }
  }
  assert.equal(aside.size, 0);
}

/** Paths none of which is another's folder. */
function withoutNesting(paths: readonly string[], fold: (path: string) => string): string[] {
  const kept: string[] = [];
  for (const path of paths) {
    const [a] = [fold(path)];
    const clashes = kept.some((other) => {
      const b = fold(other);
      return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
    });
    if (!clashes) kept.push(path);
  }
  return kept;
}

const segment = fc.constantFrom('a', 'b', 'c', 'A', 'B');
const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
const paths = fc.array(path, { minLength: 1, maxLength: 12 });

describe('the order of moves', () => {
  it('runs a chain from its end', () => {
    assert.deepEqual(written(orderMoves(toMoves(['a', 'b'], ['b', 'c']), exact).actions), ['move b c', 'move a b']);
  });

  it('swaps two files by lifting one of them', () => {
    assert.deepEqual(written(orderMoves(toMoves(['a', 'b'], ['b', 'a']), exact).actions), [
      'lift a b',
      'move b a',
      'place a b',
    ]);
  });

  it('changes the case of a name through a temporary one where the file system folds case, and at once elsewhere', () => {
    const moves = toMoves(['Lora/X', 'lora/x']);
    assert.deepEqual(written(orderMoves(moves, foldName).actions), ['lift Lora/X lora/x', 'place Lora/X lora/x']);
    assert.deepEqual(written(orderMoves(moves, exact).actions), ['move Lora/X lora/x']);
  });

  it('moves a file away before its name becomes a folder', () => {
    assert.deepEqual(written(orderMoves(toMoves(['b', 'a/b'], ['a', 'c']), exact).actions), ['move a c', 'move b a/b']);
  });

  it('puts a file below its own name, and one in the place of its own folder', () => {
    assert.deepEqual(written(orderMoves(toMoves(['a', 'a/b']), exact).actions), ['lift a a/b', 'place a a/b']);
    assert.deepEqual(written(orderMoves(toMoves(['a/b', 'a']), exact).actions), ['lift a/b a', 'place a/b a']);
  });

  it('refuses moves that contend for a source or a target, and only these', () => {
    const { actions, conflicts } = orderMoves(
      toMoves(['a', 'x'], ['b', 'x'], ['c', 'd'], ['e', 'f'], ['e', 'g']),
      exact,
    );
    assert.deepEqual(written(actions), ['move c d']);
    assert.deepEqual(
      conflicts.map(({ step }) => step),
      [0, 1, 3, 4],
    );
  });

  it('orders a chain of 100,000 moves without running out of stack', () => {
    const moves = Array.from({ length: 100_000 }, (_, step) => ({ step, from: `f${step}`, to: `f${step + 1}` }));
    assert.equal(orderMoves(moves, exact).actions[0]?.move.step, 99_999);
  });

  for (const [name, fold] of [
    ['exact names', exact],
    ['folded names', foldName],
  ] as const) {
    it(`brings any set of moves to its end without overwriting (${name})`, () => {
      fc.assert(
        fc.property(paths, paths, fc.nat(), (before, after, keep) => {
          const sources = withoutNesting(before, fold);
          const moving = sources.filter((_, index) => index === 0 || (keep >> (index - 1)) % 2 === 0);
          const staying = sources.filter((source) => !moving.includes(source));
          const targets = withoutNesting([...staying, ...after], fold).slice(staying.length);
          const moves = moving
            .slice(0, targets.length)
            .map((from, step) => ({ step, from, to: targets[step] ?? '' }))
            .filter(({ from, to }) => from !== to);
          const moved = new Map(moves.map(({ from, to }) => [from, to]));
          const left = [...sources.filter((source) => !moved.has(source)), ...moved.values()];
          // A file that stays where another wants a folder is no matter of order.
          fc.pre(withoutNesting(left, fold).length === left.length);
          const files = new Map(sources.map((source) => [source, source]));
          const { actions, conflicts } = orderMoves(moves, fold);
          assert.deepEqual(conflicts, []);
          execute(files, actions, fold);
          const expected = sources.map((source) => [moved.get(source) ?? source, source]);
          assert.deepEqual([...files].sort(), expected.sort());
        }),
        { numRuns: 2_000 },
      );
    });
  }
});
