import assert from 'node:assert/strict';

import type { Job, Root } from '../../src/protocol/values.ts';
import { gridAction } from '../../webview/shared/gridKeys.ts';
import {
  applyBlock,
  applyLabel,
  concernsOf,
  groupReasons,
  headerTick,
  NO_FILTER,
  type PlanInfo,
  planPhase,
  shownSentence,
  spaceNeeds,
  summarySentence,
  toggledOp,
  toPlanFilter,
} from '../../webview/plan/planModel.ts';
import { planPurpose, stepKind } from '../../webview/plan/planKinds.ts';

const totals = { copy: { count: 3, bytes: 900 }, move: { count: 1, bytes: 50 }, delete: { count: 0, bytes: 0 } };
const nothing = { copy: { count: 0, bytes: 0 }, move: { count: 0, bytes: 0 }, delete: { count: 0, bytes: 0 } };
const summary = { done: 4, already: 0, skipped: 0, failed: 0, canceled: 0, bytes: 900, ms: 1_000 };
const info: PlanInfo = {
  plan: 'plan-1',
  header: {
    format: 'lakeside-plan',
    version: 1,
    kind: 'mirror',
    from: { root: 'lake', id: 'a' },
    to: { root: 'local', id: 'b' },
    options: {},
    summary: totals,
    seal: '0'.repeat(64),
  },
  ticked: totals,
  replaces: 1,
  dirty: false,
};
const job: Job = {
  id: 'job-1',
  kind: 'apply',
  title: 'Mirror lake → local',
  status: 'succeeded',
  attempts: 1,
  progress: null,
  createdAt: 0,
  startedAt: 0,
  finishedAt: 0,
};
const space = { freeBytes: 500, totalBytes: 1_000 };
const root = (name: string, mounted = true): Root => ({
  name,
  id: name,
  path: `/${name}`,
  role: 'other',
  allowDelete: false,
  network: false,
  mounted,
  files: 0,
  bytes: 0,
  scannedAt: null,
  watcher: 'none',
});

describe('the Plan panel in words', () => {
  it('says what the plan is for', () => {
    assert.equal(planPurpose(info), 'Local will hold all that Lake holds. Nothing is deleted.');
    const deleting = { ...info, header: { ...info.header, options: { delete: true } } };
    assert.equal(planPurpose(deleting), 'Local will hold what Lake holds, and nothing else.');
    const copying = { ...info, header: { ...info.header, kind: 'copy' as const } };
    assert.equal(planPurpose(copying), 'The chosen files of Lake will be in Local too.');
  });

  it('knows a copy over a file as a replacement', () => {
    const file = { size: 1, mtimeMs: 0 };
    assert.equal(stepKind({ op: 'copy', expect: { from: file, to: null } }), 'copy');
    assert.equal(stepKind({ op: 'copy', expect: { from: file, to: file } }), 'replace');
    assert.equal(stepKind({ op: 'delete', expect: { from: null, to: file } }), 'delete');
  });

  it('names how many steps are shown and applied', () => {
    assert.equal(shownSentence(5, 5), '5 steps');
    assert.equal(shownSentence(1_200, 5_000), '1,200 of 5,000 steps');
    assert.equal(applyLabel(info), 'Apply 4 steps');
    assert.equal(applyLabel({ ...info, ticked: nothing }), 'Apply');
  });

  it('says how an apply ended', () => {
    assert.equal(summarySentence(summary, job), 'Applied. Every step is done.');
    assert.equal(summarySentence({ ...summary, skipped: 1 }, job), 'Applied, but 1 step had to be skipped.');
    assert.equal(summarySentence({ ...summary, skipped: 1, failed: 2 }, job), 'Applied, but 2 steps failed.');
    assert.equal(summarySentence(summary, { ...job, status: 'canceled' }), 'Canceled. What was finished stays.');
    const undecided = { ...summary, skipped: 2, undecided: 2 };
    assert.equal(summarySentence(undecided, job), 'Applied. 2 conflicts are left for you to decide.');
    assert.equal(summarySentence({ ...undecided, skipped: 3 }, job), 'Applied, but 1 step had to be skipped.');
    const error = { code: 'X', category: 'infra', message: 'The drive is gone.' } as const;
    assert.equal(summarySentence(summary, { ...job, status: 'failed', error }), 'The drive is gone.');
  });

  it('gathers the reasons by code, the commonest first', () => {
    const groups = groupReasons([
      { status: 'failed', code: 'ENOSPC', reason: 'Cannot write a: the disk is full.' },
      { status: 'skipped', code: 'CONFLICT_UNDECIDED', reason: 'Nobody decided.' },
      { status: 'skipped', code: 'TARGET_CHANGED', reason: 'It changed.' },
      { status: 'skipped', code: 'TARGET_CHANGED', reason: 'It changed too.' },
    ]);
    assert.deepEqual(groups, [
      { status: 'skipped', code: 'TARGET_CHANGED', reason: 'It changed.', count: 2 },
      { status: 'failed', code: 'ENOSPC', reason: 'Cannot write a: the disk is full.', count: 1 },
    ]);
  });
});

describe('the phase of a plan', () => {
  it('follows its job, and outlives a job that was cleared', () => {
    assert.equal(planPhase(info, undefined), 'review');
    assert.equal(planPhase(info, { ...job, status: 'waiting' }), 'queued');
    assert.equal(planPhase(info, { ...job, status: 'running' }), 'running');
    assert.equal(planPhase(info, { ...job, status: 'failed' }), 'over');
    assert.equal(planPhase({ ...info, progress: summary }, undefined), 'over');
  });
});

