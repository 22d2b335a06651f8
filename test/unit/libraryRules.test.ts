import assert from 'node:assert/strict';

import { stepOf } from '../../src/base/mtimeStep.ts';
import { BurstGatherer } from '../../src/library/burstGatherer.ts';
import { isYoung } from '../../src/library/hashTrust.ts';
import { batchForHashing } from '../../src/library/hashSelection.ts';
import { compileIgnoreRules, isIgnored } from '../../src/library/ignoreRules.ts';
import { isNetworkPath, type NetworkPathSystem } from '../../src/library/networkPath.ts';
import {
  isAbsoluteFolder,
  isUncPath,
  normalizeFolder,
  type PathPlatform,
  type PathRelation,
  parseMountInfo,
  relatePaths,
} from '../../src/library/pathRules.ts';
import { watcherFor, watchesByPolling } from '../../src/library/watcherChoice.ts';
import { ManualClock } from '../support/manualClock.ts';

describe('absolute folders', () => {
  it('need a drive or a share on Windows, and a slash elsewhere', () => {
    const rows: [path: string, platform: PathPlatform, expected: boolean][] = [
      ['/models', 'linux', true],
      ['models', 'linux', false],
      ['C:\\models', 'linux', false],
      ['C:\\models', 'windows', true],
      ['c:/models', 'windows', true],
      ['C:models', 'windows', false],
      ['\\models', 'windows', false],
      ['/models', 'windows', false],
      ['\\\\nas\\models', 'windows', true],
      ['//nas/models', 'windows', true],
      ['\\\\?\\C:\\models', 'windows', true],
    ];
    for (const [path, platform, expected] of rows) assert.equal(isAbsoluteFolder(path, platform), expected, path);
  });

  it('lose dots and doubled or trailing separators, but not their root', () => {
    assert.equal(normalizeFolder('/a//b/../c/', 'linux'), '/a/c');
    assert.equal(normalizeFolder('/', 'linux'), '/');
    assert.equal(normalizeFolder('C:/a/./b/', 'windows'), 'C:\\a\\b');
    assert.equal(normalizeFolder('C:\\', 'windows'), 'C:\\');
    assert.equal(normalizeFolder('//nas/share/', 'windows'), '\\\\nas\\share\\');
  });

  it('are told apart, or how one lies to the other', () => {
    const rows: [left: string, right: string, platform: PathPlatform, expected: PathRelation][] = [
      ['/m', '/m/', 'linux', 'same'],
      ['/m/a', '/m', 'linux', 'inside'],
      ['/', '/m', 'linux', 'around'],
      ['/m', '/models', 'linux', 'apart'],
      ['/M', '/m', 'linux', 'apart'],
      ['/M/a', '/m', 'macos', 'inside'],
      ['/m\u00e9', '/me\u0301', 'macos', 'same'],
      ['C:\\Models', 'c:/models', 'windows', 'same'],
      ['\\\\NAS\\share\\a', '//nas/share', 'windows', 'inside'],
      ['\\\\?\\UNC\\nas\\share', '\\\\nas\\share', 'windows', 'same'],
      ['\\\\?\\C:\\m', 'C:\\', 'windows', 'inside'],
      ['D:\\m', 'C:\\m', 'windows', 'apart'],
    ];
    for (const [left, right, platform, expected] of rows) {
      assert.equal(relatePaths(left, right, platform), expected, `${left} ${right}`);
    }
  });
});

