import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

import { wholeMilliseconds } from '../../src/base/fileTime.ts';
import { codesOf, LibraryRoot, OLD_MS } from '../support/libraryRoot.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** Linux alone keeps names as bytes; elsewhere such a file cannot be made. */
const namesAreBytes = process.platform === 'linux';

describe('scanning a root', () => {
  const folder = temporaryFolder();
  let library: LibraryRoot;
  beforeEach(() => {
    library = new LibraryRoot(folder());
  });
  afterEach(() => library.close());

  function setHash(relpath: string): Buffer {
    const row = library.store.get(library.root.key, relpath);
    assert.ok(row);
    const blake3 = Buffer.alloc(32, 7);
    assert.equal(library.store.setHashes(library.root.key, [{ ...row, blake3 }]), 1);
    return blake3;
  }

  it('finds every file with its size and time in whole milliseconds', async () => {
    library.write('loras/a.safetensors', 'four');
    library.write('b', '', -1_500);
    const result = await library.scan();
    assert.deepEqual(result, { added: 2, changed: 0, removed: 0, files: 2, bytes: 4, problems: [] });
    assert.deepEqual(library.rows(), [
      { relpath: 'b', size: 0, mtimeMs: -1_500, blake3: null },
      { relpath: 'loras/a.safetensors', size: 4, mtimeMs: OLD_MS, blake3: null },
    ]);
  });

  it('leaves an unchanged file its hash, and takes it from a changed one', async () => {
    library.write('same');
    library.write('larger');
    library.write('newer');
    await library.scan();
    const blake3 = setHash('same');
    setHash('larger');
    setHash('newer');
    library.write('larger', 'larger than before');
    library.write('newer', 'newer', OLD_MS + 1);
    const { added, changed, removed } = await library.scan();
    assert.deepEqual({ added, changed, removed }, { added: 0, changed: 2, removed: 0 });
    assert.deepEqual(
      library.rows().map((row) => row.blake3),
      [null, null, blake3],
    );
  });

  it('forgets files that are gone, also whole folders, also the last', async () => {
    for (const relpath of ['a/b/c', 'a/b/d', 'e', 'f/g']) library.write(relpath);
    await library.scan();
    rmSync(join(library.path, 'a'), { recursive: true });
    rmSync(join(library.path, 'f', 'g'));
    assert.equal((await library.scan()).removed, 3);
    assert.deepEqual(library.relpaths(), ['e']);
    rmSync(join(library.path, 'e'));
    assert.equal((await library.scan()).removed, 1);
    assert.deepEqual(library.relpaths(), []);
  });

  it('scans one folder and leaves the rest of the index alone', async () => {
    for (const relpath of ['a/x', 'ab/x', 'b/x']) library.write(relpath);
    await library.scan();
    for (const relpath of ['a/y/z', 'b/y']) library.write(relpath);
    rmSync(join(library.path, 'ab', 'x'));
    const { added, removed } = await library.scan({ folder: 'a' });
    assert.deepEqual({ added, removed }, { added: 1, removed: 0 });
    assert.deepEqual(library.relpaths(), ['a/x', 'a/y/z', 'ab/x', 'b/x']);
  });

  it('follows no link: not out of the root, not in circles', async () => {
    const outside = join(folder(), 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'secret'), 'secret');
    library.write('a/x');
    symlinkSync('..', join(library.path, 'a', 'up'));
    symlinkSync('self', join(library.path, 'self'));
    symlinkSync(join(library.path, 'a', 'x'), join(library.path, 'twice'));
    symlinkSync(outside, join(library.path, 'out'));
    symlinkSync(join(outside, 'secret'), join(library.path, 'out-file'));
    symlinkSync(join(folder(), 'nowhere'), join(library.path, 'broken'));
    const { problems } = await library.scan();
    assert.deepEqual(library.relpaths(), ['a/x']);
    assert.deepEqual(codesOf(problems).sort(), ['LINK_BROKEN broken', 'LINK_OUTSIDE out', 'LINK_OUTSIDE out-file']);
  });

  it('keeps what it knew of a folder that became a link out of the root, and forgets one that became a link inside', async () => {
    for (const relpath of ['a/x', 'b/x', 'c/x']) library.write(relpath);
    await library.scan();
    renameSync(join(library.path, 'a'), join(folder(), 'moved-away'));
    symlinkSync(join(folder(), 'moved-away'), join(library.path, 'a'));
    renameSync(join(library.path, 'b'), join(library.path, 'd'));
    symlinkSync('d', join(library.path, 'b'));
    await library.scan();
    assert.deepEqual(library.relpaths(), ['a/x', 'c/x', 'd/x']);
    await library.look('a', 'b', '');
    assert.deepEqual(library.relpaths(), ['a/x', 'c/x', 'd/x']);
  });

  it('works on a root that is itself reached through a link', async () => {
    library.write('a/x');
    const real = join(folder(), 'real');
    renameSync(library.path, real);
    symlinkSync(real, library.path);
    assert.equal((await library.scan()).added, 1);
  });

  it('reports names that are not Unicode, and forgets nothing beside them', async function () {
    if (!namesAreBytes) this.skip();
    for (const relpath of ['a/b/c', 'a/x', 'a/y', 'z']) library.write(relpath);
    await library.scan();
    rmSync(join(library.path, 'a', 'x'));
    rmSync(join(library.path, 'a', 'b', 'c'));
    rmSync(join(library.path, 'z'));
    writeFileSync(Buffer.concat([Buffer.from(`${library.path}/a/`), Buffer.from([0x78, 0xe9])]), 'x');
    mkdirSync(Buffer.concat([Buffer.from(`${library.path}/a/`), Buffer.from([0xff])]));
    const { problems, removed, files } = await library.scan();
    assert.deepEqual(codesOf(problems).sort(), ['NAME_NOT_UNICODE a/x\uFFFD', 'NAME_NOT_UNICODE a/\uFFFD']);
    assert.deepEqual(library.relpaths(), ['a/x', 'a/y']);
    assert.deepEqual({ removed, files }, { removed: 2, files: 2 });
  });

  it('indexes nothing of what is ignored, and forgets what has become so', async () => {
    library.write('a.safetensors');
    library.store.applyScan(library.root.key, [{ relpath: 'b.partial', size: 1, mtimeMs: 1 }], []);
    library.write('b.partial');
    library.write('.lakeside/trash/t/x');
    assert.equal((await library.scan()).removed, 1);
    assert.deepEqual(library.relpaths(), ['a.safetensors']);
  });

  it('removes nothing when the root is not mounted, whatever its folder holds', async () => {
    library.write('a');
    await library.scan();
    const away = join(folder(), 'away');
    renameSync(library.path, away);
    await assert.rejects(library.scan(), { code: 'ROOT_NOT_MOUNTED', retryable: true });
    mkdirSync(library.path);
    await assert.rejects(library.scan(), { code: 'ROOT_NOT_MOUNTED', message: /no marker/ });
    writeFileSync(join(library.path, 'other'), '');
    await assert.rejects(library.look(''), { code: 'ROOT_NOT_MOUNTED', message: /no marker/ });
    assert.deepEqual(library.relpaths(), ['a']);
  });

  it('removes nothing when the root goes away during the scan', async () => {
    for (let index = 0; index < 100; index++) library.write(`d${index}/x`);
    await library.scan();
    const before = library.relpaths();
    // The index is first read when the walk is on its way.
    const states = library.store.states.bind(library.store);
    library.store.states = (...input) => {
      library.store.states = states;
      renameSync(library.path, join(folder(), 'away'));
      return states(...input);
    };
    await assert.rejects(library.scan(), { code: 'ROOT_NOT_MOUNTED', retryable: true });
    assert.deepEqual(library.relpaths(), before);
  });

  it('keeps a file that came while it was walking elsewhere', async () => {
    library.write('a');
    await library.scan();
    // As an apply would: first the file, then its row, while the scan has already listed the folder.
    const states = library.store.states.bind(library.store);
    library.store.states = (...input) => {
      library.store.states = states;
      library.write('late');
      library.store.put(library.root.key, { relpath: 'late', size: 4, mtimeMs: OLD_MS, blake3: Buffer.alloc(32, 1) });
      return states(...input);
    };
    await library.scan();
    assert.deepEqual(library.relpaths(), ['a', 'late']);
    assert.deepEqual(library.store.get(library.root.key, 'late')?.blake3, Buffer.alloc(32, 1));
  });

  it('ends when it is canceled, before and during its work', async () => {
    await assert.rejects(library.scan({ signal: AbortSignal.abort() }), { code: 'CANCELED' });
    for (let index = 0; index < 200; index++) library.write(`d/${index}`);
    const controller = new AbortController();
    const scan = library.scan({ signal: controller.signal });
    setImmediate(() => controller.abort());
    await assert.rejects(scan, { code: 'CANCELED' });
    assert.equal((await library.scan()).files, 200);
  });

  it('finds in any tree what a plain listing finds, at first and after any change', async () => {
    const segment = fc.constantFrom('a', 'b', 'a-b', 'a.c', 'é', '\u{1F600}', '\uFB01', 'A B');
    const relpath = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
    const files = fc
      .uniqueArray(fc.tuple(relpath, fc.nat(9), fc.nat(3)), { selector: ([path]) => path, maxLength: 12 })
      .map((list) => list.filter(([path]) => !list.some(([other]) => other.startsWith(`${path}/`))));
    await fc.assert(
      fc.asyncProperty(files, async (list) => {
        for (const name of ['a', 'b', 'a-b', 'a.c', 'é', '\u{1F600}', '\uFB01', 'A B']) {
          rmSync(join(library.path, name), { recursive: true, force: true });
        }
        for (const [path, size, time] of list) library.write(path, 'x'.repeat(size), OLD_MS + time);
        const before = new Map(library.rows().map((row) => [row.relpath, row]));
        const result = await library.scan();
        const after = library.rows();
        const expected = list.map(([path, size, time]) => `${path} ${size} ${OLD_MS + time}`).sort();
        assert.deepEqual(after.map((row) => `${row.relpath} ${row.size} ${row.mtimeMs}`).sort(), expected);
        assert.equal(result.files, list.length);
        assert.equal(result.added, after.filter((row) => !before.has(row.relpath)).length);
        assert.equal(
          result.removed,
          [...before.keys()].filter((path) => !list.some(([other]) => other === path)).length,
        );
        const { added, changed, removed } = await library.look('');
        assert.deepEqual({ added, changed, removed }, { added: 0, changed: 0, removed: 0 });
      }),
      { numRuns: 12 },
    );
  }).timeout(60_000);

  it('reads the same time that was written', () => {
    for (const mtimeMs of [OLD_MS, 1_600_000_000_999, 1, 1_234_567_890_001]) {
      library.write('t', 't', mtimeMs);
      assert.equal(wholeMilliseconds(statSync(join(library.path, 't')).mtimeMs), mtimeMs);
    }
  });
});

