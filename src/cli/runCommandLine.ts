import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';

import { dataDir } from '../base/dataDir.ts';
import { LakesideError, toLakesideError } from '../base/errors.ts';
import { installationDir } from '../base/installation.ts';
import { addApplyCommand } from './applyCommand.ts';
import { addBrandsCommand } from './brandsCommand.ts';
import { addConvertCommand } from './convertCommand.ts';
import { addDiffCommand } from './diffCommand.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exitCode.ts';
import { addGenerateCommand } from './generateCommand.ts';
import { addHashesCommand } from './hashesCommand.ts';
import { addItemsCommand } from './itemsCommand.ts';
import { addJobsCommand } from './jobsCommand.ts';
import { writeDocument } from './jsonDocument.ts';
import { addModelCommand } from './modelCommand.ts';
import { addPartialsCommand } from './partialsCommand.ts';
import { addPickCommand } from './pickCommand.ts';
import { addPlanCommand } from './planCommand.ts';
import { addProjectsCommand } from './projectsCommand.ts';
import { readBackgroundSettings, readCliSettings } from './readCliSettings.ts';
import { addRootsCommand } from './rootsCommand.ts';
import { addRunsCommand } from './runsCommand.ts';
import { addScanCommand } from './scanCommand.ts';
import type { CommandEngine, OpenEngine, RunCommand, Session, WorkOptions } from './session.ts';
import type { Terminal } from './terminal.ts';
import { addTrashCommand } from './trashCommand.ts';
import { addUndoCommand } from './undoCommand.ts';
import { addVerifyCommand } from './verifyCommand.ts';

/** Everything the command line takes from its process. */
export interface CommandLine {
  /** What was typed after the program's name. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly homeDir: string;
  readonly workingDir: string;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly openEngine: OpenEngine;
}

/**
 * Runs one command to its end.
 * @returns its exit code; every error has been printed: with `--json` as a document on standard output, else as a
 * sentence on standard error
 */
export async function runCommandLine(commandLine: CommandLine): Promise<number> {
  const { args, terminal } = commandLine;
  const json = asksForJson(args);
  let exitCode: number = EXIT.done;
  const run: RunCommand = async (options, work) => {
    exitCode = await withSession(commandLine, { ...options, json, named: namedDataDir(program) }, work);
  };
  const texts: string[] = [];
  const program = makeProgram(run, texts);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    exitCode = await report(error, terminal, json, texts);
  }
  terminal.clearProgress();
  // Half a document must not pass for a whole one.
  return terminal.hasFailed ? EXIT.couldNotRun : exitCode;
}

/** Said as JSON; a person gets the help instead. */
const INCOMPLETE = 'The command is not complete. See what belongs to it with --help.';

function makeProgram(run: RunCommand, texts: string[]): Command {
  const program = new Command('lakeside')
    .description('Keeps model libraries in order, Local and Lake, and makes images for projects.')
    .option('--data-dir <dir>', 'folder of the database, logs and settings')
    .option('--json', 'print one JSON document')
    .version(installedVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    // commander writes help, versions and its own errors here; `report` decides where they go.
    .configureOutput({ writeOut: (text) => texts.push(text), writeErr: (text) => texts.push(text) })
    .configureHelp({ showGlobalOptions: true });
  addRootsCommand(program, run);
  addScanCommand(program, run);
  addHashesCommand(program, run);
  addDiffCommand(program, run);
  addPlanCommand(program, run);
  addApplyCommand(program, run);
  addUndoCommand(program, run);
  addTrashCommand(program, run);
  addPartialsCommand(program, run);
  addVerifyCommand(program, run);
  addModelCommand(program, run);
  addJobsCommand(program, run);
  addBrandsCommand(program, run);
  addProjectsCommand(program, run);
  addItemsCommand(program, run);
  addGenerateCommand(program, run);
  addRunsCommand(program, run);
  addPickCommand(program, run);
  addConvertCommand(program, run);
  for (const command of [program, ...program.commands]) command.helpCommand(false);
  return program;
}

async function withSession(
  commandLine: CommandLine,
  options: WorkOptions & { readonly json: boolean; readonly named: string | undefined },
  work: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { environment, platform, homeDir, workingDir, terminal, signal } = commandLine;
  const absolutePath = (typed: string): string => {
    // What a shell makes of a variable that is not set must not mean the working folder.
    if (typed === '') throw new LakesideError('PATH_EMPTY', 'validation', 'A path is empty. Name a file or folder.');
    return path.resolve(workingDir, typed);
  };
  const named = options.named === undefined ? undefined : absolutePath(options.named);
  const folder = dataDir({ named, environment, platform, homeDir });
  const { inBackground = false } = options;
  const settings = inBackground ? readBackgroundSettings(folder) : readCliSettings(folder, environment);
  const engine = await commandLine.openEngine({
    dataDir: folder,
    version: installedVersion(),
    runQueue: options.runsJobs,
    role: inBackground ? 'background' : 'command',
    watch: false,
    awaitsSettings: settings !== undefined,
    secret: (name) => Promise.resolve(inBackground ? undefined : environment[secretVariable(name)]),
  });
  try {
    if (settings !== undefined) await configure(engine, settings, terminal);
    const { call } = engine;
    const onProgress: Session['onProgress'] = (listener) => engine.onProgress(listener);
    return await work({ call, onProgress, terminal, json: options.json, signal, absolutePath });
  } finally {
    await engine.close();
  }
}

/** Where the command line finds a provider's key: `LAKESIDE_API_KEY_OPENAI` for one that is called `openai`. */
function secretVariable(name: string): string {
  return `LAKESIDE_API_KEY_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}

async function configure(
  engine: CommandEngine,
  settings: NonNullable<ReturnType<typeof readCliSettings>>,
  terminal: Terminal,
): Promise<void> {
  const { problems } = await engine.call('engine.configure', { settings });
  for (const { setting, message } of problems) terminal.note(`Setting ${setting}: ${message}`);
}

/** Prints what a command threw and gives its exit code. */
async function report(thrown: unknown, terminal: Terminal, json: boolean, texts: readonly string[]): Promise<number> {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) {
    await terminal.write(texts.join(''));
    return EXIT.done;
  }
  const error = thrown instanceof CommanderError ? usageError(thrown) : toLakesideError(thrown);
  const { code, category, message } = error;
  // Half a document is on its way already: a second one would not make it whole.
  if (json && !terminal.hasWritten) await writeDocument(terminal, { error: { code, category, message } });
  else terminal.note(message === INCOMPLETE ? texts.join('').trimEnd() : message);
  return exitCodeOf(error);
}

function usageError(error: CommanderError): LakesideError {
  // A group given without its command, such as `lakeside roots`.
  if (error.code === 'commander.help') return new LakesideError('USAGE', 'validation', INCOMPLETE);
  const sentence = error.message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .trim();
  const ended = /[.?!)]$/.test(sentence) ? sentence : `${sentence}.`;
  return new LakesideError('USAGE', 'validation', ended.charAt(0).toUpperCase() + ended.slice(1));
}

/** Looked at before commander does, since its own errors come as JSON too. */
function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes('--json');
}

function namedDataDir(program: Command): string | undefined {
  const named: unknown = program.opts().dataDir;
  return typeof named === 'string' ? named : undefined;
}

function installedVersion(): string {
  const packageJson: unknown = JSON.parse(readFileSync(path.join(installationDir, 'package.json'), 'utf8'));
  const hasVersion = typeof packageJson === 'object' && packageJson !== null && 'version' in packageJson;
  return hasVersion ? String(packageJson.version) : 'unknown';
}
