import path from 'node:path';

import { LakesideError } from './errors.ts';

/** What the place of the data dir depends on. */
export interface DataDirSources {
  /** The setting or the flag; absolute or beginning with `~`. Empty counts as not given. */
  readonly named?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly homeDir: string;
}

/**
 * The folder of the database, its backups, logs and plans: the one named, else APP_DATA_DIR, else the platform's own
 * place for data that stays on this machine.
 * @returns an absolute path in the platform's form; nothing is touched
 * @throws LakesideError DATA_DIR_NOT_ABSOLUTE
 */
export function dataDir(sources: DataDirSources): string {
  const { named, environment, platform, homeDir } = sources;
  const rules = platform === 'win32' ? path.win32 : path.posix;
  if (isGiven(named)) return absolute(rules, named, homeDir, 'The setting lakeside.dataDir');
  const fromEnvironment = environment.APP_DATA_DIR;
  if (isGiven(fromEnvironment))
    return absolute(rules, fromEnvironment, homeDir, 'The environment variable APP_DATA_DIR');
  return rules.join(placeForData(sources), 'lakeside');
}

/** The platform's folder for data of programs; not the roaming one on Windows, which may lie on a network drive. */
function placeForData({ environment, platform, homeDir }: DataDirSources): string {
  if (platform === 'win32') return environment.LOCALAPPDATA ?? path.win32.join(homeDir, 'AppData', 'Local');
  if (platform === 'darwin') return path.posix.join(homeDir, 'Library', 'Application Support');
  const xdg = environment.XDG_DATA_HOME;
  // The XDG base directory specification says to ignore a relative path here.
  return xdg !== undefined && path.posix.isAbsolute(xdg) ? xdg : path.posix.join(homeDir, '.local', 'share');
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== '';
}

function absolute(rules: path.PlatformPath, given: string, homeDir: string, what: string): string {
  const text = given.trim();
  if (text === '~') return homeDir;
  const full = /^~[/\\]/.test(text) ? rules.join(homeDir, text.slice(2)) : text;
  if (rules.isAbsolute(full)) return rules.normalize(full);
  const example = rules === path.win32 ? String.raw`D:\lakeside` : '/data/lakeside';
  throw new LakesideError(
    'DATA_DIR_NOT_ABSOLUTE',
    'validation',
    `${what} is "${text}", which is not an absolute path. Give a whole one, such as ${example}.`,
  );
}
