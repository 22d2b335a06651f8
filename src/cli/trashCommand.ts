import type { Command } from 'commander';

import { LakesideError } from '../base/errors.ts';
import { formatBytes, formatCount, formatQuantity } from '../base/format.ts';
import type { UseCaseOutput } from '../protocol/useCases.ts';
import { trashReportSchema } from '../protocol/values.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import { writeDocument, writeListDocument } from './jsonDocument.ts';
import { finishJobs, jobProblem } from './runJobs.ts';
import { formatTable, printable } from './table.ts';
import { parseDays } from './quantities.ts';
import type { RunCommand, Session } from './session.ts';

/** A person gets so many; `--json` lists all. */
const MAX_ENTRIES = 200;
const MAX_PROBLEMS = 50;
const PAGE = 2_000;

type TrashPage = UseCaseOutput<'trash.list'>;
type TrashEntry = TrashPage['items'][number];

interface PurgeOptions {
  readonly olderThan?: number;
  readonly lastCopy?: readonly string[];
}

export function addTrashCommand(program: Command, run: RunCommand): void {
  const trash = program.command('trash').description('list, restore or remove what was deleted and replaced');
  trash
    .command('list')
    .description('what lies in the trash of a root, or of all, newest first')
    .argument('[name]', 'the root')
    .option('--text <text>', 'only what has this in its path')
    .action((name: string | undefined, { text }: { text?: string }) =>
      run({ runsJobs: false }, async (session) => {
        const asked = { ...(name === undefined ? {} : { root: name }), ...(text === undefined ? {} : { text }) };
        const first = await session.call('trash.list', {
          ...asked,
          fresh: true,
          limit: session.json ? PAGE : MAX_ENTRIES,
        });
        if (session.json) await writeEntries(session, asked, first);
        else await printEntries(session, first);
        return EXIT.done;
      }),
    );
  trash
    .command('restore')
    .description('bring files back to where they lay; nothing is overwritten')
    .argument('<name>', 'the root')
    .argument('<file...>', 'paths (the newest of each), or ids of `trash list --json`')
    .action((name: string, files: string[]) =>
      run({ runsJobs: true }, async (session) => {
        const ids = (await find(session, name, files)).map(({ id }) => id);
        const { job } = await session.call('trash.restore', { root: name, ids });
        return finish(session, job, 'restored');
      }),
    );
  trash
    .command('purge')
    .description('remove files from the trash for good; the last copy of a content stays unless it is named')
    .argument('<name>', 'the root')
    .argument('[file...]', 'paths (the newest of each), or ids of `trash list --json`')
    .option('--older-than <time>', 'all that lie there for so long, as 30d or 8w', parseDays)
    .option('--last-copy <file>', 'this file may go though it is the last copy of its content (repeatable)', gather)
    .action((name: string, files: string[], { olderThan, lastCopy = [] }: PurgeOptions) =>
      run({ runsJobs: true }, async (session) => {
        if (files.length === 0 && lastCopy.length === 0 && olderThan === undefined) throw nothingNamed(name);
        const lastCopies = (await find(session, name, lastCopy)).map(({ id }) => id);
        const named = (await find(session, name, files)).map(({ id }) => id);
        const ids = [...new Set([...named, ...(olderThan === undefined ? lastCopies : [])])];
        const { job } = await session.call('trash.purge', {
          root: name,
          ...(ids.length === 0 ? {} : { ids }),
          ...(olderThan === undefined ? {} : { olderThanDays: olderThan }),
          lastCopies,
        });
        return finish(session, job, 'removed for good');
      }),
    );
}

function nothingNamed(root: string): LakesideError {
  return new LakesideError(
    'TRASH_NOTHING_NAMED',
    'validation',
    `Say which files are to be removed for good: lakeside trash purge ${root} FILE..., or --older-than 30d.`,
  );
}

function gather(typed: string, before: readonly string[] = []): string[] {
  return [...before, typed];
}

