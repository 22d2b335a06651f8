import assert from 'node:assert/strict';
import fc from 'fast-check';

import { agoWords, rootFacts, rootSummary, spaceBar } from '../../src/host/trees/rootFacts.ts';
import type { Root } from '../../src/protocol/values.ts';
import { keyOf, MOST_TICKED, removalOf, withTicked } from '../../webview/trash/trashModel.ts';
import { madeUpTrash } from '../support/fakeTrashHost.ts';
import { sampleRoot } from '../support/sampleValues.ts';

const GIB = 1024 ** 3;
const NOW = 1_700_000_000_000;
const noExtras = { trash: undefined, partials: undefined };
const facts = (root: Partial<Root>, extras = {}): string[] =>
  rootFacts(sampleRoot(root), { ...noExtras, ...extras }, NOW + 3 * 3_600_000).map(({ label, description }) =>
    `${label} ${description}`.trim(),
  );

describe('a root in the view Roots', () => {
  it('shows its free space as a bar', () => {
    const space = { freeBytes: 500 * GIB, totalBytes: 2_000 * GIB };
    assert.equal(rootSummary(sampleRoot(space)).description, '500 GB free ▰▰▰▰▰▰▱▱');
    assert.match(rootSummary(sampleRoot({ ...space, readOnly: true })).description, /▱ · read only$/);
  });

  it('has a bar that is full and empty only where the disk is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 ** 15 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (totalBytes, share) => {
          const freeBytes = Math.floor(totalBytes * share);
          const bar = spaceBar({ freeBytes, totalBytes });
          assert.equal(bar.length, 8);
          assert.equal(!bar.includes('▱'), freeBytes === 0);
          assert.equal(!bar.includes('▰'), freeBytes === totalBytes);
        },
      ),
    );
  });

  it('says why it is not there, and what to do about it', () => {
    const away = sampleRoot({
      mounted: false,
      problem: { code: 'ROOT_NOT_MOUNTED', category: 'infra', message: 'Connect the drive.' },
    });
    assert.equal(rootSummary(away).description, 'not mounted');
    assert.equal(rootFacts(away, noExtras, NOW)[0]?.label, 'Connect the drive.');
    const unc = { code: 'UNC_HOST_NOT_ALLOWED', category: 'policy', message: 'VS Code does not allow nas.' } as const;
    const row = rootFacts(sampleRoot({ mounted: false, problem: unc }), noExtras, NOW)[0];
    assert.equal(row?.command, 'lakeside.allowNetworkHost');
    assert.equal(rootSummary(sampleRoot({ mounted: false, problem: unc })).description, 'not allowed yet');
  });

  it('says what is known of it, what needs a person first', () => {
    const partials = [{ root: 'local', path: 'a.partial', size: 3 * GIB, mtimeMs: NOW }];
    assert.deepEqual(
      facts(
        { files: 200, bytes: 100, hashedFiles: 150, hashedBytes: 75, rottenFiles: 2, scannedAt: NOW },
        { partials, trash: { total: 12, bytes: 5 * GIB } },
      ),
      [
        'Bit rot 2 files: content changed by itself',
        'Half-copied files 1 · 3.0 GB',
        '200 files 100 B',
        '75 % hashed 50 files to go',
        'Scanned 3 h ago',
        'Never verified',
        'Trash 12 files · 5.0 GB',
      ],
    );
    assert.deepEqual(facts({ files: 0, scannedAt: null }), ['Not scanned yet']);
  });

  it('counts time as people do', () => {
    const words = [0, 5 * 60_000, 3 * 3_600_000, 30 * 3_600_000, 12 * 86_400_000].map(agoWords);
    assert.deepEqual(words, ['just now', '5 min ago', '3 h ago', '30 h ago', '12 days ago']);
  });
});

describe('what is ticked in the trash', () => {
  it('is removed by root, with its last copies by name', () => {
    const entries = madeUpTrash(9);
    const removal = removalOf(withTicked(new Map(), entries, true));
    assert.equal(removal.count, 9);
    assert.deepEqual(
      removal.entries.map(({ root, ids }) => `${root} ${ids.length}`),
      ['local 3', 'lake 6'],
    );
    assert.deepEqual(
      removal.lastCopies.map(({ path }) => path),
      [entries[2]?.path],
    );
  });

  it('can be unticked, and is never more than the engine takes', () => {
    const entries = madeUpTrash(9);
    const [first] = entries;
    assert.ok(first);
    const rest = withTicked(withTicked(new Map(), entries, true), [first], false);
    assert.deepEqual([rest.size, rest.has(keyOf(first))], [8, false]);
    const many = Array.from({ length: MOST_TICKED + 5 }, (_, index) => ({ ...first, id: String(index) }));
    assert.equal(withTicked(new Map(), many, true).size, MOST_TICKED);
  });
});
