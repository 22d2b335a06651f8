import { LakesideError } from '../base/errors.ts';
import { formatBytes, formatCount, formatQuantity } from '../base/format.ts';
import type { UseCaseOutput } from '../protocol/useCases.ts';
import { type ApplySummary, applySummarySchema, type Job } from '../protocol/values.ts';
import { writeDocument } from './jsonDocument.ts';
import type { Session } from './session.ts';
import { formatTable, printable } from './table.ts';

/** The most that one question gives. */
export const MAX_JOBS = 1_000;
/** Enough of an id to tell jobs apart; commands take any beginning that only one job has. */
export const SHORT_ID = 8;

export type Paused = UseCaseOutput<'jobs.list'>['paused'];

/** The id that begins with what was typed. */
export async function wholeId({ call }: Session, typed: string): Promise<string> {
  const { jobs } = await call('jobs.list', { limit: MAX_JOBS });
  const found = jobs.filter(({ id }) => id.startsWith(typed));
  if (found.length > 1) {
    throw new LakesideError(
      'JOB_AMBIGUOUS',
      'validation',
      `${found.length} jobs begin with ${typed}. Type more of the id.`,
    );
  }
  return found[0]?.id ?? typed;
}

/** @param empty what a person reads where there are none */
export async function printJobs(
  { terminal, json }: Session,
  jobs: readonly Job[],
  paused?: Paused,
  empty = 'There are no jobs.',
): Promise<void> {
  if (json) {
    await writeDocument(terminal, {
      jobs: jobs.map(({ id, kind, status, attempts, progress, error }) => ({
        id,
        kind,
        status,
        attempts,
        progress,
        ...(error === undefined
          ? {}
          : { error: { code: error.code, category: error.category, message: error.message } }),
      })),
      ...(isAnything(paused) ? { paused } : {}),
    });
    return;
  }
  if (paused?.all === true) terminal.note('The queue is paused: `jobs resume --all` lets it go on.');
  else if (paused !== undefined && paused.kinds.length > 0) {
    terminal.note(`Paused: jobs of kind ${paused.kinds.join(', ')}.`);
  }
  if (jobs.length === 0) {
    await terminal.write(`${empty}\n`);
    return;
  }
  const columns = [
    { title: 'ID' },
    { title: 'ADDED (UTC)' },
    { title: 'STATUS' },
    { title: 'JOB' },
    { title: 'PROGRESS' },
  ];
  const rows = jobs.map((job) => [
    job.id.slice(0, SHORT_ID),
    minuteOf(job.createdAt),
    statusOf(job),
    printable(job.title),
    progressOf(job),
  ]);
  await terminal.write(formatTable(columns, rows));
}

function minuteOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}

function isAnything(paused: Paused): boolean {
  return paused !== undefined && (paused.all || paused.kinds.length > 0);
}

function statusOf({ status, pausing, canceling }: Job): string {
  if (canceling === true) return 'canceling';
  return pausing === true ? 'pausing' : status;
}

function progressOf({ kind, status, progress, error, waitingFor, parts, result }: Job): string {
  if (error !== undefined && status !== 'succeeded') return printable(error.message);
  if (waitingFor !== undefined && (status === 'waiting' || status === 'queued')) return printable(waitingFor);
  const applied = kind === 'apply' && status === 'succeeded' ? applySummarySchema.safeParse(result).data : undefined;
  if (applied !== undefined) return appliedWords(applied);
  if (progress === null) return '';
  const { doneItems, totalItems, doneBytes } = progress;
  const things = kind === 'generate' ? 'images' : 'files';
  const files = totalItems === null ? `${doneItems} ${things}` : `${doneItems} of ${totalItems} ${things}`;
  const done = doneBytes > 0 ? `${files}, ${formatBytes(doneBytes)}` : files;
  return parts === undefined ? done : `${parts.over} of ${parts.total} parts, ${done}`;
}

/** What an apply has done is not what it has looked at: a step may have been so already. */
function appliedWords({ done, already, skipped, bytes }: ApplySummary): string {
  const others = Object.entries({ 'already so': already, skipped })
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${formatCount(count)} ${word}`);
  const copied = bytes > 0 ? `, ${formatBytes(bytes)}` : '';
  return [`${formatQuantity(done, 'step')} done${copied}`, ...others].join(', ');
}
