import { errnoOf } from '../base/errors.ts';
import type { FileLayer, FileStat } from './fileLayer.ts';
import type { RootFolders } from './rootFolders.ts';
import { SkipStep } from './stepProblem.ts';

/** A file as it may be read. */
export interface FileInside {
  /** Native: its own, or, where a link is in its way, the one that the link leads to. */
  readonly path: string;
  readonly stat: FileStat;
}

/**
 * How a file of a root may be read, if it lies in the root. Undefined where there is nothing.
 * @throws SkipStep UNSAFE_PATH where a link leads out of the root
 */
export function insideRoot(files: FileLayer, root: RootFolders, relpath: string): FileInside | undefined {
  const path = root.path(relpath);
  const linkAbove = root.hasLinkAbove(relpath);
  const own = files.lstat(path);
  if (own === undefined) return undefined;
  if (!linkAbove && own.kind !== 'link') return { path, stat: own };
  try {
    const real = files.realPath(path);
    const base = files.realPath(root.root);
    if (real.startsWith(base + (files.windows ? '\\' : '/'))) {
      const stat = files.lstat(real);
      return stat === undefined ? undefined : { path: real, stat };
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
  throw new SkipStep(
    'UNSAFE_PATH',
    `${relpath} in ${root.root} is reached by a symbolic link that leads out of the root, and is not read.`,
  );
}
