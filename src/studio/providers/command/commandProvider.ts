import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import * as z from 'zod';

import { writeFileAtomic } from '../../../base/atomicFile.ts';
import { createOnce } from '../../../base/binaryFile.ts';
import type { Clock } from '../../../base/clock.ts';
import { canceledError, fileError, LakesideError } from '../../../base/errors.ts';
import { workerFile } from '../../../base/installation.ts';
import { makeFolder } from '../../../base/makeFolder.ts';
import { isAlive, type ProcessIdentity, processStart, signalGroup } from '../../../base/processIdentity.ts';
import type { Settings } from '../../../protocol/settings.ts';
import type { InputField } from '../../../protocol/studioValues.ts';
import type { PartContext, PartRequest, ProducedImage, Provider, ProviderCapabilities, Ticket } from '../provider.ts';
import {
  type CommandFiles,
  commandFiles,
  type CommandTask,
  exitSchema,
  readCommandFile,
  startedSchema,
} from './commandFiles.ts';
import { failureOf, outcomeUnknown } from './commandFailure.ts';
import { allowedEnvironment, requireProgram } from './commandProgram.ts';
import { defaultValues, fieldsOf, fillTemplate, placeholdersOf } from './commandTemplate.ts';

export type CommandSetting = Settings['studio.commands'][number];

const TIME_LIMIT_SECONDS = 3_600;
const LOOK_MS = 100;
/** How long a group gets to end by itself; its runner ends it before that. */
const END_MS = 6_000;
const IMAGE_FILE = /\.(png|jpe?g|webp|avif)$/i;

const ticketSchema = z.object({ pid: z.int(), start: z.string() });

/**
 * Any program as a way to make an image. It runs in a process group of its own beside a small runner that outlives us, so
 * that a restart finds it at work or finished; no shell ever reads its words.
 */
export class CommandProvider implements Provider {
  readonly name: string;
  readonly kind = 'command';
  readonly detail: string;
  readonly capabilities: ProviderCapabilities;
  readonly #setting: CommandSetting;
  readonly #program: string;
  readonly #clock: Clock;

