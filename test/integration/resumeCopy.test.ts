import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { canceledError, LakesideError } from '../../src/base/errors.ts';
import { type Journal, parseJournal, parseJournalName } from '../../src/transfer/transferJournal.ts';
import { copyKey, resumablePartial } from '../../src/transfer/transferPaths.ts';
import { Crash, FaultyFiles, type Faults } from '../support/faultyFiles.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { MemorySteps, TransferWorld } from '../support/transferWorld.ts';

/** Bytes of a chunk here: files of a few dozen bytes have many. */
const CHUNK = 4;
const LARGE = 'abcdefghijklmnopqrstuvwxyz0123456';
const PATH = 'models/large';

describe('a copy of a large file that was broken off', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  let world: TransferWorld;
  beforeEach(() => {
    world = new TransferWorld(folder());
    world.write('from', PATH, LARGE);
  });

  function apply(files: FaultyFiles, steps = [world.copy(PATH)], more = {}): Promise<MemorySteps> {
    const memory = new MemorySteps(steps, files);
    return world.apply(memory, files, { chunkBytes: CHUNK, parallelFiles: 1, ...more }).then(() => memory);
  }

  /** Applies until so many bytes of partials are written, then crashes. */
  async function breakOff(bytes: number, steps = [world.copy(PATH)]): Promise<void> {
    let written = 0;
    const files: FaultyFiles = new FaultyFiles({
      before(call, path) {
        if (call !== 'write' || !path.endsWith('.partial')) return;
        if (written >= bytes) files.crashed = true;
        if (files.crashed) throw new Crash('crashed');
        written += CHUNK;
      },
    });
    await assert.rejects(apply(files, steps));
    files.closeAll();
  }

  function partialPath(): string {
    return join(world.to, resumablePartial(PATH, copyKey(PATH, world.state('from', PATH))));
  }

  function journalFile(): string {
    const names = readdirSync(join(world.to, '.lakeside/partials')).filter(
      (name) => parseJournalName(name) !== undefined,
    );
    assert.equal(names.length, 1, names.join());
    return join(world.to, '.lakeside/partials', names[0] ?? '');
  }

  function journal(): Journal {
    const parsed = parseJournal(readFileSync(journalFile(), 'utf8'));
    assert.ok(parsed);
    return parsed;
  }

  function editJournal(edit: (text: string) => string): void {
    writeFileSync(journalFile(), edit(readFileSync(journalFile(), 'utf8')));
  }

  /** Applies again; tells from which byte on the partial was written. */
  async function goOn(steps = [world.copy(PATH)]): Promise<number> {
    const files = new FaultyFiles();
    const memory = await apply(files, steps);
    assert.deepEqual(
      memory.statuses(),
      steps.map(() => 'done'),
    );
    requireDone();
    return firstWrite(files);
  }

  function firstWrite(files: FaultyFiles): number {
    return Math.min(...files.writes.filter(({ path }) => path.endsWith('.partial')).map(({ position }) => position));
  }

  function requireDone(): void {
    assert.deepEqual(world.tree('to'), world.tree('from'));
    assert.ok(!existsSync(join(world.to, '.lakeside/partials')), 'no journal is left');
  }

  it('goes on behind the last chunk that its journal lists, in a new job of a new plan', async () => {
    await breakOff(22);
    const listed = journal().hashes.length;
    assert.equal(listed, 4, 'flushed, and written down, every four chunks');
    assert.equal(await goOn(), listed * CHUNK);
  });

  it('writes nothing down before it is flushed', async () => {
    const files = new FaultyFiles();
    await apply(files);
    const events = files.log.filter((line) => /^(write|flush) /.test(line)).map((line) => line.replace(/\/.*\./, ''));
    let flushed = true;
    for (const event of events) {
      if (event === 'write partial') flushed = false;
      if (event === 'flush partial') flushed = true;
      if (event === 'write journal') assert.ok(flushed, events.join('\n'));
    }
    assert.ok(events.filter((event) => event === 'write journal').length >= 2);
  });

  it('counts what is there already as done at once', async () => {
    await breakOff(22);
    const done: number[] = [];
    await apply(new FaultyFiles(), undefined, {
      onProgress: ({ doneBytes }: { doneBytes: number }) => done.push(doneBytes),
      clock: { now: () => 1_000 * done.length, after: () => ({ dispose: () => undefined }) },
    });
    assert.ok(done.includes(16), done.join());
    assert.equal(done.at(-1), LARGE.length);
  });

  it('reads the source behind that chunk only, and the partial before it', async () => {
    await breakOff(22);
    const reads: string[] = [];
    const files = new FaultyFiles({ before: (call, path) => (call === 'read' ? reads.push(path) : 0) });
    await apply(files);
    const source = join(world.from, PATH);
    assert.ok(reads.indexOf(source) > reads.indexOf(partialPath()));
    assert.equal(reads.filter((path) => path === source).length, Math.ceil((LARGE.length - 16) / CHUNK));
  });

  it('reads the source from the beginning where that is nearer than the target', async () => {
    await breakOff(22);
    const reads: string[] = [];
    const files = new FaultyFiles({ before: (call, path) => (call === 'read' ? reads.push(path) : 0) });
    const memory = await apply(files, undefined, {
      to: { id: 'k', name: 'lake', path: world.to, mtimeStepMs: 1, network: true, allowDelete: false },
    });
    assert.deepEqual(memory.statuses(), ['done']);
    assert.equal(firstWrite(files), 16);
    const source = join(world.from, PATH);
    assert.ok(reads.filter((path) => path === source).length >= Math.ceil(LARGE.length / CHUNK));
    requireDone();
  });

  describe('notices what is not as it was left', () => {
    beforeEach(() => breakOff(22));

    it('a torn last line of the journal', async () => {
      editJournal((text) => text.slice(0, -30));
      assert.equal(await goOn(), 12);
    });

    it('lines that are no hashes', async () => {
      editJournal((text) => text.replace(/\n[0-9a-f]{64}\n([0-9a-f]{64})\n$/, '\n\0\0\0\n$1\n'));
      assert.equal(await goOn(), 8);
    });

    it('a chunk of the partial that is another', async () => {
      const bytes = readFileSync(partialPath());
      bytes[9] = 0;
      writeFileSync(partialPath(), bytes);
      assert.equal(await goOn(), 8);
    });

    it('a partial that is shorter than its journal says', async () => {
      truncateSync(partialPath(), 7);
      assert.equal(await goOn(), 4);
    });

    it('a partial that is longer, even than the file', async () => {
      writeFileSync(partialPath(), readFileSync(partialPath(), 'utf8') + 'x'.repeat(100));
      assert.equal(await goOn(), 16);
    });

    it('a journal without its partial', async () => {
      rmSync(partialPath());
      assert.equal(await goOn(), 0);
    });

    it('a partial without its journal', async () => {
      rmSync(journalFile());
      assert.equal(await goOn(), 0);
    });

    it('a journal of another version', async () => {
      editJournal((text) => text.replace('"version":1', '"version":2'));
      // Of whose making nobody knows: it is let be for an hour, and this copy has a partial of its own.
      const memory = await apply(new FaultyFiles());
      assert.deepEqual(memory.statuses(), ['done']);
      assert.ok(existsSync(partialPath()));
      const later = new FaultyFiles({ now: () => Date.now() + 2 * 3_600_000 });
      await apply(later, []);
      assert.ok(!existsSync(join(world.to, '.lakeside/partials')));
    });

    it('a journal with other chunks', async () => {
      const files = new FaultyFiles();
      await apply(files, undefined, { chunkBytes: 5 });
      assert.equal(firstWrite(files), 0);
      requireDone();
    });

    it('a source that changed, and removes what was begun for it', async () => {
      const stale = partialPath();
      world.write('from', PATH, LARGE.toUpperCase() + '!');
      assert.equal(await goOn(), 0);
      assert.ok(!existsSync(stale));
    });

    it('a source of the same size and time with another content', async () => {
      const { mtimeMs } = world.state('from', PATH);
      const changed = LARGE.replace('b', 'B');
      writeFileSync(join(world.from, PATH), changed);
      utimesSync(join(world.from, PATH), mtimeMs / 1_000, mtimeMs / 1_000);
      assert.equal(await goOn(), 0);
      assert.equal(world.read('to', PATH), changed);
    });

    it('a source of the same state in another root', async () => {
      const files = new FaultyFiles();
      await apply(files, undefined, {
        from: { id: 'other', name: 'other', path: world.from, mtimeStepMs: 1, network: false, allowDelete: false },
      });
      assert.equal(firstWrite(files), 16, 'the source was read, and has the same content');
      requireDone();
    });

    it('a partial that has its place already: nothing is written to it', async () => {
      linkSync(partialPath(), join(world.to, 'mine'));
      const mine = readFileSync(join(world.to, 'mine'), 'utf8');
      await apply(new FaultyFiles());
      assert.equal(world.read('to', 'mine'), mine);
      assert.equal(world.read('to', PATH), LARGE);
    });

    it('a chunk that cannot be read any more', async () => {
      let reads = 0;
      const files = new FaultyFiles({
        fail: (call, path) => (call === 'read' && path === partialPath() && ++reads === 3 ? 'EIO' : undefined),
      });
      await apply(files);
      assert.equal(firstWrite(files), 8);
      requireDone();
    });
  });

  it('copies everything once more where what was gone on with does not read back', async () => {
    await breakOff(22);
    let spoiled = 0;
    const files = new FaultyFiles({
      // The partial is spoiled between its check and the end: in the first read-back, the third reading of its beginning.
      spoilRead(path, bytes) {
        if (path === partialPath() && Buffer.from(bytes).toString().startsWith('abcd') && ++spoiled === 2) bytes[0] = 0;
      },
    });
    const memory = await apply(files);
    assert.deepEqual(memory.statuses(), ['done']);
    assert.equal(firstWrite(files), 0);
    requireDone();
  });

  it('keeps what it has when the disk is full, and goes on when there is room', async () => {
    await breakOff(10);
    const full = new FaultyFiles({
      fail: (call, path) =>
        call === 'write' && path.endsWith('.partial') && journal().hashes.length >= 4 ? 'ENOSPC' : undefined,
    });
    const memory = await apply(full);
    assert.equal(memory.status(PATH), 'failed DISK_FULL');
    assert.equal(await goOn(), 16);
  });

  it('keeps what it has when the engine stops or the job is paused', async () => {
    const stop = new AbortController();
    const files = new FaultyFiles({
      before: (call, path) => {
        if (call === 'write' && path.endsWith('.partial') && files.writes.length > 6) stop.abort(new Error('stopped'));
      },
    });
    await assert.rejects(apply(files, undefined, { signal: stop.signal }));
    assert.ok(existsSync(partialPath()));
    assert.ok(journal().released);
    assert.ok((await goOn()) > 0);
  });

  it('removes it when a person cancels', async () => {
    const cancel = new AbortController();
    const files = new FaultyFiles({
      before: (call, path) => {
        if (call === 'write' && path.endsWith('.partial') && files.writes.length > 6) cancel.abort(canceledError());
      },
    });
    await assert.rejects(
      apply(files, undefined, { signal: cancel.signal }),
      (error) => error instanceof LakesideError && error.code === 'CANCELED',
    );
    assert.deepEqual(world.tree('to'), {});
    assert.ok(!existsSync(join(world.to, '.lakeside/partials')));
  });

  it('lets be what a process that runs still writes, and makes a partial of its own', async () => {
    await breakOff(22);
    // The process of this test, in a run that has not ended: a second apply of the same file while the first one writes.
    let inner: Promise<MemorySteps> | undefined;
    const files = new FaultyFiles({
      before(call, path) {
        if (call === 'write' && path === partialPath()) inner ??= apply(new FaultyFiles());
      },
    });
    const outer = await apply(files);
    await inner;
    assert.deepEqual(outer.statuses().length, 1);
    assert.deepEqual(world.tree('to'), world.tree('from'));
  });

  it('makes no journal for a file of two chunks', async () => {
    world.write('from', 'small', '12345678');
    const files = new FaultyFiles();
    await apply(files, [world.copy('small')]);
    assert.ok(!files.log.some((line) => line.includes('.journal')));
  });

  describe('crashed before every single call', () => {
    for (const [name, faults] of [
      ['hard links', {}],
      ['no hard links', { fail: (call: string) => (call === 'link' ? 'ENOTSUP' : undefined) }],
    ] as const) {
      it(`writes nothing again that its journal lists (${name})`, async () => {
        const crashes = await everyCrash(faults, () => Promise.resolve(0));
        assert.ok(crashes > 80, `only ${crashes}`);
      });
    }

    it('nor when it crashes again while it goes on', async () => {
      const crashes = await everyCrash({}, async () => {
        await breakOff(22, [world.replace(PATH)]);
        return journal().hashes.length;
      });
      assert.ok(crashes > 60, `only ${crashes}`);
    });

    /** For each call: prepares, crashes before it, then goes on. Returns how many there were. */
    async function everyCrash(faults: Faults, prepare: () => Promise<number>): Promise<number> {
      for (let crashAt = 0; ; crashAt++) {
        world = new TransferWorld(folder());
        world.write('from', PATH, LARGE);
        world.write('to', PATH, 'what is replaced');
        const atLeast = await prepare();
        const steps = [world.replace(PATH)];
        const files = new FaultyFiles({ ...faults, crashAt });
        try {
          await apply(files, steps);
          return crashAt;
        } catch (error) {
          if (!files.crashed) throw error;
        }
        files.closeAll();
        try {
          await requireGoesOn(steps, faults, atLeast);
        } catch (error) {
          console.error(`crashed before call ${crashAt}`);
          throw error;
        }
      }
    }

    async function requireGoesOn(
      steps: ReturnType<TransferWorld['mirror']>,
      faults: Faults,
      atLeast: number,
    ): Promise<void> {
      const listed = listedChunks();
      if (listed !== undefined) assert.ok(listed >= atLeast, `${listed} of ${atLeast} chunks are listed`);
      const files = new FaultyFiles(faults);
      const memory = await apply(files, steps);
      assert.ok(['done', 'already'].includes(memory.status(PATH)), memory.reason(PATH));
      const position = firstWrite(files);
      assert.ok(position >= (listed ?? 0) * CHUNK, `wrote at ${position}, ${String(listed)} chunks were listed`);
      assert.deepEqual(world.tree('to'), world.tree('from'));
      assert.deepEqual(world.trash(), { [PATH]: ['what is replaced'] });
      // What a crash leaves of a journal that was being made is removed by any later apply.
      await apply(new FaultyFiles({ now: () => Date.now() + 3_600_000 }), []);
      assert.ok(!existsSync(join(world.to, '.lakeside/partials')));
    }

    /** Chunks that the newest journal lists, if there is a partial. */
    function listedChunks(): number | undefined {
      const partials = join(world.to, '.lakeside/partials');
      if (!existsSync(partials) || !existsSync(partialPath()) || statSync(partialPath()).nlink > 1) return undefined;
      const journals = readdirSync(partials)
        .flatMap((name) => {
          const generation = parseJournalName(name)?.generation;
          return generation === undefined ? [] : [{ name, generation }];
        })
        .sort((left, right) => right.generation - left.generation);
      const newest = journals[0];
      return newest === undefined
        ? 0
        : (parseJournal(readFileSync(join(partials, newest.name), 'utf8'))?.hashes.length ?? 0);
    }
  });
});
