import { type Command, InvalidArgumentError } from 'commander';

import { formatBytes, formatCount, formatQuantity } from '../base/format.ts';
import { type VerifyReport, verifyReportSchema } from '../protocol/values.ts';
import { EXIT } from './exitCode.ts';
import { writeDocument } from './jsonDocument.ts';
import { finishJobs, jobProblem } from './runJobs.ts';
import type { RunCommand, Session } from './session.ts';
import { printable } from './table.ts';

/** A person gets so many problems in words; `--json` has up to a thousand. */
const MAX_PROBLEMS = 50;

export function addVerifyCommand(program: Command, run: RunCommand): void {
  program
    .command('verify')
    .description('read hashed files of a root again and compare them with their hashes')
    .argument('<root>')
    .argument('[path...]', 'files and folders, by their paths in the root')
    .option('--sample <percent>', 'only so many per cent of the files, chosen by chance', percentOf)
    .action((root: string, paths: string[], { sample }: { sample?: number }) =>
      run({ runsJobs: true }, async (session) => {
        const { job: id } = await session.call('library.verify', {
          root,
          ...(paths.length === 0 ? {} : { paths }),
          ...(sample === undefined ? {} : { samplePercent: sample }),
        });
        const [job] = await finishJobs(session, [id]);
        const problem = job === undefined ? undefined : jobProblem(job);
        if (problem !== undefined) throw problem;
        const report = verifyReportSchema.parse(job?.result);
        if (session.json) await writeDocument(session.terminal, report);
        else await print(session, report);
        return report.problems.length > 0 || report.changed > 0 ? EXIT.partly : EXIT.done;
      }),
    );
}

function percentOf(text: string): number {
  const percent = Number(text.replace(/\s*%$/, ''));
  if (percent > 0 && percent <= 100) return percent;
  throw new InvalidArgumentError('Give per cent, above 0 and up to 100, such as 5%.');
}

async function print({ terminal }: Session, report: VerifyReport): Promise<void> {
  const { verified, verifiedBytes, rotten, changed, unhashed, problems } = report;
  // What is wrong comes first.
  if (rotten > 0) await terminal.write(`${formatQuantity(rotten, 'file is', 'files are')} damaged.\n`);
  if (changed > 0) terminal.note(`${formatQuantity(changed, 'file has', 'files have')} changed since the last scan.`);
  if (unhashed > 0) terminal.note(`${formatQuantity(unhashed, 'file has', 'files have')} no hash yet to compare with.`);
  for (const { message } of problems.slice(0, MAX_PROBLEMS)) terminal.note(`  ${printable(message)}`);
  const more = problems.length - MAX_PROBLEMS;
  if (more > 0) terminal.note(`  … and ${formatCount(more)} more; --json lists them.`);
  await terminal.write(
    `${formatQuantity(verified, 'file is', 'files are')} as hashed (${formatBytes(verifiedBytes)}).\n`,
  );
}
