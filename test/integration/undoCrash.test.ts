import assert from 'node:assert/strict';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';

import type { PlanStep } from '../../src/transfer/planSteps.ts';
import { trashPath } from '../../src/transfer/transferPaths.ts';
import { Crash, FaultyFiles, type Faults } from '../support/faultyFiles.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { MemorySteps, TransferWorld } from '../support/transferWorld.ts';

const FOLDER = '2024-01-02T03-04-05-000Z-0123456789ab';
/** As an apply left it: `replaced` and `moved`'s old place hold what it brought, the trash what it took away. */
const TO = { 'new/deep/a': 'A', replaced: 'new', b: 'moved from a', a: 'came after', swap1: 'two', swap2: 'one' };
const TRASHED = { replaced: 'old', 'gone/deep/g': 'G', 'new/deep': 'a file before' };
const BEFORE = {
  replaced: 'old',
  a: 'moved from a',
  'gone/deep/g': 'G',
  'new/deep': 'a file before',
  swap1: 'one',
  swap2: 'two',
};

describe('a crash while an apply is taken back', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();

  function fill(world: TransferWorld): Omit<PlanStep, 'step'>[] {
    world.fill('to', TO);
    for (const [path, text] of Object.entries(TRASHED)) world.write('to', trashPath(FOLDER, path), text);
    const inTrash = (path: string): ReturnType<TransferWorld['state']> => world.state('to', trashPath(FOLDER, path));
    const back = (path: string, leaves: string | null): Omit<PlanStep, 'step'> => ({
      op: 'move',
      path,
      movedFrom: path,
      trashed: FOLDER,
      expect: { from: leaves === null ? null : world.state('to', leaves), to: inTrash(path) },
    });
    return [
      { op: 'move', path: 'a', movedFrom: 'b', expect: { from: world.state('to', 'a'), to: world.state('to', 'b') } },
      back('gone/deep/g', null),
      back('new/deep', null),
      world.remove('new/deep/a'),
      back('replaced', 'replaced'),
      { op: 'move', path: 'swap1', movedFrom: 'swap2', expect: { from: null, to: world.state('to', 'swap2') } },
      { op: 'move', path: 'swap2', movedFrom: 'swap1', expect: { from: null, to: world.state('to', 'swap1') } },
    ];
  }

  const NOTHING: Faults = {};
  const WITHOUT_LINKS: Faults = { fail: (call) => (call === 'link' ? 'ENOTSUP' : undefined) };
  for (const [name, faults] of [
    ['hard links', NOTHING],
    ['no hard links', WITHOUT_LINKS],
  ] as const) {
    for (const [which, keeps] of [
      ['a new job', false],
      ['the same job', true],
    ] as const) {
      it(`loses nothing at any instant, and the next apply ends it (${name}, ${which})`, async () => {
        let crashes = 0;
        for (let crashAt = 0; ; crashAt += keeps ? 2 : 1) {
          const world = new TransferWorld(folder());
          const steps = fill(world);
          const files = new FaultyFiles({ ...faults, crashAt });
          const crashed = new MemorySteps(steps, files);
          try {
            await world.apply(crashed, files, { parallelFiles: 1, undoes: true });
            break;
          } catch (error) {
            if (!files.crashed) throw error;
            assert.ok(
              error instanceof Crash || (error instanceof Error && error.cause instanceof Crash),
              String(error),
            );
          } finally {
            files.closeAll();
          }
          crashes++;
          const everything = world.everything();
          for (const text of [...Object.values(TO), ...Object.values(TRASHED)]) {
            assert.ok(everything.has(text), `"${text}" is lost by a crash before call ${crashAt}`);
          }
          if (faults === NOTHING) {
            for (const path of ['replaced', 'a'])
              assert.ok(path in world.tree('to'), `the place of ${path} is never empty`);
          }
          const again = new MemorySteps(steps, undefined, keeps ? crashed : undefined);
          await world.apply(again, new FaultyFiles(), { undoes: true });
          const bad = [...again.outcomes.values()].filter(({ status }) => status !== 'done' && status !== 'already');
          assert.deepEqual(bad, [], `after a crash before call ${crashAt}`);
          assert.deepEqual(world.tree('to'), BEFORE);
          assert.deepEqual(world.aside(), {});
          const trash = world.trash();
          const texts = Object.fromEntries(Object.entries(trash).map(([path, all]) => [path, [...new Set(all)]]));
          assert.deepEqual(texts, { a: ['came after'], 'new/deep/a': ['A'], replaced: ['new'] }, `crash ${crashAt}`);
        }
        assert.ok(crashes > 40, `only ${crashes} crashes`);
      });
    }
  }

  it('leaves a file that changed since where it is, and what would come in its place in the trash', async () => {
    const world = new TransferWorld(folder());
    const steps = fill(world);
    world.write('to', 'replaced', 'changed by somebody');
    const memory = new MemorySteps(steps);
    await world.apply(memory, undefined, { undoes: true });
    assert.equal(memory.status('replaced'), 'skipped TARGET_CHANGED');
    assert.equal(world.read('to', 'replaced'), 'changed by somebody');
    assert.ok(lstatSync(join(world.to, ...trashPath(FOLDER, 'replaced').split('/'))).isFile());
  });

  it('touches no folder that is none of the trash', async () => {
    const world = new TransferWorld(folder());
    world.fill('to', { a: 'A' });
    const step = {
      op: 'move',
      path: 'x',
      movedFrom: 'a',
      trashed: '../..',
      expect: { from: null, to: world.state('to', 'a') },
    } as const;
    const memory = new MemorySteps([step]);
    await world.apply(memory, undefined, { undoes: true });
    assert.equal(memory.status('x'), 'skipped UNSAFE_PATH');
    assert.equal(world.read('to', 'a'), 'A');
  });
});
