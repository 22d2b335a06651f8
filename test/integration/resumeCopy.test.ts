import assert from 'node:assert/strict';

import { canceledError, LakesideError, stoppedForNowError } from '../../src/base/errors.ts';
import type { Progress } from '../../src/protocol/values.ts';
import { type Journal, parseJournal, parseJournalName } from '../../src/transfer/transferJournal.ts';
import { copyKey, resumablePartial } from '../../src/transfer/transferPaths.ts';
import { Crash, type FaultyFiles } from '../support/faultyFiles.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { MemorySteps, TransferWorld, type WorldKind } from '../support/transferWorld.ts';

/** Bytes of a chunk here: files of a few dozen bytes have many. */
const CHUNK = 4;
const LARGE = 'abcdefghijklmnopqrstuvwxyz0123456';
const PATH = 'models/large';

const PARTIALS = '.lakeside/partials';
const folder = temporaryFolder();
let world: TransferWorld;

function setUp(kind: WorldKind): void {
  world = new TransferWorld(folder(), kind);
  world.write('from', PATH, LARGE);
}

function apply(files: FaultyFiles, steps = [world.copy(PATH)], more = {}): Promise<MemorySteps> {
  const memory = new MemorySteps(steps, files);
  return world.apply(memory, files, { chunkBytes: CHUNK, parallelFiles: 1, ...more }).then(() => memory);
}