/** What was typed is an id, or a path: then the newest of that path. */
async function find({ call }: Session, root: string, typed: readonly string[]): Promise<TrashEntry[]> {
  const found: TrashEntry[] = [];
  for (const [index, text] of typed.entries()) {
    const entry =
      (await findOne(call, root, text, index === 0, (each) => each.path === text)) ??
      (await findOne(call, root, text.slice(text.indexOf('/') + 1), false, (each) => each.id === text));
    if (entry === undefined) {
      throw new LakesideError('TRASH_NOT_FOUND', 'validation', `There is no ${text} in the trash of ${root}.`, {
        context: { root, path: text },
      });
    }
    found.push(entry);
  }
  return found;
}

async function findOne(
  call: Session['call'],
  root: string,
  text: string,
  fresh: boolean,
  isIt: (entry: TrashEntry) => boolean,
): Promise<TrashEntry | undefined> {
  for (let offset = 0; ; offset += PAGE) {
    const { items, total } = await call('trash.list', {
      root,
      text,
      fresh: fresh && offset === 0,
      offset,
      limit: PAGE,
    });
    const entry = items.find(isIt);
    if (entry !== undefined || offset + items.length >= total || items.length === 0) return entry;
  }
}

async function finish(session: Session, job: string, what: string): Promise<ExitCode> {
  const [ended] = await finishJobs(session, [job]);
  const problem = ended === undefined ? undefined : jobProblem(ended);
  if (problem !== undefined) throw problem;
  const { done, kept, bytes, problems, ms } = trashReportSchema.parse(ended?.result);
  const { terminal } = session;
  if (session.json) await writeDocument(terminal, { done, kept, bytes, problems, ms });
  else {
    await terminal.write(
      `${formatQuantity(done, 'file')} ${what} (${formatBytes(bytes)})${kept === 0 ? '' : `, ${formatCount(kept)} kept`}.\n`,
    );
    for (const { message } of problems.slice(0, MAX_PROBLEMS)) terminal.note(`kept: ${printable(message)}`);
    if (problems.some(({ code }) => code === 'LAST_COPY')) {
      terminal.note('To let such a file go all the same, add: --last-copy FILE');
    }
    if (kept > MAX_PROBLEMS) terminal.note(`… and ${formatCount(kept - MAX_PROBLEMS)} more.`);
  }
  return kept === 0 ? EXIT.done : EXIT.partly;
}

async function writeEntries(
  { call, terminal, signal }: Session,
  asked: { readonly root?: string; readonly text?: string },
  first: TrashPage,
): Promise<void> {
  const pages = async function* (): AsyncGenerator<readonly TrashEntry[]> {
    let page = first;
    for (let offset = 0; page.items.length > 0 && !signal.aborted;) {
      yield page.items;
      offset += page.items.length;
      if (offset >= page.total) return;
      page = await call('trash.list', { ...asked, offset, limit: PAGE });
    }
  };
  await writeListDocument(terminal, {
    head: { total: first.total, bytes: first.bytes },
    list: 'items',
    items: pages(),
  });
}

async function printEntries({ terminal }: Session, { total, bytes, items }: TrashPage): Promise<void> {
  if (total === 0) {
    await terminal.write('Nothing lies in the trash.\n');
    return;
  }
  const columns = [
    { title: 'DELETED' },
    { title: 'ROOT' },
    { title: 'SIZE', align: 'right' } as const,
    { title: 'FILE' },
  ];
  const rows = items.map(({ trashedAt, root, size, path, lastCopy }) => [
    new Date(trashedAt).toISOString().slice(0, 16).replace('T', ' '),
    root,
    formatBytes(size),
    `${printable(path)}${lastCopy ? '  (last copy)' : ''}`,
  ]);
  await terminal.write(formatTable(columns, rows));
  const more = total - items.length;
  terminal.note(
    `${formatQuantity(total, 'file')}, ${formatBytes(bytes)}.${more > 0 ? ` ${formatCount(more)} are not shown; --json lists all.` : ''}`,
  );
}
