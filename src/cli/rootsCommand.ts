import type { Command } from 'commander';

import { formatBytes, formatCount } from '../base/format.ts';
import type { Root } from '../protocol/values.ts';
import { noteDamaged } from './damagedFiles.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import { writeDocument } from './jsonDocument.ts';
import { formatTable, printable } from './table.ts';
import type { RunCommand, Session } from './session.ts';

export const NO_ROOTS = 'There is no root yet. Add one: lakeside roots add local DIR\n';

export function addRootsCommand(program: Command, run: RunCommand): void {
  const roots = program.command('roots').description('add, list or forget the folders of models');

  roots
    .command('add')
    .description('make a folder a root: `local`, `lake`, or a further one')
    .argument('<name>')
    .argument('<dir>')
    .option('--allow-delete', 'allow deleting and replacing files there for good where the trash is turned off')
    .option('--new-id', 'give a copied folder an id of its own')
    .action((name: string, dir: string, options: { allowDelete?: boolean; newId?: boolean }) =>
      run({ runsJobs: false }, async (session) => {
        const { allowDelete, newId } = options;
        const role = name === 'local' || name === 'lake' ? name : 'other';
        await session.call('roots.add', {
          name,
          path: session.absolutePath(dir),
          role,
          ...(allowDelete === undefined ? {} : { allowDelete }),
          ...(newId === undefined ? {} : { newId }),
        });
        return printRoots(session, (await session.call('roots.list', {})).roots);
      }),
    );

  roots
    .command('list')
    .description('list the roots and what the index holds of them')
    .action(() =>
      run({ runsJobs: false }, async (session) => printRoots(session, (await session.call('roots.list', {})).roots)),
    );

  roots
    .command('move')
    .description('say where the folder of a root lies now; it must carry the marker of that root')
    .argument('<name>')
    .argument('<dir>')
    .action((name: string, dir: string) =>
      run({ runsJobs: false }, async (session) => {
        await session.call('roots.update', { name, path: session.absolutePath(dir) });
        return printRoots(session, (await session.call('roots.list', {})).roots);
      }),
    );

  roots
    .command('remove')
    .description('forget a root and its index; no file is touched')
    .argument('<name>')
    .action((name: string) =>
      run({ runsJobs: false }, async (session) =>
        printRoots(session, (await session.call('roots.remove', { name })).roots),
      ),
    );
}

async function printRoots(session: Session, roots: readonly Root[]): Promise<ExitCode> {
  const { terminal, json } = session;
  if (json) {
    await writeDocument(terminal, {
      roots: roots.map(({ name, id, path, allowDelete, mounted, files, bytes }) => ({
        name,
        id,
        path,
        allowDelete,
        mounted,
        files,
        bytes,
      })),
    });
    return EXIT.done;
  }
  if (roots.length === 0) {
    await terminal.write(NO_ROOTS);
    return EXIT.done;
  }
  const rows = roots.map((root) => [
    root.name,
    root.scannedAt === null ? 'not scanned' : formatCount(root.files),
    root.scannedAt === null ? '' : formatBytes(root.bytes),
    root.allowDelete ? 'yes' : 'no',
    root.mounted ? 'yes' : 'no',
    printable(root.path),
  ]);
  const columns = [
    { title: 'ROOT' },
    { title: 'FILES', align: 'right' },
    { title: 'SIZE', align: 'right' },
    { title: 'WITHOUT TRASH' },
    { title: 'MOUNTED' },
    { title: 'FOLDER' },
  ] as const;
  await terminal.write(formatTable(columns, rows));
  for (const { name, problem } of roots) if (problem !== undefined) terminal.note(`${name}: ${problem.message}`);
  if (roots.some(({ problem }) => problem !== undefined)) {
    terminal.note('Where a folder lies elsewhere now: lakeside roots move NAME DIR');
  }
  await noteDamaged(
    session,
    roots.filter(({ rottenFiles = 0 }) => rottenFiles > 0).map(({ name }) => name),
  );
  return EXIT.done;
}
