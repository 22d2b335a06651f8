import { type Command, Option } from 'commander';

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
  readonly onConflict?: 'from' | 'to';
  readonly out?: string;
  readonly root: string;
  readonly keptBy?: string;
  readonly free?: number;
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
  const select: Selection = {
    ...(folder === undefined ? {} : { folders: folder.map(toRelpath) }),
    ...(glob === undefined ? {} : { globs: glob }),
    ...(minSize === undefined ? {} : { minSize }),
    ...(maxSize === undefined ? {} : { maxSize }),
  };
  return Object.keys(select).length === 0 ? {} : { select };
}

/** As shells complete it: with a slash at the end, on Windows with backslashes. */
function toRelpath(typed: string): string {
  return (process.platform === 'win32' ? typed.replaceAll('\\', '/') : typed).replace(/^\.\/|\/+$/g, '');
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
            new Option('--on-conflict <side>', 'which root stays wherever the two differ').choices(['from', 'to']),
          ),
      ),
    runsJobs: hashes,
    make: ({ call, signal }, options, out) => {
      const { onConflict } = options;
      const input = { ...pair(options, out), ...moves(options) };
      return call('plans.both', onConflict === undefined ? input : { ...input, keep: onConflict }, { signal });
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
          .option('--free <size>', 'stop when so much is free on its disk, as 50GB', parseBytes)
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

function makeEvict({ call, signal }: Session, options: PlanOptions, out: string | undefined): Promise<MadePlan> {
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
  return call('plans.evict', input, { signal });
}
