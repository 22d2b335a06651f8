import type { Command } from 'commander';

import { canceledError } from '../base/errors.ts';
import { formatBytes, formatCount, formatQuantity } from '../base/format.ts';
import type { PlanHeader } from '../protocol/planFile.ts';
import type { UseCaseOutput } from '../protocol/useCases.ts';
import { EXIT } from './exitCode.ts';
import { writeDocument, writeListDocument } from './jsonDocument.ts';
import { showProgress } from './runJobs.ts';
import { formatTable, printable } from './table.ts';
import type { RunCommand, Session } from './session.ts';

/** A person gets so many steps; `--json` and the plan file have all. */
const MAX_STEPS = 200;
/** Steps asked for at a time. */
const PAGE = 2_000;
const MAX_PROBLEMS = 20;

type PlanStep = UseCaseOutput<'plans.page'>['items'][number];

interface MirrorOptions {
  readonly from: string;
  readonly to: string;
  readonly delete?: boolean;
  readonly content?: boolean;
  readonly out?: string;
}

export function addPlanCommand(program: Command, run: RunCommand): void {
  program
    .command('plan')
    .description('make a plan to review and apply')
    .command('mirror')
    .description('make the plan after which --to holds what --from holds')
    .requiredOption('--from <name>', 'the root to mirror')
    .requiredOption('--to <name>', 'the root to change')
    .option('--delete', 'also delete what only --to has')
    .option('--content', 'first hash what only content can decide')
    .option('--out <file>', 'write the plan to a file (*.lakeplan.json) and print it without its items')
    .action((options: MirrorOptions) =>
      run({ runsJobs: options.content === true }, async (session) => {
        const progress = showProgress(session);
        try {
          const out = options.out === undefined ? undefined : session.absolutePath(options.out);
          const {
            plan,
            header,
            problems = [],
          } = await session.call(
            'plans.mirror',
            {
              from: options.from,
              to: options.to,
              ...(options.delete === undefined ? {} : { delete: options.delete }),
              ...(options.content === undefined ? {} : { content: options.content }),
              ...(out === undefined ? {} : { out }),
            },
            { signal: session.signal },
          );
          if (!session.json) await print(session, plan, header, out);
          else if (out === undefined) await writePlan(session, plan, header);
          else await writeDocument(session.terminal, header);
          noteLeftOut(session, problems);
          return problems.length === 0 ? EXIT.done : EXIT.partly;
        } finally {
          progress.dispose();
        }
      }),
    );
}

function noteLeftOut({ terminal }: Session, problems: readonly { readonly message: string }[]): void {
  if (problems.length === 0) return;
  terminal.note(`\n${formatQuantity(problems.length, 'file')} left out of the plan:`);
  for (const { message } of problems.slice(0, MAX_PROBLEMS)) terminal.note(`  ${printable(message)}`);
  const more = problems.length - MAX_PROBLEMS;
  if (more > 0) terminal.note(`  … and ${formatCount(more)} more.`);
}

/** The whole plan; saved to a file, `apply` takes it. */
async function writePlan(session: Session, plan: string, header: PlanHeader): Promise<void> {
  const { seal, ...head } = header;
  await writeListDocument(session.terminal, { head, list: 'items', items: planItems(session, plan), tail: { seal } });
}

async function* planItems({ call, signal }: Session, plan: string): AsyncGenerator<readonly unknown[]> {
  for (let offset = 0; ; offset += PAGE) {
    if (signal.aborted) throw canceledError();
    const { items, total } = await call('plans.page', { plan, offset, limit: PAGE });
    yield items.map(({ op, path, movedFrom, expect }) => ({
      op,
      path,
      ...(movedFrom === undefined ? {} : { movedFrom }),
      expect,
    }));
    if (offset + items.length >= total || items.length === 0) return;
  }
}

async function print(session: Session, plan: string, header: PlanHeader, out: string | undefined): Promise<void> {
  const { terminal, call } = session;
  const { summary, from, to } = header;
  const steps = summary.copy.count + summary.move.count + summary.delete.count;
  if (steps === 0) await terminal.write(`${to.root} already holds what ${from.root} holds: nothing to do.\n`);
  else {
    const rows = (['copy', 'move', 'delete'] as const).map((op) => [
      op,
      formatCount(summary[op].count),
      formatBytes(summary[op].bytes),
    ]);
    const right = { title: '', align: 'right' } as const;
    await terminal.write(formatTable([{ title: '' }, right, right], rows));
  }
  if (out !== undefined) {
    terminal.note(`\nWrote ${out}\nApply it with: lakeside apply "${out}"`);
    return;
  }
  if (steps === 0) return;
  const { items, total } = await call('plans.page', { plan, limit: MAX_STEPS });
  const rows = items.map((item) => [item.op, formatBytes(item.bytes), stepName(item)]);
  await terminal.write(`\n${formatTable([{ title: '' }, { title: '', align: 'right' }, { title: '' }], rows)}`);
  const more = total - items.length;
  if (more > 0) terminal.note(`… and ${formatQuantity(more, 'more step', 'more steps')}; --json lists all.`);
  terminal.note('Write it to a file with --out FILE, then: lakeside apply FILE');
}

function stepName({ path, movedFrom }: PlanStep): string {
  return movedFrom === undefined ? printable(path) : `${printable(movedFrom)} → ${printable(path)}`;
}
