import assert from 'node:assert/strict';

import { BATCH, FLUSHED_BATCH } from '../../src/transfer/applyCopies.ts';
import { LakesideError } from '../../src/base/errors.ts';
import type { FaultyFiles } from '../support/faultyFiles.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { inEveryWorld, MemorySteps, TransferWorld } from '../support/transferWorld.ts';

const CHUNK = 4;
const LARGE = 'abcdefghijklmnopqrstuvwxyz0123456';

inEveryWorld('while an apply runs', (kind) => {
  const folder = temporaryFolder();
  let world: TransferWorld;
  beforeEach(() => {
    world = new TransferWorld(folder(), kind);
    world.fill('from', { large: LARGE, small: 'small' });
  });

  function apply(files: FaultyFiles, steps: MemorySteps): Promise<unknown> {
    return world.apply(steps, files, { chunkBytes: CHUNK, parallelFiles: 1 });
  }

  /** Does it once so many bytes of the large file are written. */
  function after(bytes: number, act: () => void, more = {}): FaultyFiles {
    let acted = false;
    const files: FaultyFiles = world.faulty({
      ...more,
      before(call, path) {
        if (acted || call !== 'write' || !path.endsWith('.partial')) return;
        if (files.writes.filter((write) => write.path === path).length * CHUNK < bytes) return;
        acted = true;
        act();
      },
    });
    return files;
  }

  for (const root of ['from', 'to'] as const) {
    for (const [what, change] of [
      ['loses its marker', () => world.erase(root, '.lakeside/root.json')],
      [
        'is another drive by now',
        () => {
          world.erase(root, '.lakeside/root.json');
          world.write(root, '.lakeside/root.json', '{"id":"another"}');
        },
      ],
    ] as const) {
      it(`stops in the middle of a file when the root "${root}" ${what}, and calls nothing failed`, async () => {
        const files = after(8, change);
        const steps = new MemorySteps([world.copy('large'), world.copy('small')], files);
        await assert.rejects(apply(files, steps), notMounted);
        assert.deepEqual(steps.statuses(), []);
        assert.ok(!files.writes.some(({ path, position }) => path.endsWith('.partial') && position > 24));

        world.erase(root, '.lakeside/root.json');
        world.write(root, '.lakeside/root.json', '{}');
        const again = new MemorySteps([world.copy('large'), world.copy('small')]);
        await apply(world.faulty(), again);
        assert.deepEqual(again.statuses(), ['done', 'done']);
      });
    }
  }

  const batchFiles = (): number => (world.disk.files.flushesAll(world.to) ? FLUSHED_BATCH : BATCH).files;

  /** One batch of small files, and then the large one. */
  function batchAndLarge(files: FaultyFiles): MemorySteps {
    const names = Array.from({ length: batchFiles() }, (_, index) => `many/${index}`);
    world.fill('from', Object.fromEntries(names.map((name) => [name, name])));
    return new MemorySteps(
      [...names, 'large'].map((name) => world.copy(name)),
      files,
    );
  }

  it('begins no step in a root that is another one by now', async () => {
    const files: FaultyFiles = world.faulty({
      before(call, path) {
        if (call !== 'create' || !path.includes(`.${batchFiles() - 1}.`)) return;
        world.erase('to', '.lakeside/root.json');
        world.write('to', '.lakeside/root.json', '{"id":"another"}');
      },
    });
    const steps = batchAndLarge(files);
    await assert.rejects(apply(files, steps), notMounted);
    assert.ok(!files.log.some((line) => line.startsWith('create') && line.includes('large')));
  });

  it('goes on where a network drive only gave the marker another number', async () => {
    const files = after(8, () => {
      // The same marker as another file.
      world.erase('to', '.lakeside/root.json');
      world.write('to', '.lakeside/root.json', '{}');
    });
    const steps = new MemorySteps([world.copy('large')], files);
    await apply(files, steps);
    assert.deepEqual(steps.statuses(), ['done']);
  });

  it('begins no file for which there is no room any more', async () => {
    let free = 100_000;
    const files: FaultyFiles = world.faulty({
      freeBytes: () => free,
      before(call, path) {
        if (call === 'create' && path.includes(`.${batchFiles() - 1}.`)) free = 10;
      },
    });
    const steps = batchAndLarge(files);
    await apply(files, steps);
    assert.equal(steps.status('many/0'), 'done');
    assert.equal(steps.status('large'), 'failed DISK_FULL');
    assert.match(steps.reason('large'), /large needs 33 B, 10 B are free/);
    assert.ok(!files.log.some((line) => line.startsWith('create') && line.includes('large')));
  });

  it('stops a file in the middle when others fill the disk, before it is full', async () => {
    let free = 1_000;
    const files = after(8, () => (free = 5), { freeBytes: () => free });
    const steps = new MemorySteps([world.copy('large')], files);
    await apply(files, steps);
    assert.equal(steps.status('large'), 'failed DISK_FULL');
    free = 1_000;
    const again = new MemorySteps([world.copy('large')]);
    await apply(world.faulty(), again);
    assert.deepEqual(again.statuses(), ['done']);
  });

  it('needs no room twice for what an earlier attempt has left', async () => {
    const stop = new AbortController();
    const first = after(20, () => stop.abort(new Error('stopped')));
    await assert.rejects(
      world.apply(new MemorySteps([world.copy('large')], first), first, {
        chunkBytes: CHUNK,
        parallelFiles: 1,
        signal: stop.signal,
      }),
    );
    const files = world.faulty({ freeBytes: () => 20 });
    const steps = new MemorySteps([world.copy('large')], files);
    await apply(files, steps);
    assert.deepEqual(steps.statuses(), ['done'], steps.reason('large'));
  });

  it('brings no further file of a batch into a root that is another one by now', async () => {
    const files: FaultyFiles = world.faulty({
      before(call, path) {
        if (call !== 'create' || !path.includes('.7.')) return;
        world.erase('to', '.lakeside/root.json');
        world.write('to', '.lakeside/root.json', '{"id":"another"}');
      },
    });
    const steps = batchAndLarge(files);
    await assert.rejects(apply(files, steps), notMounted);
    assert.equal(files.log.filter((line) => line.startsWith('create')).length, 8);
    assert.ok(!world.names('to', 'many').includes('7'));
  });

  it('says which side of a copy the system refused', async () => {
    for (const [call, action, place] of [
      ['create', 'write', 'to'],
      ['write', 'write', 'to'],
      ['flush', 'write', 'to'],
      ['read', 'copy', 'from'],
    ] as const) {
      const refused = world.faulty({
        fail: (each, path) => (each === call && path.includes('small') ? 'EROFS' : undefined),
      });
      const steps = new MemorySteps([world.copy('small')], refused);
      await apply(refused, steps);
      const reason = steps.reason('small');
      assert.ok(reason.startsWith(`Cannot ${action} ${world.path(place, 'small')}: `), `${call}: ${reason}`);
    }
  });

  it('asks for space once a batch, not once a file', async () => {
    world.fill('from', Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`many/${index}`, String(index)])));
    const files = world.faulty();
    const steps = new MemorySteps(
      Array.from({ length: 30 }, (_, index) => world.copy(`many/${index}`)),
      files,
    );
    await apply(files, steps);
    assert.equal(steps.statuses().length, 30);
    assert.ok(files.log.filter((line) => line.startsWith('freeBytes')).length <= 2);
  });
});

function notMounted(error: unknown): boolean {
  return error instanceof LakesideError && error.code === 'ROOT_NOT_MOUNTED' && error.retryable;
}
