import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import type { Engine } from '../../src/engine.ts';
import { b3sum } from '../support/b3sum.ts';
import { engines, OLD_MS, over, put, scan } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('portable hashes', () => {
  const folder = temporaryFolder();
  const open = engines();
  const lake = (): string => join(folder(), 'lake');
  const hashesFolder = (): string => join(lake(), '.lakeside', 'hashes');
  const journals = (): string[] => readdirSync(hashesFolder());

  /** A machine of its own that knows the same folder. */
  async function machine(name: string): Promise<Engine> {
    const engine = await open(join(folder(), name));
    await engine.call('roots.add', { name: 'lake', path: lake() });
    return engine;
  }

  async function hashes(engine: Engine): Promise<Record<string, string | null>> {
    const { files } = await engine.call('library.hashes', { root: 'lake' });
    return Object.fromEntries(files.map(({ path, blake3 }) => [path, blake3]));
  }

  /** A journal that another machine is made to have written: its lines are lies, so that reading them shows. */
  function plant(lines: string, name = '11111111-1111-4111-8111-111111111111.txt'): void {
    mkdirSync(hashesFolder(), { recursive: true });
    writeFileSync(join(hashesFolder(), name), lines);
  }

  beforeEach(() => {
    put(lake(), 'checkpoints/a.safetensors', 'a');
    put(lake(), 'loras/b\nnew line \\ slash.safetensors', 'bb');
    put(lake(), 'loras/ä.safetensors', 'ccc');
  });

  it('let another machine know a Lake that was hashed once, without reading a byte of it', async () => {
    const first = await machine('one');
    await scan(first, { hash: true });
    const known = await hashes(first);
    assert.deepEqual(known, Object.fromEntries(await b3sum(lake(), Object.keys(known))));

    // Other content of the same size and time would be hashed otherwise: what comes out was not read.
    put(lake(), 'checkpoints/a.safetensors', 'z');
    const second = await machine('two');
    await scan(second);
    assert.deepEqual(await hashes(second), known);
    const [job] = await over(second, [(await second.call('library.hash', { root: 'lake' })).job]);
    assert.deepEqual((job?.result as { hashed: number }).hashed, 0);
  });

  it('are not believed of a file that has another size or time by now', async () => {
    await scan(await machine('one'), { hash: true });
    put(lake(), 'checkpoints/a.safetensors', 'a', OLD_MS + 5_000);
    put(lake(), 'loras/ä.safetensors', 'cccc');
    const second = await machine('two');
    await scan(second);
    const known = await hashes(second);
    assert.equal(known['checkpoints/a.safetensors'], null);
    assert.equal(known['loras/ä.safetensors'], null);
    assert.notEqual(known['loras/b\nnew line \\ slash.safetensors'], null);
  });

  it('are read further where another machine hashed more, and again where files are new here', async () => {
    const [first, second] = [await machine('one'), await machine('two')];
    await scan(first, { hash: true });
    put(lake(), 'd.safetensors', 'dddd');
    await scan(second);
    assert.equal((await hashes(second))['d.safetensors'], null);
    await scan(first, { hash: true });
    await scan(second);
    assert.notEqual((await hashes(second))['d.safetensors'], null);

    // A line that was read before its file was there.
    const third = await machine('three');
    rmSync(join(lake(), 'd.safetensors'));
    await scan(third);
    put(lake(), 'd.safetensors', 'dddd');
    await scan(third);
    assert.notEqual((await hashes(third))['d.safetensors'], null);
  });

  it('keep the hash of what a watcher saw come, too', async () => {
    await scan(await machine('one'), { hash: true });
    const second = await machine('two');
    const away = readFileSync(join(lake(), 'loras/ä.safetensors'), 'utf8');
    rmSync(join(lake(), 'loras/ä.safetensors'));
    await scan(second);
    put(lake(), 'loras/ä.safetensors', away);
    await second.call('library.look', { root: 'lake', folders: ['loras'] });
    await scan(second);
    assert.notEqual((await hashes(second))['loras/ä.safetensors'], null);
  });

  it('lie in one file for each data dir, so that no two machines write the same', async () => {
    const [first, second] = [await machine('one'), await machine('two')];
    await scan(first, { hash: true });
    put(lake(), 'd.safetensors', 'dddd');
    await scan(second, { hash: true });
    assert.equal(journals().length, 2);
    // Each begins with all that its machine knows: one of them is enough.
    const sizes = journals().map((name) => readFileSync(join(hashesFolder(), name), 'utf8').split('\n').length);
    assert.deepEqual(sizes.toSorted(), [5, 6]);
  });

  it('are appended to, not written anew, when more is hashed', async () => {
    const engine = await machine('one');
    await scan(engine, { hash: true });
    const [name = ''] = journals();
    const before = readFileSync(join(hashesFolder(), name), 'utf8');
    put(lake(), 'd.safetensors', 'dddd');
    await scan(engine, { hash: true });
    const after = readFileSync(join(hashesFolder(), name), 'utf8');
    assert.ok(after.startsWith(before));
    assert.equal(after.split('\n').length, before.split('\n').length + 1);
  });

  it('survive a tail that was cut off, and the line written after it', async () => {
    const first = await machine('one');
    await scan(first, { hash: true });
    const [name = ''] = journals();
    const path = join(hashesFolder(), name);
    truncateSync(path, statSync(path).size - 10);
    put(lake(), 'd.safetensors', 'dddd');
    await scan(first, { hash: true });
    const second = await machine('two');
    await scan(second);
    const unknown = Object.entries(await hashes(second)).filter(([, blake3]) => blake3 === null);
    assert.deepEqual(unknown.length, 1, 'only the line that was cut off is lost');
    assert.notEqual((await hashes(second))['d.safetensors'], null);
  });

  it('are written anew where their file is gone, and beside it where another file took its place', async () => {
    const engine = await machine('one');
    await scan(engine, { hash: true });
    const [name = ''] = journals();
    rmSync(join(hashesFolder(), name));
    put(lake(), 'd.safetensors', 'dddd');
    await scan(engine, { hash: true });
    assert.equal(readFileSync(join(hashesFolder(), name), 'utf8').split('\n').length, 6);

    plant('# lakeside-hashes 1 22222222-2222-4222-8222-222222222222\n', name);
    put(lake(), 'e.safetensors', 'eeeee');
    await scan(engine, { hash: true });
    assert.equal(journals().length, 2);
  });

  it('do no harm when they are rubbish', async () => {
    const header = '# lakeside-hashes 1 22222222-2222-4222-8222-222222222222\n';
    plant(`${header}${'x'.repeat(400_000)}\n\n# a remark\n0 1 2 3\n\0\0\0\n`);
    plant('not ours', '33333333-3333-4333-8333-333333333333.txt');
    plant('', '44444444-4444-4444-8444-444444444444.txt');
    mkdirSync(join(hashesFolder(), '55555555-5555-4555-8555-555555555555.txt'));
    const engine = await machine('one');
    const [job] = await scan(engine);
    assert.equal(job?.status, 'succeeded');
    assert.ok(Object.values(await hashes(engine)).every((blake3) => blake3 === null));
    // What comes behind the rubbish is still read.
    await scan(engine, { hash: true });
    const own = journals().find((name) => !/^[1-5]{8}-/.test(name)) ?? '';
    const [, ...lines] = readFileSync(join(hashesFolder(), own), 'utf8').split('\n');
    appendFileSync(join(hashesFolder(), '11111111-1111-4111-8111-111111111111.txt'), lines.join('\n'));
    rmSync(join(hashesFolder(), own));
    const second = await machine('two');
    await scan(second);
    assert.ok(Object.values(await hashes(second)).every((blake3) => blake3 !== null));
  });

  it('are neither read nor written where their folder is a link', async function () {
    // Making a link needs a right of its own there.
    if (process.platform === 'win32') this.skip();
    await scan(await machine('one'), { hash: true });
    const elsewhere = join(folder(), 'elsewhere');
    renameSync(hashesFolder(), elsewhere);
    symlinkSync(elsewhere, hashesFolder());
    put(lake(), 'new.safetensors', 'new');
    const second = await machine('two');
    await scan(second);
    assert.ok(Object.values(await hashes(second)).every((blake3) => blake3 === null));
    await scan(second, { hash: true });
    assert.equal(readdirSync(elsewhere).length, 1);
  });

  it('do no harm where a file has the place of their folder', async () => {
    mkdirSync(join(lake(), '.lakeside'), { recursive: true });
    writeFileSync(hashesFolder(), 'mine');
    const engine = await machine('one');
    const [job] = await scan(engine, { hash: true });
    assert.equal(job?.status, 'succeeded');
    assert.equal(readFileSync(hashesFolder(), 'utf8'), 'mine');
  });

  it('come with a verified copy', async () => {
    const engine = await machine('one');
    const local = join(folder(), 'local');
    mkdirSync(local);
    await engine.call('roots.add', { name: 'local', path: local });
    await scan(engine, { hash: true });
    const { plan } = await engine.call('plans.mirror', { from: 'lake', to: 'local' });
    const { job } = await engine.call('plans.apply', { plan });
    await over(engine, [job]);
    const [name = ''] = readdirSync(join(local, '.lakeside', 'hashes'));
    const text = readFileSync(join(local, '.lakeside', 'hashes', name), 'utf8');
    // The third has a name that Windows cannot have: it is not copied.
    assert.deepEqual(text.match(/(?<=\d )[a-z]+\/.+$/gm), ['checkpoints/a.safetensors', 'loras/ä.safetensors']);
  });
});
