import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { listingPrefix, parseListedHash } from '../../src/library/b3sumListing.ts';
import { b3sum } from '../support/b3sum.ts';
import { runCommand } from '../support/commandLine.ts';
import { engines, OLD_MS, put, scan } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const HASH = 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262';

describe('importing a listing of b3sum', () => {
  const folder = temporaryFolder();
  const open = engines();
  const lake = (): string => join(folder(), 'lake');
  const listing = (): string => join(folder(), 'listing.b3');
  const names = ['checkpoints/a b.safetensors', 'loras/new\nline\\.safetensors', 'loras/ä.safetensors'];

  beforeEach(() => {
    for (const name of names) put(lake(), name, name);
  });

  async function newEngine(): ReturnType<typeof open> {
    const engine = await open(join(folder(), 'data'));
    await engine.call('roots.add', { name: 'lake', path: lake() });
    return engine;
  }

  async function known(engine: Awaited<ReturnType<typeof open>>): Promise<Map<string, string | null>> {
    const { files } = await engine.call('library.hashes', { root: 'lake' });
    return new Map(files.map(({ path, blake3 }) => [path, blake3]));
  }

  function list(paths: readonly string[], cwd: string): void {
    writeFileSync(listing(), execFileSync('b3sum', ['--', ...paths], { cwd }));
  }

  it('gives each file the hash that b3sum printed, whatever its name', async () => {
    list(names, lake());
    const engine = await newEngine();
    const { imported, problems } = await engine.call('library.importHashes', { root: 'lake', file: listing() });
    assert.deepEqual([imported, problems], [3, []]);
    assert.deepEqual(await known(engine), await b3sum(lake(), [...(await known(engine)).keys()]));
    const again = await engine.call('library.importHashes', { root: 'lake', file: listing() });
    assert.deepEqual([again.imported, again.known], [0, 3]);
  });

  it('finds out where the listing was made', async () => {
    list(
      names.map((name) => join(lake(), name)),
      '/',
    );
    const engine = await newEngine();
    assert.equal((await engine.call('library.importHashes', { root: 'lake', file: listing() })).imported, 3);
    const isKnown = (relpath: string): boolean => ['loras/a', 'loras/b'].includes(relpath);
    assert.equal(
      listingPrefix(['/volume1/models/loras/a', '/volume1/models/loras/b', 'x'], isKnown),
      '/volume1/models/',
    );
    assert.equal(listingPrefix(['loras/a', 'x/loras/b'], isKnown), '');
  });

  it('takes no hash for what is newer, unknown, known otherwise, or listed twice', async () => {
    put(lake(), 'known.safetensors', 'known');
    const engine = await newEngine();
    await scan(engine, { hash: true });
    put(lake(), 'new.safetensors', 'new');
    put(lake(), 'twice.safetensors', 'twice');
    put(lake(), 'newer.safetensors', 'newer', OLD_MS + 10_000);
    list(['new.safetensors', 'twice.safetensors', 'newer.safetensors'], lake());
    appendFileSync(
      listing(),
      `${HASH}  known.safetensors\n${HASH}  gone.safetensors\n${HASH}  twice.safetensors\nrubbish\n`,
    );
    utimesSync(listing(), (OLD_MS + 5_000) / 1_000, (OLD_MS + 5_000) / 1_000);
    const { imported, problems } = await engine.call('library.importHashes', { root: 'lake', file: listing() });
    assert.equal(imported, 1);
    assert.deepEqual(problems.map(({ code }) => code).toSorted(), [
      'HASH_DIFFERS',
      'LINE_UNREADABLE',
      'LISTED_TWICE',
      'NEWER_THAN_LISTING',
      'NOT_IN_ROOT',
    ]);
    const hashes = await known(engine);
    assert.equal(hashes.get('twice.safetensors'), null);
    assert.equal(hashes.get('newer.safetensors'), null);
    assert.notEqual(hashes.get('known.safetensors'), HASH);
  });

  it('is a command', async () => {
    list(names, lake());
    const engine = await newEngine();
    await engine.close();
    const options = { dataDir: join(folder(), 'data') };
    const { code, output } = await runCommand(options, 'hashes', 'import', 'lake', listing(), '--json');
    assert.deepEqual([code, JSON.parse(output)], [0, { imported: 3, known: 0, problems: [] }]);
    assert.equal((await runCommand(options, 'hashes', 'import', 'lake', join(folder(), 'none'))).code, 3);
    assert.equal((await runCommand(options, 'hashes', 'lake')).code, 0);
  });

  it('reads what b3sum writes, and nothing else', () => {
    assert.deepEqual(parseListedHash(`${HASH}  ./a/b`), { path: 'a/b', blake3: HASH });
    assert.deepEqual(parseListedHash(`\\${HASH}  a\\nb\\\\c`), { path: 'a\nb\\c', blake3: HASH });
    assert.deepEqual(parseListedHash(`${HASH}  a\\nb`), { path: 'a\\nb', blake3: HASH });
    assert.deepEqual(parseListedHash(`BLAKE3 (a (1).bin) = ${HASH}`), { path: 'a (1).bin', blake3: HASH });
    assert.equal(parseListedHash(`${HASH} a`), undefined);
    assert.equal(parseListedHash(`\\${HASH}  a\\x`), undefined);
    assert.equal(parseListedHash(HASH), undefined);
  });
});