describe('network paths', () => {
  const mounts = [
    '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
    '40 22 0:40 / /mnt/nas\\040one rw,relatime shared:2 - nfs4 nas:/models rw',
    '41 22 0:41 / /mnt/box rw - fuse.sshfs box: rw',
    '42 22 8:2 / /mnt/box/disk rw - xfs /dev/sdb1 rw',
    '',
  ].join('\n');
  const linux: NetworkPathSystem = { platform: 'linux', realPath: (path) => path, mountInfo: () => mounts };

  it('are told on Linux by the mount they lie on', () => {
    assert.equal(isNetworkPath('/home/me', linux), false);
    assert.equal(isNetworkPath('/mnt/nas one/loras', linux), true);
    assert.equal(isNetworkPath('/mnt/nas', linux), false);
    assert.equal(isNetworkPath('/mnt/box/a', linux), true);
    assert.equal(isNetworkPath('/mnt/box/disk/a', linux), false);
  });

  it('are told on Linux of a folder that is not there yet, and through links', () => {
    const realPath = (path: string): string => {
      if (path === '/link') return '/mnt/box';
      if (path === '/') return '/';
      throw new Error('ENOENT');
    };
    assert.equal(isNetworkPath('/link/not/yet', { ...linux, realPath }), true);
    assert.equal(isNetworkPath('/not/yet', { ...linux, realPath }), false);
  });

  it('are never the file system the machine itself stands on, nor guessed where nothing is told', () => {
    const root = (): string => '22 1 0:1 / / rw - 9p none rw';
    assert.equal(isNetworkPath('/data', { ...linux, mountInfo: root }), false);
    const nothing = (): string => {
      throw new Error('ENOENT');
    };
    assert.equal(isNetworkPath('/mnt/box', { ...linux, mountInfo: nothing }), false);
  });

  it('are shares on Windows, also behind a drive letter', () => {
    const windows: NetworkPathSystem = {
      platform: 'windows',
      realPath: (path) => (path.startsWith('Z:') ? path.replace('Z:', '\\\\nas\\share') : path),
      mountInfo: () => '',
    };
    assert.equal(isNetworkPath('\\\\nas\\share', windows), true);
    assert.equal(isNetworkPath('Z:\\loras', windows), true);
    assert.equal(isNetworkPath('C:\\loras', windows), false);
  });

  it('are on macOS only those that the path itself tells', () => {
    const macos: NetworkPathSystem = { platform: 'macos', realPath: (path) => path, mountInfo: () => '' };
    assert.equal(isNetworkPath('/Network/Servers/nas', macos), true);
    assert.equal(isNetworkPath('/Volumes/nas', macos), false);
  });

  it('by UNC are known from device paths', () => {
    for (const path of ['\\\\nas\\share', '//nas/share/x', '\\\\?\\UNC\\nas\\share']) assert.ok(isUncPath(path), path);
    for (const path of ['\\\\?\\C:\\x', '\\\\.\\pipe\\x', 'C:\\x', '/nas/share', '//nas'])
      assert.ok(!isUncPath(path), path);
  });

  it('come from a mount table of which odd lines are skipped', () => {
    assert.deepEqual(parseMountInfo('nonsense\n1 2 3:4 / /a\\134b rw - ext4 x rw'), [
      { mountPoint: '/a\\b', type: 'ext4' },
    ]);
  });
});

describe('ignore patterns', () => {
  const rules = compileIgnoreRules(['**/*.tmp', '**/.*/**', 'loras/old/**', 'vae/*.bin', '**/cache'], 'linux');

  it('leave out files by name or path, and folders with all in them', () => {
    const ignored = [
      'a.tmp',
      'x/.b.tmp',
      'x/.git/y',
      'loras/old/a/b',
      'vae/a.bin',
      'x/cache/a',
      '.lakeside/a',
      'x/.model_sources.json',
    ];
    const taken = ['a.tmp2', 'loras/older/a', 'x/vae/a.bin', 'vae/x/a.bin', 'A.TMP', '.hidden', 'cached/a'];
    for (const relpath of ignored) assert.ok(isIgnored(relpath, rules), relpath);
    for (const relpath of taken) assert.ok(!isIgnored(relpath, rules), relpath);
  });

  it('never let half-copied files of our own in, whatever the patterns', () => {
    const rules = compileIgnoreRules([], 'linux');
    assert.ok(isIgnored('x/.a.safetensors.0123abcd-0123456789ab.partial', rules));
    assert.ok(isIgnored('.a.safetensors.0123abcd01234567.partial', rules));
    assert.ok(!isIgnored('a.partial', rules));
    assert.ok(!isIgnored('.a.0123.partial', rules));
  });

  it('fold case where file systems do', () => {
    assert.ok(isIgnored('A.TMP', compileIgnoreRules(['**/*.tmp'], 'windows')));
  });

  it('that make no sense are refused', () => {
    assert.throws(() => compileIgnoreRules(['/**']), { code: 'IGNORE_PATTERN_INVALID' });
  });
});

