import { type Command, InvalidArgumentError, Option } from 'commander';

import { formatBytes, formatQuantity } from '../base/format.ts';
import type { UseCaseOutput } from '../protocol/useCases.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import { writeDocument } from './jsonDocument.ts';
import { formatTable, printable } from './table.ts';
import type { RunCommand, Session } from './session.ts';

const FORMATS = ['webp', 'png', 'jpeg', 'avif'] as const;

type Converted = UseCaseOutput<'images.convert'>['files'][number];

interface ConvertFlags {
  readonly to: (typeof FORMATS)[number];
  readonly quality?: number;
  readonly width?: number;
  readonly out?: string;
  readonly strip?: boolean;
  readonly force?: boolean;
}

/** So long as converting may take; Ctrl-C ends it before. */
const NO_HURRY_MS = 7 * 86_400_000;

export function addConvertCommand(program: Command, run: RunCommand): void {
  program
    .command('convert')
    .description('convert image files, keeping what they say about how they were made')
    .argument('<files...>')
    .addOption(new Option('--to <format>', 'format to convert to').choices(FORMATS).makeOptionMandatory())
    .option('--quality <n>', 'from 1 to 100; PNG has none', wholeNumber)
    .option('--width <n>', 'pixels; the height follows, and nothing is enlarged', wholeNumber)
    .option('--out <dir>', 'folder to write to; otherwise beside each file')
    .option('--strip', 'leave out what the images say about how they were made')
    .option('--force', 'replace files that are there')
    .action((files: string[], flags: ConvertFlags) =>
      run({ runsJobs: false }, async (session) => {
        const started = performance.now();
        const { out, ...rest } = flags;
        session.terminal.progress(`Converting ${formatQuantity(files.length, 'file', 'files')} …`);
        const converted = await session.call(
          'images.convert',
          {
            ...rest,
            files: files.map((file) => session.absolutePath(file)),
            ...(out === undefined ? {} : { out: session.absolutePath(out) }),
          },
          { signal: session.signal, timeoutMs: NO_HURRY_MS },
        );
        return report(session, converted.files, Math.round(performance.now() - started));
      }),
    );
}

async function report(session: Session, files: readonly Converted[], ms: number): Promise<ExitCode> {
  session.terminal.clearProgress();
  if (session.json) await writeDocument(session.terminal, { files, ms });
  else {
    const done = files.filter(({ status }) => status === 'done');
    const rows = done.map(({ to = '', width = 0, height = 0, bytes = 0 }) => [
      printable(to),
      `${width} × ${height}`,
      formatBytes(bytes),
    ]);
    if (rows.length > 0)
      await session.terminal.write(
        formatTable([{ title: 'file' }, { title: 'pixels', align: 'right' }, { title: 'size', align: 'right' }], rows),
      );
    for (const { from, status, reason } of files) {
      if (reason === undefined) continue;
      const was = status === 'done' ? '' : `${status}: `;
      session.terminal.note(`${printable(from)}: ${was}${printable(reason)}`);
    }
  }
  return files.every(({ status }) => status === 'done') ? EXIT.done : EXIT.partly;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.');
  return Number(text);
}
