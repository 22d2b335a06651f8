import assert from 'node:assert/strict';

import type { Keeper } from '../../src/store/keeperStore.ts';
import { rootPlace } from '../../src/transfer/rootPlace.ts';
import type { TrashItem, TrashOutcome } from '../../src/transfer/trashTasks.ts';
import { ERRORS, type BadEnd, FaultSweep, type Scene } from '../support/faultSweep.ts';
import type { FaultyFiles } from '../support/faultyFiles.ts';
import {
  blake3Of,
  inThisThread,
  MemorySteps,
  type MemoryStep,
  TransferWorld,
  type Tree,
  type WorldKind,
} from '../support/transferWorld.ts';

const KINDS: readonly WorldKind[] = ['POSIX in memory', 'Windows drives', 'a Windows drive and a NAS'];
const CHUNK = 4;
const OWN = new Set(['root.json', 'trash']);

for (const kind of KINDS) {
  /** Large files whose copies keep a journal: a new one, and one that replaces another. */
  const journal = (): Scene => {
    const from = { new: 'abcdefghijklmnopqrstuvwxyz', replaced: 'zyxwvutsrqponmlkjihgfedcba' };
    const to = { replaced: 'what was there before' };
    const world = newWorld(kind, from, to);
    const steps = [world.copy('new'), world.replace('replaced')];
    return {
      world,
      run: (files) => applied(world, steps, files),
      requireSafe: () => requireAll(world, from, to),
      requireEnded() {
        assert.deepEqual(world.tree('to'), from);
        requireNothingLeft(world);
        assert.deepEqual(new Set(world.trash().replaced), new Set([to.replaced]));
      },
    };
  };

  /** Files that go because the other root keeps them. */
  const evict = (): Scene => {
    const kept = { 'a/one': 'the first', two: 'the second', 'elsewhere/three': 'the third' };
    const to = { 'a/one': 'the first', two: 'the second', 'b/three': 'the third', stays: 'what stays' };
    const world = newWorld(kind, kept, to);
    const evicted = (path: string, fromPath = path): Omit<MemoryStep, 'step'> => {
      const blake3 = blake3Of(world.read('to', path) ?? '');
      const expect = {
        from: { ...world.state('from', fromPath), blake3 },
        to: { ...world.state('to', path), blake3 },
      };
      return { op: 'delete', path, ...(fromPath === path ? {} : { fromPath }), expect };
    };
    const steps = [evicted('a/one'), evicted('b/three', 'elsewhere/three'), evicted('two')];
    return {
      world,
      run: (files) => applied(world, steps, files),
      requireSafe() {
        requireAll(world, kept, { stays: to.stays });
        assert.deepEqual(world.tree('from'), kept);
      },
      requireEnded() {
        assert.deepEqual(world.tree('to'), { stays: to.stays });
        assert.deepEqual(world.folders('to'), []);
        requireNothingLeft(world);
      },
    };
  };

  const TRASHED: Tree = { model: 'a model', 'deep/er/file': 'a file', 'deep/other': 'another' };

  const restore = (): Scene => {
    const world = newWorld(kind, {}, inTrash(TRASHED));
    const items = trashItems(world, TRASHED);
    return {
      world,
      run: async (files) => badEnds(await inTask(world, 'restore', items, files)),
      requireSafe: () => requireAll(world, {}, TRASHED),
      requireEnded() {
        assert.deepEqual(world.tree('to'), TRASHED);
        assert.deepEqual(world.names('to', '.lakeside/trash'), []);
        requireNothingLeft(world);
      },
    };
  };

  /** Two that the other root keeps, and one that nobody does. */
  const purge = (): Scene => {
    const kept = { model: 'a model', moved: 'a file' };
    const world = newWorld(kind, kept, inTrash(TRASHED));
    const keeper = (path: string): Keeper => ({
      root: world.from,
      path,
      ...world.state('from', path),
      stepMs: 1,
      blake3: blake3Of(world.read('from', path) ?? ''),
    });
    const keepers: Record<string, readonly Keeper[]> = { model: [keeper('model')], 'deep/er/file': [keeper('moved')] };
    const items = trashItems(world, TRASHED).map((item) => ({ ...item, keepers: keepers[item.path] ?? [] }));
    return {
      world,
      async run(files) {
        const outcomes = await inTask(world, 'purge', items, files);
        assert.notEqual(outcomes.find(({ path }) => path === 'deep/other')?.status, 'done');
        return badEnds(outcomes.filter(({ code }) => code !== 'LAST_COPY'));
      },
      requireSafe() {
        assert.deepEqual(world.tree('from'), kept);
        requireAll(world, kept, { 'deep/other': TRASHED['deep/other'] ?? '' });
      },
      requireEnded() {
        assert.deepEqual(world.trash(), { 'deep/other': ['another'] });
        requireNothingLeft(world);
      },
    };
  };

  const scenes = {
    'a copy that keeps a journal': journal,
    'an eviction': evict,
    'files out of the trash': restore,
    'emptying the trash': purge,
  };
  for (const [job, scene] of Object.entries(scenes)) {
    describe(`a fault in the middle of ${job}, on ${kind}`, function () {
      this.timeout(120_000);
      const sweep = new FaultSweep(scene);

      for (const errno of Object.keys(ERRORS)) {
        it(`${errno} at any call, once or from there on, loses nothing and is made good by doing it again`, async () => {
          assert.ok((await sweep.failOnce(errno)) > 0);
          await sweep.failOn(errno);
        });
      }

      if (scene === journal) {
        it('a read or a write of half or of nothing spoils no file', async () => {
          for (const moved of ['read', 'write'] as const) {
            await sweep.cutShort(moved, (wanted) => Math.max(1, wanted >> 1));
            await sweep.cutShort(moved, () => 0);
          }
        });
      }
    });
  }
}

