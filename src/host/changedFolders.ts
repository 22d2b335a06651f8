import path from 'node:path';

import { PRIVATE_FOLDER } from '../base/relpath.ts';

/**
 * The folder, below a root, that a change of a file in it means to look at again; undefined for Lakeside's own files and
 * for what is not below the root.
 * @param rootPath absolute
 * @param changed absolute path of what was made, changed or removed
 * @returns POSIX style; `''` for the root itself
 */
export function changedFolder(rootPath: string, changed: string, rules: path.PlatformPath = path): string | undefined {
  const relative = rules.relative(rootPath, changed);
  if (relative === '' || rules.isAbsolute(relative)) return undefined;
  const segments = relative.split(rules.sep);
  if (segments[0] === '..' || segments[0]?.toLowerCase() === PRIVATE_FOLDER) return undefined;
  return segments.slice(0, -1).join('/');
}
