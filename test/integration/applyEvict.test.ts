import assert from 'node:assert/strict';

import type { ApplyOptions } from '../../src/transfer/applyOptions.ts';
import { LakesideError } from '../../src/base/errors.ts';
import { Crash, type FaultyFiles } from '../support/faultyFiles.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { blake3Of, MemorySteps, type MemoryStep, TransferWorld, type WorldKind } from '../support/transferWorld.ts';

type Step = Omit<MemoryStep, 'step'>;

const KEPT = { 'loras/cat': 'a cat', 'loras/dog': 'a dog', 'elsewhere/bird': 'a bird' };
const LOCAL = { 'loras/cat': 'a cat', 'loras/dog': 'a dog', 'birds/bird': 'a bird', other: 'stays' };

/** *from* keeps, files of *to* go. */
describe('space that is freed', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();

  function filled(kind: WorldKind = 'POSIX in memory'): { world: TransferWorld; steps: Step[]; memory: MemorySteps } {
    const world = new TransferWorld(folder(), kind);
    world.fill('from', KEPT);
    world.fill('to', LOCAL);
    const steps = [evict(world, 'birds/bird', 'elsewhere/bird'), evict(world, 'loras/cat'), evict(world, 'loras/dog')];
    return { world, steps, memory: remembering(world, new MemorySteps(steps)) };
  }

  function evict(world: TransferWorld, path: string, fromPath = path): Step {
    const blake3 = blake3Of(world.read('to', path) ?? '');
    const expect = {
      from: { ...world.state('from', fromPath), blake3 },
      to: { ...world.state('to', path), blake3 },
    };
    return { op: 'delete', path, ...(fromPath === path ? {} : { fromPath }), expect };
  }

  /** As the index: it knows the hash of every file. */
  function remembering(world: TransferWorld, memory: MemorySteps): MemorySteps {
    for (const place of ['from', 'to'] as const) {
      for (const [path, text] of Object.entries(world.tree(place)))
        memory.known.set(`${place} ${path}`, blake3Of(text));
    }
    return memory;
  }

  const outcome = async (
    prepare: (world: TransferWorld, memory: MemorySteps) => void,
    more: Partial<ApplyOptions> = {},
  ): Promise<{ world: TransferWorld; memory: MemorySteps }> => {
    const { world, memory } = filled();
    prepare(world, memory);
    await world.apply(memory, undefined, more);
    return { world, memory };
  };

  it('is freed at once: nothing comes into the trash, and emptied folders go, whatever deleting and trash are set to', async () => {
    for (const trashEnabled of [true, false]) {
      const { world, memory } = await outcome(() => undefined, { trashEnabled });
      assert.deepEqual(memory.statuses(), ['done', 'done', 'done']);
      assert.deepEqual(world.tree('to'), { other: 'stays' });
      assert.deepEqual([world.trash(), world.aside(), world.folders('to')], [{}, {}, []]);
      assert.deepEqual(world.tree('from'), KEPT);
      assert.deepEqual(memory.changes.map(({ kind, path }) => `${kind} ${path}`).sort(), [
        'remove birds/bird',
        'remove loras/cat',
        'remove loras/dog',
      ]);
    }
  });

  it('is taken again by copying back what was removed, from the name that it is kept under', async () => {
    const { world, steps, memory } = await freed();
    const back = steps.map(({ path, fromPath, expect: { from } }): Step => ({
      op: 'copy',
      path,
      ...(fromPath === undefined ? {} : { fromPath }),
      expect: { from, to: null },
    }));
    const copied = new MemorySteps(back);
    await world.apply(copied);
    assert.deepEqual(copied.statuses(), ['done', 'done', 'done']);
    assert.deepEqual(world.tree('to'), LOCAL);
    assert.deepEqual(memory.statuses(), ['done', 'done', 'done']);
    const hashes = copied.changes.filter(({ kind }) => kind === 'hash').map(({ path }) => path);
    assert.deepEqual(hashes.sort(), Object.keys(KEPT).sort());
    world.erase('from', 'elsewhere/bird');
    world.erase('to', 'birds/bird');
    const missing = new MemorySteps(back);
    await world.apply(missing);
    assert.match(missing.reason('birds/bird'), /elsewhere\/bird is no longer/);
  });

  async function freed(): Promise<ReturnType<typeof filled>> {
    const all = filled();
    await all.world.apply(all.memory);
    return all;
  }

  it('is not freed of a file whose other copy is gone, or is not as the plan knows it', async () => {
    const { world, memory } = await outcome((prepared) => {
      prepared.erase('from', 'loras/cat');
      prepared.write('from', 'loras/dog', 'another dog');
      prepared.write('from', 'elsewhere/bird', 'a bird', 5_000);
    });
    assert.equal(memory.status('loras/cat'), 'skipped KEEPER_MISSING');
    assert.equal(memory.status('loras/dog'), 'skipped KEEPER_CHANGED');
    assert.equal(memory.status('birds/bird'), 'skipped KEEPER_CHANGED');
    assert.match(memory.reason('loras/cat'), /loras\/cat is not removed: .* no longer in .* make a new plan/);
    assert.deepEqual(world.tree('to'), LOCAL);
    assert.deepEqual(world.aside(), {});
  });

  it('is not freed of a file whose other copy is damaged, though its size and time are those of its hash', async () => {
    const { world, memory } = await outcome((prepared) =>
      prepared.write('from', 'loras/cat', 'a rat', prepared.state('from', 'loras/cat').mtimeMs),
    );
    assert.equal(memory.status('loras/cat'), 'skipped KEEPER_DAMAGED');
    assert.match(memory.reason('loras/cat'), /Verify that root/);
    assert.deepEqual(world.tree('to'), { 'loras/cat': 'a cat', other: 'stays' });
    assert.deepEqual([world.aside(), world.trash()], [{}, {}]);
  });

  it('is not freed of a file whose other copy another job is about to remove', async () => {
    const { world, memory } = await outcome((_prepared, index) => index.leaving.add('elsewhere/bird'));
    assert.equal(memory.status('birds/bird'), 'skipped KEEPER_MISSING');
    assert.match(memory.reason('birds/bird'), /another job is about to remove elsewhere\/bird/);
    assert.deepEqual(world.tree('to'), { 'birds/bird': 'a bird', other: 'stays' });
  });

  it('is not freed of a file that changed since the plan was made', async () => {
    const { world, memory } = await outcome((prepared) => prepared.write('to', 'loras/cat', 'a cat, retouched'));
    assert.equal(memory.status('loras/cat'), 'skipped TARGET_CHANGED');
    assert.equal(world.read('to', 'loras/cat'), 'a cat, retouched');
  });

  it('is not freed where the index no longer knows that both are the same', async () => {
    const { world, memory } = await outcome((_world, index) => {
      index.known.delete('from loras/cat');
      index.known.set('to loras/dog', blake3Of('something else'));
    });
    assert.equal(memory.status('loras/cat'), 'skipped NOT_VERIFIED');
    assert.equal(memory.status('loras/dog'), 'skipped NOT_VERIFIED');
    assert.deepEqual(Object.keys(world.tree('to')).sort(), ['loras/cat', 'loras/dog', 'other']);
  });

  it('is not freed where both roots hold one file under two names', async () => {
    const { world, memory } = filled('this disk');
    world.erase('to', 'loras/cat');
    world.disk.link(world.path('from', 'loras/cat'), world.path('to', 'loras/cat'));
    await world.apply(memory);
    assert.equal(memory.status('loras/cat'), 'skipped KEEPER_CHANGED');
    assert.equal(world.read('to', 'loras/cat'), 'a cat');
  });

  it('is not freed when the other root goes away at the last moment, and nothing is recorded', async () => {
    const { world, memory } = filled();
    let asked = 0;
    const requireMounted = (): Promise<void> => {
      asked++;
      if (asked === 2) world.erase('from', '');
      return asked <= 2 ? Promise.resolve() : Promise.reject(new LakesideError('ROOT_NOT_MOUNTED', 'infra', 'Gone.'));
    };
    await assert.rejects(world.apply(memory, undefined, { requireMounted }), { code: 'ROOT_NOT_MOUNTED' });
    assert.deepEqual(memory.statuses(), []);
    assert.deepEqual(world.tree('to'), LOCAL);
  });

  it('leaves one of two when two plans each rely on what the other removes', async () => {
    const { world, memory } = filled();
    // At the moment in which the file is set aside, the other plan has done the same to its own.
    const files = world.faulty({
      fail: (call, path) => {
        if (call === 'rename' && path === world.path('to', 'loras/cat')) world.erase('from', 'loras/cat');
        return undefined;
      },
    });
    await world.apply(memory, files);
    assert.equal(memory.status('loras/cat'), 'skipped KEEPER_MISSING');
    assert.equal(world.read('to', 'loras/cat'), 'a cat');
  });

  for (const kind of ['POSIX in memory', 'a Windows drive and a NAS'] as const) {
    it(`loses nothing at any instant of a crash, and is ended by the next apply (${kind})`, async () => {
      let crashes = 0;
      for (let crashAt = 0; ; crashAt++) {
        const { world, steps } = filled(kind);
        const files = world.faulty({ crashAt });
        const crashed = remembering(world, new MemorySteps(steps, files));
        if (await applied(world, crashed, files)) break;
        crashes++;
        assert.deepEqual(world.tree('from'), KEPT);
        const again = new MemorySteps(steps, undefined, crashed);
        for (const [name, hash] of crashed.known) again.known.set(name, hash);
        await world.apply(again);
        const ends = [...again.outcomes.values()].filter(({ status }) => status !== 'done' && status !== 'already');
        assert.deepEqual(ends, [], `after a crash at ${crashAt}`);
        assert.deepEqual(world.tree('to'), { other: 'stays' });
        assert.deepEqual([world.aside(), world.trash()], [{}, {}], `after a crash at ${crashAt}`);
      }
      assert.ok(crashes > 20, `only ${crashes} crashes`);
    });
  }

  async function applied(world: TransferWorld, steps: MemorySteps, files: FaultyFiles): Promise<boolean> {
    try {
      await world.apply(steps, files);
      return true;
    } catch (error) {
      if (!files.crashed) throw error;
      assert.ok(error instanceof Crash || (error instanceof Error && error.cause instanceof Crash), String(error));
      return false;
    } finally {
      files.closeAll();
    }
  }
});