function newWorld(kind: WorldKind, from: Tree, to: Tree): TransferWorld {
  const world = new TransferWorld('', kind);
  world.fill('from', from);
  world.fill('to', to);
  return world;
}

async function applied(
  world: TransferWorld,
  plan: readonly Omit<MemoryStep, 'step'>[],
  files: FaultyFiles,
): Promise<BadEnd[]> {
  const steps = new MemorySteps(plan, files);
  for (const { path, fromPath = path, expect } of plan) {
    if (expect.from?.blake3 !== undefined) steps.known.set(`from ${fromPath}`, expect.from.blake3);
    if (expect.to?.blake3 !== undefined) steps.known.set(`to ${path}`, expect.to.blake3);
  }
  await world.apply(steps, files, { parallelFiles: 1, chunkBytes: CHUNK });
  return steps.steps.flatMap(({ step, path }) => {
    const outcome = steps.outcomes.get(step);
    assert.ok(outcome !== undefined, `${path} has no outcome`);
    const { status, code, reason } = outcome;
    // A disk that is full is told once, of the file that did not fit.
    if (status === 'done' || status === 'already' || code === 'DISK_FULL' || code === 'COPIES_FAILED') return [];
    return [{ path, code, reason }];
  });
}

const RUN = '2024-01-02T03-04-05-006Z-00000000abcd';

function inTrash(tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).map(([path, text]) => [`.lakeside/trash/${RUN}/${path}`, text]));
}

function trashItems(world: TransferWorld, tree: Tree): TrashItem[] {
  return Object.keys(tree).map((path) => ({
    folder: RUN,
    path,
    ...world.state('to', `.lakeside/trash/${RUN}/${path}`),
    blake3: null,
  }));
}

async function inTask(
  world: TransferWorld,
  kind: 'restore' | 'purge',
  items: readonly (TrashItem & { readonly keepers?: readonly Keeper[] })[],
  files: FaultyFiles,
): Promise<readonly TrashOutcome[]> {
  const root = { id: 'k', path: world.to, mtimeStepMs: world.traits.to.timeStepMs, network: false };
  const input = { items: items.map((item) => ({ keepers: [], ...item })) };
  const options = { signal: new AbortController().signal, onBytes: () => undefined };
  return inThisThread(files).run(kind, rootPlace(root, 0), input, options);
}

/** What was restored or removed before is gone by now. */
function badEnds(outcomes: readonly TrashOutcome[]): BadEnd[] {
  return outcomes
    .filter(({ status }) => status !== 'done' && status !== 'gone')
    .map(({ path, code, reason }) => ({ path, code, reason }));
}

function requireAll(world: TransferWorld, from: Tree, to: Tree): void {
  assert.deepEqual(world.tree('from'), from);
  const everything = world.everything();
  for (const [path, text] of Object.entries(to)) assert.ok(everything.has(text), `"${text}" of ${path} is lost`);
}

function requireNothingLeft(world: TransferWorld): void {
  assert.deepEqual(
    world.names('to', '.lakeside').filter((name) => !OWN.has(name)),
    [],
  );
}
