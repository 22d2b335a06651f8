import type { Command } from 'commander';

import { formatBytes, formatCount, formatDuration, formatQuantity } from '../base/format.ts';
import type { DiffItem, DiffState } from '../protocol/values.ts';
import type { UseCaseInput, UseCaseOutput } from '../protocol/useCases.ts';
import { noteDamaged } from './damagedFiles.ts';
import { EXIT } from './exitCode.ts';
import { writeListDocument } from './jsonDocument.ts';
import { showProgress } from './runJobs.ts';
import { formatTable, printable } from './table.ts';
import type { RunCommand, Session } from './session.ts';

/** A person gets so many items; `--json` has all. */
const MAX_ITEMS = 200;
/** Items asked for at once, so that a million are never in memory together. */
const PAGE_ITEMS = 10_000;

interface DiffOptions {
  readonly from: string;
  readonly to: string;
  readonly content?: boolean;
  readonly findMoves?: boolean;
  readonly all?: boolean;
}

export function addDiffCommand(program: Command, run: RunCommand): void {
  program
    .command('diff')
    .description('compare two roots by the index; the disk is not read')
    .requiredOption('--from <name>', 'the root that is the model for the other')
    .requiredOption('--to <name>', 'the root that is compared with it')
    .option('--content', 'first hash what only content can decide')
    .option('--find-moves', 'first hash files of one size and name, to find those that moved')
    .option('--all', 'list equal files too')
    .action(({ from, to, content, findMoves, all }: DiffOptions) =>
      run({ runsJobs: content === true || findMoves === true }, async (session) => {
        const progress = showProgress(session);
        const input = {
          from,
          to,
          ...(content === undefined ? {} : { content }),
          ...(findMoves === undefined ? {} : { findMoves }),
          ...(all === undefined ? {} : { all }),
          limit: session.json ? PAGE_ITEMS : MAX_ITEMS,
        };
        try {
          const diff = await session.call('library.diff', input, { signal: session.signal });
          const { counts, ms } = diff;
          if (session.json) {
            const items = pagesAfter(session, input, diff.items);
            await writeListDocument(session.terminal, { head: { counts }, list: 'items', items, tail: { ms } });
          } else {
            await print(session, diff, { from, to, content, all });
            await noteDamaged(session, [from, to]);
          }
          return EXIT.done;
        } finally {
          progress.dispose();
        }
      }),
    );
}

/** The first page, and those after it. */
async function* pagesAfter(
  { call, signal }: Session,
  input: UseCaseInput<'library.diff'>,
  first: DiffItem[],
): AsyncGenerator<DiffItem[]> {
  for (let page = first; ;) {
    yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_ITEMS) return;
    page = (await call('library.diff', { ...input, after: last.path }, { signal })).items;
  }
}

async function print(
  { terminal }: Session,
  { counts, items, ms }: UseCaseOutput<'library.diff'>,
  options: {
    readonly from: string;
    readonly to: string;
    readonly content: boolean | undefined;
    readonly all: boolean | undefined;
  },
): Promise<void> {
  const { from, to, all } = options;
  const words: Readonly<Record<DiffState, string>> = {
    equal: 'in both',
    missing: `in ${from}, not in ${to}`,
    extra: `in ${to}, not in ${from}`,
    different: 'in both, but not the same',
    moved: `in both, under another name in ${to}`,
  };
  const states = ['equal', 'missing', 'extra', 'different', 'moved'] as const;
  const summary = states.map((state) => [state, formatCount(counts[state]), words[state]]);
  let text = formatTable([{ title: '' }, { title: '', align: 'right' }, { title: '' }], summary);
  if (items.length > 0)
    text += `\n${formatTable([{ title: '' }, { title: '', align: 'right' }, { title: '' }], items.map(itemRow))}`;
  await terminal.write(text);
  const listed = counts.missing + counts.extra + counts.different + counts.moved + (all === true ? counts.equal : 0);
  const more = listed - items.length;
  if (more > 0) terminal.note(`… and ${formatQuantity(more, 'more item', 'more items')}; --json lists all.`);
  if (ms >= 1_000) terminal.note(`Compared in ${formatDuration(ms)}.`);
}

function itemRow({ state, path, movedFrom, from, to }: DiffItem): string[] {
  const size = (state === 'extra' ? to : from)?.size;
  const name = movedFrom === undefined ? printable(path) : `${printable(path)}  (there: ${printable(movedFrom)})`;
  return [state, size === undefined ? '' : formatBytes(size), name];
}
