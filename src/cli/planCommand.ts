import type { Command } from 'commander';

import { canceledError } from '../base/errors.ts';
import { formatCount, formatQuantity } from '../base/format.ts';
import type { PlanHeader } from '../protocol/planFile.ts';
import { noteDamaged } from './damagedFiles.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import { writeDocument, writeListDocument } from './jsonDocument.ts';
import { PLAN_KINDS, type PlanKindCommand, type PlanOptions } from './planKinds.ts';
import { showProgress } from './runJobs.ts';
import { formatSteps, formatSummary } from './planPrinting.ts';
import { printable } from './table.ts';
import type { RunCommand, Session } from './session.ts';

/** A person gets so many steps; `--json` and the plan file have all. */
const MAX_STEPS = 200;
/** Steps asked for at a time. */
const PAGE = 2_000;
const MAX_PROBLEMS = 20;

export function addPlanCommand(program: Command, run: RunCommand): void {
  const plan = program.command('plan').description('make a plan to review and apply');
  for (const kind of PLAN_KINDS) {
    kind
      .addOptions(plan.command(kind.name).description(kind.description))
      .option('--out <file>', 'write the plan to a file (*.lakeplan.json) and print it without its items')
      .action((options: PlanOptions) =>
        run({ runsJobs: kind.runsJobs(options) }, (session) => make(session, kind, options)),
      );
  }
}

async function make(session: Session, kind: PlanKindCommand, options: PlanOptions): Promise<ExitCode> {
  const progress = showProgress(session);
  try {
    const out = options.out === undefined ? undefined : session.absolutePath(options.out);
    return await showMadePlan(session, await kind.make(session, options, out), out);
  } finally {
    progress.dispose();
  }
}

/** Prints a plan that was just made, or its header where it was written to a file, and what it leaves out. */
export async function showMadePlan(
  session: Session,
  made: {
    readonly plan: string;
    readonly header: PlanHeader;
    readonly problems?: readonly { readonly message: string }[] | undefined;
    readonly notes?: readonly string[] | undefined;
  },
  out: string | undefined,
): Promise<ExitCode> {
  const { plan, header, problems = [], notes = [] } = made;
  if (!session.json) await print(session, plan, header, out);
  else if (out === undefined) await writePlan(session, plan, header);
  else await writeDocument(session.terminal, header);
  for (const note of notes) session.terminal.note(note);
  noteLeftOut(session, problems);
  if (!session.json) await noteDamaged(session, [header.from.root, header.to.root]);
  return problems.length === 0 ? EXIT.done : EXIT.partly;
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
    // What the page says beside the item is left out; JSON leaves out what is undefined.
    yield items.map(({ op, path, movedFrom, fromPath, direction, trashed, lastCopy, expect }) => ({
      op,
      path,
      movedFrom,
      fromPath,
      direction,
      trashed,
      lastCopy,
      expect,
    }));
    if (offset + items.length >= total || items.length === 0) return;
  }
}

async function print(session: Session, plan: string, header: PlanHeader, out: string | undefined): Promise<void> {
  const { terminal, call } = session;
  const { summary } = header;
  const parts = [summary.copy, summary.move, summary.delete, summary.conflict];
  const steps = parts.reduce((sum, part) => sum + (part?.count ?? 0), 0);
  await terminal.write(
    steps === 0 ? `${await nothingToDo(session, header)}\n` : formatSummary(await call('plans.info', { plan })),
  );
  if ((summary.conflict?.count ?? 0) > 0) {
    terminal.note(
      `Conflicts are left as they are. To decide them: plan both … --on-conflict ${header.from.root}|${header.to.root}, for a part with --glob PATH; or open the plan in VS Code.`,
    );
  }
  if (out !== undefined) {
    terminal.note(`\nWrote ${out}\nApply it with: lakeside apply "${out}"`);
    return;
  }
  if (steps === 0) return;
  const { items, total } = await call('plans.page', { plan, limit: MAX_STEPS });
  await terminal.write(`\n${formatSteps(header, items)}`);
  const more = total - items.length;
  if (more > 0) terminal.note(`… and ${formatQuantity(more, 'more step', 'more steps')}; --json lists all.`);
  terminal.note('Write it to a file with --out FILE, then: lakeside apply FILE');
}

async function nothingToDo({ call }: Session, { kind, from, to, options }: PlanHeader): Promise<string> {
  if (kind === 'undo') return 'There is nothing to take back.';
  if (kind === 'evict') {
    const wanted = options.evict?.freeBytes;
    const isFree = wanted !== undefined && (await call('roots.space', { name: to.root })).freeBytes >= wanted;
    return isFree ? `Nothing needs to go from ${to.root}.` : `Nothing of ${to.root} may go by these rules.`;
  }
  if (kind === 'both') return `${from.root} and ${to.root} hold the same: nothing to do.`;
  return `${to.root} already holds what ${from.root} holds: nothing to do.`;
}
