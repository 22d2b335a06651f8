import assert from 'node:assert/strict';
import fc from 'fast-check';

import { compareRelpaths } from '../../src/base/relpath.ts';
import { Crash, type FaultyFiles, type Faults } from '../support/faultyFiles.ts';
import { MemorySteps, type MemoryStep, type Tree, TransferWorld, type WorldKind } from '../support/transferWorld.ts';

type Step = Omit<MemoryStep, 'step'>;

/** The steps of a plan both ways of what the roots hold; `decide` says which side of a conflict stays. */
function bothWays(world: TransferWorld, decide: (path: string) => MemoryStep['direction']): Step[] {
  const from = world.tree('from');
  const to = world.tree('to');
  const state = (place: 'from' | 'to', path: string): Step['expect']['from'] =>
    path in world.tree(place) ? world.state(place, path) : null;
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((path) => from[path] !== to[path])
    .sort(compareRelpaths)
    .map((path): Step => {
      const expect = { from: state('from', path), to: state('to', path) };
      const direction = expect.to === null ? undefined : expect.from === null ? 'reverse' : decide(path);
      return { op: 'copy', path, expect, ...(direction === undefined ? {} : { direction }) };
    });
}

describe('a plan both ways', function () {
  this.timeout(120_000);

  const FROM = { only: 'of from', 'deep/kept': 'from stays', given: 'older', named: 'one content' };
  const TO = { 'deep/other': 'of to', 'deep/kept': 'gives way', given: 'to stays', 'deep/renamed': 'one content' };
  const BOTH = { only: 'of from', 'deep/kept': 'from stays', given: 'to stays', 'deep/other': 'of to' };

  function filled(kind: WorldKind): { world: TransferWorld; steps: Step[] } {
    const world = new TransferWorld('', kind);
    world.fill('from', FROM);
    world.fill('to', TO);
    const copies = bothWays(world, (path) => (path === 'given' ? 'reverse' : undefined)).filter(
      ({ path }) => path !== 'named' && path !== 'deep/renamed',
    );
    // The name in *to* stays: the file is moved within *from*.
    const move: Step = {
      op: 'move',
      path: 'named',
      movedFrom: 'deep/renamed',
      direction: 'reverse',
      expect: { from: world.state('from', 'named'), to: world.state('to', 'deep/renamed') },
    };
    return { world, steps: [...copies, move] };
  }

  it('makes both roots the same, and puts what gave way into the trash of its own root', async () => {
    const { world, steps } = filled('POSIX in memory');
    const memory = new MemorySteps(steps);
    const counts = await world.apply(memory);
    assert.deepEqual([counts.done, counts.failed, counts.skipped], [5, 0, 0]);
    assert.deepEqual(world.tree('from'), { ...BOTH, 'deep/renamed': 'one content' });
    assert.deepEqual(world.tree('to'), world.tree('from'));
    assert.deepEqual([world.trash('from'), world.trash('to')], [{ given: ['older'] }, { 'deep/kept': ['gives way'] }]);
    const put = memory.reverseChanges.filter(({ kind }) => kind === 'put').map(({ path }) => path);
    assert.deepEqual(put.sort(), ['deep/other', 'deep/renamed', 'given']);
    assert.equal(counts.bytes, 'of from'.length + 'from stays'.length + 'of to'.length + 'to stays'.length);
  });

  it('does nothing for a conflict that is not decided, and says so', async () => {
    const world = new TransferWorld('', 'POSIX in memory');
    world.fill('from', { a: 'one', b: 'only here' });
    world.fill('to', { a: 'another' });
    const steps = new MemorySteps(bothWays(world, () => 'undecided'));
    await world.apply(steps);
    assert.deepEqual([steps.status('a'), steps.status('b')], ['skipped CONFLICT_UNDECIDED', 'done']);
    assert.match(steps.reason('a'), /nobody has decided/);
    assert.deepEqual(world.tree('to'), { a: 'another', b: 'only here' });
    assert.equal(world.read('from', 'a'), 'one');
  });

  it('skips a copy back whose ends are not what the plan expects', async () => {
    const { world, steps } = filled('POSIX in memory');
    world.write('from', 'given', 'written meanwhile');
    world.write('from', 'deep/other', 'appeared meanwhile');
    const memory = new MemorySteps(steps);
    await world.apply(memory);
    assert.equal(memory.status('given'), 'skipped TARGET_CHANGED');
    assert.equal(memory.status('deep/other'), 'skipped TARGET_EXISTS');
    assert.equal(world.read('from', 'given'), 'written meanwhile');
  });

  it('goes on with the copies back where the first root has no more space, and the other way round', async () => {
    const { world, steps } = filled('POSIX in memory');
    const memory = new MemorySteps(steps);
    await world.apply(memory, world.faulty({ fail: full(world.path('to', '')) }));
    assert.equal(memory.status('only'), 'failed DISK_FULL');
    assert.equal(memory.status('deep/other'), 'done');
    assert.equal(world.read('from', 'given'), 'to stays');
  });

  function full(root: string): NonNullable<Faults['fail']> {
    return (call, path) => (call === 'create' && path.startsWith(root) ? 'ENOSPC' : undefined);
  }

  for (const kind of ['POSIX in memory', 'a Windows drive and a NAS'] as const) {
    it(`loses nothing at any instant of a crash, on either side, and is ended by the next apply (${kind})`, async () => {
      let crashes = 0;
      for (let crashAt = 0; ; crashAt++) {
        const { world, steps } = filled(kind);
        const files = world.faulty({ crashAt });
        const crashed = new MemorySteps(steps, files);
        if (await applied(world, crashed, files)) break;
        crashes++;
        for (const [place, tree] of [
          ['from', FROM],
          ['to', TO],
        ] as const) {
          const everything = world.everything(place);
          for (const text of Object.values(tree)) assert.ok(everything.has(text), `"${text}" is lost at ${crashAt}`);
        }
        const again = new MemorySteps(steps, undefined, crashed);
        await world.apply(again);
        const ends = [...again.outcomes.values()].filter(({ status }) => status !== 'done' && status !== 'already');
        assert.deepEqual(ends, [], `after a crash at ${crashAt}`);
        assert.deepEqual(world.tree('from'), { ...BOTH, 'deep/renamed': 'one content' });
        assert.deepEqual(world.tree('to'), world.tree('from'));
        assert.deepEqual([world.aside('from'), world.aside('to')], [{}, {}]);
      }
      assert.ok(crashes > 60, `only ${crashes} crashes`);
    });
  }

  /** False where it crashed. */
  async function applied(world: TransferWorld, steps: MemorySteps, files: FaultyFiles): Promise<boolean> {
    try {
      await world.apply(steps, files, { parallelFiles: 1 });
      return true;
    } catch (error) {
      if (!files.crashed) throw error;
      assert.ok(error instanceof Crash || (error instanceof Error && error.cause instanceof Crash), String(error));
      return false;
    } finally {
      files.closeAll();
    }
  }

  it('makes any two trees the same, once all is decided', async () => {
    const name = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 2 })
      .map((parts) => parts.join('/'));
    const tree = fc.array(fc.tuple(name, fc.constantFrom('', 'x', 'y', 'longer')), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(tree, tree, fc.infiniteStream(fc.boolean()), async (from, to, keepFrom) => {
        const world = new TransferWorld('', 'POSIX in memory');
        const [left = {}, right = {}] = standingTogether(from, to);
        world.fill('from', left);
        world.fill('to', right);
        const plan = bothWays(world, () => (keepFrom.next().value === true ? undefined : 'reverse'));
        const counts = await world.apply(new MemorySteps(plan));
        assert.equal(counts.done, plan.length);
        assert.deepEqual(world.tree('to'), world.tree('from'));
        assert.deepEqual(Object.keys(world.tree('to')).sort(), [...new Set([...keys(left), ...keys(right)])].sort());
        const again = await world.apply(new MemorySteps(plan));
        assert.equal(again.already, plan.length, 'a second time there is nothing to do');
      }),
      { numRuns: 100 },
    );
  });
});

function keys(tree: Tree): string[] {
  return Object.keys(tree);
}

/** Leaves out names by which a file of one tree would have to stand in the place of a folder of either. */
function standingTogether(...lists: (readonly (readonly [string, string])[])[]): Tree[] {
  const all: string[] = [];
  return lists.map((entries) => {
    const kept: Record<string, string> = {};
    for (const [path, text] of entries) {
      if (all.some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`))) continue;
      all.push(path);
      kept[path] = text;
    }
    return kept;
  });
}
