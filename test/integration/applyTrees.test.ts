import assert from 'node:assert/strict';
import fc from 'fast-check';

import { FaultyFiles } from '../support/faultyFiles.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { MemorySteps, type Tree, TransferWorld } from '../support/transferWorld.ts';

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

describe('any pair of trees', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();

  it('is equal after its plan is applied, and a second time does nothing', async () => {
    await fc.assert(
      fc.asyncProperty(tree, tree, async (from, to) => {
        const world = new TransferWorld(folder());
        world.fill('from', from);
        world.fill('to', to);
        const plan = world.mirror();
        const first = new MemorySteps(plan);
        const counts = await world.apply(first, new FaultyFiles());
        assert.deepEqual(world.tree('to'), from);
        assert.equal(counts.done, plan.length);
        assert.deepEqual(world.folders('to').sort(), world.folders('from').sort());
        const trash = world.trash();
        const files = new FaultyFiles();
        const again = await world.apply(new MemorySteps(plan, files), files);
        assert.equal(again.already, plan.length);
        assert.deepEqual(world.trash(), trash);
        assert.ok(
          files.log.every((call) => !/^(create|rename|link|unlink|mkdir)/.test(call)),
          files.log.join('\n'),
        );
      }),
      { numRuns: 150 },
    );
  });
});
