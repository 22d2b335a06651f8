import type { Problem } from '../protocol/values.ts';
import type { JobContext } from '../queue/jobHandlers.ts';

/** So many of them; a folder that cannot be read has more than anybody reads. */
const LOGGED_PROBLEMS = 400;

/** Notes in the job's log what could not be read, or was found. */
export function logProblems(context: Pick<JobContext, 'log'>, problems: readonly Problem[]): void {
  for (const { code, message } of problems.slice(0, LOGGED_PROBLEMS)) context.log('warn', `${message} (${code})`);
  const more = problems.length - LOGGED_PROBLEMS;
  if (more > 0) context.log('warn', `… and ${more} more of the kind.`);
}
