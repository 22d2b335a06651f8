import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Writable } from 'node:stream';
import type { z } from 'zod';

import { runCommandLine } from '../../src/cli/runCommandLine.ts';
import type { CommandEngine, OpenEngine } from '../../src/cli/session.ts';
import { StreamTerminal } from '../../src/cli/terminal.ts';
import { createEngine } from '../../src/engine.ts';
import { projectDir } from './projectDir.ts';

export interface CommandResult {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export interface CommandOptions {
  readonly dataDir: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  readonly signal?: AbortSignal;
  /** By default the real core, in this process. */
  readonly openEngine?: OpenEngine;
  /** Columns of the terminal standard error is; undefined: it is none. */
  readonly columns?: number;
}

export const openRealEngine: OpenEngine = async (options): Promise<CommandEngine> => {
  const engine = await createEngine(options);
  return {
    call: engine.call,
    onProgress: (listener) => engine.on('progress')(listener),
    close: () => engine.close(),
  };
};

/** Runs a command in this process, as `lakeside ARGS` would. */
export async function runCommand(options: CommandOptions, ...args: string[]): Promise<CommandResult> {
  const output = new TextStream();
  const errors = new TextStream(options.columns);
  const code = await runCommandLine({
    args: ['--data-dir', options.dataDir, ...args],
    environment: options.environment ?? {},
    platform: process.platform,
    homeDir: '/nowhere',
    workingDir: options.workingDir ?? options.dataDir,
    terminal: new StreamTerminal(output, errors),
    signal: options.signal ?? new AbortController().signal,
    openEngine: options.openEngine ?? openRealEngine,
  });
  return { code, output: output.text, errors: errors.text };
}

/** A stream that keeps what is written to it. */
export class TextStream extends Writable {
  readonly isTTY: boolean;
  readonly columns: number;
  text = '';

  constructor(columns?: number) {
    super({ decodeStrings: false });
    this.isTTY = columns !== undefined;
    this.columns = columns ?? 0;
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    done();
  }
}

/** The one JSON document a command wrote; fails when there is anything beside it or it has another shape. */
export function documentOf<T>(result: CommandResult, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(result.output));
}

/** Starts a whole process from source; its output goes to the file of this descriptor, if one is given. */
export function startCommand(
  dataDir: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  output: 'pipe' | number = 'pipe',
): ChildProcess {
  const main = path.join(projectDir, 'src', 'cli', 'main.ts');
  return spawn(process.execPath, [main, '--data-dir', dataDir, ...args], {
    stdio: ['ignore', output, 'pipe'],
    env: { ...process.env, ...environment },
  });
}

/** Waits for the end of a process and gives what it wrote. */
export async function endOf(child: ChildProcess): Promise<CommandResult> {
  const texts = { output: '', errors: '' };
  child.stdout?.on('data', (chunk) => (texts.output += String(chunk)));
  child.stderr?.on('data', (chunk) => (texts.errors += String(chunk)));
  await once(child, 'close');
  return { code: child.exitCode ?? -1, ...texts };
}
