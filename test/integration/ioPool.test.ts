import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

import { workerFile } from '../../src/base/installation.ts';
import { loadBlake3 } from '../../src/library/blake3.ts';
import { hashFile } from '../../src/library/hashFile.ts';
import { IoPool } from '../../src/library/ioPool.ts';
import { ManualClock, settle } from '../support/manualClock.ts';
import { projectDir } from '../support/projectDir.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

function blake3(data: string | Buffer): string {
  const hash = loadBlake3().createHash();
  hash.update(Buffer.from(data));
  return hash.digest().toString('hex');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** A file of zeros that takes no room. */
function sparse(path: string, bytes: number): string {
  writeFileSync(path, '');
  truncateSync(path, bytes);
  return path;
}

const crashingWorker = (): Worker => new Worker(join(projectDir, 'test/support/crashingWorker.mjs'));
const hangingWorker = (): Worker => new Worker(join(projectDir, 'test/support/hangingWorker.mjs'));
const ioWorker = (): Worker => new Worker(workerFile('library/ioWorker'));

describe('hashing a file', () => {
  const folder = temporaryFolder();
  const buffer = Buffer.alloc(4);

  it('hashes it block by block and tells of the bytes', () => {
    const path = join(folder(), 'a');
    writeFileSync(path, '0123456789');
    const reports: number[] = [];
    const hashed = hashFile(path, { buffer, report: (bytes) => reports.push(bytes), aborted: () => false });
    assert.equal(hex(hashed.blake3), blake3('0123456789'));
    assert.equal(hashed.size, 10);
    assert.deepEqual(reports, [4, 4, 2]);
  });

  it('hashes it again when it was modified meanwhile', () => {
    const path = join(folder(), 'a');
    writeFileSync(path, '0123456789');
    let total = 0;
    let touched = false;
    const report = (bytes: number): void => {
      total += bytes;
      if (touched) return;
      touched = true;
      appendFileSync(path, 'more');
    };
    const hashed = hashFile(path, { buffer, report, aborted: () => false });
    assert.deepEqual([hex(hashed.blake3), hashed.size, total], [blake3('0123456789more'), 14, 14]);
  });

  it('hashes it again when it shrank meanwhile', () => {
    const path = join(folder(), 'a');
    writeFileSync(path, '0123456789');
    let touched = false;
    const report = (): void => {
      if (!touched) truncateSync(path, 5);
      touched = true;
    };
    assert.equal(hex(hashFile(path, { buffer, report, aborted: () => false }).blake3), blake3('01234'));
  });

  it('gives up on a file that changes each time', () => {
    const path = join(folder(), 'a');
    writeFileSync(path, '0123456789');
    const report = (bytes: number): void => {
      if (bytes > 0) appendFileSync(path, 'x');
    };
    assert.throws(() => hashFile(path, { buffer, report, aborted: () => false }), {
      code: 'FILE_CHANGING',
      retryable: true,
    });
  });

  it('stops between two blocks, taking back what it told', () => {
    const path = join(folder(), 'a');
    writeFileSync(path, '0123456789');
    let total = 0;
    const context = { buffer, report: (bytes: number) => void (total += bytes), aborted: () => total >= 8 };
    assert.throws(() => hashFile(path, context), { code: 'CANCELED' });
    assert.equal(total, 0);
  });

  it('refuses folders, and links put in the place of a file', function () {
    if (process.platform === 'win32') this.skip();
    mkdirSync(join(folder(), 'd'));
    writeFileSync(join(folder(), 'a'), '');
    symlinkSync('a', join(folder(), 'l'));
    const context = { buffer, report: () => undefined, aborted: () => false };
    assert.throws(() => hashFile(join(folder(), 'd'), context), { code: 'FILE_NOT_REGULAR' });
    assert.throws(() => hashFile(join(folder(), 'l'), context), { code: 'ELOOP' });
    assert.throws(() => hashFile(join(folder(), 'none'), context), { code: 'ENOENT' });
  });
});

describe('the pool of I/O threads', () => {
  const folder = temporaryFolder();
  let pool: IoPool | undefined;
  afterEach(async () => pool?.close());

  function write(name: string, content: string | Buffer): string {
    const path = join(folder(), name);
    writeFileSync(path, content);
    return path;
  }

  it('hashes files, more than it has threads, and starts no more threads than that', async () => {
    const own = (pool = new IoPool({ threads: 2 }));
    const paths = Array.from({ length: 9 }, (_, index) => write(String(index), `content ${index}`));
    const hashes = await Promise.all(paths.map((path) => own.hash(path)));
    assert.deepEqual(
      hashes.map((hashed) => hex(hashed.blake3)),
      paths.map((_, index) => blake3(`content ${index}`)),
    );
    assert.equal(own.threads, 2);
  });

  it('says of each file of a task what became of it', async () => {
    pool = new IoPool({ threads: 1 });
    const outcomes = await pool.run('hash', { paths: [write('a', 'a'), join(folder(), 'none'), write('b', 'b')] });
    assert.deepEqual(
      outcomes.map((outcome) => ('error' in outcome ? outcome.error.code : hex(outcome.file.blake3))),
      [blake3('a'), 'ENOENT', blake3('b')],
    );
    await assert.rejects(pool.hash(join(folder(), 'none')), { code: 'ENOENT' });
  });

  it('tells of every byte', async () => {
    pool = new IoPool({ threads: 1 });
    let total = 0;
    await pool.hash(write('a', Buffer.alloc(5_000_000)), { onBytes: (bytes) => (total += bytes) });
    assert.equal(total, 5_000_000);
  });

  it('cancels what runs and what waits', async () => {
    pool = new IoPool({ threads: 1 });
    const large = sparse(join(folder(), 'large'), 4_000_000_000);
    const running = new AbortController();
    const waiting = new AbortController();
    const first = pool.hash(large, { signal: running.signal, onBytes: () => running.abort() });
    const second = pool.hash(large, { signal: waiting.signal });
    waiting.abort();
    await assert.rejects(second, { code: 'CANCELED' });
    running.abort();
    await assert.rejects(first, { code: 'CANCELED' });
    await assert.rejects(pool.hash(large, { signal: AbortSignal.abort() }), { code: 'CANCELED' });
    assert.equal((await pool.hash(write('a', 'a'))).size, 1);
  });

  it('replaces a thread that crashed and does its task once more, if that may be repeated', async () => {
    let made = 0;
    pool = new IoPool({ threads: 1, makeWorker: () => (made++ === 0 ? crashingWorker() : ioWorker()) });
    assert.equal(hex((await pool.hash(write('a', 'a'))).blake3), blake3('a'));
    assert.equal(made, 2);
  });

  it('fails a task whose thread crashed twice, as something to retry', async () => {
    pool = new IoPool({ threads: 1, makeWorker: crashingWorker });
    await assert.rejects(pool.hash(write('a', 'a')), { code: 'IO_THREAD_ENDED', retryable: true });
    await assert.rejects(pool.run('hash', { paths: [] }), { code: 'IO_THREAD_ENDED' });
    assert.equal(pool.threads, 0);
  });

  it('gives up a thread that hangs in a call after it was told to stop, and puts another in its place', async () => {
    const clock = new ManualClock();
    let made = 0;
    pool = new IoPool({ threads: 1, clock, makeWorker: () => (made++ === 0 ? hangingWorker() : ioWorker()) });
    const abort = new AbortController();
    const hanging = assert.rejects(pool.hash(write('a', 'a'), { signal: abort.signal }), { code: 'CANCELED' });
    const waiting = pool.hash(write('b', 'b'));
    abort.abort();
    await clock.advance(9_999);
    assert.equal(made, 1);
    await clock.advance(1);
    await hanging;
    assert.equal(hex((await waiting).blake3), blake3('b'));
    assert.equal(pool.threads, 1);
  });

  it('ends idle threads after some seconds, and starts new ones when needed', async () => {
    const clock = new ManualClock();
    pool = new IoPool({ threads: 2, clock });
    await pool.hash(write('a', 'a'));
    await clock.advance(4_999);
    assert.equal(pool.threads, 1);
    await clock.advance(1);
    assert.equal(pool.threads, 0);
    assert.equal((await pool.hash(write('a', 'a'))).size, 1);
  });

  it('can be given more threads or fewer', async () => {
    const own = (pool = new IoPool({ threads: 1 }));
    own.resize(3);
    const path = write('a', 'a');
    await Promise.all([own.hash(path), own.hash(path), own.hash(path), own.hash(path)]);
    assert.equal(own.threads, 3);
    own.resize(1);
    await settle();
    assert.equal(own.threads, 1);
    own.resize(0);
    assert.ok(own.size >= 1 && own.size <= 4);
  });

  it('can start its threads ahead of the work', () => {
    pool = new IoPool({ threads: 2 });
    pool.warm();
    assert.equal(pool.threads, 2);
  });

  it('settles everything when it is closed, and takes nothing more', async () => {
    const own = (pool = new IoPool({ threads: 1 }));
    const large = sparse(join(folder(), 'large'), 4_000_000_000);
    const results = [own.hash(large), own.hash(large)].map((result) => assert.rejects(result, { code: 'CANCELED' }));
    await own.close();
    await Promise.all(results);
    await assert.rejects(own.hash(large), { code: 'CANCELED' });
  });

  it('does not keep a process alive', async () => {
    const script = write(
      'script.mjs',
      `import { IoPool } from ${JSON.stringify(pathToFileURL(join(projectDir, 'src/library/ioPool.ts')).href)};
      await new IoPool({ threads: 2 }).hash(process.argv[1]);`,
    );
    const child = spawn(process.execPath, [script], { stdio: 'inherit' });
    await once(child, 'exit');
    assert.equal(child.exitCode, 0);
  });
});
