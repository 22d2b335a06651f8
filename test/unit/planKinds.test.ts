import assert from 'node:assert/strict';

import { keptSide } from '../../src/protocol/keptSide.ts';
import { PLAN_KINDS, type PlanHeader } from '../../src/protocol/planFile.ts';
import {
  movedPath,
  newerSide,
  optionWords,
  planPurpose,
  planTitle,
  stepKind,
  twoSides,
} from '../../webview/plan/planKinds.ts';
import type { PlanInfo, PlanSide } from '../../webview/plan/planModel.ts';

const none = { count: 0, bytes: 0 };
const GIB = 1024 ** 3;

function header(fields: Partial<PlanHeader>): PlanHeader {
  return {
    format: 'lakeside-plan',
    version: 1,
    kind: 'mirror',
    from: { root: 'lake', id: 'a' },
    to: { root: 'local', id: 'b' },
    options: {},
    summary: { copy: none, move: none, delete: none },
    seal: '0'.repeat(64),
    ...fields,
  };
}

const older = { size: 1, mtimeMs: 1_000 };
const newer = { size: 2, mtimeMs: 2_000 };

describe('a plan of each kind', () => {
  it('has a title and a purpose of its own', () => {
    const titles = PLAN_KINDS.map((kind) => JSON.stringify(planTitle({ header: header({ kind }) })));
    const purposes = PLAN_KINDS.map((kind) => planPurpose({ header: header({ kind }) }));
    assert.equal(new Set(titles).size, PLAN_KINDS.length);
    assert.equal(new Set(purposes).size, PLAN_KINDS.length);
    assert.deepEqual(planTitle({ header: header({ kind: 'both' }) }), {
      lead: 'Both ways:',
      ends: { from: 'Lake', sign: '⇄', to: 'Local' },
    });
    assert.deepEqual(planTitle({ header: header({ kind: 'evict' }) }), { lead: 'Free space on Local' });
  });

  it('says that it is about a part only', () => {
    const options = { select: { folders: ['loras'] } };
    assert.match(planPurpose({ header: header({ options }) }), /^Of the chosen files, Local will hold/);
    assert.match(planPurpose({ header: header({ kind: 'both', options }) }), /^Of the chosen files, both will hold/);
  });

  it('names the options it was made with', () => {
    assert.deepEqual(optionWords(header({})), []);
    const select = { folders: ['a', 'b', 'c', 'd', 'e'], globs: ['*.gguf'], minSize: GIB, maxSize: 2 * GIB };
    assert.deepEqual(optionWords(header({ options: { content: true, select } })), [
      'compared by content',
      'only a, b, c and 2 more',
      'only names like *.gguf',
      'from 1.0 GB',
      'up to 2.0 GB',
    ]);
    const evict = { freeBytes: 200 * GIB, unusedForDays: 60, order: 'unused' } as const;
    assert.deepEqual(optionWords(header({ kind: 'evict', options: { evict } })), [
      'until 200 GB are free',
      'the longest unused first',
      'not used for 60 days',
    ]);
  });

  it('has two sides only where it goes both ways', () => {
    const names = { from: 'Lake', to: 'Local' };
    assert.deepEqual(twoSides({ header: header({ kind: 'both' }) }), { ...names, hasConflicts: true });
    assert.equal(twoSides({ header: header({ kind: 'update' }) }), undefined);
  });

  it('takes back on both sides what was done on both', () => {
    const side = (steps: number): PlanSide => ({ steps, copy: { count: 0, bytes: 0 }, deletes: steps, replaces: 0 });
    const undo = (from: number): Pick<PlanInfo, 'header' | 'sides'> => ({
      header: header({ kind: 'undo' }),
      sides: { from: side(from), to: side(3) },
    });
    assert.deepEqual(twoSides(undo(2)), { from: 'Lake', to: 'Local', hasConflicts: false });
    assert.equal(planTitle(undo(2)).ends?.sign, '⇄');
    assert.equal(twoSides(undo(0)), undefined);
  });
});

describe('a step', () => {
  it('is known for what it does', () => {
    const both = { from: older, to: newer };
    assert.equal(stepKind({ op: 'copy', direction: 'undecided', expect: both }), 'conflict');
    assert.equal(stepKind({ op: 'copy', direction: 'reverse', expect: both }), 'replace');
    assert.equal(stepKind({ op: 'copy', direction: 'reverse', expect: { from: null, to: newer } }), 'copy');
    assert.equal(stepKind({ op: 'move', trashed: '20260131', expect: { from: null, to: newer } }), 'restore');
    assert.equal(stepKind({ op: 'delete', expect: both }), 'remove');
    assert.equal(stepKind({ op: 'delete', expect: { from: null, to: newer } }), 'delete');
    assert.equal(stepKind({ op: 'delete', direction: 'reverse', expect: { from: newer, to: null } }), 'delete');
  });

  it('keeps the side that was decided, and knows the newer one', () => {
    const expect = { from: older, to: newer };
    assert.equal(keptSide({ op: 'copy', direction: 'undecided', expect }), 'none');
    assert.equal(keptSide({ op: 'copy', direction: 'reverse', expect }), 'to');
    assert.equal(keptSide({ op: 'copy', expect }), 'from');
    assert.equal(keptSide({ op: 'copy', expect: { from: older, to: null } }), undefined);
    assert.equal(keptSide({ op: 'move', direction: 'undecided', expect }), 'none');
    assert.equal(keptSide({ op: 'move', direction: 'reverse', expect }), 'to');
    assert.equal(newerSide({ expect }), 'to');
    assert.equal(newerSide({ expect: { from: older, to: older } }), undefined);
  });

  it('that moves a file leaves it the name of the side that was decided', () => {
    const names = { path: 'loras/a.bin', movedFrom: 'old/a.bin' };
    assert.deepEqual(movedPath(names), { old: 'old/a.bin', now: 'loras/a.bin' });
    assert.deepEqual(movedPath({ ...names, direction: 'reverse' }), { old: 'loras/a.bin', now: 'old/a.bin' });
  });
});
