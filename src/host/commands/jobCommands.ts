import * as vscode from 'vscode';

import { LakesideError } from '../../base/errors.ts';
import { WORK_KINDS } from '../../protocol/values.ts';
import { openJobReport } from '../jobReports.ts';
import type { Services } from '../services.ts';
import { HELD_WORDS } from '../status/queueStatus.ts';
import { JobNode } from '../trees/jobsTree.ts';
import { requireTrust } from '../trust.ts';
import type { CommandTable } from './commandTable.ts';

export function jobCommands(services: Services): CommandTable {
  const { engine, jobs, jobPanels, planActions } = services;
  return {
    'lakeside.showJob': (node) => jobPanels.show(jobId(node), jobs.job(jobId(node))?.job.title),
    'lakeside.showJobAsText': (node) => openJobReport(jobs.job(jobId(node))?.job ?? { id: jobId(node), title: 'Job' }),
    'lakeside.cancelJob': (node) => engine.call('jobs.cancel', { id: jobId(node) }),
    'lakeside.retryJob': (node) => {
      requireTrust('nothing is copied');
      return engine.call('jobs.retry', { id: jobId(node) });
    },
    'lakeside.pauseJob': (node) => engine.call('jobs.pause', { what: 'job', id: jobId(node) }),
    'lakeside.resumeJob': (node) => engine.call('jobs.resume', { what: 'job', id: jobId(node) }),
    'lakeside.moveJobFirst': (node) => engine.call('jobs.move', { id: jobId(node), to: 'first' }),
    'lakeside.moveJobLast': (node) => engine.call('jobs.move', { id: jobId(node), to: 'last' }),
    'lakeside.openPlanOfJob': (node) => planActions.openPlanOf(jobId(node)),
    'lakeside.undoApply': async (node) => {
      const job = node instanceof JobNode ? node.id : await pickApply(services);
      if (job !== undefined) await planActions.undo(job);
    },
    'lakeside.pauseAllJobs': () => engine.call('jobs.pause', { what: 'all' }),
    'lakeside.resumeAllJobs': () => engine.call('jobs.resume', { what: 'all' }),
    'lakeside.pauseKinds': () => pauseKinds(services),
    'lakeside.clearJob': (node) => engine.call('jobs.clear', { id: jobId(node) }),
    'lakeside.clearFinishedJobs': () => engine.call('jobs.clear', {}),
  };
}

/** A row of the tree, or the id that a panel gives. */
function jobId(node: unknown): string {
  if (node instanceof JobNode) return node.id;
  if (typeof node === 'string' && node !== '') return node;
  throw new LakesideError('INVALID_INPUT', 'validation', 'Choose a job in the view Jobs first.');
}

/** The kinds of work that are held back, each ticked; unticking lets it go on. */
async function pauseKinds({ engine, jobs }: Services): Promise<void> {
  await jobs.load();
  const { held } = jobs;
  const items = WORK_KINDS.map((kind) => ({
    work: kind,
    label: `Pause ${HELD_WORDS[kind]}`,
    picked: held.kinds.includes(kind),
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: 'Which kinds of jobs shall be paused, in every window?',
    placeHolder: 'Tick what shall be held back; what is not ticked goes on',
    canPickMany: true,
  });
  if (chosen === undefined) return;
  for (const { work: kind, picked } of items) {
    const pause = chosen.some(({ work }) => work === kind);
    if (pause !== picked) await engine.call(pause ? 'jobs.pause' : 'jobs.resume', { what: 'kind', kind });
  }
}

/** An apply of the history, the newest first. */
async function pickApply({ jobs }: Services): Promise<string | undefined> {
  const applies = (await jobs.load()).filter(({ job }) => job.kind === 'apply' && job.finishedAt !== null);
  if (applies.length === 0) {
    throw new LakesideError('NOTHING_APPLIED', 'validation', 'No plan was applied yet, so there is nothing to undo.');
  }
  const items = applies.map(({ job }) => ({
    label: job.title,
    description: new Date(job.finishedAt ?? job.createdAt).toLocaleString(),
    job: job.id,
  }));
  return (await vscode.window.showQuickPick(items, { title: 'Undo which apply?', matchOnDescription: true }))?.job;
}
