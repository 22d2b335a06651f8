import { existsSync } from 'node:fs';
import type { Command } from 'commander';

import { canceledError, isCanceled, LakesideError } from '../base/errors.ts';
import { formatDuration } from '../base/format.ts';
import type { GenerationValues, Run, RunImage } from '../protocol/studioValues.ts';
import { chooseProvider } from './chooseProvider.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import { writeDocument } from './jsonDocument.ts';
import { finishJobs, jobProblem } from './runJobs.ts';
import type { RunCommand, Session } from './session.ts';
import { printable } from './table.ts';

/** Another process may have what this one lacks: a trusted workspace, a provider. It gets this long to take the run. */
const PATIENCE_MS = 5_000;

interface GenerateOptions {
  readonly project: string;
  readonly item: string;
  readonly prompt?: string;
  readonly negative?: string;
  readonly provider?: string;
  readonly workflow?: string;
  readonly set?: readonly string[];
  readonly count?: string;
  readonly seed?: string;
}

export function addGenerateCommand(program: Command, run: RunCommand): void {
  program
    .command('generate')
    .description('make images for a work item; project and work item are made when they are absent')
    .requiredOption('--project <project>', 'name or slug of the project')
    .requiredOption('--item <item>', 'name or slug of the work item')
    .option('--prompt <text>', 'what the image shows')
    .option('--negative <text>', 'what it does not show')
    .option('--provider <name>', 'who makes it; without it the first that works')
    .option('--workflow <file>', 'a ComfyUI workflow in API format, or an image that holds one, or the name of one')
    .option('--set <name=value>', 'a value such as steps=20; may be said several times', gather)
    .option('--count <n>', 'how many images')
    .option('--seed <n>', 'seed of the first image; each further one has the next')
    .action((options: GenerateOptions) => run({ runsJobs: true }, (session) => generate(session, options)));
}

async function generate(session: Session, options: GenerateOptions): Promise<ExitCode> {
  const started = Date.now();
  const { call } = session;
  const values = valuesOf(options.set ?? []);
  const [count, seed] = [wholeNumber('--count', options.count), wholeNumber('--seed', options.seed)];
  const provider = await chooseProvider(session, options.provider, options.workflow !== undefined);
  const workflow = options.workflow === undefined ? undefined : await workflowId(session, options.workflow);
  const { item } = await call('items.ensure', { project: options.project, item: options.item });
  const { prompt = '', negative = '' } = options;
  const { run: id } = await call('runs.generate', {
    item: item.id,
    generation: {
      ...{ provider, prompt, negative, values },
      ...(workflow === undefined ? {} : { workflow }),
      ...(count === undefined ? {} : { count }),
      ...(seed === undefined ? {} : { seed }),
    },
  });
  const [job] = await finishJobs(session, [id], { patienceMs: PATIENCE_MS });
  const problem = job === undefined ? undefined : jobProblem(job);
  const { run, images } = await call('runs.get', { id });
  if (problem !== undefined && isCanceled(problem) && session.signal.aborted) throw canceledError('The run');
  // What was made before it failed is there, and is told of.
  if (problem !== undefined && images.length === 0) throw problem;
  await report(session, run, images, problem, Date.now() - started);
  return problem === undefined ? EXIT.done : EXIT.partly;
}

async function report(
  { terminal, json }: Session,
  run: Run,
  images: readonly RunImage[],
  problem: LakesideError | undefined,
  ms: number,
): Promise<void> {
  if (json) {
    await writeDocument(terminal, { run: runDocument(run, images), ms });
    return;
  }
  for (const { path } of images) await terminal.write(`${path}\n`);
  if (problem !== undefined) terminal.note(problem.message);
  terminal.note(`${images.length} of ${run.count} made with ${printable(run.provider)} in ${formatDuration(ms)}.`);
}

export function runDocument(run: Run, images: readonly RunImage[]): object {
  return {
    id: run.id,
    status: run.status,
    project: run.project.slug,
    item: run.item.slug,
    provider: run.provider,
    images: images.map(({ path, width, height, blake3, seed }) => ({ path, width, height, blake3, seed })),
    ...(run.error === undefined
      ? {}
      : { error: { code: run.error.code, category: run.error.category, message: run.error.message } }),
  };
}

function gather(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** `steps=20` is a number, `tiling=true` a yes, `model=x.safetensors` a text. */
function valuesOf(settings: readonly string[]): GenerationValues {
  return Object.fromEntries(
    settings.map((setting) => {
      const at = setting.indexOf('=');
      if (at <= 0) {
        throw new LakesideError('SET_INVALID', 'validation', `--set ${setting} is no name=value, such as steps=20.`);
      }
      return [setting.slice(0, at), valueOf(setting.slice(at + 1))];
    }),
  );
}

function valueOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  // Only what is written as a number is one: `007` and `1e400` are texts.
  return text !== '' && String(Number(text)) === text && Number.isFinite(Number(text)) ? Number(text) : text;
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new LakesideError('OPTION_INVALID', 'validation', `${option} is a whole number, not ${JSON.stringify(text)}.`);
}

/** A file is imported; the same one again is the workflow that is there. What is no file is the name of one. */
async function workflowId(session: Session, typed: string): Promise<string> {
  const { call } = session;
  const path = session.absolutePath(typed);
  if (!existsSync(path)) {
    const { workflows } = await call('workflows.list', {});
    const named = workflows.find(({ id, name }) => id === typed || name.toLowerCase() === typed.toLowerCase());
    if (named !== undefined) return named.id;
  }
  return (await call('workflows.import', { path })).workflow.id;
}
