import { type Command, Option } from 'commander';

import { LakesideError } from '../base/errors.ts';
import { foldName } from '../base/relpath.ts';
import type { Selection } from '../protocol/planFile.ts';
import type { UseCaseInput, UseCaseOutput } from '../protocol/useCases.ts';
import { parseBytes, parseDays } from './quantities.ts';
import type { Session } from './session.ts';

export type MadePlan = UseCaseOutput<'plans.mirror'> & { readonly notes?: readonly string[] };

/** A kind of plan as a command: its options, and the use case they become. */
export interface PlanKindCommand {
  readonly name: 'mirror' | 'update' | 'both' | 'evict';
  readonly description: string;
  addOptions(command: Command): Command;
  /** Whether it waits for hashes, and so runs the queue. */
  runsJobs(options: PlanOptions): boolean;
  make(session: Session, options: PlanOptions, out: string | undefined): Promise<MadePlan>;
}

/** All options of all kinds; commander gives those of the kind. */
export interface PlanOptions {
  readonly from: string;
  readonly to: string;
  readonly delete?: boolean;
  readonly content?: boolean;
  readonly findMoves?: boolean;
  readonly folder?: string[];
  readonly glob?: string[];
  readonly minSize?: number;
  readonly maxSize?: number;
  /** `from`, `to` or a root's name. */
  readonly onConflict?: string;
  readonly out?: string;
  readonly root: string;
  readonly keptBy?: string;
  readonly free?: number;
  readonly all?: boolean;
  readonly olderThan?: number;
  readonly unusedFor?: number;
  readonly order?: 'largest' | 'oldest' | 'unused';
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

function addSelection(command: Command): Command {
  return command
    .option('--folder <path>', 'only this folder; may be given several times', collect)
    .option('--glob <pattern>', 'only paths that fit, as in the setting ignore; may be given several times', collect)
    .option('--min-size <size>', 'only files of at least this size, as 700MB', parseBytes)
    .option('--max-size <size>', 'only files of at most this size', parseBytes);
}

function addPair(command: Command, from: string, to: string): Command {
  return command
    .requiredOption('--from <name>', from)
    .requiredOption('--to <name>', to)
    .option('--content', 'first hash what only content can decide');
}

function selection({ folder, glob, minSize, maxSize }: PlanOptions): { select?: Selection } {
  const folders = folder?.map(toRelpath);
  const select: Selection = {
    // `.` is the whole root.
    ...(folders === undefined || folders.includes('') ? {} : { folders }),
    ...(glob === undefined ? {} : { globs: glob }),
    ...(minSize === undefined ? {} : { minSize }),
    ...(maxSize === undefined ? {} : { maxSize }),
  };
  return Object.keys(select).length === 0 ? {} : { select };
}

/** As shells complete it: with a slash at the end, on Windows with backslashes. */
function toRelpath(typed: string): string {
  return (process.platform === 'win32' ? typed.replaceAll('\\', '/') : typed)
    .replace(/^\.\/|\/+$/g, '')
    .replace(/^\.$/, '');
}

function pair(options: PlanOptions, out: string | undefined): UseCaseInput<'plans.update'> {
  const { from, to, content } = options;
  return {
    from,
    to,
    ...(content === undefined ? {} : { content }),
    ...selection(options),
    ...(out === undefined ? {} : { out }),
  };
}

const hashes = ({ content, findMoves }: PlanOptions): boolean => content === true || findMoves === true;
const FIND_MOVES = ['--find-moves', 'first hash files of one size and name, to find those that moved'] as const;

export const PLAN_KINDS: readonly PlanKindCommand[] = [
  {
    name: 'mirror',
    description: 'make the plan after which --to holds what --from holds',
    addOptions: (command) =>
      addSelection(
        addPair(command, 'the root to mirror', 'the root to change')
          .option('--delete', 'also delete what only --to has')
          .option(...FIND_MOVES),
      ),
    runsJobs: hashes,
    make: ({ call, signal }, options, out) =>
      call(
        'plans.mirror',
        { ...pair(options, out), ...moves(options), ...(options.delete && { delete: true }) },
        { signal },
      ),
  },
  {
    name: 'update',
    description:
      'make the plan that adds to --to what it lacks and replaces what differs; it moves and deletes nothing',
    addOptions: (command) => addSelection(addPair(command, 'the root to copy from', 'the root to change')),
    runsJobs: hashes,
    make: ({ call, signal }, options, out) => call('plans.update', pair(options, out), { signal }),
  },
  {
    name: 'both',
    description: 'make the plan that copies both ways what the other root lacks; what differs is a conflict',
    addOptions: (command) =>
      addSelection(
        addPair(command, 'one root', 'the other root')
          .option(...FIND_MOVES)
          .addOption(
            new Option('--on-conflict <side>', 'which root stays wherever the two differ: from, to, or its name'),
          ),
      ),
    runsJobs: hashes,
    make: ({ call, signal }, options, out) => {
      const keep = keptSide(options);
      const input = { ...pair(options, out), ...moves(options) };
      return call('plans.both', keep === undefined ? input : { ...input, keep }, { signal });
    },
  },
  {
    name: 'evict',
    description: 'make the plan that frees space on --root by removing what another root holds verified',
    addOptions: (command) =>
      addSelection(
        command
          .requiredOption('--root <name>', 'the root to free space on')
          .option('--kept-by <name>', 'the root that holds the files; else the one that holds most of them')
          .option(
            '--free <size>',
            'stop when so much is free on its disk in all (not in addition), as 50GB',
            parseBytes,
          )
          .option('--all', 'all that another root holds, by no other rule')
          .option('--older-than <time>', 'only files that were last modified so long ago, as 90d', parseDays)
          .option(
            '--unused-for <time>',
            'only files that were last read so long ago, where the disk notes it',
            parseDays,
          )
          .addOption(
            new Option('--order <order>', 'which files go first')
              .choices(['largest', 'oldest', 'unused'])
              .default('largest'),
          ),
      ),
    runsJobs: () => false,
    make: makeEvict,
  },
];

function moves({ findMoves }: PlanOptions): { findMoves?: boolean } {
  return findMoves === undefined ? {} : { findMoves };
}

function keptSide({ from, to, onConflict }: PlanOptions): 'from' | 'to' | undefined {
  if (onConflict === undefined || onConflict === 'from' || onConflict === 'to') return onConflict;
  if (foldName(onConflict) === foldName(from)) return 'from';
  if (foldName(onConflict) === foldName(to)) return 'to';
  throw new LakesideError(
    'CONFLICT_SIDE_UNKNOWN',
    'validation',
    `--on-conflict takes from, to, ${from} or ${to}, not ${onConflict}.`,
  );
}

/** All of a root is planned only for one who says so. */
function requireRule(options: PlanOptions): void {
  const { all, free, olderThan, unusedFor, folder, glob, minSize, maxSize } = options;
  if (all === true || [free, olderThan, unusedFor, folder, glob, minSize, maxSize].some((rule) => rule !== undefined))
    return;
  throw new LakesideError(
    'EVICT_WITHOUT_RULE',
    'validation',
    `Say what may go from ${options.root}: --free SIZE, --older-than TIME, --unused-for TIME, or a part by --folder, --glob, --min-size or --max-size. For all that another root holds: --all.`,
  );
}

async function makeEvict({ call, signal }: Session, options: PlanOptions, out: string | undefined): Promise<MadePlan> {
  requireRule(options);
  const { root, keptBy, free, olderThan, unusedFor, order = 'largest', minSize } = options;
  const rules = {
    order,
    ...(free === undefined ? {} : { freeBytes: free }),
    ...(olderThan === undefined ? {} : { olderThanDays: olderThan }),
    ...(unusedFor === undefined ? {} : { unusedForDays: unusedFor }),
    ...(minSize === undefined ? {} : { minSize }),
  };
  const input = {
    root,
    rules,
    ...(keptBy === undefined ? {} : { keptBy }),
    ...selection(options),
    ...(out === undefined ? {} : { out }),
  };
  return await call('plans.evict', input, { signal });
}
