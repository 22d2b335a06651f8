import { formatBytes, formatDuration, formatQuantity } from '../base/format.ts';
import { type Job, scanReportSchema, type StepResult } from '../protocol/values.ts';
import { jobRow } from './trees/jobView.ts';
import { formatTimeToSecond } from './trees/modelView.ts';

const SHOWN = 1_000;

/**
 * What there is to know of a job, as plain text to read and to copy from.
 * @param steps those of an apply job that a person should see: skipped, failed, canceled
 */
export function jobReport(job: Job, steps: readonly StepResult[]): string {
  const sections = [
    [job.title, '='.repeat(job.title.length), jobRow({ job, rate: undefined }).description],
    times(job),
    job.error === undefined ? [] : ['Why it failed', '-------------', job.error.message, `Code: ${job.error.code}`],
    stepLines(steps),
    problemLines(job),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function times(job: Job): string[] {
  const { progress } = job;
  return [
    `Queued     ${formatTimeToSecond(job.createdAt)}`,
    ...(job.startedAt === null ? [] : [`Started    ${formatTimeToSecond(job.startedAt)}`]),
    ...(job.finishedAt === null ? [] : [`Finished   ${formatTimeToSecond(job.finishedAt)}`]),
    ...(job.finishedAt === null || job.startedAt === null
      ? []
      : [`Took       ${formatDuration(job.finishedAt - job.startedAt)}`]),
    ...(progress === null || progress.doneBytes === 0 ? [] : [`Bytes      ${formatBytes(progress.doneBytes)}`]),
    `Attempts   ${job.attempts}`,
    `Id         ${job.id}`,
  ];
}

function stepLines(steps: readonly StepResult[]): string[] {
  if (steps.length === 0) return [];
  const title = `Not done: ${formatQuantity(steps.length, 'step')}`;
  const lines = steps.slice(0, SHOWN).map(({ op, path, status, reason }) => {
    return `${status.padEnd(9)}${op.padEnd(7)}${path}${reason === undefined ? '' : `\n                ${reason}`}`;
  });
  return [title, '-'.repeat(title.length), ...lines, ...rest(steps.length)];
}

function problemLines(job: Job): string[] {
  const report = scanReportSchema.pick({ problems: true }).safeParse(job.result).data;
  const problems = report?.problems ?? [];
  if (problems.length === 0) return [];
  const title = formatQuantity(problems.length, 'problem');
  return [
    title,
    '-'.repeat(title.length),
    ...problems.slice(0, SHOWN).map(({ message }) => message),
    ...rest(problems.length),
  ];
}

function rest(count: number): string[] {
  return count > SHOWN ? [`… and ${formatQuantity(count - SHOWN, 'more', 'more')}`] : [];
}
