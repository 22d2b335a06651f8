import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import * as z from 'zod';

import { LakesideError } from '../../src/base/errors.ts';
import { ImagePool } from '../../src/studio/imagePool.ts';
import { b3sum } from '../support/b3sum.ts';
import { ManualClock } from '../support/manualClock.ts';
import { bombPng, picturePng } from '../support/pngBytes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** Asserts that the promise rejects with this code, and gives the sentence. */
async function refused(promise: Promise<unknown>, code: string): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof LakesideError, `it was not refused: ${String(error)}`);
  assert.equal(error.code, code, error.message);
  return error.message;
}

/** The fake thread tells what it was given so far, whatever it was asked. */
async function told(answer: Promise<unknown>): Promise<string> {
  return z.string().parse(await answer);
}

describe('the image pool', () => {
  const folder = temporaryFolder();
  const pools: ImagePool[] = [];
  const openPool = (options: Partial<ConstructorParameters<typeof ImagePool>[0]> = {}): ImagePool => {
    const pool = new ImagePool({ dataDir: join(folder(), 'data'), ...options });
    pools.push(pool);
    return pool;
  };
  const put = (name: string, bytes: Uint8Array): string => {
    const path = join(folder(), name);
    writeFileSync(path, bytes);
    return path;
  };
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
  });

  describe('inspecting', () => {
    it('gives format, size and hash of each format, from bytes and from a file', async () => {
      const pool = openPool();
      const png = picturePng({ width: 96, height: 64, seed: 1 });
      for (const [format, mime] of [
        ['png', 'image/png'],
        ['jpeg', 'image/jpeg'],
        ['webp', 'image/webp'],
        ['avif', 'image/avif'],
      ] as const) {
        const bytes = await sharp(png).toFormat(format).toBuffer();
        const path = put(`image.${format}`, bytes);
        const inspected = await pool.inspect(bytes);
        assert.deepEqual(inspected, {
          format,
          mime,
          width: 96,
          height: 64,
          bytes: bytes.length,
          blake3: (await b3sum(folder(), [`image.${format}`])).get(`image.${format}`),
        });
        assert.deepEqual(await pool.inspect(path), inspected);
      }
    });

    it('gives the size that a viewer shows, of an image that says it lies on its side', async () => {
      const sideways = await sharp(picturePng({ width: 96, height: 64 }))
        .jpeg()
        .withMetadata({ orientation: 6 })
        .toBuffer();
      const { width, height } = await openPool().inspect(sideways);
      assert.deepEqual([width, height], [64, 96]);
    });

    it('tells the type by the bytes, whatever the name says', async () => {
      const pool = openPool();
      const lie = put('photo.jpg', picturePng({ width: 8, height: 8 }));
      assert.equal((await pool.inspect(lie)).mime, 'image/png');
      const page = put('image.png', Buffer.from('<!DOCTYPE html><title>502 Bad Gateway</title>'));
      assert.match(await refused(pool.inspect(page), 'NOT_AN_IMAGE'), /^image\.png is not .* it is a web page\.$/);
    });

    it('refuses what is no image, and says what it is', async () => {
      const pool = openPool();
      const rows: [bytes: string, said: RegExp][] = [
        ['', /it is empty/],
        ['{"error":"no"}', /JSON/],
        ['GIF89a......', /GIF/],
        ['<svg xmlns="http://www.w3.org/2000/svg"/>', /SVG/],
        ['<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', /SVG/],
        ['\x00\x00\x00\x18ftypmp42', /video/],
        ['anything', /none of these/],
      ];
      for (const [text, said] of rows) {
        assert.match(await refused(pool.inspect(Buffer.from(text, 'latin1')), 'NOT_AN_IMAGE'), said);
      }
    });

    it('refuses an image that is cut off anywhere, in each format', async () => {
      const pool = openPool();
      const png = picturePng({ width: 200, height: 150, seed: 2 });
      for (const format of ['png', 'jpeg', 'webp', 'avif'] as const) {
        const bytes = await sharp(png).toFormat(format).toBuffer();
        for (const length of [bytes.length - 1, bytes.length - 12, bytes.length / 2, 40]) {
          await refused(pool.inspect(bytes.subarray(0, Math.floor(length))), 'IMAGE_TRUNCATED');
        }
      }
    });

    it('refuses an image whose pixels are damaged', async () => {
      const png = picturePng({ width: 200, height: 150, seed: 3 });
      png.fill(0, Math.floor(png.length / 2), Math.floor(png.length / 2) + 200);
      await refused(openPool().inspect(png), 'IMAGE_TRUNCATED');
    });

    it('refuses a bomb of 300 megapixels without room for its pixels', async () => {
      const pool = openPool();
      await pool.inspect(picturePng({ width: 8, height: 8 }));
      const bomb = bombPng(20_000, 15_000);
      assert.ok(bomb.length < 200_000);
      const before = process.memoryUsage.rss();
      const message = await refused(pool.inspect(bomb), 'IMAGE_TOO_LARGE');
      assert.match(message, /150 million pixels/);
      await refused(pool.thumbnail({ path: put('bomb.png', bomb), blake3: 'ab'.repeat(32) }, 256), 'IMAGE_TOO_LARGE');
      const grown = process.memoryUsage.rss() - before;
      assert.ok(grown < 50_000_000, `memory grew by ${grown} bytes`);
    });

    it('decodes an image of 100 megapixels in less memory than its pixels take', async () => {
      const pool = openPool();
      await pool.inspect(picturePng({ width: 8, height: 8 }));
      const large = bombPng(10_000, 10_000);
      const before = process.memoryUsage.rss();
      const { width, height } = await pool.inspect(large);
      assert.deepEqual([width, height], [10_000, 10_000]);
      const grown = process.memoryUsage.rss() - before;
      assert.ok(grown < 100_000_000, `memory grew by ${grown} bytes`);
    });

    it('reads neither pipes nor devices, which never end', async function () {
      if (process.platform === 'win32') this.skip();
      const pipe = join(folder(), 'pipe.png');
      execFileSync('mkfifo', [pipe]);
      for (const path of [pipe, '/dev/zero']) {
        await assert.rejects(openPool().inspect(path), { code: 'NOT_AN_IMAGE', message: /it is a pipe or a device/ });
        await assert.rejects(openPool().read(path), { code: 'NOT_AN_IMAGE' });
      }
    });

    it('says which file it cannot read', async () => {
      assert.match(await refused(openPool().inspect(join(folder(), 'none.png')), 'ENOENT'), /none\.png.*not there/);
    });
  });

  describe('making thumbnails', () => {
    it('makes them once, of the content, upright, and never larger than the image', async () => {
      const pool = openPool();
      const path = put('a.png', picturePng({ width: 1_000, height: 500, seed: 4 }));
      const { blake3 } = await pool.inspect(path);
      const thumbnail = await pool.thumbnail({ path, blake3 }, 256);
      assert.equal(thumbnail, join(folder(), 'data', 'thumbs', blake3.slice(0, 2), `${blake3}-256.webp`));
      const { format, width, height } = await sharp(thumbnail).metadata();
      assert.deepEqual([format, width, height], ['webp', 256, 128]);
      const { mtimeMs } = statSync(thumbnail);
      rmSync(path);
      assert.equal(await pool.thumbnail({ path, blake3 }, 256), thumbnail);
      assert.equal(statSync(thumbnail).mtimeMs, mtimeMs);

      const small = put('b.png', picturePng({ width: 40, height: 30, seed: 5 }));
      const smallThumbnail = await pool.thumbnail({ path: small, blake3: (await pool.inspect(small)).blake3 }, 512);
      assert.equal((await sharp(smallThumbnail).metadata()).width, 40);
    });

    it('shows what a file holds now, under its own name, when it was changed behind our back', async () => {
      const pool = openPool();
      const path = put('a.png', picturePng({ width: 300, height: 300, seed: 6 }));
      const known = await pool.inspect(path);
      put('a.png', picturePng({ width: 300, height: 150, seed: 7 }));
      const now = await pool.inspect(path);
      const thumbnail = await pool.thumbnail({ path, blake3: known.blake3 }, 256);
      assert.match(thumbnail, new RegExp(now.blake3));
    });

    it('makes one again that a power cut left empty, and leaves no other files', async () => {
      const pool = openPool();
      const path = put('a.png', picturePng({ width: 300, height: 300, seed: 8 }));
      const { blake3 } = await pool.inspect(path);
      const thumbnail = await pool.thumbnail({ path, blake3 }, 256);
      truncateSync(thumbnail);
      assert.equal(await pool.thumbnail({ path, blake3 }, 256), thumbnail);
      assert.equal((await sharp(readFileSync(thumbnail)).metadata()).width, 256);
      assert.deepEqual(readdirSync(join(folder(), 'data', 'thumbs', blake3.slice(0, 2))), [`${blake3}-256.webp`]);
    });

    it('makes the same one in two pools at once, whole', async () => {
      const path = put('a.png', picturePng({ width: 900, height: 900, seed: 9 }));
      const [one, two] = [openPool(), openPool()];
      const { blake3 } = await one.inspect(path);
      const made = await Promise.all([one, two].map((pool) => pool.thumbnail({ path, blake3 }, 512)));
      assert.equal(made[0], made[1]);
      assert.equal((await sharp(made[0]).metadata()).width, 512);
    });
  });

  describe('its thread', () => {
    /** Answers once this is 1. */
    let gate: Int32Array;
    const open = (): void => {
      Atomics.store(gate, 0, 1);
      Atomics.notify(gate, 0);
    };
    const fake = (): Worker =>
      new Worker(new URL('../support/slowImageWorker.mjs', import.meta.url), { workerData: { gate: gate.buffer } });

    beforeEach(() => {
      gate = new Int32Array(new SharedArrayBuffer(4));
    });

    it('serves what is asked for first, then the newest thumbnail', async () => {
      const pool = openPool({ parallel: 1, makeWorker: fake });
      const first = pool.read('first');
      const asked: Promise<string>[] = [];
      for (const path of ['a', 'b', 'c']) {
        asked.push(pool.thumbnail({ path, blake3: 'cd'.repeat(32) }, 256));
        // It looks for the thumbnail on the disk before it waits for the thread.
        while (pool.waiting < asked.length) await new Promise(setImmediate);
      }
      const read = pool.read('read');
      open();
      await Promise.all([first, read, ...asked]);
      assert.equal(await told(pool.read('last')), 'first read c b a last');
    });

    it('drops what nobody waits for any more', async () => {
      const pool = openPool({ parallel: 1, makeWorker: fake });
      const abort = new AbortController();
      const first = pool.read('first');
      const second = pool.read('second', { signal: abort.signal });
      abort.abort();
      await refused(second, 'CANCELED');
      open();
      await first;
      assert.equal(await told(pool.read('third')), 'first third');
    });

    it('is started again when it ends, and says so when that helps nobody', async () => {
      const pool = openPool({ parallel: 2, makeWorker: fake });
      open();
      const message = await refused(pool.read('crash'), 'IMAGE_THREAD_ENDED');
      assert.match(message, /Retry/);
      assert.equal(await told(pool.read('after')), 'after');
    });

    it('ends when it was idle for a while, and starts again', async () => {
      const clock = new ManualClock();
      open();
      const pool = openPool({ clock, makeWorker: fake });
      assert.equal(pool.isRunning, false);
      await pool.read('one');
      assert.equal(pool.isRunning, true);
      await clock.advance(60_000);
      assert.equal(pool.isRunning, false);
      assert.equal(await told(pool.read('two')), 'two');
    });

    it('refuses everything once it is closed', async () => {
      const pool = openPool({ parallel: 1 });
      const path = put('a.png', picturePng({ width: 900, height: 900, seed: 10 }));
      const waiting = [pool.inspect(path), pool.inspect(path), pool.inspect(path)];
      const settled = Promise.allSettled(waiting);
      await pool.close();
      for (const { status } of await settled) assert.equal(status, 'rejected');
      await refused(pool.inspect(path), 'CANCELED');
    });
  });
});