  constructor(setting: CommandSetting, clock: Clock) {
    this.#setting = setting;
    this.#clock = clock;
    this.name = setting.name;
    const [program = '', ...words] = setting.argv;
    this.#program = program;
    this.detail = [basename(program), ...words.filter((word) => !/[{-]/.test(word)).slice(0, 1)].join(' ');
    const seeds = placeholdersOf(setting.argv).includes('seed');
    this.capabilities = { workflows: false, seeds, parallel: 1, needsTrust: true };
  }

  async check(): Promise<void> {
    await Promise.resolve();
    requireProgram(this.#program, process.env, this.#setting.cwd);
  }

  fields(): Promise<{ fields: readonly InputField[]; problems: readonly never[] }> {
    return Promise.resolve({ fields: fieldsOf(this.#setting.argv), problems: [] });
  }

  async submit(request: PartRequest): Promise<Ticket> {
    await this.check();
    const files = commandFiles(request.scratch, request.submission);
    const task = this.#task(request, files);
    makeFolder(files.outputDir);
    this.#writePrompts(request, files);
    writeFileAtomic(files.task, JSON.stringify(task));
    const runner = spawn(process.execPath, [workerFile('studio/providers/command/commandRunner'), files.task], {
      cwd: files.folder,
      detached: true,
      stdio: 'ignore',
      windowsHide: true,
      env: { ...allowedEnvironment(process.env, this.#setting.env ?? []), ELECTRON_RUN_AS_NODE: '1' },
    });
    try {
      await once(runner, 'spawn');
    } catch (error) {
      throw fileError('start', this.#program, error);
    }
    runner.unref();
    const pid = runner.pid ?? 0;
    return { pid, start: processStart(pid) ?? '' };
  }

  async adopt(request: PartRequest): Promise<Ticket | undefined> {
    await Promise.resolve();
    const files = commandFiles(request.scratch, request.submission);
    // Nothing was begun here, or what was begun is made sure never to start its program.
    const started = readCommandFile(files.started, startedSchema) ?? this.#abandon(files);
    if (started === undefined || 'abandoned' in started) return undefined;
    if (isAlive(started) || readCommandFile(files.exit, exitSchema) !== undefined) return { ...started };
    throw outcomeUnknown(this.name, this.#program);
  }

  async observe(request: PartRequest, ticket: Ticket, context: PartContext): Promise<readonly ProducedImage[]> {
    const files = commandFiles(request.scratch, request.submission);
    const runner = ticketSchema.parse(ticket);
    context.progress(0, `${basename(this.#program)} runs`);
    for (;;) {
      // In this order: it writes how it ended before it ends.
      const alive = isAlive(runner);
      const exit = readCommandFile(files.exit, exitSchema);
      if (exit !== undefined) {
        const failure = failureOf(exit, { name: this.name, program: this.#program, limitMs: this.#limitMs() });
        if (failure !== undefined) throw failure;
        return this.#images(files);
      }
      if (!alive) throw outcomeUnknown(this.name, this.#program);
      await this.#pause(context.signal);
    }
  }

  async cancel(request: PartRequest, ticket: Ticket, signal: AbortSignal): Promise<void> {
    const files = commandFiles(request.scratch, request.submission);
    const started = readCommandFile(files.started, startedSchema) ?? this.#abandon(files);
    const runner: ProcessIdentity =
      started === undefined || 'abandoned' in started ? ticketSchema.parse(ticket) : started;
    const deadline = this.#clock.now() + END_MS;
    if (isAlive(runner)) signalGroup(runner, 'SIGTERM');
    while (isAlive(runner) && this.#clock.now() < deadline) await this.#pause(signal);
    // What it started may have left it behind.
    if (isAlive(runner)) signalGroup(runner, 'SIGKILL');
  }

  #limitMs(): number {
    return (this.#setting.timeLimitSeconds ?? TIME_LIMIT_SECONDS) * 1_000;
  }

  #task({ snapshot, seed }: PartRequest, files: CommandFiles): CommandTask {
    const { merged, generation } = snapshot;
    const { argv, cwd } = this.#setting;
    if (cwd !== undefined && !isAbsolute(cwd)) {
      throw new LakesideError('PATH_NOT_ABSOLUTE', 'validation', `The working folder ${cwd} is no absolute path.`);
    }
    const own = {
      ...{ prompt: merged.prompt, negative: merged.negative, seed },
      promptFile: promptFile(files, 'prompt'),
      negativeFile: promptFile(files, 'negative'),
      output: join(files.outputDir, 'image.png'),
      outputDir: files.outputDir,
    };
    return {
      argv: fillTemplate(argv, { ...defaultValues(argv), ...generation.values, ...own }),
      cwd: cwd ?? files.outputDir,
      timeLimitMs: this.#limitMs(),
      started: files.started,
      exit: files.exit,
    };
  }

  /** A prompt of more than 128 KB is no word of a command on Linux; in a file it has any length. */
  #writePrompts({ snapshot: { merged } }: PartRequest, files: CommandFiles): void {
    const names = placeholdersOf(this.#setting.argv);
    if (names.includes('promptFile')) writeFileAtomic(promptFile(files, 'prompt'), merged.prompt);
    if (names.includes('negativeFile')) writeFileAtomic(promptFile(files, 'negative'), merged.negative);
  }

  /** Sees to it that the program is not started any more; gives who was quicker. */
  #abandon(files: CommandFiles): z.infer<typeof startedSchema> | undefined {
    try {
      if (createOnce(files.started, JSON.stringify({ abandoned: true }))) return undefined;
    } catch (error) {
      // Without the folder there is no task to start from.
      if (error instanceof LakesideError && error.code === 'ENOENT') return undefined;
      throw error;
    }
    return readCommandFile(files.started, startedSchema);
  }

  async #images(files: CommandFiles): Promise<ProducedImage[]> {
    const names = (await readdir(files.outputDir)).filter((name) => IMAGE_FILE.test(name));
    // `image_2.png` before `image_10.png`.
    names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    return names.map((name) => ({ kind: 'file', path: join(files.outputDir, name) }));
  }

  async #pause(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw canceledError('The command');
    await new Promise<void>((resolve) => {
      this.#clock.after(LOOK_MS, resolve);
    });
  }
}

function promptFile({ folder }: CommandFiles, name: string): string {
  return join(folder, `${name}.txt`);
}
