import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

import { LakesideError } from '../../../base/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Without these most programs do not start, or do not find their own files. */
const ALWAYS = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'LD_LIBRARY_PATH'],
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA'],
  ...['PROGRAMDATA', 'PROGRAMFILES', 'NUMBER_OF_PROCESSORS', 'CUDA_PATH', 'CUDA_VISIBLE_DEVICES'],
];
const ALWAYS_BEGINNINGS = ['LC_', 'XDG_'];

/** The variables a program gets: those without which none works, and those a person allowed by name. */
export function allowedEnvironment(environment: Environment, allowed: readonly string[]): Record<string, string> {
  // Windows does not tell `Path` from `PATH`.
  const names = new Set([...ALWAYS, ...allowed].map((name) => name.toUpperCase()));
  const kept = Object.entries(environment).filter(
    ([name]) =>
      names.has(name.toUpperCase()) || ALWAYS_BEGINNINGS.some((start) => name.toUpperCase().startsWith(start)),
  );
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/**
 * Looks for a program as the system would.
 * @throws LakesideError COMMAND_NOT_FOUND
 */
export function requireProgram(program: string, environment: Environment, cwd: string | undefined): void {
  if (/\.(bat|cmd)$/i.test(program)) {
    throw new LakesideError(
      'COMMAND_NOT_FOUND',
      'validation',
      `${program} is a batch file, which only a shell can run. Name the program it calls.`,
    );
  }
  const hasFolder = program.includes('/') || (process.platform === 'win32' && program.includes('\\'));
  const folders = hasFolder ? [cwd ?? ''] : (environment.PATH ?? environment.Path ?? '').split(path.delimiter);
  const endings = process.platform === 'win32' ? ['', '.exe', '.com'] : [''];
  if (folders.some((folder) => endings.some((ending) => isProgram(path.resolve(folder, program + ending))))) return;
  const where = hasFolder ? '' : ' on the PATH';
  throw new LakesideError(
    'COMMAND_NOT_FOUND',
    'validation',
    `There is no program ${program}${where}. Install it, or correct the setting lakeside.studio.commands.`,
    { context: { program } },
  );
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, process.platform === 'win32' ? constants.F_OK : constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
