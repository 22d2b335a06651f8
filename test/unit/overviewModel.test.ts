import assert from 'node:assert/strict';

import type { Job } from '../../src/protocol/values.ts';
import {
  jobSentence,
  topJobs,
  countsSentence,
  imagesOfRun,
  isUntouched,
  lastRuns,
  rootSentence,
  shownImages,
  toPickSentence,
} from '../../webview/overview/overviewModel.ts';
import { busyStudio, madeUpRoot, untouchedStudio } from '../support/fakeOverviewHost.ts';
import { madeUpRun, NOW } from '../support/madeUpRuns.ts';

describe('the overview', () => {
  const studio = busyStudio();

  it('leads to the first image until there is a run', () => {
    assert.equal(isUntouched(untouchedStudio), true);
    assert.equal(isUntouched(studio), false);
  });

  it('counts what there is', () => {
    assert.equal(countsSentence(studio), '2 brands, 5 projects, 12 work items, 84 runs, 1,204 images');
  });

  it('asks for each thumbnail once, and for those of runs that are shown', () => {
    const ids = shownImages(studio).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.includes('c-image-1'), 'a run that waits for a pick shows its images');
  });

  it('shows the images of a run in the order they were made', () => {
    assert.deepEqual(
      imagesOfRun(studio, 'd').map(({ n }) => n),
      [1, 2],
    );
  });

  it('lists as last runs what is over and did not fail', () => {
    assert.deepEqual(
      lastRuns(studio).map(({ id }) => id),
      ['b', 'd', 'e', 'c'],
    );
  });

  it('says how many images wait', () => {
    assert.equal(toPickSentence(madeUpRun({ id: 'a' })), '4 images');
    assert.equal(toPickSentence(madeUpRun({ id: 'a', images: 8, unpicked: 3 })), '3 of 8 images');
  });

  it('shows a group of jobs in place of its parts', () => {
    const job = { kind: 'apply', title: 'Copy', attempts: 1, progress: null, createdAt: NOW } as const;
    const running = { ...job, status: 'running', startedAt: NOW, finishedAt: null } as const;
    const group: Job = { ...running, id: 'group', kind: 'group', parts: { total: 3, over: 1, failed: 0 } };
    const [part, other]: Job[] = [
      { ...running, id: 'part', parent: 'group' },
      { ...running, id: 'other', parent: 'of a group that is over' },
    ];
    assert.ok(part && other);
    assert.deepEqual(topJobs({ jobs: [part, group, other] }), [group, other]);
    assert.equal(jobSentence(group, null), '1 of 3 parts done');
    assert.equal(jobSentence({ ...part, status: 'paused' }, null), 'Paused. What is done stays done.');
    assert.equal(jobSentence({ ...part, status: 'queued' }, null), 'Waiting for its turn.');
  });

  it('says when a root was scanned', () => {
    assert.equal(rootSentence(madeUpRoot({ name: 'lake' }), NOW), '12,408 files, 2.6 TB, scanned 13:30');
    assert.equal(rootSentence(madeUpRoot({ name: 'lake', scannedAt: null }), NOW), 'Not scanned yet');
  });
});
