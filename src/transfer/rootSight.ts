import { errnoOf, LakesideError } from '../base/errors.ts';
import { PRIVATE_FOLDER } from '../base/relpath.ts';
import type { FileLayer, FileStat } from './fileLayer.ts';
import { nativePath } from './transferPaths.ts';

/** How a root looked when the apply began: its marker, or, where it has none, its folder. */
export interface RootSight {
  /** Tells it from every other: its number, and when it was made. Numbers alone are given again. */
  readonly look: string;
  /** What the marker says; null: the root has none (read-only when it was added). */
  readonly text: string | null;
}

/** Absolute. */
export interface RootPaths {
  readonly fromRoot: string;
  readonly toRoot: string;
}

export interface RootSights {
  readonly from: RootSight;
  readonly to: RootSight;
}

/** As much of a workplace as tells of its target. */
export interface TargetPlace {
  readonly files: FileLayer;
  readonly to: { requirePrivateFolder(): void };
  readonly place: RootPaths & { readonly sights?: RootSights | undefined };
}

const MARKER = `${PRIVATE_FOLDER}/root.json`;
/** A marker has about a hundred bytes. */
const MARKER_BYTES = 4_096;

/** @param root absolute */
function lookAtRoot(files: FileLayer, root: string): RootSight {
  const marker = files.lstat(nativePath(root, MARKER, files.windows));
  if (marker !== undefined) return { look: lookOf(marker), text: readMarker(files, root) };
  return { look: files.lstat(files.realPath(root))?.id ?? '', text: null };
}

function lookOf({ id, size, mtimeMs, changedMs }: FileStat): string {
  return [id, size, mtimeMs, changedMs].join(' ');
}

/**
 * Whether both roots are still the ones the apply began with. Two calls to the system as a rule: the marker is read again
 * only where it is another file than it was, since some network drives give a file a new number now and then.
 * @throws LakesideError ROOT_NOT_MOUNTED (retryable)
 */
export function requireRoots(files: FileLayer, place: RootPaths & { readonly sights?: RootSights | undefined }): void {
  if (place.sights === undefined) return;
  requireRoot(files, place.fromRoot, place.sights.from);
  requireRoot(files, place.toRoot, place.sights.to);
}

/**
 * As `requireRoots`, of the target alone: before anything comes into it. The empty folder under a mount point must not be
 * filled when the drive is gone, nor another drive in its place.
 */
export function requireTarget({ files, place, to }: TargetPlace): void {
  if (place.sights === undefined) to.requirePrivateFolder();
  else requireRoot(files, place.toRoot, place.sights.to);
}

export function lookAtRoots(files: FileLayer, place: RootPaths): RootSights {
  return { from: lookAtRoot(files, place.fromRoot), to: lookAtRoot(files, place.toRoot) };
}

function requireRoot(files: FileLayer, root: string, sight: RootSight): void {
  try {
    if (isSame(files, root, sight)) return;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    throw notMounted(root, 'it cannot be read any more', error);
  }
  throw notMounted(root, 'another folder or drive is in its place');
}

function isSame(files: FileLayer, root: string, sight: RootSight): boolean {
  if (sight.text === null) return files.lstat(files.realPath(root))?.id === sight.look;
  const marker = files.lstat(nativePath(root, MARKER, files.windows));
  if (marker === undefined) return false;
  return lookOf(marker) === sight.look || readMarker(files, root) === sight.text;
}

function readMarker(files: FileLayer, root: string): string {
  const file = files.openToRead(nativePath(root, MARKER, files.windows));
  try {
    const bytes = Buffer.alloc(MARKER_BYTES);
    return bytes.toString('utf8', 0, files.read(file, bytes, 0));
  } finally {
    files.close(file);
  }
}

/** Whether a root went away: nothing that its absence may have caused is believed then. */
export function isRootGone(error: unknown): boolean {
  return error instanceof LakesideError && error.code === 'ROOT_NOT_MOUNTED';
}

function notMounted(root: string, what: string, cause?: unknown): LakesideError {
  return new LakesideError(
    'ROOT_NOT_MOUNTED',
    'infra',
    `The root at ${root} is not mounted: ${what}. Connect its drive.`,
    {
      context: { path: root },
      retryable: true,
      cause,
    },
  );
}
