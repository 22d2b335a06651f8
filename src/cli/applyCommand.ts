import { type Command, InvalidArgumentError } from 'commander';

import { LakesideError } from '../base/errors.ts';
import { formatBytes, formatCount, formatDuration, formatQuantity } from '../base/format.ts';
import type { UseCaseOutput } from '../protocol/useCases.ts';
import type { StepResult } from '../protocol/values.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import { writeListDocument } from './jsonDocument.ts';
import { finishJobs, jobProblem } from './runJobs.ts';
import { printable } from './table.ts';
import type { RunCommand, Session } from './session.ts';

/** A person gets so many steps in words; `--json` has all. */
const MAX_STEPS = 50;

const STOPPED =
  'Stopped. What is done stays done, and of a large file that was half-copied the part is kept. Apply it again to go on.';
const CANCELED =
  'Canceled. What is done stays done; files that were half-copied were removed. Apply it again to do the rest.';

/** How a job ends that has run. */
const ENDS_WITH_STEPS = new Set(['CANCELED', 'STEPS_FAILED']);

interface ApplyOptions {
  readonly confirmDeletes?: number;
  readonly confirmReplaces?: number;
}

type ApplyResult = UseCaseOutput<'plans.result'>;

export function addApplyCommand(program: Command, run: RunCommand): void {
  program
    .command('apply')
    .description('do what a plan file says: verified copies, moves, deletes')
    .argument('<file>')
    .option(
      '--confirm-deletes <n>',
      'apply a plan that deletes just so many files, whatever plan.maxDelete says',
      toCount,
    )
    .option('--confirm-replaces <n>', 'apply a plan that replaces just so many files', toCount)
    .action((file: string, options: ApplyOptions) =>
      run({ runsJobs: true }, async (session) => {
        const { plan } = await session.call('plans.open', { path: session.absolutePath(file) });
        const job = await start(session, plan, options);
        const [ended] = await finishJobs(session, [job]);
        const problem = ended === undefined ? undefined : jobProblem(ended);
        // One that was stopped, or whose steps failed, has steps to tell of; one that could not run only its reason.
        if (problem !== undefined && !ENDS_WITH_STEPS.has(problem.code)) throw problem;
        const result = await session.call('plans.result', { job });
        if (session.json) await writeResult(session, job, result);
        else await print(session, result, file);
        return problem?.code === 'CANCELED' ? EXIT.canceled : exitCode(result);
      }),
    );
}

function toCount(typed: string): number {
  if (/^\d{1,9}$/.test(typed)) return Number(typed);
  throw new InvalidArgumentError('It is a whole number of files.');
}

/** Queues the plan; what it takes away must be confirmed in just these numbers where it is much. */
async function start({ call }: Session, plan: string, options: ApplyOptions): Promise<string> {
  const { confirmDeletes, confirmReplaces } = options;
  const confirmed =
    confirmDeletes === undefined && confirmReplaces === undefined
      ? {}
      : { confirmed: { deletes: confirmDeletes ?? 0, replaces: confirmReplaces ?? 0 } };
  try {
    return (await call('plans.apply', { plan, ...confirmed })).job;
  } catch (error) {
    if (!(error instanceof LakesideError) || error.code !== 'PLAN_NEEDS_CONFIRMATION') throw error;
    const { deletes = 0, replaces = 0 } = error.context ?? {};
    const flags = [
      deletes === 0 ? undefined : `--confirm-deletes ${String(deletes)}`,
      replaces === 0 ? undefined : `--confirm-replaces ${String(replaces)}`,
    ].filter((flag) => flag !== undefined);
    throw new LakesideError(error.code, error.category, `${error.message} Add: ${flags.join(' ')}`, { cause: error });
  }
}

function exitCode({ skipped, failed, canceled }: ApplyResult): ExitCode {
  return skipped + failed + canceled > 0 ? EXIT.partly : EXIT.done;
}

async function writeResult(session: Session, job: string, first: ApplyResult): Promise<void> {
  const { done, already, skipped, failed, bytes, ms } = first;
  await writeListDocument(session.terminal, {
    head: { done, already, skipped, failed, bytes, ms },
    list: 'items',
    items: pages(session, job, first),
  });
}

async function* pages({ call }: Session, job: string, first: ApplyResult): AsyncGenerator<readonly StepResult[]> {
  let page = first;
  for (let offset = 0; page.items.length > 0; page = await call('plans.result', { job, offset })) {
    yield page.items;
    offset += page.items.length;
    if (offset >= first.total) return;
  }
}

async function print({ terminal, signal }: Session, result: ApplyResult, file: string): Promise<void> {
  const { done, already, skipped, failed, canceled, bytes, ms } = result;
  const counts = Object.entries({ 'already so': already, skipped, failed, canceled })
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${formatCount(count)} ${word}`);
  const copied = bytes > 0 ? ` (${formatBytes(bytes)} copied and verified)` : '';
  const time = ms < 1_000 ? `${Math.round(ms)} ms` : formatDuration(ms);
  await terminal.write(`${[`${formatQuantity(done, 'step')} done${copied}`, ...counts].join(', ')} in ${time}.\n`);
  const told = result.items.filter(({ status }) => status === 'skipped' || status === 'failed');
  for (const { status, op, path, reason } of told.slice(0, MAX_STEPS)) {
    terminal.note(`${status}: ${op} ${printable(path)}${reason === undefined ? '' : `: ${printable(reason)}`}`);
  }
  const more = skipped + failed - Math.min(told.length, MAX_STEPS);
  if (more > 0) terminal.note(`… and ${formatCount(more)} more; --json lists all.`);
  if (canceled > 0) terminal.note(signal.aborted ? STOPPED : CANCELED);
  if (done > 0) terminal.note(`Undo with: lakeside undo "${file}"`);
}
