import assert from 'node:assert/strict';
import fc from 'fast-check';

import { NewlyOver } from '../../src/host/newlyOver.ts';
import { heldSentence, queueStatus } from '../../src/host/status/queueStatus.ts';
import { groupJobs, jobRow } from '../../src/host/trees/jobView.ts';
import { speedCount } from '../../src/protocol/progressMeasure.ts';
import { hasFindings } from '../../src/protocol/resultWords.ts';
import type { Job } from '../../src/protocol/values.ts';
import { jobActions, progressFigures, progressShare, stateSentence, stateWords } from '../../webview/job/jobModel.ts';
import { curvePaths, speedCurve } from '../../webview/job/speedModel.ts';
import { sampleJob } from '../support/sampleValues.ts';

const of = (...jobs: Job[]): { job: Job; rate: undefined }[] => jobs.map((job) => ({ job, rate: undefined }));
const MIB = 1024 ** 2;

describe('the speed of a job', () => {
  it('is nothing before there are two moments, or where nothing was done', () => {
    assert.equal(speedCurve([]), undefined);
    assert.equal(speedCurve([{ at: 0, doneBytes: 0, doneItems: 0 }]), undefined);
    assert.equal(speedCurve([0, 5_000].map((at) => ({ at, doneBytes: 7, doneItems: 1 }))), undefined);
  });

  it('is that of bytes, or of files where no bytes are moved', () => {
    const bytes = speedCurve([0, 2_000, 4_000].map((at) => ({ at, doneBytes: (at / 1_000) * MIB, doneItems: 0 })));
    assert.deepEqual([bytes?.unit, bytes?.average, Math.round(bytes?.peak ?? 0)], ['bytes', MIB, MIB]);
    const items = speedCurve([0, 2_000].map((at) => ({ at, doneBytes: 0, doneItems: at / 100 })));
    assert.deepEqual([items?.unit, items?.average], ['items', 10]);
  });

  it('leaves out what an earlier attempt had done', () => {
    const progress = { doneItems: 0, totalItems: 1, doneBytes: 900 * MIB, totalBytes: 1_000 * MIB };
    assert.equal(speedCount({ ...progress, movedBytes: 5 * MIB }), 5 * MIB);
    assert.equal(speedCount(progress), 900 * MIB);
    assert.equal(speedCount({ ...progress, doneItems: 7, totalBytes: null }), 7);
    const idleAtLast = [MIB, 2 * MIB, 0].map((doneBytes, second) => ({
      at: second * 1_000,
      doneBytes,
      doneItems: second,
    }));
    assert.equal(speedCurve(idleAtLast)?.unit, 'bytes');
    // 4 MiB in four seconds, then an attempt that counts from nothing again: 2 MiB in two.
    const samples = [0, 1, 2, 3, 4, 0, 1, 2].map((mib, second) => ({
      at: second * 1_000,
      doneBytes: mib * MIB,
      doneItems: 0,
    }));
    assert.equal(Math.round(((speedCurve(samples)?.average ?? 0) * 7) / MIB), 6);
  });

  it('stands still where a job was paused', () => {
    const samples = [0, 1_000, 2_000, 3_000, 4_000].map((at) => ({
      at,
      doneBytes: (at <= 1_000 ? at : Math.max(1_000, at - 2_000)) * 1_000,
      doneItems: 0,
    }));
    const rates = speedCurve(samples)?.points.map(({ y }) => Math.round(y * 10) / 10);
    assert.deepEqual(rates, [1, 0, 0, 1]);
  });

  it('stays in its box, whatever was measured', () => {
    const samples = fc
      .array(fc.record({ after: fc.nat(20_000), bytes: fc.integer({ min: -5_000, max: 1_000_000 }) }), {
        maxLength: 400,
      })
      .map((steps) => {
        let [at, doneBytes] = [0, 0];
        return steps.map(({ after, bytes }) => {
          at += after;
          doneBytes = Math.max(0, doneBytes + bytes);
          return { at, doneBytes, doneItems: 0 };
        });
      });
    fc.assert(
      fc.property(samples, (measured) => {
        const curve = speedCurve(measured);
        if (curve === undefined) return;
        assert.ok(curve.points.length <= 160 && curve.points.every(({ x, y }) => x >= 0 && x <= 1 && y >= 0 && y <= 1));
        assert.doesNotMatch(curvePaths(curve, 400, 96).area, /NaN|Infinity/);
      }),
    );
  });
});

