import type { Disposable } from '../base/disposables.ts';
import type { EngineOptions } from '../engine.ts';
import type { JobProgress } from '../protocol/engineEvents.ts';
import type { CallUseCase } from '../protocol/useCases.ts';
import type { ExitCode } from './exitCode.ts';
import type { Terminal } from './terminal.ts';

/** The core as a command sees it. */
export interface CommandEngine {
  readonly call: CallUseCase;
  readonly onProgress: (listener: (progress: JobProgress) => void) => Disposable;
  close(): Promise<void>;
}

export type OpenEngine = (options: EngineOptions) => Promise<CommandEngine>;

/** What one command works with, from its start to its exit code. */
export interface Session {
  readonly call: CallUseCase;
  readonly onProgress: (listener: (progress: JobProgress) => void) => Disposable;
  readonly terminal: Terminal;
  /** One JSON document instead of text for people. */
  readonly json: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Makes a path that a person typed absolute. */
  absolutePath(typed: string): string;
}

export interface WorkOptions {
  /** Whether the command waits for jobs, and so runs the queue meanwhile. */
  readonly runsJobs: boolean;
  /** It finishes what a window left: with that window's settings, without keys, and only one at a time. */
  readonly inBackground?: boolean;
}

/** Runs a command's work on an open engine and remembers its exit code. */
export type RunCommand = (options: WorkOptions, work: (session: Session) => Promise<ExitCode>) => Promise<void>;
