import type { Command } from 'commander';

import { canceledError } from '../base/errors.ts';
import { formatQuantity } from '../base/format.ts';
import type { UseCaseOutput } from '../protocol/useCases.ts';
import { EXIT } from './exitCode.ts';
import { writeListDocument } from './jsonDocument.ts';
import type { RunCommand, Session } from './session.ts';

type HashedFile = UseCaseOutput<'library.hashes'>['files'][number];

export function addHashesCommand(program: Command, run: RunCommand): void {
  program
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
