import { assertNever, isCanceled, type LakesideError } from '../base/errors.ts';

/** What the command line ends with (docs/cli.md). */
export const EXIT = {
  done: 0,
  /** Done, but something failed or was skipped. */
  partly: 1,
  /** The request was wrong. */
  wrong: 2,
  /** It could not run: a root is not mounted, the database, the disk. */
  couldNotRun: 3,
  /** Stopped by Ctrl-C, as shells count: 128 and the number of SIGINT. */
  canceled: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitCodeOf(error: LakesideError): ExitCode {
  if (isCanceled(error)) return EXIT.canceled;
  const { category } = error;
  switch (category) {
    case 'validation':
    case 'policy':
      return EXIT.wrong;
    case 'infra':
    case 'provider':
    case 'unknown':
      return EXIT.couldNotRun;
    default:
      return assertNever(category);
  }
}
