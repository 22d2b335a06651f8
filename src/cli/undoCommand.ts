import type { Command } from 'commander';

import { LakesideError } from '../base/errors.ts';
import { wholeId } from './jobsPrinting.ts';
import { showMadePlan } from './planCommand.ts';
import type { RunCommand, Session } from './session.ts';

/** As much of a job's id as one types. Everything else is a file, whatever its name: `plan --out` takes any. */
const JOB_ID = /^[0-9a-f][0-9a-f-]{0,35}$/i;

export function addUndoCommand(program: Command, run: RunCommand): void {
  program
    .command('undo')
    .description('make the plan that takes back what an apply did')
    .argument('<job|file>', 'the id of the apply job, or the plan file that was applied')
    .option('--out <file>', 'write the plan to a file (*.lakeplan.json) and print it without its items')
    .action((typed: string, options: { readonly out?: string }) =>
      run({ runsJobs: false }, async (session) => {
        const out = options.out === undefined ? undefined : session.absolutePath(options.out);
        if (out !== undefined && out === session.absolutePath(typed)) throw sameFile(typed);
        const what = await appliedBy(session, typed);
        const made = await session.call('plans.undo', what, { signal: session.signal });
        if (out !== undefined) await session.call('plans.save', { plan: made.plan, path: out });
        return showMadePlan(session, made, out);
      }),
    );
}

/** The plan that was applied is what `undo` and a second apply go by. */
function sameFile(file: string): LakesideError {
  return new LakesideError(
    'FILE_EXISTS',
    'validation',
    `The plan that takes back ${file} cannot be written over it. Give --out another name.`,
  );
}

/** By its id just that job; by the plan file all that was done by it, though it was applied more than once. */
async function appliedBy(session: Session, typed: string): Promise<{ job: string; earlier: boolean }> {
  if (JOB_ID.test(typed)) return { job: await wholeId(session, typed), earlier: false };
  const { job } = await session.call('plans.open', { path: session.absolutePath(typed) });
  if (job !== undefined) return { job, earlier: true };
  throw new LakesideError(
    'UNDO_NOT_APPLIED',
    'validation',
    `The plan ${typed} was not applied, so there is nothing to undo.`,
  );
}
