import { errnoOf } from '../base/errors.ts';
import type { FileLayer } from './fileLayer.ts';
import type { RootFolders } from './rootFolders.ts';
import { SkipStep } from './stepProblem.ts';

/**
 * The native path by which a file of a root may be read: its own, or, where a link is in its way, the one that the link
 * leads to, if that lies in the root. Undefined where there is nothing.
 * @throws SkipStep UNSAFE_PATH where a link leads out of the root
 */
export function insideRoot(files: FileLayer, root: RootFolders, relpath: string): string | undefined {
  const path = root.path(relpath);
  if (!root.hasLinkAbove(relpath) && files.lstat(path)?.kind !== 'link') return path;
  try {
    const real = files.realPath(path);
    const base = files.realPath(root.root);
    if (real.startsWith(base + (files.windows ? '\\' : '/'))) return real;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
  throw new SkipStep(
    'UNSAFE_PATH',
    `${relpath} in ${root.root} is reached by a symbolic link that leads out of the root, and is not read.`,
  );
}
