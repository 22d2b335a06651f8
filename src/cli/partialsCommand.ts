import type { Command } from 'commander';

import { formatBytes, formatQuantity } from '../base/format.ts';
import type { UseCaseOutput } from '../protocol/useCases.ts';
import { EXIT } from './exitCode.ts';
import { writeDocument } from './jsonDocument.ts';
import type { RunCommand, Session } from './session.ts';
import { formatTable, printable } from './table.ts';

/** As many as `partials.remove` takes at once. */
const PATHS_A_CALL = 10_000;

type Partials = UseCaseOutput<'partials.list'>['partials'];

interface SearchOptions {
  readonly search?: boolean;
}

export function addPartialsCommand(program: Command, run: RunCommand): void {
  const partials = program.command('partials').description('list or remove files that were copied in part');
  const search = ['--search', 'look into every folder, for small ones, too'] as const;
  partials
    .command('list')
    .description('half-copied files of a root, or of all, and the jobs that will go on with them')
    .argument('[name]', 'the root')
    .option(...search)
    .action((name: string | undefined, { search = false }: SearchOptions) =>
      run({ runsJobs: false }, async (session) => {
        const found = await session.call('partials.list', { ...(name === undefined ? {} : { root: name }), search });
        if (session.json) await writeDocument(session.terminal, found);
        else await print(session, found.partials);
        return EXIT.done;
      }),
    );
  partials
    .command('remove')
    .description('remove half-copied files that no job will go on with')
    .argument('<name>', 'the root')
    .argument('[file...]', 'paths of `partials list`; all, if none is named')
    .option(...search)
    .action((name: string, files: string[], { search = false }: SearchOptions) =>
      run({ runsJobs: false }, async (session) => {
        const paths = files.length > 0 ? files : await abandoned(session, name, search);
        const total = { removed: 0, bytes: 0 };
        for (let start = 0; start < paths.length; start += PATHS_A_CALL) {
          const part = paths.slice(start, start + PATHS_A_CALL);
          const { removed, bytes } = await session.call('partials.remove', { root: name, paths: part });
          total.removed += removed;
          total.bytes += bytes;
        }
        if (session.json) await writeDocument(session.terminal, total);
        else {
          const what = formatQuantity(total.removed, 'half-copied file');
          await session.terminal.write(`${what} removed (${formatBytes(total.bytes)}).\n`);
        }
        return EXIT.done;
      }),
    );
}

async function abandoned({ call }: Session, root: string, search: boolean): Promise<string[]> {
  const { partials } = await call('partials.list', { root, search });
  return partials.filter(({ job }) => job === undefined).map(({ path }) => path);
}

async function print({ terminal }: Session, partials: Partials): Promise<void> {
  if (partials.length === 0) {
    await terminal.write('There are no half-copied files.\n');
    return;
  }
  const columns = [{ title: 'ROOT' }, { title: 'SIZE', align: 'right' } as const, { title: 'JOB' }, { title: 'FILE' }];
  const rows = partials.map(({ root, size, job, path }) => [root, formatBytes(size), job ?? '–', printable(path)]);
  await terminal.write(formatTable(columns, rows));
}
