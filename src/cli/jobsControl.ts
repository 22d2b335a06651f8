import { type Command, Option } from 'commander';

import { LakesideError } from '../base/errors.ts';
import { type WorkKind, WORK_KINDS } from '../protocol/values.ts';
import { EXIT } from './exitCode.ts';
import { MAX_JOBS, type Paused, printJobs, wholeId } from './jobsPrinting.ts';
import { writeDocument } from './jsonDocument.ts';
import type { RunCommand, Session } from './session.ts';
import { printable } from './table.ts';

/** Lines that one question gives. */
const MAX_LINES = 5_000;

type Held =
  | { readonly what: 'job'; readonly id: string }
  | { readonly what: 'kind'; readonly kind: WorkKind }
  | { readonly what: 'all' };

interface HeldOptions {
  readonly kind?: WorkKind;
  readonly all?: boolean;
}

/** `jobs pause`, `resume`, `first`, `last` and `log`. */
export function addJobsControl(jobs: Command, run: RunCommand): void {
  for (const [verb, description] of [
    ['pause', 'hold back a job, all of a kind, or everything, in every process, until it is resumed'],
    ['resume', 'let go on what was paused'],
  ] as const) {
    jobs
      .command(verb)
      .description(description)
      .argument('[id]')
      .addOption(new Option('--kind <kind>', 'all jobs of a kind').choices(WORK_KINDS))
      .option('--all', 'every job')
      .action((typed: string | undefined, options: HeldOptions) =>
        run({ runsJobs: false }, async (session) => {
          const held = await whatIsHeld(session, typed, options);
          await session.call(`jobs.${verb}`, held);
          const { jobs: all, paused } = await session.call('jobs.list', { limit: MAX_JOBS });
          const concerned = all.filter(
            ({ id, parent, kind, finishedAt }) =>
              (held.what === 'job' && (id === held.id || parent === held.id)) ||
              (finishedAt === null && (held.what === 'all' || (held.what === 'kind' && kind === held.kind))),
          );
          await printJobs(session, concerned, paused, verb === 'resume' ? goesOn(held, paused) : undefined);
          return EXIT.done;
        }),
      );
  }
  for (const to of ['first', 'last'] as const) {
    jobs
      .command(to)
      .description(`put a job that does not run ${to === 'first' ? 'before' : 'behind'} the others of its kind of work`)
      .argument('<id>')
      .action((typed: string) =>
        run({ runsJobs: false }, async (session) => {
          const { job } = await session.call('jobs.move', { id: await wholeId(session, typed), to });
          await printJobs(session, [job]);
          return EXIT.done;
        }),
      );
  }
  jobs
    .command('log')
    .description('print what was noted of a job')
    .argument('<id>')
    .action((typed: string) =>
      run({ runsJobs: false }, async (session) => {
        const { lines } = await session.call('jobs.log', { id: await wholeId(session, typed), limit: MAX_LINES });
        if (session.json) await writeDocument(session.terminal, { lines });
        else {
          const text = lines.map(({ at, level, message }) => {
            const time = new Date(at).toISOString().replace('T', ' ').slice(0, 19);
            return `${time}  ${level === 'info' ? '' : `${level}: `}${printable(message)}\n`;
          });
          await session.terminal.write(text.join(''));
        }
        return EXIT.done;
      }),
    );
}

function goesOn(held: Held, paused: Paused): string {
  const stillHeld = paused?.all === true || (held.what === 'kind' && paused?.kinds.includes(held.kind) === true);
  if (stillHeld) return 'Nothing goes on yet.';
  return held.what === 'kind' ? `Jobs of kind ${held.kind} go on.` : 'The queue goes on.';
}

async function whatIsHeld(
  session: Session,
  typed: string | undefined,
  { kind, all = false }: HeldOptions,
): Promise<Held> {
  if (Number(typed !== undefined) + Number(kind !== undefined) + Number(all) !== 1) {
    throw new LakesideError('USAGE', 'validation', 'Give either the id of a job, or --kind, or --all.');
  }
  if (all) return { what: 'all' };
  if (kind !== undefined) return { what: 'kind', kind };
  return { what: 'job', id: await wholeId(session, typed ?? '') };
}
