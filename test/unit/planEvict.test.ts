import assert from 'node:assert/strict';
import fc from 'fast-check';

import { parseBytes, parseDays } from '../../src/cli/quantities.ts';
import { mountNotesReads } from '../../src/library/fileUsage.ts';
import { bothItems } from '../../src/library/planBoth.ts';
import {
  evictionOrder,
  Evictions,
  evictItem,
  isUnused,
  type KeptFile,
  mayGo,
  type StemFiles,
} from '../../src/library/planEvict.ts';
import type { FileState } from '../../src/protocol/values.ts';

const DAY = 24 * 60 * 60 * 1_000;
const NOW = 1_000 * DAY;
const file = (path: string, size: number, ageDays = 0, lastUsedDays?: number): KeptFile => ({
  path,
  size,
  mtimeMs: NOW - ageDays * DAY,
  ...(lastUsedDays === undefined ? {} : { lastUsedMs: NOW - lastUsedDays * DAY }),
});

describe('what may be evicted', () => {
  it('is decided by size, age and last use; what is not known to be unused counts as used', () => {
    const order = 'largest';
    assert.ok(mayGo(file('a', 10), { order, minSize: 10 }, NOW));
    assert.ok(!mayGo(file('a', 9), { order, minSize: 10 }, NOW));
    assert.ok(!mayGo(file('a', 0), { order }, NOW), 'an empty file frees nothing');
    assert.ok(mayGo(file('a', 1, 90), { order, olderThanDays: 90 }, NOW));
    assert.ok(!mayGo(file('a', 1, 89), { order, olderThanDays: 90 }, NOW));
    assert.ok(isUnused(file('a', 1, 0, 60), { order, unusedForDays: 60 }, NOW));
    assert.ok(!isUnused(file('a', 1, 0, 59), { order, unusedForDays: 60 }, NOW));
    assert.ok(!isUnused(file('a', 1), { order, unusedForDays: 60 }, NOW));
    assert.ok(isUnused(file('a', 1), { order }, NOW));
  });

  it('goes in the order asked for, then by path', () => {
    const files = [file('b', 5, 1, 3), file('a', 5, 2, 1), file('c', 9, 3, 2)];
    const paths = (order: 'largest' | 'oldest' | 'unused'): string =>
      files
        .toSorted(evictionOrder({ order }))
        .map(({ path }) => path)
        .join('');
    assert.deepEqual([paths('largest'), paths('oldest'), paths('unused')], ['cab', 'cab', 'bca']);
  });

  it('takes companions only with the last model of their stem', () => {
    const companion = file('x.preview.png', 1);
    const stems = new Map<string, StemFiles>([['x', { models: 2, companions: [companion] }]]);
    const evictions = new Evictions(Infinity, stems);
    evictions.take(file('x.safetensors', 10));
    assert.deepEqual(
      evictions.files.map(({ path }) => path),
      ['x.safetensors'],
    );
    evictions.take(file('x.ckpt', 10));
    assert.deepEqual(
      evictions.files.map(({ path }) => path),
      ['x.safetensors', 'x.ckpt', 'x.preview.png'],
    );
    assert.equal(evictions.freed, 21);
  });

  it('takes no more than is needed, and as much as is needed, if there is that much', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 20 }), fc.nat(400), (sizes, wanted) => {
        const evictions = new Evictions(wanted, new Map());
        for (const [index, size] of sizes.entries()) {
          if (evictions.isEnough()) break;
          evictions.take(file(String(index), size));
        }
        const total = sizes.reduce((sum, size) => sum + size, 0);
        assert.equal(evictions.isEnough(), total >= wanted);
        assert.ok(evictions.files.length === 0 || evictions.freed - (evictions.files.at(-1)?.size ?? 0) < wanted);
      }),
    );
  });

  it('names the file that stays, and is left out where both are no longer known to be the same', () => {
    const mine: FileState = { size: 3, mtimeMs: 1, blake3: 'ab'.repeat(32) };
    const theirs: FileState = { ...mine, mtimeMs: 9 };
    assert.deepEqual(evictItem({ ...file('a', 3), fromPath: 'b' }, mine, theirs), {
      op: 'delete',
      path: 'a',
      fromPath: 'b',
      expect: { from: theirs, to: mine },
    });
    assert.equal(evictItem({ ...file('a', 3), fromPath: 'a' }, mine, theirs)?.fromPath, undefined);
    assert.equal(evictItem(file('a', 3), mine, undefined), undefined);
    assert.equal(evictItem(file('a', 3), { size: 3, mtimeMs: 1 }, { size: 3, mtimeMs: 1 }), undefined);
    assert.equal(evictItem(file('a', 3), mine, { ...mine, blake3: 'cd'.repeat(32) }), undefined);
  });
});

describe('a disk that notes no reads', () => {
  it('is known by the options of the innermost mount', () => {
    const mounts = [
      'overlay / overlay rw,relatime 0 0',
      '/dev/sdb1 /mnt/models ext4 rw,noatime 0 0',
      '//nas/lake /mnt/my\\040lake cifs rw 0 0',
    ].join('\n');
    assert.ok(!mountNotesReads(mounts, '/mnt/models/loras'));
    assert.ok(mountNotesReads(mounts, '/mnt/models2'));
    assert.ok(mountNotesReads(mounts, '/mnt/my lake'));
    assert.ok(!mountNotesReads(`${mounts}\n//nas/lake /mnt/my\\040lake cifs rw,noatime 0 0`, '/mnt/my lake/a'));
  });
});

describe('quantities on the command line', () => {
  it('are sizes in powers of 1024 and times in days', () => {
    assert.deepEqual(['50GB', '1.5k', '700', '2 TiB', '3mb'].map(parseBytes), [
      50 * 1024 ** 3,
      1_536,
      700,
      2 * 1024 ** 4,
      3 * 1024 ** 2,
    ]);
    assert.deepEqual(['90d', '8w', '6m', '1y', '10'].map(parseDays), [90, 56, 180, 365, 10]);
    for (const wrong of ['', 'GB', '-5', '5 apples', '1e9']) assert.throws(() => parseBytes(wrong), /Give a size/);
    for (const wrong of ['', 'd', '-5', '2h', '1.5d']) assert.throws(() => parseDays(wrong), /Give a time/);
  });
});

describe('conflicts that are decided as the plan is made', () => {
  it('become copies of the side that stays', () => {
    const [from, to] = [
      { size: 1, mtimeMs: 1 },
      { size: 2, mtimeMs: 2 },
    ];
    const diff = [{ state: 'different', path: 'a', from, to }] as const;
    const direction = (keep: 'from' | 'to'): unknown[] =>
      [...bothItems(diff, { windowsTarget: false, keep })].map((item) => item.direction);
    assert.deepEqual([direction('from'), direction('to')], [[undefined], ['reverse']]);
  });
});