/** Applies until so many bytes of partials are written, then crashes. */
async function breakOff(bytes: number, steps = [world.copy(PATH)]): Promise<void> {
  let written = 0;
  const files: FaultyFiles = world.faulty({
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

/** Relpath. */
function partial(): string {
  return resumablePartial(PATH, copyKey(PATH, world.state('from', PATH)));
}

function partialPath(): string {
  return world.path('to', partial());
}

/** Relpath. */
function journalFile(): string {
  const names = world.names('to', PARTIALS).filter((name) => parseJournalName(name) !== undefined);
  assert.equal(names.length, 1, names.join());
  return `${PARTIALS}/${names[0] ?? ''}`;
}

function journal(): Journal {
  const parsed = parseJournal(world.read('to', journalFile()) ?? '');
  assert.ok(parsed);
  return parsed;
}

function editJournal(edit: (text: string) => string): void {
  world.write('to', journalFile(), edit(world.read('to', journalFile()) ?? ''));
}

function firstWrite(files: FaultyFiles): number {
  return Math.min(...files.writes.filter(({ path }) => path.endsWith('.partial')).map(({ position }) => position));
}

function requireDone(): void {
  assert.deepEqual(world.tree('to'), world.tree('from'));
  assert.equal(world.kind('to', PARTIALS), undefined, 'no journal is left');
}

/** Applies again; tells from which byte on the partial was written. */
async function goOn(): Promise<number> {
  const files = world.faulty();
  const memory = await apply(files);
  assert.deepEqual(memory.statuses(), ['done']);
  requireDone();
  return firstWrite(files);
}

for (const kind of ['this disk', 'Windows drives'] as const)
  describe(`a copy of a large file that was broken off, on ${kind}`, () => {
    beforeEach(() => setUp(kind));

    it('goes on behind the last chunk that its journal lists, in a new job of a new plan', async () => {
      await breakOff(22);
      const listed = journal().hashes.length;
      assert.equal(listed, 4, 'flushed, and written down, every four chunks');
      assert.equal(await goOn(), listed * CHUNK);
    });

    it('writes nothing down before it is flushed', async () => {
      const files = world.faulty();
      await apply(files);
      const events = files.log.filter((line) => /^(write|flush) /.test(line)).map((line) => line.replace(/ .*\./, ' '));
      let flushed = true;
      for (const event of events) {
        if (event === 'write partial') flushed = false;
        if (event === 'flush partial') flushed = true;
        if (event === 'write journal') assert.ok(flushed, events.join('\n'));
      }
      assert.ok(events.filter((event) => event === 'write journal').length >= 2);
    });

    it('counts what is there already as done at once, and not as moved', async () => {
      await breakOff(22);
      const done: number[] = [];
      let moved: number | undefined;
      await apply(world.faulty(), undefined, {
        onProgress: ({ doneBytes, movedBytes }: Progress) => {
          done.push(doneBytes);
          moved = movedBytes;
        },
        clock: { now: () => 1_000 * done.length, after: () => ({ dispose: () => undefined }) },
      });
      assert.ok(done.includes(16), done.join());
      assert.equal(done.at(-1), LARGE.length);
      assert.equal(moved, LARGE.length - 16);
    });

    it('reads the source behind that chunk only, and the partial before it', async () => {
      await breakOff(22);
      const reads: string[] = [];
      const files = world.faulty({ before: (call, path) => (call === 'read' ? reads.push(path) : 0) });
      await apply(files);
      const source = world.path('from', PATH);
      assert.ok(reads.indexOf(source) > reads.indexOf(partialPath()));
      assert.equal(reads.filter((path) => path === source).length, Math.ceil((LARGE.length - 16) / CHUNK));
    });

    it('reads the source from the beginning where that is nearer than the target', async () => {
      await breakOff(22);
      const reads: string[] = [];
      const files = world.faulty({ before: (call, path) => (call === 'read' ? reads.push(path) : 0) });
      const memory = await apply(files, undefined, {
        to: { id: 'k', name: 'lake', path: world.to, mtimeStepMs: 1, network: true, allowDelete: false },
      });
      assert.deepEqual(memory.statuses(), ['done']);
      assert.equal(firstWrite(files), 16);
      const source = world.path('from', PATH);
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
        world.write('to', partial(), (world.read('to', partial()) ?? '').replace('j', 'J'));
        assert.equal(await goOn(), 8);
      });

      it('a partial that is shorter than its journal says', async () => {
        world.write('to', partial(), LARGE.slice(0, 7));
        assert.equal(await goOn(), 4);
      });

      it('a partial that is longer, even than the file', async () => {
        world.write('to', partial(), LARGE.slice(0, 16) + 'x'.repeat(100));
        assert.equal(await goOn(), 16);
      });

      it('a journal without its partial', async () => {
        world.erase('to', partial());
        assert.equal(await goOn(), 0);
      });

      it('a partial without its journal', async () => {
        world.erase('to', journalFile());
        assert.equal(await goOn(), 0);
      });

      it('a journal of another version', async () => {
        editJournal((text) => text.replace('"version":1', '"version":2'));
        // Of whose making nobody knows: it is let be for an hour, and this copy has a partial of its own.
        const memory = await apply(world.faulty());
        assert.deepEqual(memory.statuses(), ['done']);
        assert.equal(world.kind('to', partial()), 'file');
        const later = world.faulty({ now: () => world.disk.files.now() + 2 * 3_600_000 });
        await apply(later, []);
        assert.equal(world.kind('to', PARTIALS), undefined);
      });

      it('a journal with other chunks', async () => {
        const files = world.faulty();
        await apply(files, undefined, { chunkBytes: 5 });
        assert.equal(firstWrite(files), 0);
        requireDone();
      });

      it('a source that changed, and removes what was begun for it', async () => {
        const stale = partial();
        world.write('from', PATH, LARGE.toUpperCase() + '!');
        assert.equal(await goOn(), 0);
        assert.equal(world.kind('to', stale), undefined);
      });

      it('a source of the same size and time with another content', async () => {
        const { mtimeMs } = world.state('from', PATH);
        const changed = LARGE.replace('b', 'B');
        // A moment later: it is the time of the change that tells.
        world.memory?.pause(10);
        world.write('from', PATH, changed, mtimeMs);
        assert.equal(await goOn(), 0);
        assert.equal(world.read('to', PATH), changed);
      });

      it('a source of the same state in another root', async () => {
        const files = world.faulty();
        await apply(files, undefined, {
          from: { id: 'other', name: 'other', path: world.from, mtimeStepMs: 1, network: false, allowDelete: false },
        });
        assert.equal(firstWrite(files), 16, 'the source was read, and has the same content');
        requireDone();
      });

      it('a partial that has its place already: nothing is written to it', async () => {
        world.link('to', partial(), 'mine');
        const mine = world.read('to', 'mine');
        await apply(world.faulty());
        assert.equal(world.read('to', 'mine'), mine);
        assert.equal(world.read('to', PATH), LARGE);
      });

      it('a chunk that cannot be read any more', async () => {
        let reads = 0;
        const files = world.faulty({
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
      const files = world.faulty({
        // The partial is spoiled between its check and the end: in the first read-back, the third reading of its beginning.
        spoilRead(path, bytes) {
          if (path === partialPath() && Buffer.from(bytes).toString().startsWith('abcd') && ++spoiled === 2)
            bytes[0] = 0;
        },
      });
      const memory = await apply(files);
      assert.deepEqual(memory.statuses(), ['done']);
      assert.equal(firstWrite(files), 0);
      requireDone();
    });

    it('keeps what it has when the disk is full, and goes on when there is room', async () => {
      await breakOff(10);
      const full = world.faulty({
        fail: (call, path) =>
          call === 'write' && path.endsWith('.partial') && journal().hashes.length >= 4 ? 'ENOSPC' : undefined,
      });
      const memory = await apply(full);
      assert.equal(memory.status(PATH), 'failed DISK_FULL');
      assert.equal(await goOn(), 16);
    });

    it('keeps what it has when the engine stops or the job is paused', async () => {
      const stop = new AbortController();
      const files: FaultyFiles = world.faulty({
        before: (call, path) => {
          if (call === 'write' && path.endsWith('.partial') && files.writes.length > 6)
            stop.abort(new Error('stopped'));
        },
      });
      await assert.rejects(apply(files, undefined, { signal: stop.signal }));
      assert.equal(world.kind('to', partial()), 'file');
      assert.ok(journal().released);
      assert.ok((await goOn()) > 0);
    });

    it('keeps it when a person stops the command that copies', async () => {
      const cancel = new AbortController();
      const files: FaultyFiles = world.faulty({
        before: (call, path) => {
          if (call === 'write' && path.endsWith('.partial') && files.writes.length > 6) {
            cancel.abort(stoppedForNowError());
          }
        },
      });
      await assert.rejects(
        apply(files, undefined, { signal: cancel.signal }),
        (error) => error instanceof LakesideError && error.code === 'CANCELED',
      );
      assert.equal(world.kind('to', partial()), 'file');
      assert.ok(journal().released);
      assert.ok((await goOn()) > 0);
    });

    it('removes it when a person cancels', async () => {
      const cancel = new AbortController();
      const files: FaultyFiles = world.faulty({
        before: (call, path) => {
          if (call === 'write' && path.endsWith('.partial') && files.writes.length > 6) cancel.abort(canceledError());
        },
      });
      await assert.rejects(
        apply(files, undefined, { signal: cancel.signal }),
        (error) => error instanceof LakesideError && error.code === 'CANCELED',
      );
      assert.deepEqual(world.tree('to'), {});
      assert.equal(world.kind('to', PARTIALS), undefined);
    });

    it('lets be what a process that runs still writes, and makes a partial of its own', async () => {
      await breakOff(22);
      // The process of this test, in a run that has not ended: a second apply of the same file while the first one writes.
      let inner: Promise<MemorySteps> | undefined;
      const files = world.faulty({
        before(call, path) {
          if (call === 'write' && path === partialPath()) inner ??= apply(world.faulty());
        },
      });
      const outer = await apply(files);
      await inner;
      assert.deepEqual(outer.statuses().length, 1);
      assert.deepEqual(world.tree('to'), world.tree('from'));
    });

    it('makes no journal for a file of two chunks', async () => {
      world.write('from', 'small', '12345678');
      const files = world.faulty();
      await apply(files, [world.copy('small')]);
      assert.ok(!files.log.some((line) => line.includes('.journal')));
    });
  });

for (const kind of ['POSIX in memory', 'Windows drives', 'a Windows drive and a NAS'] as const) {
  describe(`a copy of a large file on ${kind}, crashed before every single call`, function () {
    this.timeout(120_000);

    it('writes nothing again that its journal lists', async () => {
      const crashes = await everyCrash(() => Promise.resolve(0));
      assert.ok(crashes > 80, `only ${crashes}`);
    });

    it('nor when it crashes again while it goes on', async () => {
      const crashes = await everyCrash(async () => {
        await breakOff(22, [world.replace(PATH)]);
        return journal().hashes.length;
      });
      assert.ok(crashes > 60, `only ${crashes}`);
    });

    /** For each call: prepares, crashes before it, then goes on. Returns how many there were. */
    async function everyCrash(prepare: () => Promise<number>): Promise<number> {
      for (let crashAt = 0; ; crashAt++) {
        setUp(kind);
        world.write('to', PATH, 'what is replaced');
        const atLeast = await prepare();
        const steps = [world.replace(PATH)];
        const files = world.faulty({ crashAt });
        try {
          await apply(files, steps);
          return crashAt;
        } catch (error) {
          if (!files.crashed) throw error;
        }
        files.closeAll();
        try {
          await requireGoesOn(steps, atLeast);
        } catch (error) {
          console.error(`crashed before call ${crashAt}`);
          throw error;
        }
      }
    }

    async function requireGoesOn(steps: ReturnType<TransferWorld['mirror']>, atLeast: number): Promise<void> {
      const listed = listedChunks();
      if (listed !== undefined) assert.ok(listed >= atLeast, `${listed} of ${atLeast} chunks are listed`);
      const files = world.faulty();
      const memory = await apply(files, steps);
      assert.ok(['done', 'already'].includes(memory.status(PATH)), memory.reason(PATH));
      const position = firstWrite(files);
      assert.ok(position >= (listed ?? 0) * CHUNK, `wrote at ${position}, ${String(listed)} chunks were listed`);
      assert.deepEqual(world.tree('to'), world.tree('from'));
      assert.deepEqual(world.trash(), { [PATH]: ['what is replaced'] });
      // What a crash leaves of a journal that was being made is removed by any later apply.
      await apply(world.faulty({ now: () => world.disk.files.now() + 3_600_000 }), []);
      assert.equal(world.kind('to', PARTIALS), undefined);
    }

    /** Chunks that the newest journal lists, if there is a partial. */
    function listedChunks(): number | undefined {
      if (world.disk.files.lstat(partialPath())?.links !== 1) return undefined;
      const journals = world
        .names('to', PARTIALS)
        .flatMap((name) => {
          const generation = parseJournalName(name)?.generation;
          return generation === undefined ? [] : [{ name, generation }];
        })
        .sort((left, right) => right.generation - left.generation);
      const newest = journals[0];
      if (newest === undefined) return 0;
      return parseJournal(world.read('to', `${PARTIALS}/${newest.name}`) ?? '')?.hashes.length ?? 0;
    }
  });
}
