import { LakesideError } from '../../base/errors.ts';
import { openJobReport } from '../jobReports.ts';
import type { Services } from '../services.ts';
import { JobNode } from '../trees/jobsTree.ts';
import { requireTrust } from '../trust.ts';
import type { CommandTable } from './commandTable.ts';

export function jobCommands({ engine, jobs }: Services): CommandTable {
  return {
    'lakeside.showJob': (node) => openJobReport(jobs.job(jobId(node))?.job ?? { id: jobId(node), title: 'Job' }),
    'lakeside.cancelJob': (node) => engine.call('jobs.cancel', { id: jobId(node) }),
    'lakeside.retryJob': (node) => {
      requireTrust('nothing is copied');
      return engine.call('jobs.retry', { id: jobId(node) });
    },
    'lakeside.clearJob': (node) => engine.call('jobs.clear', { id: jobId(node) }),
    'lakeside.clearFinishedJobs': () => engine.call('jobs.clear', {}),
  };
}

function jobId(node: unknown): string {
  if (node instanceof JobNode) return node.id;
  throw new LakesideError('INVALID_INPUT', 'validation', 'Choose a job in the view Jobs first.');
}
