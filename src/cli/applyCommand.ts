import type { Command } from 'commander';

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

/** How a job ends that has run. */
const ENDS_WITH_STEPS = new Set(['CANCELED', 'STEPS_FAILED']);

type ApplyResult = UseCaseOutput<'plans.result'>;

export function addApplyCommand(program: Command, run: RunCommand): void {
  program
    .command('apply')
    .description('do what a plan file says: verified copies, moves, deletes')
    .argument('<file>')
    .action((file: string) =>
      run({ runsJobs: true }, async (session) => {
        const { plan } = await session.call('plans.open', { path: session.absolutePath(file) });
        const { job } = await session.call('plans.apply', { plan });
        const [ended] = await finishJobs(session, [job]);
        const problem = ended === undefined ? undefined : jobProblem(ended);
        // One that was stopped, or whose steps failed, has steps to tell of; one that could not run only its reason.
        if (problem !== undefined && !ENDS_WITH_STEPS.has(problem.code)) throw problem;
        const result = await session.call('plans.result', { job });
        if (session.json) await writeResult(session, job, result);
        else await print(session, result);
        return problem?.code === 'CANCELED' ? EXIT.canceled : exitCode(result);
      }),
    );
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

async function print({ terminal }: Session, result: ApplyResult): Promise<void> {
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
  if (canceled > 0) terminal.note('Stopped. Apply it again to go on; what is done stays done.');
}