describe('a job in its panel', () => {
  it('offers what its state allows', () => {
    const may = (fields: Partial<Job>): string[] =>
      Object.entries(jobActions(sampleJob(fields)))
        .filter(([, can]) => can)
        .map(([name]) => name);
    assert.deepEqual(may({ status: 'running' }), ['pause', 'cancel']);
    assert.deepEqual(may({ status: 'running', pausing: true }), ['resume', 'cancel']);
    assert.deepEqual(may({ status: 'paused' }), ['resume', 'cancel']);
    assert.deepEqual(may({ status: 'running', canceling: true }), []);
    assert.deepEqual(may({ status: 'queued' }), ['pause', 'cancel', 'move']);
    assert.deepEqual(may({ status: 'failed' }), ['retry', 'undo']);
    assert.deepEqual(may({ status: 'succeeded', kind: 'scan' }), []);
  });

  it('says what it waits for, and that pausing takes a moment', () => {
    assert.equal(
      stateSentence(sampleJob({ status: 'waiting', waitingFor: 'Lake is not mounted.' })),
      'Lake is not mounted.',
    );
    const result = {
      name: 'lake',
      verified: 40,
      verifiedBytes: 4_096,
      rotten: 2,
      changed: 0,
      unhashed: 0,
      problems: [],
      ms: 5,
    };
    assert.equal(
      stateSentence(sampleJob({ kind: 'verify', status: 'succeeded', result })),
      '40 files well · 4.0 KB · 2 damaged',
    );
    const pausing = sampleJob({ status: 'running', pausing: true });
    assert.deepEqual([stateWords(pausing), stateSentence(pausing)], ['Pausing…', 'It stops where it can go on later.']);
    const canceling = sampleJob({ status: 'running', canceling: true });
    assert.equal(stateWords(canceling), 'Canceling…');
    assert.match(stateSentence(canceling), /What is finished stays/);
  });

  it('wants a look where files were found damaged, or steps did not end well', () => {
    const verified = { name: 'lake', verified: 40, verifiedBytes: 4_096, changed: 0, unhashed: 0, problems: [], ms: 5 };
    const found = (kind: Job['kind'], result: unknown): boolean => hasFindings(sampleJob({ kind, result }));
    assert.deepEqual(
      [0, 2].map((rotten) => found('verify', { ...verified, rotten })),
      [false, true],
    );
    const applied = { done: 3, already: 0, failed: 0, canceled: 0, bytes: 9, ms: 1 };
    assert.equal(found('apply', { ...applied, skipped: 2, undecided: 2 }), false);
    assert.equal(found('apply', { ...applied, skipped: 2, undecided: 1 }), true);
    assert.equal(found('trash', { done: 1, bytes: 9, kept: 1, problems: [], ms: 1 }), true);
    assert.equal(found('generate', { images: 4 }), false);
  });

  it('says how far it is, in the figures that are known', () => {
    const progress = { doneItems: 3, totalItems: 12, doneBytes: 450 * MIB, totalBytes: 900 * MIB };
    const samples = [0, 2_000].map((atMs) => ({ atMs, done: atMs * 1_024 * 100 }));
    assert.equal(progressShare(progress), 0.5);
    assert.deepEqual(progressFigures(sampleJob(), progress, samples), [
      '450 MB of 900 MB',
      '3 of 12 files',
      '97.7 MB/s',
      '5 s left',
    ]);
    const scan = { doneItems: 12_034, totalItems: null, doneBytes: 0, totalBytes: null };
    assert.deepEqual(progressFigures(sampleJob({ kind: 'scan' }), scan, []), ['12,034 files']);
  });
});

describe('jobs in the tree', () => {
  it('stand below the job they are a part of', () => {
    const group = sampleJob({ id: 'g', kind: 'group', parts: { total: 2, over: 0, failed: 0 } });
    const jobs = of(group, sampleJob({ id: 'a', parent: 'g' }), sampleJob({ id: 'b', parent: 'cleared' }));
    assert.deepEqual(
      groupJobs(jobs).flatMap(({ jobs: members }) => members.map(({ job }) => job.id)),
      ['g', 'b'],
    );
    assert.ok(jobRow({ job: group, rate: undefined }).hasParts);
  });

  it('say what may be done to them', () => {
    const words = (fields: Partial<Job>): string => jobRow({ job: sampleJob(fields), rate: undefined }).context;
    assert.match(words({ status: 'running' }), /;pausable;/);
    assert.match(words({ status: 'paused' }), /;resumable;movable;/);
    assert.match(words({ status: 'succeeded' }), /;undoable;/);
    assert.doesNotMatch(words({ status: 'succeeded', kind: 'hash' }), /able;/);
  });
});

describe('a paused queue', () => {
  it('is said in the status bar and above the jobs', () => {
    const held = { all: true, kinds: [] };
    assert.equal(queueStatus(of(sampleJob()), held)?.text, '$(debug-pause) 1 job paused');
    assert.equal(queueStatus([], held)?.text, '$(debug-pause) Lakeside is paused');
    assert.equal(heldSentence(held), 'All jobs are paused, in every window.');
    assert.equal(heldSentence({ all: false, kinds: ['hash', 'apply'] }), 'Paused in every window: hashes, transfers.');
    assert.equal(heldSentence({ all: false, kinds: [] }), undefined);
    assert.equal(queueStatus(of(sampleJob({ status: 'paused' })))?.text, '$(debug-pause) 1 job paused');
  });
});

describe('news of jobs that are over', () => {
  it('are those that were seen running, once', () => {
    const over = new NewlyOver('apply');
    const running = sampleJob({ id: 'a' });
    const done = sampleJob({ id: 'a', status: 'succeeded' });
    const old = sampleJob({ id: 'old', status: 'succeeded' });
    assert.deepEqual(over.of([running, old]), []);
    assert.deepEqual(over.of([done, old, sampleJob({ id: 's', kind: 'scan', status: 'succeeded' })]), [done]);
    assert.deepEqual(over.of([done, old]), []);
  });
});
