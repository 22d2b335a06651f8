import assert from 'node:assert/strict';

import { jobReport } from '../../src/host/jobReport.ts';
import { queueStatus } from '../../src/host/status/queueStatus.ts';
import { groupJobs, jobRow, progressPercent } from '../../src/host/trees/jobView.ts';
import type { Job } from '../../src/protocol/values.ts';
import { sampleJob } from '../support/sampleValues.ts';

const halfCopied = { doneItems: 3, totalItems: 12, doneBytes: 450 * 2 ** 20, totalBytes: 1_000 * 2 ** 20 };

function row(fields: Partial<Job>, rate?: number): ReturnType<typeof jobRow> {
  return jobRow({ job: sampleJob(fields), rate });
}

describe('a row of the Jobs tree', () => {
  it('says how far it is, how fast and how long still', () => {
    const { description } = row({ progress: halfCopied }, 55 * 2 ** 20);
    assert.equal(description, '45 % · 450 MB of 1.0 GB · 55.0 MB/s · 10 s left');
  });

  it('counts files where nobody knows how many there are', () => {
    const progress = { doneItems: 12_034, totalItems: null, doneBytes: 0, totalBytes: null };
    assert.equal(row({ kind: 'scan', progress }, 400).description, '12,034 files');
  });

  it('is not finished before it is', () => {
    const progress = { doneItems: 9_999, totalItems: 10_000, doneBytes: 0, totalBytes: 0 };
    assert.equal(progressPercent({ progress }), 99);
  });

  it('is told within an image, not only from image to image', () => {
    const progress = { doneItems: 0, totalItems: 1, doneBytes: 0, totalBytes: null, share: 0.55 };
    assert.equal(progressPercent({ progress }), 55);
  });

  it('says why it waits and why it failed', () => {
    assert.equal(row({ status: 'waiting', waitingFor: 'Lake is not mounted.' }).description, 'Lake is not mounted.');
    const error = { code: 'ENOSPC', category: 'infra' as const, message: 'The disk is full.' };
    const failed = row({ status: 'failed', error });
    assert.equal(failed.description, 'The disk is full.');
    assert.match(failed.tooltip, /The disk is full\. \(ENOSPC\)/);
    assert.equal(failed.context, ';job;failed;failed;apply;undoable;');
  });

  it('says what it did, and warns when something was skipped', () => {
    const result = { done: 12, already: 0, skipped: 1, failed: 0, canceled: 0, bytes: 2 ** 30, ms: 5_000 };
    const done = row({ status: 'succeeded', result });
    assert.equal(done.description, '12 steps · 1.0 GB verified · 1 skipped');
    assert.equal(done.icon.id, 'warning');
    assert.equal(row({ status: 'succeeded', result: { ...result, skipped: 0 } }).icon.id, 'pass');
    const open = row({ status: 'succeeded', result: { ...result, undecided: 1 } });
    assert.equal(open.description, '12 steps · 1.0 GB verified · 1 left undecided');
    assert.equal(open.icon.id, 'pass');
  });

  it('is done even when its report cannot be read', () => {
    assert.equal(row({ status: 'succeeded', result: { odd: true } }).description, 'done');
  });

  it('stands in its group, and empty groups are left out', () => {
    const jobs = (['queued', 'running', 'canceled', 'succeeded', 'waiting'] as const).map((status) => ({
      job: sampleJob({ id: status, status }),
      rate: undefined,
    }));
    assert.deepEqual(
      groupJobs(jobs).map(({ label, jobs: members }) => [label, members.map(({ job }) => job.id)]),
      [
        ['Running', ['running']],
        ['Waiting', ['queued', 'waiting']],
        ['Done', ['canceled', 'succeeded']],
      ],
    );
  });
});

describe('the status bar', () => {
  const status = (...jobs: Partial<Job>[]): ReturnType<typeof queueStatus> =>
    queueStatus(jobs.map((fields) => ({ job: sampleJob(fields), rate: undefined })));

  it('is empty when nothing is to be done', () => {
    assert.equal(status(), undefined);
    assert.equal(status({ status: 'succeeded' }, { status: 'canceled' }), undefined);
  });

  it('says what the queue is doing and how much waits', () => {
    assert.equal(status({ progress: halfCopied })?.text, '$(sync~spin) Applying 3 of 12 · 45 %');
    assert.equal(status({ status: 'queued' }, { progress: null, kind: 'scan' })?.text, '$(sync~spin) Scanning… (+1)');
  });

  it('warns of failed jobs until they are cleared', () => {
    const shown = status({ status: 'failed' }, { status: 'failed' });
    assert.deepEqual([shown?.text, shown?.tone], ['$(warning) 2 jobs failed', 'warning']);
  });

  it('says that jobs wait', () => {
    assert.equal(status({ status: 'waiting' })?.text, '$(watch) 1 job waiting');
  });
});

describe('the report of a job', () => {
  it('lists what was not done, with reasons', () => {
    const result = { done: 1, already: 0, skipped: 1, failed: 0, canceled: 0, bytes: 10, ms: 5_000 };
    const text = jobReport(sampleJob({ status: 'succeeded', result, finishedAt: 1_700_000_006_000 }), [
      { op: 'copy', path: 'loras/a.safetensors', status: 'skipped', code: 'CHANGED', reason: 'It changed meanwhile.' },
    ]);
    assert.match(text, /^Mirror lake to local\n=+\n1 step · 10 B verified · 1 skipped\n/);
    assert.match(text, /Took {7}5 s\n/);
    assert.match(text, /Not done: 1 step\n-+\nskipped {2}copy {3}loras\/a\.safetensors\n +It changed meanwhile\./);
  });

  it('lists the problems of a scan', () => {
    const problems = [{ path: 'x', code: 'EACCES', message: 'Cannot read x: permission was denied.' }];
    const result = {
      name: 'lake',
      files: 1,
      bytes: 1,
      added: 1,
      changed: 0,
      removed: 0,
      hashed: 0,
      hashedBytes: 0,
      problems,
      ms: 1,
    };
    const text = jobReport(sampleJob({ kind: 'scan', status: 'succeeded', result }), []);
    assert.match(text, /1 file · 1 new · 1 problem/);
    assert.match(text, /1 problem\n-+\nCannot read x: permission was denied\./);
  });
});
