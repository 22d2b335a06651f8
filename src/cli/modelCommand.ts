import path from 'node:path';
import type { Command } from 'commander';

import { LakesideError } from '../base/errors.ts';
import { formatBytes, formatCount } from '../base/format.ts';
import { kindName } from '../protocol/modelWords.ts';
import type { UseCaseOutput } from '../protocol/useCases.ts';
import { EXIT } from './exitCode.ts';
import { writeDocument } from './jsonDocument.ts';
import type { RunCommand, Session } from './session.ts';
import { formatTable, printable } from './table.ts';

/** A person gets so many tags and callables; `--json` has all. */
const MAX_SHOWN = 12;

type Shown = UseCaseOutput<'models.show'>;

export function addModelCommand(program: Command, run: RunCommand): void {
  const model = program.command('model').description('what a model is');
  model
    .command('show')
    .description(
      'what a model file is by its header: kind, architecture, training; of a pickle whether it is safe to load',
    )
    .argument('<path>', 'a file in one of the roots; with --root, its path there')
    .option('--root <name>', 'the root that the path begins in')
    .action((typed: string, { root }: { root?: string }) =>
      run({ runsJobs: false }, async (session) => {
        const file = root === undefined ? await inRoot(session, typed) : { root, path: typed };
        const shown = await session.call('models.show', file, { signal: session.signal });
        if (session.json) await writeDocument(session.terminal, shown);
        else await session.terminal.write(text(shown));
        return EXIT.done;
      }),
    );
}

/** The root that a file lies in, and its path there; of roots inside of each other the inner one. */
async function inRoot(session: Session, typed: string): Promise<{ root: string; path: string }> {
  const file = session.absolutePath(typed);
  const { roots } = await session.call('roots.list', {});
  const [inner] = roots
    .map((root) => ({ root: root.name, relative: path.relative(root.path, file) }))
    .filter(
      ({ relative }) =>
        relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative),
    )
    .sort((left, right) => left.relative.length - right.relative.length);
  if (inner !== undefined) return { root: inner.root, path: inner.relative.split(path.sep).join('/') };
  throw new LakesideError(
    'PATH_OUTSIDE_ROOTS',
    'validation',
    `${file} lies in none of the roots. Name its root with --root, or add its folder: lakeside roots add NAME DIR`,
  );
}

function text({ root, path: relpath, size, blake3, fileKind, facts, safety, findings }: Shown): string {
  const rows: [string, string][] = [
    ['File', `${relpath} in ${root}`],
    ['Size', formatBytes(size)],
    ['BLAKE3', blake3 ?? 'not known yet'],
    ['Format', facts?.format ?? fileKind],
  ];
  if (facts !== undefined) rows.push(...factRows(facts));
  if (safety !== undefined) {
    rows.push(['Safety', [safety.level, ...safety.reasons.slice(0, MAX_SHOWN)].join('. ').replaceAll('..', '.')]);
  }
  for (const { code, message } of findings) rows.push(['Finding', `${message} (${code})`]);
  const columns = [{ title: '' }, { title: '' }];
  return formatTable(
    columns,
    rows.map(([word, value]) => [word, printable(value)]),
  );
}

function factRows(facts: NonNullable<Shown['facts']>): [string, string][] {
  const { kind, rank, baseModel, architecture, sure, parameters, dtypes, tensorCount, triggerWords, tags } = facts;
  const base = baseModel ?? architecture;
  const optional: [string, string | undefined][] = [
    ['Kind', `${kindName(kind)}${rank === undefined ? '' : `, rank ${rank}`}`],
    [
      'Base model',
      base === undefined ? undefined : `${base}${sure === undefined || sure === 'certain' ? '' : ` (${sure})`}`,
    ],
    ['Parameters', `${formatCount(parameters)} in ${formatCount(tensorCount)} tensors`],
    ['Types', dtypes.map(({ dtype }) => dtype).join(', ') || undefined],
    ['Title', facts.title],
    ['Author', facts.author],
    ['Licence', facts.licence],
    ['Trained from', facts.trainedFrom],
    ['Resolution', facts.resolution],
    ['Trigger words', triggerWords.join(', ') || undefined],
    [
      'Tags',
      tags
        .slice(0, MAX_SHOWN)
        .map(({ tag, count }) => `${tag} (${formatCount(count)})`)
        .join(', ') || undefined,
    ],
  ];
  return optional.flatMap(([word, value]): [string, string][] => (value === undefined ? [] : [[word, value]]));
}
