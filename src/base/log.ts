import { appendFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Clock } from './clock.ts';
import { makeFolder } from './makeFolder.ts';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

export interface Log {
  write(entry: LogEntry): void;
}

const MAX_BYTES = 5 * 1024 * 1024;
const KEPT_FILES = 5;

/** Values that must never reach a log: tokens in headers, queries and settings. */
const SECRET_KEY = /token|secret|password|api[-_]?key|authorization|cookie/i;
const SECRET_TEXT = /(bearer\s+|[?&](?:token|api_?key|sig|signature)=)[^\s&"']+/gi;

export function redact(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(SECRET_TEXT, '$1…');
  if (Array.isArray(value)) return value.map(redact);
  if (value instanceof Error) return { name: value.name, message: redact(value.message), stack: redact(value.stack) };
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, SECRET_KEY.test(key) ? '…' : redact(inner)]),
    );
  }
  return value;
}

/** One JSON object a line in `<folder>/lakeside.log`, rotated at 5 MB, five files kept. A log that cannot be written is no reason to fail. */
export class FileLog implements Log {
  readonly #folder: string;
  readonly #file: string;
  readonly #clock: Clock;
  readonly #level: () => LogLevel;

  constructor(folder: string, clock: Clock, level: () => LogLevel) {
    this.#folder = folder;
    this.#file = join(folder, 'lakeside.log');
    this.#clock = clock;
    this.#level = level;
  }

  /** @param hide takes out of a line what nobody may read */
  write(entry: LogEntry, hide: (line: string) => string = (line) => line): void {
    if (LOG_LEVELS.indexOf(entry.level) > LOG_LEVELS.indexOf(this.#level())) return;
    const line = JSON.stringify({
      time: new Date(this.#clock.now()).toISOString(),
      level: entry.level,
      pid: process.pid,
      message: redact(entry.message),
      ...(entry.data === undefined ? {} : { data: redact(entry.data) }),
    });
    try {
      makeFolder(this.#folder);
      this.#rotate();
      appendFileSync(this.#file, `${hide(line)}\n`);
    } catch (error) {
      process.stderr.write(`Lakeside cannot write its log: ${String(error)}\n`);
    }
  }

  #rotate(): void {
    if (!existsSync(this.#file) || statSync(this.#file).size < MAX_BYTES) return;
    rmSync(`${this.#file}.${KEPT_FILES}`, { force: true });
    for (let number = KEPT_FILES - 1; number >= 1; number--) {
      if (existsSync(`${this.#file}.${number}`)) renameSync(`${this.#file}.${number}`, `${this.#file}.${number + 1}`);
    }
    renameSync(this.#file, `${this.#file}.1`);
  }
}
