import assert from 'node:assert/strict';

import type { IndexChange } from '../../src/transfer/stepOutcome.ts';
import { Crash, type Faults } from '../support/faultyFiles.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { MemorySteps, TransferWorld, type WorldKind } from '../support/transferWorld.ts';

/** Copies, a replacement, a swap, a chain, a delete that empties folders, a file that gives way to a folder. */
const FROM = {
  'new/deep/a': 'A',
  replaced: 'new',
  swap1: 'two',
  swap2: 'one',
  chain2: 'first',
  chain3: 'second',
  'clear/x': 'X',
};
const TO = {
  replaced: 'old',
  swap1: 'one',
  swap2: 'two',
  chain1: 'first',
  chain2: 'second',
  clear: 'in the way',
  'gone/deep/y': 'Y',
};

describe('a crash while a plan is applied', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();

  function plan(world: TransferWorld): ReturnType<TransferWorld['mirror']> {
    return [
      world.copy('new/deep/a'),
      world.replace('replaced'),
      world.move('swap1', 'swap2'),
      world.move('swap2', 'swap1'),
      world.move('chain1', 'chain2'),
      world.move('chain2', 'chain3'),
      world.copy('clear/x'),
      world.remove('clear'),
      world.remove('gone/deep/y'),
    ];
  }

  /**
   * Crashes before each call in turn (before every `stride`th); calls back with what the crash left behind. Returns how
   * many calls there were.
   */
  async function crashEverywhere(
    faults: Faults,
    stride: number,
    kind: WorldKind,
    check: (world: TransferWorld, crashed: MemorySteps, steps: ReturnType<TransferWorld['mirror']>) => Promise<void>,
  ): Promise<number> {
    for (let crashAt = 0; ; crashAt += stride) {
      const world = new TransferWorld(folder(), kind);
      world.fill('from', FROM);
      world.fill('to', TO);
      const steps = plan(world);
      const files = world.faulty({ ...faults, crashAt });
      const crashed = new MemorySteps(steps, files);
      try {
        await world.apply(crashed, files, { parallelFiles: 1 });
        return crashAt;
      } catch (error) {
        if (!files.crashed) throw error;
        assert.ok(error instanceof Crash || (error instanceof Error && error.cause instanceof Crash), String(error));
      } finally {
        files.closeAll();
      }
      try {
        await check(world, crashed, steps);
      } catch (error) {
        console.error(`crashed before call ${crashAt}`);
        throw error;
      }
    }
  }

  const NOTHING: Faults = {};
  const WITHOUT_LINKS: Faults = { fail: (call) => (call === 'link' ? 'ENOTSUP' : undefined) };

  for (const [name, faults, kind] of [
    ['hard links', NOTHING, 'POSIX in memory'],
    ['no hard links', WITHOUT_LINKS, 'POSIX in memory'],
    ['Windows drives', NOTHING, 'Windows drives'],
    ['a Windows drive and a NAS', NOTHING, 'a Windows drive and a NAS'],
  ] as const) {
    it(`loses nothing at any instant, and the next apply ends it (${name}, a new job)`, async () => {
      const crashes = await crashEverywhere(faults, 1, kind, async (world, crashed, steps) => {
        const known = new Set<string>([...Object.values(FROM), ...Object.values(TO)]);
        const everything = world.everything();
        for (const text of Object.values(TO)) assert.ok(everything.has(text), `"${text}" is lost`);
        if (faults === NOTHING && world.traits.to.hardLinks) {
          const replaced = world.tree('to').replaced;
          assert.ok(replaced === 'old' || replaced === 'new', 'the place of a replaced file is never empty');
        }
        for (const [path, text] of Object.entries(world.tree('to'))) {
          assert.ok(known.has(text) || path.endsWith('.partial'), `${path} holds "${text}"`);
        }
        await finishes(world, new MemorySteps(steps), crashed);
      });
      assert.ok(crashes > 150, `only ${crashes} crashes`);
    });

    it(`goes on with what the same job had not recorded (${name})`, async () => {
      await crashEverywhere(faults, 2, kind, async (world, crashed, steps) => {
        await finishes(world, new MemorySteps(steps, undefined, crashed), crashed);
      });
    });
  }

  it('loses nothing on the disk of this machine either', async () => {
    await crashEverywhere(NOTHING, 7, 'this disk', async (world, crashed, steps) => {
      await finishes(world, new MemorySteps(steps), crashed);
    });
  });

  it('crashes twice and still ends well', async () => {
    for (const second of [3, 11, 23, 41, 67]) {
      await crashEverywhere(NOTHING, 23, 'POSIX in memory', async (world, crashed, steps) => {
        const files = world.faulty({ crashAt: second });
        const again = new MemorySteps(steps, files, crashed);
        try {
          await world.apply(again, files, { parallelFiles: 1 });
        } catch (error) {
          if (!files.crashed) throw error;
        }
        files.closeAll();
        await finishes(world, new MemorySteps(steps, undefined, again), crashed, again);
      });
    }
  });

  async function finishes(world: TransferWorld, steps: MemorySteps, ...before: MemorySteps[]): Promise<void> {
    await world.apply(steps, world.faulty());
    const reasons = [...steps.outcomes.values()].filter(({ status }) => status !== 'done' && status !== 'already');
    assert.deepEqual(reasons, []);
    assert.deepEqual(world.tree('to'), FROM);
    assert.deepEqual(world.aside(), {});
    const trashed = Object.fromEntries(
      Object.entries(world.trash()).map(([path, texts]) => [path, [...new Set(texts)]]),
    );
    assert.deepEqual(trashed, { replaced: ['old'], clear: ['in the way'], 'gone/deep/y': ['Y'] });
    assert.equal(world.kind('to', 'gone'), undefined);
    const changes = [...before, steps].flatMap((run) => run.changes);
    assert.deepEqual(indexAfter(Object.keys(TO), changes), Object.keys(FROM).sort());
  }
});

/** The paths that the index of the target holds after these changes. */
function indexAfter(paths: readonly string[], changes: readonly IndexChange[]): string[] {
  const index = new Set(paths);
  for (const change of changes) {
    if (change.kind === 'put') index.add(change.path);
    else if (change.kind === 'remove') index.delete(change.path);
  }
  return [...index].sort();
}
