import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { systemClock } from '../../src/base/clock.ts';
import type { LakesideError } from '../../src/base/errors.ts';
import { prepareRoot, type PreparedRoot } from '../../src/library/prepareRoot.ts';
import { probeRoot, type RootPlace } from '../../src/library/probeRoot.ts';
import { readRootMarker, rootMarkerFile, storeOnlyRootId, writeRootMarker } from '../../src/library/rootMarker.ts';
import { ManualClock } from '../support/manualClock.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('making a folder a root', () => {
  const folder = temporaryFolder();

  function prepare(
    path: string,
    options: { name?: string; existing?: readonly RootPlace[]; newId?: boolean } = {},
  ): PreparedRoot {
    return prepareRoot({ name: options.name ?? 'lake', path, existing: [], clock: new ManualClock(5), ...options });
  }

  function models(name = 'models'): string {
    const path = join(folder(), name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  function place(prepared: PreparedRoot): RootPlace {
    return { id: prepared.id, name: prepared.name, path: prepared.path };
  }

  it('writes a marker with a random id', () => {
    const path = models();
    const prepared = prepare(path);
    assert.match(prepared.id, UUID);
    assert.deepEqual(JSON.parse(readFileSync(join(path, '.lakeside', 'root.json'), 'utf8')), {
      id: prepared.id,
      name: 'lake',
      created: 5,
    });
    assert.deepEqual({ marker: prepared.marker, readOnly: prepared.readOnly }, { marker: 'written', readOnly: false });
    assert.deepEqual(readdirSync(join(path, '.lakeside')), ['root.json']);
  });

  it('measures a step of file times that file systems have', () => {
    assert.ok([1, 10, 100, 1_000, 2_000].includes(prepare(models()).mtimeStepMs));
  });

  it('adopts a marker that is there, whatever name it was given elsewhere', () => {
    const path = models();
    const id = '6d6e1d8c-5a2b-4d1f-9a53-0f6b9f3f2a10';
    writeRootMarker(path, { id, name: 'theirs', created: 1 });
    const prepared = prepare(`${path}/`, { name: 'mine' });
    assert.deepEqual(
      { ...prepared, mtimeStepMs: 0, network: false },
      {
        id,
        name: 'mine',
        path,
        marker: 'adopted',
        readOnly: false,
        network: false,
        mtimeStepMs: 0,
        createdAt: 1,
      },
    );
  });

  it('refuses what is not there, is a file, or is not a whole path', () => {
    writeFileSync(join(folder(), 'file'), '');
    assert.throws(() => prepare(join(folder(), 'nowhere')), { code: 'ROOT_NOT_FOUND' });
    assert.throws(() => prepare(join(folder(), 'file')), { code: 'ROOT_NOT_A_FOLDER' });
    assert.throws(() => prepare(join(folder(), 'file', 'x')), { code: 'ROOT_NOT_FOUND' });
    assert.throws(() => prepare('models'), { code: 'ROOT_NOT_ABSOLUTE' });
  });

  it('refuses a folder inside, around or equal to another root, also through links', () => {
    const outer = place(prepare(models('outer'), { name: 'outer' }));
    const inner = models('outer/inner');
    symlinkSync(inner, join(folder(), 'link'));
    assert.throws(() => prepare(inner, { existing: [outer] }), {
      code: 'ROOT_NESTED',
      message: /inside the root "outer"/,
    });
    assert.throws(() => prepare(join(folder(), 'link'), { existing: [outer] }), { code: 'ROOT_NESTED' });
    assert.throws(() => prepare(folder(), { existing: [outer] }), { code: 'ROOT_NESTED', message: /around/ });
    assert.throws(() => prepare(outer.path, { existing: [outer] }), { code: 'ROOT_ALREADY_ADDED' });
    assert.equal(existsSync(join(inner, '.lakeside')), false);
  });

  it('refuses a name that is taken, in any case', () => {
    const other = place(prepare(models('other'), { name: 'Lake' }));
    assert.throws(() => prepare(models(), { name: 'lake', existing: [other] }), { code: 'ROOT_NAME_TAKEN' });
  });

  it('refuses the marker of another root, and gives the copy a new id when asked to', () => {
    const first = place(prepare(models('first'), { name: 'first' }));
    const copy = models('copy');
    writeRootMarker(copy, { id: first.id, name: 'first', created: 5 });
    assert.throws(() => prepare(copy, { existing: [first] }), { code: 'ROOT_ID_TAKEN', message: /new id/ });
    const prepared = prepare(copy, { existing: [first], newId: true });
    assert.notEqual(prepared.id, first.id);
    assert.equal(readRootMarker(copy)?.id, prepared.id);
  });

  it('refuses a damaged marker, and replaces it when asked to', () => {
    const path = models();
    for (const text of ['', '{', '{}', '{"id":"x","name":"n","created":1}', '[]', 'null']) {
      mkdirSync(join(path, '.lakeside'), { recursive: true });
      writeFileSync(rootMarkerFile(path), text);
      assert.throws(() => prepare(path), { code: 'ROOT_MARKER_DAMAGED' });
    }
    assert.match(prepare(path, { newId: true }).id, UUID);
  });
});

