import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { fileError, canceledError, LakesideError } from '../../src/base/errors.ts';
import { storeFile } from '../../src/base/binaryFile.ts';
import { ImagePool } from '../../src/studio/imagePool.ts';
import { sidecarSchema, writtenImages } from '../../src/studio/runs/sidecar.ts';
import { bombPng, picturePng } from '../support/pngBytes.ts';
import { dieAt, RunWorld } from '../support/runWorld.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const COUNT = 3;

describe('a run that is cut off', () => {
  const folder = temporaryFolder();
  let images: ImagePool;
  const worlds: RunWorld[] = [];

  before(() => {
    images = new ImagePool({ dataDir: '/nowhere' });
  });
  after(() => images.close());
  afterEach(() => {
    for (const world of worlds.splice(0)) world.close();
  });

  async function world(name = 'data', count = COUNT): Promise<RunWorld> {
    const opened = await RunWorld.open(join(folder(), name), images, count);
    worlds.push(opened);
    return opened;
  }

  /** All images are there, each once: rows, files and sidecars agree, and nothing else is left. */
  function assertWhole({ store, snapshot, dataDir }: RunWorld, count = COUNT): void {
    const run = store.runs.get(snapshot.run);
    assert.deepEqual([run?.status, run?.images], ['succeeded', count]);
    const rows = store.images.ofRun(snapshot.run);
    assert.deepEqual(
      rows.map(({ seed }) => seed),
      Array.from({ length: count }, (_, index) => index + 1),
    );
    const files = readdirSync(snapshot.folder).sort();
    assert.deepEqual(
      files,
      rows.flatMap(({ path }) => [path, `${path}.json`].map((file) => file.slice(snapshot.folder.length + 1))).sort(),
    );
    for (const row of rows) {
      const { image } = sidecarSchema.parse(JSON.parse(readFileSync(`${row.path}.json`, 'utf8')));
      assert.deepEqual([image.id, image.blake3, image.seed], [row.id, row.blake3, row.seed]);
    }
    assert.ok(!existsSync(join(dataDir, 'scratch', snapshot.run)));
  }

  it('at any point is finished by the next process, and no image is made or paid twice', async function () {
    this.timeout(120_000);
    for (let nth = 1; ; nth++) {
      const cut = await world(String(nth), 2);
      const { step, count } = dieAt(nth);
      const first = await cut.attempt({ step });
      const died = first instanceof LakesideError;
      if (died) {
        assert.equal(first.code, 'CRASH', `step ${nth}: ${first.message}`);
        const second = await cut.attempt();
        assert.ok(
          !(second instanceof LakesideError),
          `after step ${nth} (${first.message}): ${JSON.stringify(second)}`,
        );
      }
      assert.equal(
        cut.service.paid.length,
        2,
        `paid ${cut.service.paid.length} times when it ${died ? first.message : 'lived'}`,
      );
      assertWhole(cut, 2);
      if (!died) {
        assert.ok(count() > 30, `only ${count()} steps were tried`);
        return;
      }
    }
  });

  it('again and again is finished in the end, and no image is paid twice', async () => {
    const cut = await world();
    let attempts = 0;
    for (let nth = 2; ; nth += 3) {
      const result = await cut.attempt({ step: dieAt(nth).step });
      attempts++;
      if (!(result instanceof LakesideError)) break;
    }
    assert.ok(attempts > 5);
    assert.equal(cut.service.paid.length, COUNT);
    assertWhole(cut);
  });

  it('by a service that forgot its work sends that again, and nothing else', async () => {
    const cut = await world();
    // One is done, one is at work when the process dies.
    let observed = 0;
    await cut.attempt({
      step: (name) => {
        if (name === 'after observe') observed++;
        if (observed >= 2) throw new LakesideError('CRASH', 'unknown', name);
      },
    });
    const paid = cut.service.paid.length;
    cut.service.known.clear();
    const stored = cut.store.images.ofRun(cut.snapshot.run).length;
    assert.ok(!((await cut.attempt()) instanceof LakesideError));
    assert.equal(cut.service.paid.length, COUNT + paid - stored);
    assertWhole(cut);
  });

  it('before the service could tell what came of it is failed, and sent again only by a person', async () => {
    const cut = await world('data', 1);
    await cut.attempt({ step: dieAt(7).step });
    assert.equal(cut.service.paid.length, 1);
    cut.service.faults.set('adopt', new LakesideError('OUTCOME_UNKNOWN', 'provider', 'It cannot say.'));
    const failed = await cut.attempt({ triesAgain: true });
    assert.ok(failed instanceof LakesideError && failed.code === 'OUTCOME_UNKNOWN');
    assert.equal(cut.service.paid.length, 1);
    assert.equal(cut.store.runs.get(cut.snapshot.run)?.error?.code, 'OUTCOME_UNKNOWN');
    assert.ok(!((await cut.attempt()) instanceof LakesideError));
    assert.equal(cut.service.paid.length, 2);
    assertWhole(cut, 1);
  });

  it('by a full disk says so, and is stored without being paid again', async () => {
    const cut = await world('data', 1);
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    const failed = await cut.attempt({ storeFile: (path) => Promise.reject(fileError('write', path, full)) });
    assert.ok(failed instanceof LakesideError && failed.code === 'ENOSPC');
    const run = cut.store.runs.get(cut.snapshot.run);
    assert.equal(run?.status, 'failed');
    assert.match(run.error?.message ?? '', /image-1-1\.png: the disk is full/);
    assert.ok(!((await cut.attempt()) instanceof LakesideError));
    assert.equal(cut.service.paid.length, 1);
    assertWhole(cut, 1);
  });

  it('by a disk that fills up between an image and its sidecar is stored whole', async () => {
    const cut = await world('data', 1);
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    await cut.attempt({
      storeFile: (path, source) =>
        path.endsWith('.json') ? Promise.reject(fileError('write', path, full)) : storeFile(path, source),
    });
    assert.equal(cut.store.images.ofRun(cut.snapshot.run).length, 0);
    assert.ok(!((await cut.attempt()) instanceof LakesideError));
    assertWhole(cut, 1);
    assert.equal(cut.service.paid.length, 1);
  });

  it('by an images folder that is gone, or a file, in the middle stores what it paid for when it can', async () => {
    const cut = await world('data', 1);
    const project = dirname(dirname(cut.snapshot.folder));
    const failed = await cut.attempt({
      storeFile: async (path, source) => {
        if (path.endsWith('.json')) {
          rmSync(project, { recursive: true });
          writeFileSync(project, 'a file');
        }
        await storeFile(path, source);
      },
    });
    assert.ok(failed instanceof LakesideError && failed.category === 'infra');
    assert.equal(readFileSync(project, 'utf8'), 'a file');
    const still = await cut.attempt();
    assert.ok(still instanceof LakesideError && still.category === 'infra');
    rmSync(project);
    assert.ok(!((await cut.attempt()) instanceof LakesideError));
    assert.equal(cut.service.paid.length, 1);
    assertWhole(cut, 1);
  });

  it('takes what lies there for its own only under its own name', async () => {
    const cut = await world('data', 1);
    await cut.attempt();
    const path = join(cut.snapshot.folder, 'image-1-1.png.json');
    const sidecar = sidecarSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    const files = async (): Promise<string[] | undefined> =>
      (await writtenImages(cut.snapshot.folder, 1, sidecar.submission))?.map(({ file }) => file);
    copyFileSync(path, join(cut.snapshot.folder, 'image-1-1 (copy).png.json'));
    assert.deepEqual(await files(), ['image-1-1.png']);
    writeFileSync(path, JSON.stringify({ ...sidecar, image: { ...sidecar.image, file: '../../elsewhere.png' } }));
    assert.equal(await files(), undefined);
    writeFileSync(path, '{"format":"lakes');
    assert.equal(await files(), undefined);
  });

  it('by a lost connection looks for its work when it is back, and pays nothing', async () => {
    const cut = await world('data', 1);
    cut.service.faults.set(
      'observe',
      new LakesideError('PROVIDER_AWAY', 'provider', 'It is away.', { retryable: true }),
    );
    const away = await cut.attempt({ triesAgain: true });
    assert.ok(away instanceof LakesideError && away.code === 'PROVIDER_AWAY');
    assert.equal(cut.store.runs.parts(cut.snapshot.run)[0]?.status, 'submitted');
    cut.service.faults.set('adopt', new LakesideError('PROVIDER_AWAY', 'provider', 'It is away.', { retryable: true }));
    await cut.attempt({ triesAgain: true });
    assert.ok(!((await cut.attempt()) instanceof LakesideError));
    assert.equal(cut.service.paid.length, 1);
    assertWhole(cut, 1);
  });

  it('when its engine stops goes on later: nothing is canceled', async () => {
    const cut = await world();
    const stop = new AbortController();
    const stopping = new LakesideError('STOPPING', 'infra', 'The engine is stopping.', { retryable: true });
    const stopped = await cut.attempt({
      signal: stop.signal,
      step: (name) => {
        if (name === 'after submit') stop.abort(stopping);
      },
    });
    assert.ok(stopped instanceof LakesideError && stopped.code === 'STOPPING');
    assert.deepEqual(cut.service.canceled, []);
    assert.ok(!((await cut.attempt()) instanceof LakesideError));
    assert.equal(cut.service.paid.length, COUNT);
    assertWhole(cut);
  });

  for (const point of ['before submit', 'after submit', 'after keepTicket', 'after observe']) {
    it(`when it is canceled ${point} ends what the service does for it, and keeps what is done`, async () => {
      const cut = await world();
      const cancel = new AbortController();
      const canceled = await cut.attempt({
        signal: cancel.signal,
        step: (name) => {
          if (name === point) cancel.abort(canceledError('The job'));
        },
      });
      assert.ok(canceled instanceof LakesideError && canceled.code === 'CANCELED');
      const run = cut.store.runs.get(cut.snapshot.run);
      const stored = cut.store.images.ofRun(cut.snapshot.run).length;
      const parts = cut.store.runs.parts(cut.snapshot.run).map(({ status }) => status);
      assert.ok(!parts.includes('submitted'), parts.join());
      assert.equal(run?.images, stored);
      const ended = new Set(cut.service.canceled);
      assert.equal(cut.service.paid.filter((submission) => !ended.has(submission)).length, stored);
    });
  }

  it('by another process that took it over writes nothing any more', async () => {
    const cut = await world('data', 1);
    let second: unknown;
    const first = await cut.attempt({
      step: (name) => {
        // While the first one slept, another one claims the run and begins.
        if (name === 'after observe' && second === undefined) second = cut.attempt();
      },
    });
    assert.ok(first instanceof LakesideError && first.code === 'LEASE_LOST', JSON.stringify(first));
    assert.ok(!((await second) instanceof LakesideError));
    assert.equal(cut.service.paid.length, 1);
    assertWhole(cut, 1);
  });

  it('by a service that repeats our key tells nobody the key', async () => {
    const cut = await world('data', 1);
    cut.secrets.remember('sk-very-secret');
    const leaking = new LakesideError('PROVIDER_REFUSED', 'provider', 'The key sk-very-secret is not valid.', {
      context: { url: 'https://example.org/?key=sk-very-secret' },
    });
    cut.service.faults.set('submit', leaking);
    const failed = await cut.attempt();
    assert.ok(failed instanceof LakesideError);
    const told = JSON.stringify([failed.toShape(), cut.store.runs.get(cut.snapshot.run)]);
    assert.ok(!told.includes('very-secret'), told);
    assert.match(failed.message, /The key … is not valid/);
  });

  it('by a service that never answers ends when it is canceled', async () => {
    const cut = await world('data', 1);
    const cancel = new AbortController();
    cut.service.observe = () => {
      setTimeout(() => cancel.abort(canceledError('The job')), 10);
      return new Promise(() => undefined) as never;
    };
    const canceled = await cut.attempt({ signal: cancel.signal });
    assert.ok(canceled instanceof LakesideError && canceled.code === 'CANCELED');
    assert.deepEqual(cut.service.canceled, cut.service.paid);
  });

  for (const [what, made, code] of [
    ['no image', [], 'PROVIDER_NONSENSE'],
    ['too many images', Array.from({ length: 101 }, () => picturePng({ width: 8, height: 8 })), 'PROVIDER_NONSENSE'],
    ['half an image', [picturePng({ width: 8, height: 8 }).subarray(0, 80)], 'IMAGE_TRUNCATED'],
    ['an image of 300 megapixels', [bombPng()], 'IMAGE_TOO_LARGE'],
    ['a page of HTML', [Buffer.from('<!doctype html>')], 'NOT_AN_IMAGE'],
  ] as const) {
    it(`by ${what} fails, keeps nothing of it, and may be tried again`, async () => {
      const cut = await world('data', 1);
      const good = cut.service.images;
      cut.service.images = () => [...made];
      const failed = await cut.attempt();
      assert.ok(failed instanceof LakesideError);
      assert.equal(failed.code, code);
      assert.ok(!existsSync(cut.snapshot.folder));
      cut.service.images = good;
      assert.ok(!((await cut.attempt()) instanceof LakesideError));
      assertWhole(cut, 1);
    });
  }
});
