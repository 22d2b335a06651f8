import picomatch from 'picomatch';

import { LakesideError } from '../base/errors.ts';
import { isPartialName } from '../base/partialName.ts';
import { foldName, PRIVATE_FOLDER } from '../base/relpath.ts';
import { type PathPlatform, thisPlatform } from './pathRules.ts';

/** What is never indexed, mirrored or deleted. */
export interface IgnoreRules {
  /** @param relpath of a file; @param name its last segment */
  ignoresFile(relpath: string, name: string): boolean;
  /** True where the folder, with all that is in it, is left out. */
  ignoresFolder(relpath: string, name: string): boolean;
}

/** Where the public addresses of a Lake's models are kept; not a model. */
const SOURCES_FILE = '.model_sources.json';

/**
 * Compiles ignore globs (picomatch, on relpaths; dot files match as others do; case counts on Linux only).
 * A glob that names a folder, or ends in `/**`, leaves out all that is in the folder.
 * @throws LakesideError IGNORE_PATTERN_INVALID
 */
export function compileIgnoreRules(globs: readonly string[], platform: PathPlatform = thisPlatform()): IgnoreRules {
  const nocase = platform !== 'linux';
  const sources = (patterns: readonly string[]): RegExp | undefined => {
    if (patterns.length === 0) return undefined;
    return new RegExp(patterns.map((glob) => globSource(glob)).join('|'), nocase ? 'i' : '');
  };
  // Most globs look at the last segment alone: one expression on a short text, asked for each of 100,000 files.
  const fileGlobs = globs.filter((glob) => !glob.endsWith('/**'));
  const folderGlobs = globs.map((glob) => (glob.endsWith('/**') ? glob.slice(0, -'/**'.length) : glob));
  const fileNames = sources(fileGlobs.filter(isNameGlob).map(nameOfGlob));
  const filePaths = sources(fileGlobs.filter((glob) => !isNameGlob(glob)));
  const folderNames = sources(folderGlobs.filter(isNameGlob).map(nameOfGlob));
  const folderPaths = sources(folderGlobs.filter((glob) => !isNameGlob(glob)));
  return {
    ignoresFile: (relpath, name) =>
      (name.startsWith('.') && (foldName(name) === SOURCES_FILE || isPartialName(name))) ||
      (fileNames?.test(name) ?? false) ||
      (filePaths?.test(relpath) ?? false),
    ignoresFolder: (relpath, name) =>
      foldName(name) === PRIVATE_FOLDER || (folderNames?.test(name) ?? false) || (folderPaths?.test(relpath) ?? false),
  };
}

/** Whether any part of a relpath is left out. For single paths; a walk asks folder by folder. */
export function isIgnored(relpath: string, rules: IgnoreRules): boolean {
  for (let slash = relpath.indexOf('/'); slash >= 0; slash = relpath.indexOf('/', slash + 1)) {
    const folder = relpath.slice(0, slash);
    if (rules.ignoresFolder(folder, folder.slice(folder.lastIndexOf('/') + 1))) return true;
  }
  return rules.ignoresFile(relpath, relpath.slice(relpath.lastIndexOf('/') + 1));
}

/** `**` + `/NAME` without a further slash (outside of braces and brackets none can hide one). */
function isNameGlob(glob: string): boolean {
  return glob.startsWith('**/') && !glob.includes('/', '**/'.length) && glob !== '**/**';
}

function nameOfGlob(glob: string): string {
  return glob.slice('**/'.length);
}

/**
 * Whether a path fits one of some globs, by the rules of `ignore`: one that names a folder takes in all below it.
 * @throws LakesideError GLOB_INVALID
 */
export function compileGlobs(globs: readonly string[], platform?: PathPlatform): (relpath: string) => boolean {
  const wrong = globs.find((glob) => !isGlob(glob));
  if (wrong !== undefined) {
    throw new LakesideError('GLOB_INVALID', 'validation', `"${wrong}" is not a valid glob. Correct or remove it.`);
  }
  const rules = compileIgnoreRules(globs, platform);
  return (relpath) => isIgnored(relpath, rules);
}

function isGlob(glob: string): boolean {
  try {
    return globSource(glob) !== '';
  } catch {
    return false;
  }
}

function globSource(glob: string): string {
  try {
    return `(?:${picomatch.makeRe(glob, { dot: true, posix: true }).source})`;
  } catch (error) {
    throw new LakesideError(
      'IGNORE_PATTERN_INVALID',
      'validation',
      `The pattern "${glob}" in the setting lakeside.ignore is not a valid glob. Correct or remove it.`,
      { cause: error },
    );
  }
}
