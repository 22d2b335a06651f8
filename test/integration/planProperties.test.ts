import assert from 'node:assert/strict';
import fc from 'fast-check';

import { compareRelpaths, foldName } from '../../src/base/relpath.ts';
import { undoItems } from '../../src/library/planUndo.ts';
import { evictItem } from '../../src/library/planEvict.ts';
import type { FileState } from '../../src/protocol/values.ts';
import type { PlanItem } from '../../src/protocol/planFile.ts';
import { sameTime } from '../../src/transfer/stepProblem.ts';
import { fillApart, PlannedWorlds, TEXTS } from '../support/plannedWorld.ts';
import { mutate, mutationsOf, requireContents, toTree } from '../support/randomTrees.ts';
import { blake3Of, MemorySteps, type Tree, TransferWorld, type WorldKind } from '../support/transferWorld.ts';

const KINDS: readonly WorldKind[] = ['POSIX in memory', 'Windows drives', 'a Windows drive and a NAS'];
const RUNS = Number(process.env.RUNS ?? 80);

const name = fc.constantFrom('a', 'b', 'c', 'm.safetensors', 'm.preview.png');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
const mutations = mutationsOf(path);
const trees = fc
  .array(fc.tuple(path, fc.constantFrom(...TEXTS)), { maxLength: 8 })
  .map((entries) => toTree(entries, foldName));

