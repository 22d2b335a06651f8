import type { Command } from 'commander';

import { LakesideError } from '../base/errors.ts';
import { formatCount } from '../base/format.ts';
import { type Run, RUN_STATES, type RunState } from '../protocol/studioValues.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import { findNamed } from './findNamed.ts';
import { runDocument } from './generateCommand.ts';
import { writeDocument } from './jsonDocument.ts';
import type { RunCommand, Session } from './session.ts';
import { formatTable, printable } from './table.ts';

interface ListOptions {
  readonly project?: string;
  readonly item?: string;
  readonly state: readonly string[];
  readonly limit?: string;
}

const PROMPT_LENGTH = 40;

export function addRunsCommand(program: Command, run: RunCommand): void {
  const runs = program.command('runs').description('list runs, or show one with its images');
  runs
    .command('list', { isDefault: true })
    .description('list the runs, newest first')
    .option('--project <project>', 'only those of this project')
    .option('--item <item>', 'only those of this work item; needs --project')
    .option('--state <state>', `only those that are ${RUN_STATES.join(', ')}; may be said several times`, gather, [])
    .option('--limit <n>', 'at most so many')
    .action((options: ListOptions) => run({ runsJobs: false }, (session) => list(session, options)));
  runs
    .command('show')
    .description('show a run with its images')
    .argument('<id>')
    .action((id: string) => run({ runsJobs: false }, (session) => show(session, id)));
}

async function list(session: Session, options: ListOptions): Promise<ExitCode> {
  const { call, terminal, json } = session;
  const limit = Number(options.limit ?? 100);
  const { runs } = await call('runs.list', {
    ...(await scopeOf(session, options)),
    ...(options.state.length === 0 ? {} : { states: options.state.map(stateOf) }),
    limit,
  });
  if (json) await writeDocument(terminal, { runs: runs.map(listedRun) });
  else if (runs.length === 0) await terminal.write('There are no runs.\n');
  else {
    const columns = [
      ...[{ title: 'ID' }, { title: 'STATUS' }, { title: 'PROJECT' }, { title: 'ITEM' }],
      ...[{ title: 'IMAGES', align: 'right' } as const, { title: 'PROVIDER' }, { title: 'PROMPT' }],
    ];
    const rows = runs.map((run) => [
      ...[run.id, run.status, run.project.slug, run.item.slug],
      `${formatCount(run.images)} of ${formatCount(run.count)}`,
      printable(run.provider),
      said(run),
    ]);
    await terminal.write(formatTable(columns, rows));
  }
  return EXIT.done;
}

async function show({ call, terminal, json }: Session, id: string): Promise<ExitCode> {
  const { run, snapshot, images } = await call('runs.get', { id });
  if (json) {
    const judged = images.map(({ id: image, path, width, height, blake3, seed, rating, pick }) => ({
      ...{ id: image, path, width, height, blake3, seed, rating, pick },
    }));
    const { prompt, negative } = snapshot.merged;
    await writeDocument(terminal, { run: { ...runDocument(run, images), prompt, negative, images: judged } });
    return EXIT.done;
  }
  await terminal.write(`${run.id}  ${run.status}  ${run.project.slug}/${run.item.slug}  ${printable(run.provider)}\n`);
  if (run.error !== undefined) await terminal.write(`${printable(run.error.message)}\n`);
  if (run.waitingFor !== undefined) await terminal.write(`${printable(run.waitingFor)}\n`);
  if (images.length === 0) return EXIT.done;
  const columns = [{ title: 'IMAGE' }, { title: 'SEED' }, { title: 'RATING' }, { title: 'PICK' }, { title: 'FILE' }];
  const rows = images.map(({ id: image, seed, rating, pick, path }) => [
    ...[image, String(seed), rating === 0 ? '' : String(rating), pick === 'none' ? '' : pick, path],
  ]);
  await terminal.write(formatTable(columns, rows));
  return EXIT.done;
}

async function scopeOf({ call }: Session, options: ListOptions): Promise<{ project?: string; item?: string }> {
  if (options.project === undefined) {
    if (options.item === undefined) return {};
    throw new LakesideError('PROJECT_MISSING', 'validation', 'Name the project of the work item with --project.');
  }
  const project = findNamed((await call('projects.list', { archived: true })).projects, options.project, 'project').id;
  if (options.item === undefined) return { project };
  const { items } = await call('items.list', { project, archived: true });
  return { item: findNamed(items, options.item, 'work item').id };
}

function stateOf(text: string): RunState {
  const state = RUN_STATES.find((known) => known === text);
  if (state !== undefined) return state;
  throw new LakesideError(
    'STATE_UNKNOWN',
    'validation',
    `A run is ${RUN_STATES.join(', ')}, never ${printable(text)}.`,
  );
}

function gather(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** What a person looks for in a row: why it failed or waits, else what it shows. */
function said({ error, waitingFor, prompt }: Run): string {
  const text = printable(error?.message ?? waitingFor ?? prompt);
  return text.length > PROMPT_LENGTH && error === undefined ? `${text.slice(0, PROMPT_LENGTH - 1)}…` : text;
}

function listedRun({ id, status, project, item, provider, prompt, count, images, unpicked, error }: Run): object {
  return {
    ...{ id, status, project: project.slug, item: item.slug, provider, prompt, count, images, unpicked },
    ...(error === undefined ? {} : { error: { code: error.code, category: error.category, message: error.message } }),
  };
}
