import { errnoOf } from '../base/errors.ts';
import type { FileLayer } from './fileLayer.ts';
import { relatePaths, thisPlatform } from './pathRules.ts';

/**
 * What an entry that was listed as a link is. `file` and `folder`: no link after all (Windows lists cloud and
 * deduplicated files so); `inside`: leads to something in the root, or round in a circle; `outside`: leads out of it;
 * `broken`: leads nowhere, or to where we may not look.
 */
export type LinkKind = 'file' | 'folder' | 'inside' | 'outside' | 'broken' | 'gone';

/**
 * @param path absolute path of the entry
 * @param realRoot gives the root's path without links
 */
export function classifyLink(layer: FileLayer, path: string, realRoot: () => string): LinkKind {
  try {
    const stat = layer.stat(path);
    if (stat === undefined) return 'gone';
    if (!stat.isSymbolicLink()) {
      if (stat.isFile()) return 'file';
      return stat.isDirectory() ? 'folder' : 'gone';
    }
    const relation = relatePaths(layer.realPath(path), realRoot(), thisPlatform());
    return relation === 'inside' || relation === 'same' ? 'inside' : 'outside';
  } catch (error) {
    // A link to itself: no content is behind it, and nothing to connect or repair.
    return errnoOf(error) === 'ELOOP' ? 'inside' : 'broken';
  }
}