describe('looking at folders again', () => {
  const folder = temporaryFolder();
  let library: LibraryRoot;
  beforeEach(async () => {
    library = new LibraryRoot(folder());
    for (const relpath of ['a/x', 'a/sub/x', 'b/x', 'top']) library.write(relpath);
    await library.scan();
  });
  afterEach(() => library.close());

  it('sees what changed in them and not what changed below', async () => {
    for (const relpath of ['a/y', 'a/sub/y', 'b/y']) library.write(relpath);
    rmSync(join(library.path, 'a', 'x'));
    const { added, changed, removed } = await library.look('a');
    assert.deepEqual({ added, changed, removed }, { added: 1, changed: 0, removed: 1 });
    assert.deepEqual(library.relpaths(), ['a/sub/x', 'a/y', 'b/x', 'top']);
  });

  it('goes into folders that are new, and forgets those that are gone', async () => {
    library.write('c/d/e');
    rmSync(join(library.path, 'a'), { recursive: true });
    const { added, removed } = await library.look('');
    assert.deepEqual({ added, removed }, { added: 1, removed: 2 });
    assert.deepEqual(library.relpaths(), ['b/x', 'c/d/e', 'top']);
  });

  it('forgets all of a folder that is gone itself', async () => {
    rmSync(join(library.path, 'a'), { recursive: true });
    assert.equal((await library.look('a')).removed, 2);
    assert.deepEqual(library.relpaths(), ['b/x', 'top']);
  });

  it('takes several at once, and the same twice', async () => {
    library.write('a/y');
    library.write('b/y');
    assert.equal((await library.look('a', 'b', 'a')).added, 2);
  });

  it('does not look where it is ignored', async () => {
    library.write('.git/x');
    assert.equal((await library.look('.git', '.lakeside')).added, 0);
  });
});
