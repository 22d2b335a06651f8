import type { Command } from 'commander';

import { canceledError } from '../base/errors.ts';
import { formatQuantity } from '../base/format.ts';
import type { UseCaseOutput } from '../protocol/useCases.ts';
import { EXIT } from './exitCode.ts';
import { writeDocument, writeListDocument } from './jsonDocument.ts';
import type { RunCommand, Session } from './session.ts';
import { printable } from './table.ts';

/** A person gets so many problems in words. */
const MAX_PROBLEMS = 20;

type HashedFile = UseCaseOutput<'library.hashes'>['files'][number];

export function addHashesCommand(program: Command, run: RunCommand): void {
  const hashes = program
    .command('hashes')
    .description('print the BLAKE3 of every file of a root, in the form `b3sum --check` reads')
    .argument('<name>')
    .action((root: string) =>
      run({ runsJobs: false }, async (session) => {
        if (session.json) {
          await writeListDocument(session.terminal, { list: 'files', items: pages(session, root) });
          return EXIT.done;
        }
        let unknown = 0;
        for await (const files of pages(session, root)) {
          const known = files.filter(({ blake3 }) => blake3 !== null);
          unknown += files.length - known.length;
          await session.terminal.write(known.map(checksumLine).join(''));
          if (session.terminal.isClosed) break;
        }
        if (unknown > 0) {
          const files = formatQuantity(unknown, 'file has', 'files have');
          session.terminal.note(`${files} no hash yet. Get them with: lakeside scan "${root}" --hash`);
        }
        return EXIT.done;
      }),
    );

  hashes
    .command('import')
    .description('take the hashes of a listing that `b3sum` made on the machine of the root itself')
    .argument('<root>')
    .argument('<file>')
    .option('--prefix <dir>', 'what the paths of the listing begin with; found out where it is left out')
    .action((root: string, file: string, { prefix }: { prefix?: string }) =>
      run({ runsJobs: true }, async (session) => {
        const imported = await session.call(
          'library.importHashes',
          { root, file: session.absolutePath(file), ...(prefix === undefined ? {} : { prefix }) },
          { signal: session.signal },
        );
        if (session.json) await writeDocument(session.terminal, imported);
        else await printImport(session, imported);
        return imported.problems.length > 0 ? EXIT.partly : EXIT.done;
      }),
    );
}

async function printImport({ terminal }: Session, imported: UseCaseOutput<'library.importHashes'>): Promise<void> {
  const { imported: count, known, problems } = imported;
  await terminal.write(`${formatQuantity(count, 'hash', 'hashes')} taken, ${known} known before.\n`);
  for (const { message } of problems.slice(0, MAX_PROBLEMS)) terminal.note(`  ${printable(message)}`);
  const more = problems.length - MAX_PROBLEMS;
  if (more > 0) terminal.note(`  … and ${more} more; --json lists them.`);
}

async function* pages({ call, signal }: Session, root: string): AsyncGenerator<readonly HashedFile[]> {
  let after: string | undefined;
  do {
    if (signal.aborted) throw canceledError();
    const { files, next } = await call('library.hashes', { root, ...(after === undefined ? {} : { after }) });
    yield files;
    after = next;
  } while (after !== undefined);
}

/** As b3sum writes it: a name with a backslash or a line break is escaped, and the line begins with a backslash. */
function checksumLine({ path, blake3 }: HashedFile): string {
  const escaped = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${escaped === path ? '' : '\\'}${blake3 ?? ''}  ${escaped}\n`;
}
