import type { Command } from 'commander';

import { canceledError, isCanceled, LakesideError } from '../base/errors.ts';
import { formatBytes, formatCount, formatDuration, formatQuantity } from '../base/format.ts';
import { type Root, type ScanReport, scanReportSchema } from '../protocol/values.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import { writeDocument } from './jsonDocument.ts';
import { NO_ROOTS } from './rootsCommand.ts';
import { finishJobs, jobProblem } from './runJobs.ts';
import { formatTable, printable } from './table.ts';
import type { RunCommand, Session } from './session.ts';

/** A person gets so many problems of a root in words; `--json` has all. */
const MAX_PROBLEMS = 20;

export function addScanCommand(program: Command, run: RunCommand): void {
  program
    .command('scan')
    .description('bring the index up to date with the files of the named roots, or of all')
    .argument('[name...]')
    .option('--hash', 'also hash what has no hash yet')
    .action((names: string[], { hash }: { hash?: boolean }) =>
      run({ runsJobs: true }, async (session) => {
        const { jobs } = await session.call('library.scan', {
          ...(names.length === 0 ? {} : { roots: [...new Set(names)] }),
          ...(hash === undefined ? {} : { hash }),
        });
        const ended = await finishJobs(
          session,
          jobs.map(({ job }) => job),
        );
        // Counting all files of all roots takes a while; a scan that went well has told its own.
        const needsRoots = names.length === 0 || ended.some(({ status }) => status !== 'succeeded');
        const roots = needsRoots ? (await session.call('roots.list', {})).roots : [];
        const scanned = ended.map((job, index): ScanEnd => {
          const root = roots.find(({ name }) => name === jobs[index]?.root);
          return { root, problem: jobProblem(job), result: job.result };
        });
        return report(session, [...scanned, ...(names.length === 0 ? leftOut(roots, jobs) : [])]);
      }),
    );
}

interface ScanEnd {
  /** As it is after the scan; undefined when that went well, or the root was removed meanwhile. */
  readonly root: Root | undefined;
  readonly problem: LakesideError | undefined;
  readonly result?: unknown;
}

/** Where no root is named, those that are not mounted are not scanned; a person has to know. */
function leftOut(roots: readonly Root[], jobs: readonly { readonly root: string }[]): ScanEnd[] {
  return roots
    .filter(({ name }) => jobs.every((job) => job.root !== name))
    .map((root) => {
      const sentence = `The root "${root.name}" is not mounted.`;
      return {
        root,
        problem: LakesideError.fromShape(
          root.problem ?? { code: 'ROOT_NOT_MOUNTED', category: 'infra', message: sentence },
        ),
      };
    });
}

async function report(session: Session, ends: readonly ScanEnd[]): Promise<ExitCode> {
  const problems = ends.flatMap(({ problem }) => problem ?? []);
  const [first] = problems;
  if (session.signal.aborted && problems.some(isCanceled)) throw canceledError('The scan');
  // Where nothing was scanned there is nothing to report but the reason.
  if (first !== undefined && problems.length === ends.length) throw first;
  const reports = ends.map(reportOf);
  if (session.json) await writeDocument(session.terminal, { roots: reports });
  else {
    // What was not scanned has its reason, and no counts.
    const isScanned = (_report: ScanReport, index: number): boolean => ends[index]?.problem === undefined;
    await print(session, reports, reports.filter(isScanned));
  }
  const partly = problems.length > 0 || reports.some((each) => each.problems.length > 0);
  return partly ? EXIT.partly : EXIT.done;
}

/** What became of one root; one that could not be scanned is reported as the index has it, with the reason. */
function reportOf({ root, problem, result }: ScanEnd): ScanReport {
  if (problem === undefined) return scanReportSchema.parse(result);
  return {
    name: root?.name ?? '',
    files: root?.files ?? 0,
    bytes: root?.bytes ?? 0,
    added: 0,
    changed: 0,
    removed: 0,
    hashed: 0,
    hashedBytes: 0,
    problems: [{ path: '', code: problem.code, message: problem.message }],
    ms: 0,
  };
}

async function print(
  { terminal }: Session,
  reports: readonly ScanReport[],
  scanned: readonly ScanReport[],
): Promise<void> {
  if (reports.length === 0) {
    await terminal.write(NO_ROOTS);
    return;
  }
  const columns = [
    { title: 'ROOT' },
    ...['FILES', 'SIZE', 'ADDED', 'CHANGED', 'REMOVED', 'HASHED', 'TIME'].map(
      (title) => ({ title, align: 'right' }) as const,
    ),
  ];
  const rows = scanned.map((report) => [
    report.name,
    formatCount(report.files),
    formatBytes(report.bytes),
    formatCount(report.added),
    formatCount(report.changed),
    formatCount(report.removed),
    report.hashed === 0 ? '0' : `${formatCount(report.hashed)} (${formatBytes(report.hashedBytes)})`,
    report.ms < 1_000 ? `${Math.round(report.ms)} ms` : formatDuration(report.ms),
  ]);
  await terminal.write(formatTable(columns, rows));
  for (const { name, problems } of reports) printProblems(terminal, name, problems);
}

function printProblems(terminal: Session['terminal'], name: string, problems: ScanReport['problems']): void {
  if (problems.length === 0) return;
  terminal.note(`\n${name}: ${formatQuantity(problems.length, 'problem')}`);
  for (const { message } of problems.slice(0, MAX_PROBLEMS)) terminal.note(`  ${printable(message)}`);
  const more = problems.length - MAX_PROBLEMS;
  if (more > 0) terminal.note(`  … and ${formatCount(more)} more; --json lists all.`);
}
