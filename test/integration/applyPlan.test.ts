import assert from 'node:assert/strict';

import { canceledError, isCanceled, LakesideError } from '../../src/base/errors.ts';
import type { Progress } from '../../src/protocol/values.ts';
import type { ApplyOptions } from '../../src/transfer/applyOptions.ts';
import type { FaultyFiles, Faults } from '../support/faultyFiles.ts';
import { ManualClock } from '../support/manualClock.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { BASE_TIME, blake3Of, inEveryWorld, MemorySteps, TransferWorld } from '../support/transferWorld.ts';

inEveryWorld('applying a plan', (kind) => {
  const folder = temporaryFolder();
  let world: TransferWorld;
  beforeEach(() => {
    world = new TransferWorld(folder(), kind);
  });

  it('makes the target equal to the source: copies, replacements, moves, deletes, emptied folders', async () => {
    world.fill('from', { 'lora/a': 'A', 'lora/b': 'new B', 'vae/c': 'C', empty: '' });
    world.fill('to', { 'lora/b': 'old B', 'old/deep/c': 'C', 'gone/x': 'X', 'gone/y': 'Y' });
    const steps = new MemorySteps(world.mirror());
    const counts = await world.apply(steps);
    assert.deepEqual(world.tree('to'), world.tree('from'));
    assert.deepEqual(world.folders('to'), ['lora', 'vae']);
    assert.deepEqual(world.trash(), { 'lora/b': ['old B'], 'gone/x': ['X'], 'gone/y': ['Y'] });
    assert.deepEqual(counts, { done: 6, already: 0, skipped: 0, failed: 0, canceled: 0, bytes: 6 });
    assert.deepEqual(world.state('to', 'lora/a'), world.kept(world.state('from', 'lora/a')));
  });

  it('says of every step of a finished plan that it is done already', async () => {
    world.fill('from', { a: 'A', b: 'new', c: 'C' });
    world.fill('to', { b: 'old', 'd/c': 'C', x: 'X' });
    const plan = world.mirror();
    await world.apply(new MemorySteps(plan));
    const again = new MemorySteps(plan);
    assert.deepEqual((await world.apply(again)).already, 4);
    assert.deepEqual(world.trash(), { b: ['old'], x: ['X'] });
  });

  /** Of models; markers do not count. */
  function reads(files: FaultyFiles): number {
    return files.log.filter((call) => call.startsWith('openToRead') && !call.includes('root.json')).length;
  }

  it('reads both ends only where the index does not know their content', async () => {
    world.fill('from', { a: 'A' });
    const plan = world.mirror();
    world.fill('to', { a: 'A' });
    const files = world.faulty();
    const steps = new MemorySteps(plan, files);
    steps.known.set('from a', blake3Of('A')).set('to a', blake3Of('A'));
    await world.apply(steps, files);
    assert.equal(steps.status('a'), 'already');
    assert.equal(reads(files), 0);
    await world.apply(new MemorySteps(plan, files), files);
    assert.equal(reads(files), 2);
  });

  it('replaces a file of the same size and time when its content is another', async () => {
    world.write('from', 'a', 'new', BASE_TIME);
    world.write('to', 'a', 'old', BASE_TIME);
    const steps = new MemorySteps([world.replace('a')]);
    await world.apply(steps);
    assert.equal(steps.status('a'), 'done');
    assert.equal(world.read('to', 'a'), 'new');
    assert.deepEqual(world.trash(), { a: ['old'] });
  });

  it('flushes a copy and reads it back before it gets its name, and flushes the folder after', async () => {
    world.fill('from', { 'd/a': 'A' });
    const files = world.faulty();
    await world.apply(new MemorySteps(world.mirror(), files), files);
    // The rename onto its own name is the question whether somebody holds the file.
    const placing = world.traits.to.hardLinks ? ['link', 'unlink'] : ['rename', 'link'];
    const order = ['create', 'write', 'setTime', 'flush', 'openToRead', 'read', ...placing, 'flushFolder'];
    const calls = files.log.slice(files.log.findIndex((call) => call.startsWith('create')));
    const names = calls.filter((call) => /partial|flushFolder/.test(call)).map((call) => call.split(' ')[0] ?? '');
    const seen = [...new Set(names)].filter((call) => order.includes(call));
    assert.deepEqual(seen, order);
  });

  it('flushes many small files at once where the file system can, before any of them gets its name', async () => {
    world.fill('from', { 'd/a': 'A', 'd/b': 'B', 'd/c': 'C' });
    const files = world.faulty();
    await world.apply(new MemorySteps(world.mirror(), files), files);
    const calls = files.log.map((line) => line.split(' ')[0] ?? '');
    const together = files.flushesAll(world.to);
    assert.equal(calls.filter((call) => call === 'flushAll').length, together ? 1 : 0);
    assert.equal(calls.filter((call) => call === 'flush').length, together ? 0 : 3);
    if (!together) return;
    const flushed = calls.indexOf('flushAll');
    assert.ok(calls.lastIndexOf('setTime') < flushed, 'all are written');
    assert.ok(calls.indexOf('link') > flushed, 'none has its name');
  });

  it('flushes by itself what lies on another disk that is mounted in the root', async () => {
    world.fill('from', { 'here/a': 'A', 'here/b': 'B', 'mounted/c': 'C' });
    world.makeFolder('to', 'mounted');
    const files = world.faulty();
    if (!files.flushesAll(world.to)) return;
    const { lstat } = files;
    files.lstat = (path) => {
      const stat = lstat(path);
      return stat !== undefined && path.endsWith('mounted') ? { ...stat, device: 'another' } : stat;
    };
    await world.apply(new MemorySteps(world.mirror(), files), files);
    const flushes = files.log.filter((line) => /^flush(All)? /.test(line));
    assert.equal(flushes.length, 2);
    assert.match(flushes[0] ?? '', /^flushAll /);
    assert.match(flushes[1] ?? '', /mounted.*\.c\..*partial$/);
  });

  it('leaves no partial of a batch that is canceled between its halves', async () => {
    world.fill('from', { a: 'A', b: 'B', c: 'C' });
    const canceling = new AbortController();
    const last = world.disk.files.flushesAll(world.to) ? 'flushAll' : 'flush';
    const files = world.faulty({
      before: (call) => {
        if (call === last) canceling.abort(canceledError());
      },
    });
    const steps = new MemorySteps(world.mirror(), files);
    await assert.rejects(world.apply(steps, files, { signal: canceling.signal }), isCanceled);
    assert.deepEqual(
      world.names('to').filter((name) => name.includes('partial')),
      [],
    );
  });

  it('flushes them one by one where that fails, so that each tells its own error', async () => {
    world.fill('from', { a: 'A', b: 'B', c: 'C' });
    const files = world.faulty({
      fail: (call, path) => (call === 'flushAll' || (call === 'flush' && path.includes('.b.')) ? 'EIO' : undefined),
    });
    const steps = new MemorySteps(world.mirror(), files);
    await world.apply(steps, files);
    assert.deepEqual(
      ['a', 'b', 'c'].map((path) => steps.status(path)),
      ['done', 'failed EIO', 'done'],
    );
    assert.equal(world.read('to', 'b'), undefined);
    assert.deepEqual(world.names('to').sort(), ['.lakeside', 'a', 'c']);
  });

  it('tells the index of the target what changed, and of the source what it learned', async () => {
    world.fill('from', { a: 'A', m: 'M' });
    world.fill('to', { old: 'M', x: 'X' });
    const plan = world.mirror();
    const x = world.state('to', 'x');
    const steps = new MemorySteps(plan);
    await world.apply(steps);
    const m = world.state('from', 'm');
    const a = world.state('from', 'a');
    assert.deepEqual(steps.changes, [
      { root: 'to', kind: 'remove', path: 'old' },
      { root: 'to', kind: 'put', path: 'm', ...world.kept(m), blake3: null },
      { root: 'to', kind: 'put', path: 'a', ...world.kept(a), blake3: blake3Of('A') },
      { root: 'from', kind: 'hash', path: 'a', ...a, blake3: blake3Of('A') },
      { root: 'to', kind: 'trash', folder: steps.outcomes.get(2)?.trashed, path: 'x', ...x, blake3: null },
      { root: 'to', kind: 'remove', path: 'x' },
    ]);
  });

  it('does not trust the hash of a file modified within two seconds of it', async () => {
    world.write('from', 'a', 'A', Math.ceil(Date.now() / 2_000) * 2_000);
    const steps = new MemorySteps(world.mirror());
    await world.apply(steps);
    assert.deepEqual(
      steps.changes.map(({ kind, ...change }) => [kind, 'blake3' in change ? change.blake3 : undefined]),
      [['put', null]],
    );
  });

  it('keeps times before 1970', async () => {
    world.write('from', 'a', 'A', -86_400_123);
    await world.apply(new MemorySteps(world.mirror()));
    assert.deepEqual(world.state('to', 'a'), world.kept({ size: 1, mtimeMs: -86_400_123 }));
  });

  describe('when an expectation does not hold', () => {
    async function statusAfter(
      path: string,
      plan: ReturnType<TransferWorld['mirror']>,
      change: () => void,
    ): Promise<string> {
      change();
      const steps = new MemorySteps(plan);
      await world.apply(steps);
      assert.notEqual(steps.reason(path), '');
      return steps.status(path);
    }

    it('skips a copy whose source changed or is gone', async () => {
      world.fill('from', { a: 'A', b: 'B' });
      const plan = world.mirror();
      assert.equal(await statusAfter('a', plan, () => world.write('from', 'a', 'other')), 'skipped SOURCE_CHANGED');
      assert.equal(await statusAfter('a', plan, () => world.erase('from', 'a')), 'skipped SOURCE_MISSING');
      assert.deepEqual(world.tree('to'), { b: 'B' });
    });

    it('skips a copy whose content is not the planned one, whatever size and time say', async () => {
      world.write('from', 'a', 'one', BASE_TIME);
      const state = { ...world.state('from', 'a'), blake3: blake3Of('two') };
      const plan = [{ op: 'copy' as const, path: 'a', expect: { from: state, to: null } }];
      assert.equal(await statusAfter('a', plan, () => undefined), 'skipped SOURCE_CHANGED');
      assert.deepEqual(world.tree('to'), {});
    });

    it('skips a copy whose target appeared, changed or went', async () => {
      world.fill('from', { a: 'A', b: 'B', c: 'C' });
      world.fill('to', { b: 'old b', c: 'old c' });
      const plan = world.mirror();
      world.fill('to', { a: 'mine', b: 'mine' });
      world.erase('to', 'c');
      const steps = new MemorySteps(plan);
      await world.apply(steps);
      assert.equal(steps.status('a'), 'skipped TARGET_EXISTS');
      assert.equal(steps.status('b'), 'skipped TARGET_CHANGED');
      assert.equal(steps.status('c'), 'skipped TARGET_MISSING');
      assert.deepEqual(world.tree('to'), { a: 'mine', b: 'mine' });
    });

    it('never overwrites a target that appears while the copy runs', async () => {
      world.fill('from', { a: 'A' });
      const files = world.faulty({
        before: (call) => {
          if (call === 'link') world.write('to', 'a', 'mine', Date.now());
        },
      });
      const steps = new MemorySteps(world.mirror(), files);
      await world.apply(steps, files);
      assert.equal(steps.status('a'), 'skipped TARGET_EXISTS');
      assert.deepEqual(world.tree('to'), { a: 'mine' });
    });

    for (const [kind, isMoment] of [
      ['hard links', (call: string, path: string) => call === 'link' && path === world.path('to', 'a')],
      ['no hard links', (call: string, path: string) => call === 'rename' && path === world.path('to', 'a')],
    ] as const) {
      it(`keeps a target that changes while the copy runs (${kind})`, async () => {
        world.fill('from', { a: 'A' });
        world.fill('to', { a: 'old' });
        let times = 0;
        const files = world.faulty({
          before: (call, path) => {
            if (isMoment(call, path) && times++ === 0) world.write('to', 'a', 'mine now');
          },
          fail: (call) => (call === 'link' && kind === 'no hard links' ? 'ENOTSUP' : undefined),
        });
        const steps = new MemorySteps(world.mirror(), files);
        await world.apply(steps, files);
        assert.equal(times > 0, true);
        assert.equal(steps.status('a'), 'skipped TARGET_CHANGED');
        assert.deepEqual(world.tree('to'), { a: 'mine now' });
        assert.deepEqual(world.aside(), {});
      });
    }

    it('keeps another file that took the place at the last moment', async () => {
      world.fill('from', { a: 'A' });
      world.fill('to', { a: 'old' });
      let looks = 0;
      const files = world.faulty({
        before: (call, path) => {
          // The second look is the one after the old file got its second name.
          if (call !== 'lstat' || !/aside.*[\\/]a$/.test(path) || ++looks !== 2) return;
          world.erase('to', 'a');
          world.write('to', 'a', 'mine now');
        },
      });
      const steps = new MemorySteps(world.mirror(), files);
      await world.apply(steps, files);
      assert.equal(looks >= 2, true);
      assert.equal(steps.status('a'), 'skipped TARGET_CHANGED');
      assert.deepEqual(world.tree('to'), { a: 'mine now' });
    });

    it('skips a delete or a move whose file changed, and a move whose target is taken', async () => {
      world.fill('to', { a: 'A', b: 'B', c: 'C' });
      const plan = [world.move('b', 'moved/b'), world.move('c', 'taken'), world.remove('a')];
      world.write('to', 'a', 'other');
      world.write('to', 'b', 'other');
      world.write('to', 'taken', 'mine');
      const steps = new MemorySteps(plan);
      await world.apply(steps);
      assert.equal(steps.status('a'), 'skipped TARGET_CHANGED');
      assert.equal(steps.status('moved/b'), 'skipped TARGET_CHANGED');
      assert.equal(steps.status('taken'), 'skipped TARGET_EXISTS');
      assert.deepEqual(world.tree('to'), { a: 'other', b: 'other', c: 'C', taken: 'mine' });
    });

    it('reports a source that changes while it is read, and leaves no partial', async () => {
      world.fill('from', { a: 'A'.repeat(100) });
      let done = false;
      const files = world.faulty({
        before: (call, path) => {
          if (call !== 'write' || !path.includes('.partial') || done) return;
          done = true;
          world.write('from', 'a', 'B'.repeat(100), BASE_TIME + 5_000);
        },
      });
      const steps = new MemorySteps(world.mirror(), files);
      await world.apply(steps, files);
      assert.equal(steps.status('a'), 'skipped SOURCE_CHANGED');
      assert.deepEqual(world.names('to'), ['.lakeside']);
    });
  });

  describe('with hostile paths', () => {
    const state = { size: 1, mtimeMs: BASE_TIME };

    it('touches no path that leaves the root or is private', async () => {
      const paths = ['../out', '/etc/x', 'a/../../b', '.lakeside/root.json', 'a//b', 'a\0b', '.LAKESIDE/x'];
      const steps = new MemorySteps([
        ...paths.map((path) => ({ op: 'copy' as const, path, expect: { from: state, to: null } })),
        ...paths.map((path) => ({ op: 'delete' as const, path, expect: { from: null, to: state } })),
        { op: 'move', path: 'fine', movedFrom: '../in', expect: { from: null, to: state } },
      ]);
      const files = world.faulty();
      await world.apply(steps, files);
      assert.deepEqual([...new Set(steps.statuses())], ['skipped']);
      assert.equal(steps.status('fine'), 'skipped UNSAFE_PATH');
      assert.ok(files.log.every((call) => !call.includes('..') && !call.includes('etc')));
    });

    it('refuses on Windows what only Windows cannot store', async () => {
      const paths = ['C:evil', 'a\\b', 'con/x', 'nul.txt', 'dot.', 'a:stream'];
      const steps = new MemorySteps(
        paths.map((path) => ({ op: 'copy' as const, path, expect: { from: state, to: null } })),
      );
      await world.apply(steps, undefined, { windows: true });
      assert.deepEqual(
        paths.map((path) => steps.status(path)),
        paths.map(() => 'skipped UNSAFE_PATH'),
      );
    });

    it('does not follow a symbolic link out of either root', async () => {
      world.fill('outside', { secret: 'S' });
      world.fill('from', { 'd/a': 'A', 'out/secret': 'S' });
      const plan = [
        world.copy('d/a'),
        world.copy('out/secret'),
        { ...world.copy('d/a'), op: 'delete' as const, path: 'd/x' },
      ];
      world.erase('from', 'out');
      world.symlink(world.outside, 'from', 'out');
      world.symlink(world.outside, 'to', 'd');
      world.fill('outside', { x: 'X' });
      const steps = new MemorySteps(plan);
      await world.apply(steps);
      assert.equal(steps.status('d/a'), 'skipped UNSAFE_PATH');
      assert.equal(steps.status('out/secret'), 'skipped UNSAFE_PATH');
      assert.deepEqual(world.names('outside'), ['secret', 'x']);
    });

    it('replaces a link by nothing: a link in the place of a file is not the expected file', async () => {
      world.fill('from', { a: 'A' });
      world.fill('to', { a: 'old' });
      const plan = world.mirror();
      world.erase('to', 'a');
      world.symlink('/etc/hostname', 'to', 'a');
      const steps = new MemorySteps(plan);
      await world.apply(steps);
      assert.equal(steps.status('a'), 'skipped TARGET_CHANGED');
      assert.equal(world.kind('to', 'a'), 'link');
    });
  });

  describe('when the system fails', () => {
    async function applyWith(
      faults: Faults,
      plan = world.mirror(),
    ): Promise<{ steps: MemorySteps; files: FaultyFiles }> {
      const files = world.faulty(faults);
      const steps = new MemorySteps(plan, files);
      await world.apply(steps, files, { parallelFiles: 1 });
      return { steps, files };
    }

    it('fails a copy that cannot be written, goes on, and then deletes nothing', async () => {
      world.fill('from', { a: 'A', b: 'B' });
      world.fill('to', { x: 'X' });
      const { steps } = await applyWith({
        fail: (call, path) => (call === 'write' && path.includes('.a.') ? 'EIO' : undefined),
      });
      assert.equal(steps.status('a'), 'failed EIO');
      assert.match(steps.reason('a'), /input\/output error/);
      assert.equal(steps.status('b'), 'done');
      assert.equal(steps.status('x'), 'skipped COPIES_FAILED');
      assert.deepEqual(world.tree('to'), { b: 'B', x: 'X' });
    });

    it('remembers a copy that failed in an earlier attempt of the job', async () => {
      world.fill('from', { a: 'A' });
      world.fill('to', { x: 'X' });
      const plan = world.mirror();
      const { steps } = await applyWith({ fail: (call) => (call === 'write' ? 'EIO' : undefined) }, plan);
      steps.outcomes.delete(1);
      await world.apply(steps);
      assert.equal(steps.status('x'), 'skipped COPIES_FAILED');
    });

    it('stops copying when the disk is full, with numbers', async () => {
      world.fill(
        'from',
        Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, 'x'.repeat(index + 1)])),
      );
      const { steps } = await applyWith({ fail: (call) => (call === 'write' ? 'ENOSPC' : undefined) });
      const failed = [...steps.outcomes.values()].filter(({ code }) => code === 'DISK_FULL');
      assert.equal(failed.length, 100);
      assert.match(steps.reason('f0'), /needs 1 B/);
      assert.deepEqual(world.names('to'), ['.lakeside']);
    });

    it('copies nothing where the whole plan does not fit, and names both sizes', async () => {
      world.fill('from', { a: 'A'.repeat(3_000), b: 'B'.repeat(3_000) });
      const { steps } = await applyWith({ freeBytes: 2_048 });
      assert.equal(steps.status('a'), 'failed DISK_FULL');
      assert.equal(steps.status('b'), 'skipped DISK_FULL');
      assert.match(steps.reason('a'), /5\.9 KB to Lake, where 2\.0 KB are free/);
      assert.deepEqual(world.tree('to'), {});
    });

    it('counts what is copied already as needing no space', async () => {
      world.fill('from', { a: 'A'.repeat(3_000), b: 'B' });
      const plan = world.mirror();
      world.fill('to', { a: 'A'.repeat(3_000) });
      const { steps } = await applyWith({ freeBytes: 2_048 }, plan);
      assert.deepEqual([steps.status('a'), steps.status('b')], ['already', 'done']);
    });

    it('goes on through short reads and short writes', async () => {
      world.fill('from', { a: 'abcdefghij'.repeat(50) });
      await applyWith({ shortBytes: 7 });
      assert.deepEqual(world.tree('to'), world.tree('from'));
    });

    it('removes a copy that does not read back as it was written', async () => {
      world.fill('from', { a: 'A' });
      const { steps } = await applyWith({
        spoilRead: (path, bytes) => {
          if (path.includes('.partial')) bytes.fill(0);
        },
      });
      assert.equal(steps.status('a'), 'failed VERIFY_FAILED');
      assert.deepEqual(world.names('to'), ['.lakeside']);
    });

    it('places files by a look and a rename where there are no hard links', async () => {
      world.fill('from', { a: 'new', b: 'B' });
      world.fill('to', { a: 'old', 'd/b': 'B' });
      await applyWith({ fail: (call) => (call === 'link' ? 'ENOTSUP' : undefined) });
      assert.deepEqual(world.tree('to'), world.tree('from'));
      assert.deepEqual(world.trash(), { a: ['old'] });
    });

    it('waits on Windows for a file that another program holds for a moment', async () => {
      world.fill('from', { a: 'new' });
      world.fill('to', { a: 'old' });
      let held = 3;
      const { steps, files } = await applyWith({
        locksOpenFiles: true,
        fail: (call) => (call === 'rename' && held-- > 0 ? 'EPERM' : undefined),
      });
      assert.equal(steps.status('a'), 'done');
      assert.equal(files.paused, 70);
    });

    it('gives up on a file that stays held, and leaves it as it was', async () => {
      world.fill('from', { a: 'new' });
      world.fill('to', { a: 'old' });
      const { steps } = await applyWith({
        locksOpenFiles: true,
        fail: (call, path) => (call === 'rename' && path.endsWith('.partial') ? 'EBUSY' : undefined),
      });
      assert.equal(steps.status('a'), 'failed EBUSY');
      assert.match(steps.reason('a'), /another program is using it/);
      assert.deepEqual(world.tree('to'), { a: 'old' });
    });

    it('puts the old file back when the new one cannot be placed', async () => {
      world.fill('from', { a: 'new' });
      world.fill('to', { a: 'old' });
      const { steps } = await applyWith({
        fail: (call, path) => ((call === 'link' || call === 'rename') && path.includes('.partial') ? 'EIO' : undefined),
      });
      assert.equal(steps.status('a'), 'failed EIO');
      assert.deepEqual(world.tree('to'), { a: 'old' });
      assert.deepEqual(world.aside(), {});
    });

    it('replaces a file though another task removes the folder that it is set aside in', async () => {
      world.fill('from', { 'd/a': 'new' });
      world.fill('to', { 'd/a': 'old' });
      let removals = 0;
      const { steps } = await applyWith({
        before: (call) => {
          if (call === 'link' && removals++ === 0) world.erase('to', '.lakeside/aside');
        },
      });
      assert.equal(steps.status('d/a'), 'done');
      assert.deepEqual(world.tree('to'), { 'd/a': 'new' });
      assert.deepEqual(world.trash(), { 'd/a': ['old'] });
      assert.equal(world.kind('to', '.lakeside/aside'), undefined);
    });

    it('fails the copies into a folder that cannot be made, and no others', async () => {
      world.fill('from', { 'd/a': 'A', b: 'B' });
      const { steps } = await applyWith({ fail: (call) => (call === 'mkdir' ? 'EACCES' : undefined) });
      assert.equal(steps.status('d/a'), 'failed EACCES');
      assert.equal(steps.status('b'), 'done');
    });
  });

  describe('when a root goes away', () => {
    it('stops with ROOT_NOT_MOUNTED and records nothing that its absence caused', async () => {
      world.fill('from', { a: 'A', b: 'B' });
      world.fill('to', { x: 'X' });
      const plan = world.mirror();
      const steps = new MemorySteps(plan);
      let mounted = true;
      const files = world.faulty({
        before: (call) => {
          if (call !== 'create') return;
          world.erase('from', '');
          mounted = false;
        },
      });
      const away = new LakesideError('ROOT_NOT_MOUNTED', 'infra', 'local is not mounted.', { retryable: true });
      const requireMounted = (): Promise<void> => (mounted ? Promise.resolve() : Promise.reject(away));
      await assert.rejects(world.apply(steps, files, { requireMounted }), {
        code: 'ROOT_NOT_MOUNTED',
        retryable: true,
      });
      assert.deepEqual(steps.statuses(), []);
      assert.deepEqual(world.tree('to').x, 'X');
    });

    it('does not fill the empty folder under a mount point', async () => {
      world.fill('from', { 'd/a': 'A' });
      const plan = world.mirror();
      world.erase('to', '.lakeside');
      const steps = new MemorySteps(plan);
      await assert.rejects(world.apply(steps), { code: 'ROOT_NOT_MOUNTED' });
      assert.deepEqual(world.names('to'), []);
    });
  });

  describe('with the trash turned off', () => {
    const plan = (): MemorySteps => {
      world.fill('from', { a: 'new' });
      world.fill('to', { a: 'old', x: 'X' });
      return new MemorySteps(world.mirror());
    };

    it('replaces and deletes nothing unless the root allows deleting', async () => {
      const steps = plan();
      await world.apply(steps, undefined, { trashEnabled: false });
      assert.deepEqual(
        [steps.status('a'), steps.status('x')],
        ['skipped DELETE_NOT_ALLOWED', 'skipped DELETE_NOT_ALLOWED'],
      );
      assert.deepEqual(world.tree('to'), { a: 'old', x: 'X' });
    });

    describe('in a root that allows deleting', () => {
      const allowing = (): Partial<ApplyOptions> => ({
        trashEnabled: false,
        to: { id: 'k', name: 'lake', path: world.to, mtimeStepMs: 1, network: false, allowDelete: true },
      });
      /** A file of the other root that is known to hold the same. */
      const keep = (steps: MemorySteps, path: string, by: string): void => {
        steps.keepers.set(path, [
          {
            root: world.from,
            path: by,
            ...world.state('from', by),
            stepMs: 1,
            blake3: blake3Of(world.read('from', by) ?? ''),
          },
        ]);
      };

      it('removes nothing for good because of a file that is damaged', async () => {
        const steps = plan();
        world.fill('from', { 'kept/a': 'old', 'kept/x': 'X' });
        keep(steps, 'a', 'kept/a');
        keep(steps, 'x', 'kept/x');
        world.write('from', 'kept/a', 'o1d', world.state('from', 'kept/a').mtimeMs);
        world.write('from', 'kept/x', 'Y', world.state('from', 'kept/x').mtimeMs);
        await world.apply(steps, undefined, allowing());
        assert.deepEqual([steps.status('a'), steps.status('x')], ['skipped LAST_COPY', 'skipped LAST_COPY']);
        assert.deepEqual(world.tree('to'), { a: 'old', x: 'X' });
      });

      it('removes for good what another file keeps', async () => {
        const steps = plan();
        world.fill('from', { 'kept/a': 'old', 'kept/x': 'X' });
        keep(steps, 'a', 'kept/a');
        keep(steps, 'x', 'kept/x');
        await world.apply(steps, undefined, allowing());
        assert.deepEqual(steps.statuses(), ['done', 'done']);
        assert.deepEqual(world.tree('to'), { a: 'new' });
        assert.deepEqual(world.trash(), {});
      });

      it('keeps the last copy of a content, whether it is to be deleted or replaced', async () => {
        const steps = plan();
        await world.apply(steps, undefined, allowing());
        assert.deepEqual([steps.status('a'), steps.status('x')], ['skipped LAST_COPY', 'skipped LAST_COPY']);
        assert.match(steps.reason('x'), /^x is the last copy of its content/);
        assert.deepEqual(world.tree('to'), { a: 'old', x: 'X' });
      });

      it('believes no keeper that is gone or has changed', async () => {
        const steps = plan();
        world.fill('from', { 'kept/a': 'old', 'kept/x': 'X' });
        keep(steps, 'a', 'kept/a');
        keep(steps, 'x', 'kept/x');
        world.write('from', 'kept/a', 'something else');
        world.write('from', 'kept/x', 'X', BASE_TIME - 5_000);
        await world.apply(steps, undefined, allowing());
        assert.deepEqual([steps.status('a'), steps.status('x')], ['skipped LAST_COPY', 'skipped LAST_COPY']);
        assert.deepEqual(world.tree('to'), { a: 'old', x: 'X' });
      });

      it('lets the last copy go where the plan names that file', async () => {
        const named = plan().steps.map((step) => ({ ...step, lastCopy: true }) as const);
        const steps = new MemorySteps(named);
        await world.apply(steps, undefined, allowing());
        assert.deepEqual(world.tree('to'), { a: 'new' });
        assert.deepEqual(world.trash(), {});
      });
    });
  });

  describe('when it is canceled', () => {
    it('removes the partial, records what is left as canceled, and rejects with CANCELED', async () => {
      world.fill('from', { a: 'A'.repeat(200_000), b: 'B' });
      world.fill('to', { x: 'X' });
      const abort = new AbortController();
      const files = world.faulty({
        before: (call) => {
          if (call === 'write') abort.abort(canceledError());
        },
      });
      const steps = new MemorySteps(world.mirror(), files);
      await assert.rejects(world.apply(steps, files, { signal: abort.signal }), isCanceled);
      assert.deepEqual(steps.statuses(), ['canceled', 'canceled', 'canceled']);
      assert.deepEqual(world.names('to'), ['.lakeside', 'x']);
    });

    it('finishes the swap it is in', async () => {
      world.fill('to', { a: 'A', b: 'B' });
      const abort = new AbortController();
      const files = world.faulty({
        before: (call) => {
          if (call === 'rename') abort.abort(canceledError());
        },
      });
      const steps = new MemorySteps([world.move('a', 'b'), world.move('b', 'a')], files);
      await assert.rejects(world.apply(steps, files, { signal: abort.signal }), isCanceled);
      assert.deepEqual(world.tree('to'), { a: 'B', b: 'A' });
      assert.deepEqual(steps.statuses(), ['done', 'done']);
    });

    it('leaves the rest pending when the engine only stops', async () => {
      world.fill('from', { a: 'A' });
      const abort = new AbortController();
      abort.abort(new LakesideError('STOPPING', 'infra', 'The engine is stopping.', { retryable: true }));
      const steps = new MemorySteps(world.mirror());
      await assert.rejects(world.apply(steps, undefined, { signal: abort.signal }), { code: 'STOPPING' });
      assert.deepEqual(steps.statuses(), []);
    });
  });

  describe('where a file and a folder want the same name', () => {
    it('clears a file that the plan deletes or moves', async () => {
      world.fill('from', { 'a/x': 'X', 'b/y': 'Y', c: 'B file' });
      world.fill('to', { a: 'in the way', b: 'B file' });
      await world.apply(new MemorySteps(world.mirror()));
      assert.deepEqual(world.tree('to'), world.tree('from'));
      assert.deepEqual(world.trash(), { a: ['in the way'] });
    });

    it('clears a folder whose files the plan deletes', async () => {
      world.fill('from', { a: 'A' });
      world.fill('to', { 'a/x': 'X', 'a/deep/y': 'Y' });
      await world.apply(new MemorySteps(world.mirror()));
      assert.deepEqual(world.tree('to'), { a: 'A' });
    });

    it('clears it for a move, too', async () => {
      world.fill('from', { 'a/x': 'moved' });
      world.fill('to', { a: 'in the way', old: 'moved' });
      await world.apply(new MemorySteps(world.mirror()));
      assert.deepEqual(world.tree('to'), { 'a/x': 'moved' });
    });

    it('clears nothing that no step names', async () => {
      world.fill('from', { 'a/x': 'X', b: 'B' });
      const plan = world.mirror();
      world.fill('to', { a: 'mine', 'b/mine': 'mine' });
      const steps = new MemorySteps(plan);
      await world.apply(steps);
      assert.deepEqual([steps.status('a/x'), steps.status('b')], ['skipped TARGET_EXISTS', 'skipped TARGET_EXISTS']);
      assert.deepEqual(world.tree('to'), { a: 'mine', 'b/mine': 'mine' });
    });
  });

  it('keeps a folder that still holds something, and one that was empty before', async () => {
    world.fill('to', { 'd/x': 'X', 'd/keep': 'K', 'e/y': 'Y' });
    const plan = [world.remove('d/x'), world.remove('e/y')];
    world.makeFolder('to', 'was-empty');
    await world.apply(new MemorySteps(plan));
    assert.deepEqual(world.folders('to'), ['d', 'was-empty']);
  });

  it('finds partials of an earlier run of this plan, and leaves fresh ones of others', async () => {
    world.fill('from', { 'd/a': 'A' });
    const mine = '.a.abababab-000000000000.partial';
    const others = ['.a.12345678-000000000000.partial', 'download.partial'];
    world.fill('to', Object.fromEntries([mine, ...others].map((name) => [`d/${name}`, 'part'])));
    await world.apply(new MemorySteps([world.copy('d/a')]));
    assert.deepEqual(world.names('to', 'd'), [...others, 'a'].sort());
  });

  it('finishes a move that stopped between its two names', async () => {
    world.fill('to', { a: 'A' });
    const steps = new MemorySteps([world.move('a', 'b')]);
    world.link('to', 'a', 'b');
    await world.apply(steps);
    assert.deepEqual(world.tree('to'), { b: 'A' });
  });

  it('reports progress at most ten times a second, and the end', async () => {
    world.fill('from', Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`f${index}`, 'x'.repeat(10)])));
    const clock = new ManualClock();
    const seen: Progress[] = [];
    await world.apply(new MemorySteps(world.mirror()), undefined, {
      clock,
      onProgress: (progress) => seen.push(progress),
    });
    assert.equal(seen.length, 2);
    assert.deepEqual(seen.at(-1), { doneItems: 70, totalItems: 70, doneBytes: 700, totalBytes: 700, movedBytes: 700 });
  });
});