describe('a folder that cannot be written', () => {
  it('becomes a root that the store alone knows, and is found mounted as such', async function () {
    // The one folder that even an administrator cannot write in, without mounting anything.
    if (process.platform !== 'linux' || !existsSync('/sys/kernel')) this.skip();
    const prepared = prepareRoot({ name: 'disc', path: '/sys/kernel', existing: [], clock: systemClock });
    assert.match(prepared.id, /^readonly-/);
    const { marker, readOnly, mtimeStepMs } = prepared;
    assert.deepEqual({ marker, readOnly, mtimeStepMs }, { marker: 'none', readOnly: true, mtimeStepMs: 2_000 });
    assert.deepEqual(await probeRoot(prepared), { mounted: true, readOnly: true });
  });
});

describe('probing a root', () => {
  const folder = temporaryFolder();
  let root: RootPlace;
  beforeEach(() => {
    const path = join(folder(), 'models');
    mkdirSync(path);
    root = prepareRoot({ name: 'lake', path, existing: [], clock: systemClock });
  });

  async function problem(place: RootPlace): Promise<LakesideError> {
    const probe = await probeRoot(place);
    assert.ok(!probe.mounted);
    return probe.problem;
  }

  it('finds it mounted by its marker', async () => {
    assert.deepEqual(await probeRoot(root), { mounted: true, readOnly: false });
  });

  it('says that the folder is gone, is a file, or lost its marker', async () => {
    rmSync(rootMarkerFile(root.path));
    assert.match((await problem(root)).message, /has no marker/);
    rmSync(root.path, { recursive: true });
    const gone = await problem(root);
    assert.deepEqual({ code: gone.code, retryable: gone.retryable }, { code: 'ROOT_NOT_MOUNTED', retryable: true });
    assert.match(gone.message, /is not there/);
    writeFileSync(root.path, '');
    assert.match((await problem(root)).message, /file/);
  });

  it('says that the marker is damaged or that of another root', async () => {
    writeFileSync(rootMarkerFile(root.path), 'x');
    assert.equal((await problem(root)).code, 'ROOT_MARKER_DAMAGED');
    writeRootMarker(root.path, { id: '6d6e1d8c-5a2b-4d1f-9a53-0f6b9f3f2a10', name: 'box', created: 1 });
    assert.match((await problem(root)).message, /marker of another root \("box"\)/);
  });

  it('waits for nothing that is no file and has the name of the marker', async function () {
    if (process.platform === 'win32') this.skip();
    for (const make of [
      (path: string) => execFileSync('mkfifo', [path]),
      (path: string) => symlinkSync('/dev/zero', path),
      (path: string) => mkdirSync(path),
    ]) {
      rmSync(rootMarkerFile(root.path));
      make(rootMarkerFile(root.path));
      assert.equal((await problem(root)).code, 'ROOT_MARKER_DAMAGED');
      assert.throws(() => readRootMarker(root.path), { code: 'ROOT_MARKER_DAMAGED' });
      rmSync(rootMarkerFile(root.path), { recursive: true });
      writeRootMarker(root.path, { id: root.id, name: root.name, created: 1 });
    }
  });

  it('accepts a root that the store alone knows while its folder holds something and no marker', async () => {
    const path = join(folder(), 'disc');
    mkdirSync(path);
    const disc = { id: storeOnlyRootId('1'), name: 'disc', path };
    assert.match((await problem(disc)).message, /is empty/);
    writeFileSync(join(path, 'model'), '');
    assert.deepEqual(await probeRoot(disc), { mounted: true, readOnly: true });
    assert.match((await problem({ ...disc, path: root.path })).message, /another root/);
  });

  it('gives up on a drive that does not answer', async () => {
    const clock = {
      now: () => 0,
      after: (_ms: number, callback: () => void) => (callback(), { dispose: () => undefined }),
    };
    const probe = await probeRoot(root, clock);
    assert.ok(!probe.mounted);
    assert.match(probe.problem.message, /did not answer/);
  });
});
