import { errnoOf } from '../base/errors.ts';
import type { FileLayer } from './fileLayer.ts';
import { isHeld, patiently } from './patientFiles.ts';

/** How file systems without hard links (FAT, exFAT, many network drives) refuse one, besides EPERM. */
const NO_HARD_LINKS = new Set([
  'EPERM',
  'EACCES',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EINVAL',
  'EISDIR',
  'EXDEV',
  'UNKNOWN',
]);

/**
 * Gives a file a new path on the same volume and never takes one that is taken: EEXIST.
 *
 * No platform's `rename` in Node can refuse to replace (POSIX replaces by definition, and Node asks Windows to), while
 * a hard link fails where the name exists, in one step. So: link, then unlink the old name. Where the file system has
 * no hard links it is a look and a rename, with a gap of microseconds between them.
 */
export function placeFile(files: FileLayer, from: string, to: string): void {
  if (files.locksOpenFiles) requireNotHeld(files, from);
  if (!linkWhereKnown(files, from, to)) {
    if (files.lstat(to) !== undefined) throw taken(to);
    patiently(files, () => files.rename(from, to));
    return;
  }
  try {
    patiently(files, () => files.unlink(from));
  } catch (error) {
    // Somebody holds the old name. The file must not stay under both.
    files.unlink(to);
    throw error;
  }
}

/**
 * On Windows a file that another program has open can be given a second name but lose neither of the two. A rename to its
 * own name fails just then, and else does nothing.
 */
function requireNotHeld(files: FileLayer, path: string): void {
  try {
    patiently(files, () => files.rename(path, path));
  } catch (error) {
    if (isHeld(error)) throw error;
  }
}

/** Gives a file a second name; false where the file system has no hard links. */
export function linkWhereKnown(files: FileLayer, from: string, to: string): boolean {
  try {
    files.link(from, to);
    return true;
  } catch (error) {
    if (!NO_HARD_LINKS.has(errnoOf(error) ?? '')) throw error;
    return false;
  }
}

function taken(path: string): Error {
  return Object.assign(new Error(`EEXIST: file already exists, rename -> '${path}'`), { code: 'EEXIST' });
}

export function isTaken(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'EEXIST' || errno === 'ENOTEMPTY';
}