describe('Apply', () => {
  const ready = { info, phase: 'review', trusted: true, roots: [root('lake'), root('local')] } as const;

  it('can be pressed when both roots are there and a step is ticked', () => {
    assert.equal(applyBlock(ready), undefined);
  });

  it('says why it cannot be pressed', () => {
    assert.match(applyBlock({ ...ready, trusted: false }) ?? '', /not trusted/);
    assert.match(applyBlock({ ...ready, info: { ...info, ticked: nothing } }) ?? '', /No step is ticked/);
    assert.match(applyBlock({ ...ready, phase: 'running' }) ?? '', /being applied/);
    assert.match(applyBlock({ ...ready, roots: [root('lake')] }) ?? '', /no root named Local/);
    assert.match(applyBlock({ ...ready, roots: [root('lake', false), root('local')] }) ?? '', /Lake is not mounted/);
  });

  it('is done when every step is, until other steps are ticked', () => {
    const over = { ...ready, phase: 'over', info: { ...info, progress: summary } } as const;
    assert.equal(applyBlock(over), 'Every ticked step is done.');
    assert.equal(applyBlock({ ...over, info: { ...over.info, dirty: true } }), undefined);
    assert.equal(applyBlock({ ...over, info: { ...info, progress: { ...summary, failed: 1 } } }), undefined);
  });

  it('needs room for what is still to be copied', () => {
    const spaces = { from: undefined, to: space };
    const need = { root: 'Local', needBytes: 900, freeBytes: 500, shortBytes: 400 };
    assert.deepEqual(spaceNeeds(info, spaces, 'review'), [need]);
    const half = { ...info, progress: { ...summary, bytes: 600 } };
    assert.deepEqual(spaceNeeds(half, spaces, 'running'), [{ ...need, needBytes: 300, shortBytes: 0 }]);
    assert.deepEqual(spaceNeeds(info, { from: space, to: undefined }, 'review'), []);
  });

  it('is counted on either side of a plan both ways, before it is applied', () => {
    const side = { steps: 2, copy: { count: 2, bytes: 700 }, deletes: 0, replaces: 0 };
    const both: PlanInfo = {
      ...info,
      header: { ...info.header, kind: 'both' },
      sides: { from: side, to: { ...side, copy: { count: 1, bytes: 200 } } },
    };
    const spaces = { from: space, to: { freeBytes: 300, totalBytes: 1_000 } };
    const needs = spaceNeeds(both, spaces, 'review');
    assert.deepEqual(
      needs.map(({ root, needBytes, shortBytes }) => [root, needBytes, shortBytes]),
      [
        ['Lake', 700, 200],
        ['Local', 200, 0],
      ],
    );
    assert.deepEqual(concernsOf(both, needs).length, 1);
    assert.match(concernsOf(both, needs)[0] ?? '', /^Lake is 200 B short/);
    assert.deepEqual(spaceNeeds(both, spaces, 'running'), []);
  });
});

describe('the filter of a plan', () => {
  it('asks only for what was chosen', () => {
    assert.deepEqual(toPlanFilter(NO_FILTER), {});
    assert.deepEqual(toPlanFilter({ ops: ['move'], statuses: ['failed'], text: ' flux ', undecided: false }), {
      undecided: false,
      ops: ['move'],
      statuses: ['failed'],
      text: 'flux',
    });
  });

  it('is empty again once every kind is chosen', () => {
    assert.deepEqual(toggledOp([], 'delete'), ['delete']);
    assert.deepEqual(toggledOp(['delete'], 'copy'), ['copy', 'delete']);
    assert.deepEqual(toggledOp(['copy', 'delete'], 'move'), []);
    assert.deepEqual(toggledOp(['copy'], 'copy'), []);
  });

  it('gives the box above the ticks three states', () => {
    assert.equal(headerTick(10, 10), 'on');
    assert.equal(headerTick(10, 0), 'off');
    assert.equal(headerTick(10, 4), 'mixed');
    assert.equal(headerTick(0, 0), 'off');
  });
});

describe('keys in the grid', () => {
  const place = { active: 10, total: 100, pageRows: 20 };
  const press = (key: string, held: { shift?: boolean; mod?: boolean } = {}): ReturnType<typeof gridAction> =>
    gridAction(
      { key, code: /^\d$/.test(key) ? `Digit${key}` : key, shiftKey: held.shift ?? false, modKey: held.mod ?? false },
      place,
    );

  it('moves by row, page and to the ends, and no further', () => {
    assert.deepEqual(press('ArrowDown'), { kind: 'go', to: 11, extend: false });
    assert.deepEqual(press('ArrowUp', { shift: true }), { kind: 'go', to: 9, extend: true });
    assert.deepEqual(press('PageDown'), { kind: 'go', to: 29, extend: false });
    assert.deepEqual(press('PageUp'), { kind: 'go', to: 0, extend: false });
    assert.deepEqual(press('End'), { kind: 'go', to: 99, extend: false });
    assert.deepEqual(press('Home', { mod: true }), { kind: 'go', to: 0, extend: false });
  });

  it('ticks, opens details, and leaves other keys alone', () => {
    assert.deepEqual(press(' '), { kind: 'toggle' });
    assert.deepEqual(press('a'), { kind: 'tickAll', ticked: true });
    assert.deepEqual(press('a', { mod: true }), { kind: 'tickAll', ticked: true });
    assert.deepEqual(press('A', { shift: true }), { kind: 'tickAll', ticked: false });
    assert.deepEqual(press('Enter'), { kind: 'details' });
    assert.equal(press('Enter', { mod: true }), undefined);
    assert.equal(press('x'), undefined);
  });
});