for (const kind of KINDS) {
  describe(`plans of other kinds for any two trees, on ${kind}`, function () {
    this.timeout(60_000);
    let planned: PlannedWorlds;
    before(() => {
      planned = new PlannedWorlds(kind);
    });
    after(() => planned.close());

    function newWorld(from: Tree, to: Tree): TransferWorld {
      const world = new TransferWorld('', kind);
      fillApart(world, 'from', from);
      fillApart(world, 'to', to);
      return world;
    }

    function stateOf(world: TransferWorld, place: 'from' | 'to', at: string): FileState {
      return { ...world.state(place, at), blake3: blake3Of(world.read(place, at) ?? '') };
    }

    /** Every step is done, or says why it was skipped; nothing stands aside. */
    async function apply(
      world: TransferWorld,
      items: readonly PlanItem[],
      known: ReadonlyMap<string, string>,
      more: { readonly undoes?: boolean } = {},
    ): Promise<MemorySteps> {
      const files = world.faulty();
      const steps = new MemorySteps(items, files);
      for (const [at, hash] of known) steps.known.set(at, hash);
      await world.apply(steps, files, more);
      for (const { step, path: at } of steps.steps) {
        const outcome = steps.outcomes.get(step);
        assert.ok(outcome !== undefined, `${at} has no outcome`);
        if (outcome.status === 'done' || outcome.status === 'already') continue;
        assert.equal(outcome.status, 'skipped', `${at}: ${outcome.reason ?? ''}`);
        assert.ok((outcome.reason ?? '').length > 20);
      }
      // A file that was lifted and found both its places taken waits there, and its step says so.
      const waits = [...steps.outcomes.values()].some(({ reason }) => reason?.includes('until then it is') === true);
      if (!waits) assert.deepEqual([world.aside('from'), world.aside('to')], [{}, {}]);
      assert.equal(world.memory?.openFiles, 0, 'a file was left open');
      return steps;
    }

    /** The hashes that the index holds, as `MemorySteps` looks for them. */
    function hashesOf(world: TransferWorld): Map<string, string> {
      return new Map(
        (['from', 'to'] as const).flatMap((place) =>
          Object.entries(world.tree(place)).map(([at, text]) => [`${place} ${at}`, blake3Of(text)] as const),
        ),
      );
    }

    async function mirror(world: TransferWorld): Promise<MemorySteps> {
      planned.scan(world, () => true);
      const plan = planned.plan({ delete: true, windowsTarget: world.disk.files.windows });
      return apply(world, plan, new Map());
    }

    /** The plan that takes back what steps did, by what the disk holds now. */
    function undo(world: TransferWorld, { steps, outcomes }: MemorySteps): PlanItem[] {
      const finished = steps.flatMap(({ step, ...item }) => {
        const outcome = outcomes.get(step);
        return outcome?.status === 'done' ? [{ item, trashed: outcome.trashed }] : [];
      });
      const there = (place: 'from' | 'to', at: string): FileState | undefined =>
        world.kind(place, at) === 'file' ? stateOf(world, place, at) : undefined;
      const stepMs = Math.max(world.traits.from.timeStepMs, world.traits.to.timeStepMs);
      return undoItems('mirror', finished, {
        file: there,
        trashed: (place, folder, at) => there(place, `.lakeside/trash/${folder}/${at}`),
        sameTime: (left, right) => sameTime(left, right, stepMs),
      }).items;
    }

    it('the undo of a mirror brings back what was there, and loses nothing', async () => {
      await fc.assert(
        fc.asyncProperty(trees, trees, async (from, to) => {
          const world = newWorld(from, to);
          const before = world.tree('to');
          const done = await mirror(world);
          const after = world.everything();
          const undone = await apply(world, undo(world, done), new Map(), { undoes: true });
          assert.deepEqual(world.tree('to'), before);
          assert.deepEqual(world.tree('from'), from);
          assert.deepEqual(
            [...new Set(undone.statuses())].filter((status) => status !== 'done'),
            [],
          );
          requireContents(world, Object.fromEntries([...after].map((text) => [text, text])));
        }),
        { numRuns: RUNS },
      );
    });

    it('the undo of a mirror loses nothing of what was changed since, before it was planned or after', async () => {
      await fc.assert(
        fc.asyncProperty(trees, trees, mutations, mutations, async (from, to, earlier, later) => {
          const world = newWorld(from, to);
          const done = await mirror(world);
          for (const change of earlier) mutate(world, change, foldName);
          const items = undo(world, done);
          for (const change of later) mutate(world, change, foldName);
          const [source, target] = [world.tree('from'), world.everything()];
          await apply(world, items, new Map(), { undoes: true });
          assert.deepEqual(world.tree('from'), source);
          requireContents(world, Object.fromEntries([...target].map((text) => [text, text])));
        }),
        {
          numRuns: RUNS,
          examples: [
            // A file that was lifted, whose folder's place another one has by then.
            [
              { 'a/c': 'other!', 'c/a/a': 'x' },
              { 'c/a': 'other!', a: 'x' },
              [{ kind: 'write', place: 'from', path: 'a', text: 'new 1' }],
              [{ kind: 'write', place: 'to', path: 'a/a', text: 'new 1' }],
            ],
          ],
        },
      );
    });

    it('a plan both ways that is stale loses nothing on either side', async () => {
      await fc.assert(
        fc.asyncProperty(
          trees,
          trees,
          fc.func(fc.constantFrom(undefined, 'reverse', 'undecided')),
          mutations,
          async (from, to, decide, changes) => {
            const world = newWorld(from, to);
            const paths = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort(compareRelpaths);
            const items = paths.flatMap((at): PlanItem[] => {
              const expect = {
                from: at in from ? stateOf(world, 'from', at) : null,
                to: at in to ? stateOf(world, 'to', at) : null,
              };
              if (from[at] === to[at]) return [];
              const direction = expect.to === null ? undefined : expect.from === null ? 'reverse' : decide(at);
              return [{ op: 'copy', path: at, expect, ...(direction === undefined ? {} : { direction }) }];
            });
            for (const change of changes) mutate(world, change, foldName);
            const before = { from: world.tree('from'), to: world.tree('to') };
            await apply(world, items, new Map());
            for (const place of ['from', 'to'] as const) {
              const everything = world.everything(place);
              for (const [at, text] of Object.entries(before[place])) {
                assert.ok(everything.has(text), `"${text}" of ${at} in ${place} is lost`);
              }
            }
          },
        ),
        { numRuns: RUNS },
      );
    });

    it('an eviction removes no content that nobody else holds, however stale it is', async () => {
      await fc.assert(
        fc.asyncProperty(
          trees,
          trees,
          fc.func(fc.nat(9)),
          fc.oneof(fc.constant([]), mutations),
          async (kept, to, choose, changes) => {
            const world = newWorld(kept, to);
            const known = hashesOf(world);
            const items = Object.entries(to).flatMap(([at, text]) => {
              const keepers = Object.keys(kept).filter((other) => kept[other] === text);
              const fromPath = keepers[choose(at) % Math.max(1, keepers.length)];
              if (fromPath === undefined || text === '') return [];
              const { size, mtimeMs } = world.state('to', at);
              const item = evictItem(
                { path: at, fromPath, size, mtimeMs },
                stateOf(world, 'to', at),
                stateOf(world, 'from', fromPath),
              );
              return item === undefined ? [] : [item];
            });
            for (const change of changes) mutate(world, change, foldName);
            const before = { from: world.tree('from'), to: world.tree('to') };
            const sorted = items.sort((left, right) => compareRelpaths(left.path, right.path));
            const steps = await apply(world, sorted, known);
            assert.deepEqual(world.tree('from'), before.from);
            const everything = new Set([...world.everything('from'), ...world.everything('to')]);
            for (const [at, text] of Object.entries(before.to)) {
              assert.ok(text === '' || everything.has(text), `"${text}" of ${at} is lost`);
            }
            if (changes.length > 0) return;
            assert.deepEqual(
              [...new Set(steps.statuses())].filter((status) => status !== 'done'),
              [],
            );
            const gone = new Set(sorted.map(({ path: at }) => at));
            assert.deepEqual(world.tree('to'), Object.fromEntries(Object.entries(to).filter(([at]) => !gone.has(at))));
          },
        ),
        { numRuns: RUNS },
      );
    });
  });
}
