import { readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';

import { isNetworkMount, isUncPath, mountOf, type PathPlatform, parseMountInfo, thisPlatform } from './pathRules.ts';

/** What tells whether a path is on the network; tests pass their own. */
export interface NetworkPathSystem {
  readonly platform: PathPlatform;
  /** The path without links, and on Windows the share behind a mapped drive letter. Throws where there is none. */
  realPath(path: string): string;
  /** Text of `/proc/self/mountinfo`. */
  mountInfo(): string;
}

const thisSystem: NetworkPathSystem = {
  platform: thisPlatform(),
  // Windows resolves a mapped drive to its share here, though not for every kind of network provider.
  realPath: (path) => realpathSync.native(path),
  mountInfo: () => readFileSync('/proc/self/mountinfo', 'utf8'),
};

/**
 * Whether a path lies on a network drive, as far as the system tells. The path need not exist yet.
 * Linux: by the type of its mount. Windows: UNC paths, and drive letters that resolve to one. macOS does not tell without
 * running a program: only `/Network` and `/net` count, and a person says the rest in the root's setting `network`.
 */
export function isNetworkPath(path: string, system: NetworkPathSystem = thisSystem): boolean {
  switch (system.platform) {
    case 'windows':
      return isUncPath(path) || isUncPath(nearestRealPath(path, system));
    case 'linux':
      return onNetworkMount(nearestRealPath(path, system), system);
    case 'macos':
      return /^\/(Network|net)\//.test(path);
  }
}

function onNetworkMount(path: string, system: NetworkPathSystem): boolean {
  let text: string;
  try {
    text = system.mountInfo();
  } catch {
    // No /proc (some containers): nothing is known, and a local disk is by far the likelier answer.
    return false;
  }
  const mount = mountOf(path, parseMountInfo(text));
  return mount !== undefined && isNetworkMount(mount);
}

function nearestRealPath(path: string, system: NetworkPathSystem): string {
  for (let current = path; ; current = dirname(current)) {
    try {
      return system.realPath(current);
    } catch {
      // Not there (yet), or not answering: its nearest ancestor tells as well.
      if (dirname(current) === current) return path;
    }
  }
}
