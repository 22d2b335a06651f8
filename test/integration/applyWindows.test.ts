import assert from 'node:assert/strict';

import { temporaryFolder } from '../support/temporaryFolder.ts';
import { MemorySteps, TransferWorld } from '../support/transferWorld.ts';

const NFC = 'caf\u00e9';
const NFD = 'cafe\u0301';

for (const kind of ['Windows drives', 'a Windows drive and a NAS'] as const) {
  describe(`what only file systems like Windows' do, on ${kind}`, () => {
    const folder = temporaryFolder();
    let world: TransferWorld;
    beforeEach(() => {
      world = new TransferWorld(folder(), kind);
    });

    async function apply(...plan: ReturnType<TransferWorld['mirror']>): Promise<MemorySteps> {
      const files = world.faulty();
      const steps = new MemorySteps(plan, files);
      await world.apply(steps, files);
      return steps;
    }

    it('changes the case of names and folders', async () => {
      world.fill('to', { 'Lora/Model': 'M' });
      const steps = await apply(world.move('Lora/Model', 'lora/model'));
      assert.equal(steps.status('lora/model'), 'done');
      assert.deepEqual(world.tree('to'), { 'lora/model': 'M' });
    });

    it('changes the Unicode form of names and folders', async () => {
      world.fill('to', { [`${NFC}/${NFC}`]: 'M' });
      const steps = await apply(world.move(`${NFC}/${NFC}`, `${NFD}/${NFD}`));
      assert.equal(steps.status(`${NFD}/${NFD}`), 'done');
      assert.deepEqual(world.tree('to'), { [`${NFD}/${NFD}`]: 'M' });
    });

    it('does not overwrite a file whose name differs in case or Unicode form only', async () => {
      world.fill('from', { model: 'new', [NFC]: 'new' });
      const plan = world.mirror();
      world.fill('to', { MODEL: 'mine', [NFD]: 'mine' });
      const steps = await apply(...plan);
      assert.equal(steps.status('model'), 'skipped TARGET_EXISTS');
      assert.equal(steps.status(NFC), 'skipped TARGET_EXISTS');
      assert.deepEqual(world.tree('to'), { MODEL: 'mine', [NFD]: 'mine' });
    });

    it('copies and replaces at paths longer than 260 characters', async () => {
      const long = Array.from({ length: 12 }, (_, index) => `${index}-${'x'.repeat(40)}`).join('/');
      world.fill('from', { [`${long}/a`]: 'A', [`${long}/b`]: 'new' });
      world.fill('to', { [`${long}/b`]: 'old', [`${long}/c`]: 'C' });
      await apply(...world.mirror());
      assert.deepEqual(world.tree('to'), world.tree('from'));
      assert.deepEqual(world.trash(), { [`${long}/b`]: ['old'], [`${long}/c`]: ['C'] });
    });

    it('waits for a file that another program holds for a moment, whatever is to be done to it', async () => {
      world.fill('from', { a: 'new', moved: 'M' });
      world.fill('to', { a: 'old', before: 'M', gone: 'G' });
      const plan = world.mirror();
      for (const path of ['a', 'before', 'gone']) world.memory?.hold(world.path('to', path), 1_000);
      const steps = await apply(...plan);
      assert.deepEqual(steps.statuses(), ['done', 'done', 'done']);
      assert.deepEqual(world.tree('to'), world.tree('from'));
    });

    it('leaves a file that another program keeps open as it is, says so, and ends it when it is free', async () => {
      world.fill('from', { a: 'new', moved: 'M', b: 'B' });
      world.fill('to', { a: 'old', before: 'M', gone: 'G' });
      const plan = world.mirror();
      for (const path of ['a', 'before', 'gone']) world.memory?.hold(world.path('to', path), 60_000);
      const steps = await apply(...plan);
      assert.deepEqual(world.tree('to'), { a: 'old', before: 'M', b: 'B', gone: 'G' });
      for (const path of ['a', 'moved']) {
        assert.match(steps.status(path), /^failed E(BUSY|PERM)$/);
        assert.match(steps.reason(path), /another program/);
      }
      world.memory?.pause(60_000);
      await apply(...plan);
      assert.deepEqual(world.tree('to'), world.tree('from'));
      assert.deepEqual(world.aside(), {});
    });
  });
}
