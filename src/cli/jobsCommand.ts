import { setTimeout as delay } from 'node:timers/promises';
import { type Command, Option } from 'commander';

import type { Job } from '../protocol/values.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import { addJobsControl } from './jobsControl.ts';
import { MAX_JOBS, printJobs, wholeId } from './jobsPrinting.ts';
import { isHeldUp, watchJobs } from './runJobs.ts';
import type { RunCommand, Session } from './session.ts';

/** The queue looks at waiting jobs again within this time; `jobs run` gives it that much. */
const WAKE_MS = 4_000;
const LOOK_MS = 200;

export function addJobsCommand(program: Command, run: RunCommand): void {
  const listJobs = (): Promise<void> =>
    run({ runsJobs: false }, async (session) => {
      const { jobs, paused } = await session.call('jobs.list', {});
      await printJobs(session, jobs, paused);
      return EXIT.done;
    });
  const jobs = program
    .command('jobs')
    .description('list, run, pause, order, retry or cancel jobs')
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
    .addOption(new Option('--background', 'finish what a window of VS Code left').hideHelp())
    .action(({ background = false }: { background?: boolean }) =>
      run({ runsJobs: true, inBackground: background }, drain),
    );
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
  addJobsControl(jobs, run);
}

/** Runs what is queued until nothing is; tells of the jobs that were there or came meanwhile. Stopped, it leaves them queued. */
async function drain(session: Session): Promise<ExitCode> {
  const { call, signal } = session;
  const seen = new Set<string>();
  const start = Date.now();
  for (;;) {
    const { jobs } = await call('jobs.list', { states: ['queued', 'running', 'waiting'], limit: MAX_JOBS });
    for (const { id } of jobs) seen.add(id);
    const work = jobs.filter(isWork);
    const active = work.filter((job) => !isHeldUp(job)).map(({ id }) => id);
    if (active.length === 0 && (work.length === 0 || Date.now() - start > WAKE_MS)) break;
    if (active.length > 0) await watchJobs(session, active);
    else await delay(LOOK_MS, undefined, { signal });
  }
  const { jobs } = await call('jobs.list', { limit: MAX_JOBS });
  const told = jobs.filter(({ id }) => seen.has(id));
  await printJobs(session, told);
  if (told.some(({ status }) => status === 'waiting')) return EXIT.couldNotRun;
  return told.every(({ status }) => status === 'succeeded') ? EXIT.done : EXIT.partly;
}

/** What a person holds back is not waited for, nor a group, which is only its parts. */
function isWork({ kind, status, waitingFor }: Job): boolean {
  return kind !== 'group' && !(status === 'queued' && waitingFor !== undefined);
}