describe('the step of file times', () => {
  it('is the smallest that explains the times read back', () => {
    const step = (...differences: number[]): number =>
      stepOf(differences.map((difference) => ({ wanted: 10_000, read: 10_000 - difference })));
    assert.deepEqual(
      [step(0, 0), step(0, 7), step(237, 999), step(1_237, 0), step(5_000)],
      [1, 10, 1_000, 2_000, 2_000],
    );
  });
});

describe('a file', () => {
  it('is young within two seconds of its time, on either side', () => {
    assert.deepEqual(
      [8_000, 8_001, 10_000, 11_999, 12_000].map((mtime) => isYoung(mtime, 10_000)),
      [false, true, true, true, false],
    );
  });
});

describe('portions for hashing', () => {
  const files = (...sizes: number[]): { relpath: string; size: number; mtimeMs: number }[] =>
    sizes.map((size, index) => ({ relpath: String(index), size, mtimeMs: 0 }));

  it('begin with the largest files, each alone, and put small ones together', () => {
    const mega = 1024 * 1024;
    const batches = batchForHashing(files(1, 100 * mega, 2, 5 * mega, 4 * mega));
    assert.deepEqual(
      batches.map((batch) => batch.map((file) => file.size)),
      [[100 * mega], [5 * mega], [4 * mega, 2, 1]],
    );
  });

  it('hold at most a hundred files', () => {
    const batches = batchForHashing(files(...Array<number>(250).fill(0)));
    assert.deepEqual(
      batches.map((batch) => batch.length),
      [100, 100, 50],
    );
  });
});

describe('watching', () => {
  it('is done by the engine for small roots, by the editor for large ones, or not at all', () => {
    assert.equal(watcherFor(20_000, 'auto'), 'engine');
    assert.equal(watcherFor(20_001, 'auto'), 'host');
    assert.equal(watcherFor(1, 'off'), 'none');
  });

  it('polls network drives, unless told otherwise', () => {
    assert.equal(watchesByPolling({ network: true }, 'auto'), true);
    assert.equal(watchesByPolling({ network: false }, 'auto'), false);
    assert.equal(watchesByPolling({ network: true }, 'events'), false);
    assert.equal(watchesByPolling({ network: false }, 'poll'), true);
  });

  it('gathers a burst until it is quiet for 250 ms', async () => {
    const clock = new ManualClock();
    const bursts: string[][] = [];
    const gatherer = new BurstGatherer(clock, (names) => bursts.push([...names]));
    gatherer.add('a');
    await clock.advance(200);
    gatherer.add('b');
    gatherer.add('a');
    await clock.advance(249);
    assert.deepEqual(bursts, []);
    await clock.advance(1);
    assert.deepEqual(bursts, [['a', 'b']]);
  });

  it('gives a burst that does not end after a second, and then goes on', async () => {
    const clock = new ManualClock();
    const bursts: number[] = [];
    const gatherer = new BurstGatherer(clock, (names) => bursts.push(names.size));
    for (let index = 0; index < 15; index++) {
      gatherer.add(String(index));
      await clock.advance(100);
    }
    assert.deepEqual(bursts, [10]);
    await clock.advance(250);
    assert.deepEqual(bursts, [10, 5]);
    gatherer.add('x');
    gatherer.dispose();
    await clock.advance(2_000);
    assert.equal(bursts.length, 2);
  });
});
