import assert from 'node:assert/strict';
import fc from 'fast-check';

import { foldName } from '../../src/base/relpath.ts';
import { mutate, mutationsOf, requireContents, toTree } from '../support/randomTrees.ts';
import { fillApart, PlannedWorlds, TEXTS } from '../support/plannedWorld.ts';
import { MemorySteps, type Tree, TransferWorld, type WorldKind } from '../support/transferWorld.ts';

const KINDS: readonly WorldKind[] = ['POSIX in memory', 'Windows drives', 'a Windows drive and a NAS'];
const RUNS = Number(process.env.RUNS ?? 150);
/** A change of case of a folder's name, and a file that had the name before, each take a plan of their own. */
const MOST_PLANS = 3;

const name = fc.constantFrom('a', 'A', 'b', 'c', 'caf\u00e9', 'cafe\u0301', 'm.safetensors', 'm.preview.png');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
const mutations = mutationsOf(path);
const entries = fc.array(fc.tuple(path, fc.constantFrom(...TEXTS)), { maxLength: 9 });

for (const kind of KINDS) {
  describe(`any two trees, on ${kind}`, function () {
    this.timeout(60_000);
    let planned: PlannedWorlds;
    before(() => {
      planned = new PlannedWorlds(kind);
    });
    after(() => planned.close());

    const fold = kind === 'POSIX in memory' ? (relpath: string) => relpath : foldName;
    const trees = entries.map((each) => toTree(each, fold));
    const hashes = fc.func(fc.boolean());

    function newWorld(from: Tree, to: Tree): TransferWorld {
      const world = new TransferWorld('', kind);
      fillApart(world, 'from', from);
      fillApart(world, 'to', to);
      return world;
    }

    async function apply(
      world: TransferWorld,
      plan: ReturnType<TransferWorld['mirror']>,
    ): Promise<{ steps: MemorySteps; log: readonly string[] }> {
      const files = world.faulty();
      const steps = new MemorySteps(plan, files);
      await world.apply(steps, files);
      for (const { step, path: at } of steps.steps) {
        const outcome = steps.outcomes.get(step);
        assert.ok(outcome !== undefined, `${at} has no outcome`);
        if (outcome.status !== 'done' && outcome.status !== 'already') {
          assert.equal(outcome.status, 'skipped', `${at}: ${outcome.reason ?? ''}`);
          assert.ok((outcome.reason ?? '').length > 20);
        }
      }
      return { steps, log: files.log };
    }

    it('are equal once the mirror is applied; applied again it does nothing; nothing is lost', async () => {
      await fc.assert(
        fc.asyncProperty(trees, trees, hashes, async (from, to, hashed) => {
          const world = newWorld(from, to);
          let plan: ReturnType<TransferWorld['mirror']> = [];
          for (let round = 0; ; round++) {
            planned.scan(world, hashed);
            plan = planned.plan({ delete: true, windowsTarget: world.disk.files.windows });
            if (plan.length === 0) break;
            // What is empty or not hashed is never moved, so it can keep a folder in its old spelling for ever.
            const isMovable = ([at, text]: [string, string]): boolean => text !== '' && hashed(at);
            const all = [...Object.entries(from), ...Object.entries(to)];
            if (round === MOST_PLANS && mayNeedMore(from, to) && !all.every(isMovable)) return;
            assert.ok(round < (mayNeedMore(from, to) ? MOST_PLANS : 1), `${round + 1} plans were not enough`);
            const { steps } = await apply(world, plan);
            requireContents(world, to);
            if (mayNeedMore(from, to)) continue;
            assert.deepEqual([...new Set(steps.statuses())], ['done']);
            const again = await apply(world, plan);
            assert.deepEqual([...new Set(again.steps.statuses())], ['already']);
            assert.deepEqual(again.log.filter(isChange), []);
          }
          assert.deepEqual(world.tree('to'), from);
          assert.deepEqual(world.tree('from'), from);
          assert.deepEqual(world.folders('to').sort(), world.folders('from').sort());
          assert.deepEqual(world.aside(), {});
        }),
        { numRuns: RUNS },
      );
    });

    it('lose nothing by a plan that is stale: each step is done, or skipped with a reason', async () => {
      await fc.assert(
        fc.asyncProperty(trees, trees, hashes, mutations, async (from, to, hashed, changes) => {
          const world = newWorld(from, to);
          planned.scan(world, hashed);
          const plan = planned.plan({ delete: true, windowsTarget: world.disk.files.windows });
          for (const change of changes) mutate(world, change, fold);
          const source = world.tree('from');
          const target = world.tree('to');
          await apply(world, plan);
          requireContents(world, target);
          assert.deepEqual(world.tree('from'), source);
          assert.deepEqual(world.aside(), {});
          for (const [at, text] of Object.entries(world.tree('to'))) {
            const known = [...Object.values(source), ...Object.values(target)].includes(text);
            assert.ok(known, `${at} holds "${text}"`);
          }
        }),
        { numRuns: RUNS },
      );
    });

    it('are updated without removing or moving a file', async () => {
      await fc.assert(
        fc.asyncProperty(trees, trees, hashes, async (from, to, hashed) => {
          const world = newWorld(from, to);
          planned.scan(world, hashed);
          const plan = planned
            .plan({ delete: false, windowsTarget: world.disk.files.windows })
            .filter(({ op }) => op !== 'move');
          await apply(world, plan);
          requireContents(world, to);
          const now = Object.keys(world.tree('to'));
          assert.deepEqual(
            Object.keys(to).filter((at) => !now.includes(at)),
            [],
          );
        }),
        { numRuns: RUNS },
      );
    });

    function mayNeedMore(from: Tree, to: Tree): boolean {
      const spellings = new Map<string, string>();
      for (const relpath of [...Object.keys(from), ...Object.keys(to)]) {
        const segments = relpath.split('/');
        for (let count = 1; count <= segments.length; count++) {
          const part = segments.slice(0, count).join('/');
          const other = spellings.get(fold(part));
          if (other !== undefined && other !== part) return true;
          spellings.set(fold(part), part);
        }
      }
      return false;
    }
  });
}

function isChange(call: string): boolean {
  return /^(create|rename|link|unlink|mkdir|write|truncate|setTime)/.test(call);
}
