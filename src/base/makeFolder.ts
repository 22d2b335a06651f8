import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

import { errnoOf } from './errors.ts';

/**
 * Makes a folder and those above it. Throws what the system says.
 *
 * Not `mkdir` with `recursive`: Node's loops for ever, deaf even to the end of its thread, where the parent is there and
 * the system still answers ENOENT (as under `/proc`).
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' && dirname(path) !== path && !isFolder(dirname(path))) {
      makeFolder(dirname(path));
      mkdirIfAbsent(path);
    } else if (!isFolder(path)) throw error;
  }
}

/** Another process may have made it a moment ago. */
function mkdirIfAbsent(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (!isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
