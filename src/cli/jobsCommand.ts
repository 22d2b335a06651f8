import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';

import { LakesideError } from '../base/errors.ts';
import { formatBytes } from '../base/format.ts';
import type { Job } from '../protocol/values.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import { writeDocument } from './jsonDocument.ts';
import { watchJobs } from './runJobs.ts';
import { formatTable, printable } from './table.ts';
import type { RunCommand, Session } from './session.ts';

/** The most that one question gives. */
const MAX_JOBS = 1_000;
/** The queue looks at waiting jobs again within this time; `jobs run` gives it that much. */
const WAKE_MS = 4_000;
const LOOK_MS = 200;
/** Enough of an id to tell jobs apart; `retry` and `cancel` take any beginning that only one job has. */
const SHORT_ID = 8;

export function addJobsCommand(program: Command, run: RunCommand): void {
  const listJobs = (): Promise<void> =>
    run({ runsJobs: false }, async (session) => {
      await printJobs(session, (await session.call('jobs.list', {})).jobs);
      return EXIT.done;
    });
  const jobs = program
    .command('jobs')
    .description('list, run, retry or cancel jobs')
    .allowExcessArguments()
    .action((_options, command: Command) => {
      const [word] = command.args;
      // Words that are no command come here; commander would only say that there are too many.
      if (word !== undefined) command.error(`Unknown command 'jobs ${word}'.`);
      return listJobs();
    });
  jobs.command('list').description('list the jobs, newest first').action(listJobs);
  jobs
    .command('run')
    .description('run jobs until none is queued or running')
    .action(() => run({ runsJobs: true }, drain));
  jobs
    .command('retry')
    .description('queue a failed or canceled job again; `jobs run` runs it')
    .argument('<id>')
    .action((typed: string) =>
      run({ runsJobs: false }, async (session) => {
        const { job } = await session.call('jobs.retry', { id: await wholeId(session, typed) });
        await printJobs(session, [job]);
        return EXIT.done;
      }),
    );
  jobs
    .command('cancel')
    .description('cancel a job; what it finished stays')
    .argument('<id>')
    .action((typed: string) =>
      run({ runsJobs: false }, async (session) => {
        const { job } = await session.call('jobs.cancel', { id: await wholeId(session, typed) });
        await printJobs(session, [job]);
        return EXIT.done;
      }),
    );
}

/** Runs what is queued until nothing is; tells of the jobs that were there or came meanwhile. Stopped, it leaves them queued. */
async function drain(session: Session): Promise<ExitCode> {
  const { call, signal } = session;
  const seen = new Set<string>();
  const start = Date.now();
  for (;;) {
    const { jobs } = await call('jobs.list', { states: ['queued', 'running', 'waiting'], limit: MAX_JOBS });
    for (const { id } of jobs) seen.add(id);
    const active = jobs.filter(({ status }) => status !== 'waiting').map(({ id }) => id);
    if (active.length === 0 && (jobs.length === 0 || Date.now() - start > WAKE_MS)) break;
    if (active.length > 0) await watchJobs(session, active);
    else await delay(LOOK_MS, undefined, { signal });
  }
  const { jobs } = await call('jobs.list', { limit: MAX_JOBS });
  const told = jobs.filter(({ id }) => seen.has(id));
  await printJobs(session, told);
  if (told.some(({ status }) => status === 'waiting')) return EXIT.couldNotRun;
  return told.every(({ status }) => status === 'succeeded') ? EXIT.done : EXIT.partly;
}

/** The id that begins with what was typed. */
async function wholeId({ call }: Session, typed: string): Promise<string> {
  const { jobs } = await call('jobs.list', { limit: MAX_JOBS });
  const found = jobs.filter(({ id }) => id.startsWith(typed));
  if (found.length > 1) {
    throw new LakesideError(
      'JOB_AMBIGUOUS',
      'validation',
      `${found.length} jobs begin with ${typed}. Type more of the id.`,
    );
  }
  return found[0]?.id ?? typed;
}

async function printJobs({ terminal, json }: Session, jobs: readonly Job[]): Promise<void> {
  if (json) {
    await writeDocument(terminal, {
      jobs: jobs.map(({ id, kind, status, attempts, progress, error }) => ({
        id,
        kind,
        status,
        attempts,
        progress,
        ...(error === undefined
          ? {}
          : { error: { code: error.code, category: error.category, message: error.message } }),
      })),
    });
    return;
  }
  if (jobs.length === 0) {
    await terminal.write('There are no jobs.\n');
    return;
  }
  const columns = [{ title: 'ID' }, { title: 'STATUS' }, { title: 'JOB' }, { title: 'PROGRESS' }];
  const rows = jobs.map((job) => [job.id.slice(0, SHORT_ID), job.status, printable(job.title), progressOf(job)]);
  await terminal.write(formatTable(columns, rows));
}

function progressOf({ kind, status, progress, error, waitingFor }: Job): string {
  if (error !== undefined && status !== 'succeeded') return printable(error.message);
  if (status === 'waiting' && waitingFor !== undefined) return printable(waitingFor);
  if (progress === null) return '';
  const { doneItems, totalItems, doneBytes } = progress;
  const things = kind === 'generate' ? 'images' : 'files';
  const files = totalItems === null ? `${doneItems} ${things}` : `${doneItems} of ${totalItems} ${things}`;
  return doneBytes > 0 ? `${files}, ${formatBytes(doneBytes)}` : files;
}
