import assert from 'node:assert/strict';
import fc from 'fast-check';

import { temporaryFolder } from '../support/temporaryFolder.ts';
import { inEveryWorld, MemorySteps, type Tree, TransferWorld } from '../support/transferWorld.ts';

const path = fc
  .array(fc.constantFrom('a', 'b', 'c', 'ä'), { minLength: 1, maxLength: 3 })
  .map((segments) => segments.join('/'));
const text = fc.constantFrom('', 'x', 'y', 'z', 'longer');
const tree = fc.array(fc.tuple(path, text), { maxLength: 8 }).map(toTree);

/** Leaves out what cannot stand beside what came before: a file and a folder of one name. */
function toTree(entries: readonly (readonly [string, string])[]): Tree {
  const kept: Record<string, string> = {};
  for (const [name, content] of entries) {
    const clashes = Object.keys(kept).some((other) => other.startsWith(`${name}/`) || name.startsWith(`${other}/`));
    if (!clashes) kept[name] = content;
  }
  return kept;
}

inEveryWorld('any pair of trees', (kind) => {
  const folder = temporaryFolder();

  it('is equal after its plan is applied, and a second time does nothing', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(tree, tree, async (from, to) => {
        const world = new TransferWorld(folder(), kind);
        world.fill('from', from);
        world.fill('to', to);
        const plan = world.mirror();
        const first = new MemorySteps(plan);
        const counts = await world.apply(first, world.faulty());
        assert.deepEqual(world.tree('to'), from);
        assert.equal(counts.done, plan.length);
        assert.deepEqual(world.folders('to').sort(), world.folders('from').sort());
        const trash = world.trash();
        const files = world.faulty();
        const again = await world.apply(new MemorySteps(plan, files), files);
        assert.equal(again.already, plan.length);
        assert.deepEqual(world.trash(), trash);
        assert.ok(
          files.log.every((call) => !/^(create|rename|link|unlink|mkdir)/.test(call)),
          files.log.join('\n'),
        );
      }),
      { numRuns: kind === 'this disk' ? 40 : 150 },
    );
  });
});
