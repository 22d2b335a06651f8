import type { ExpectedFile } from '../protocol/planFile.ts';
import { setAside } from './commitFile.ts';
import type { TaskContext } from '../library/hashFile.ts';
import { hashWholeFile } from './copyFile.ts';
import type { StepWork } from './copyStep.ts';
import type { FileStat } from './fileLayer.ts';
import { insideRoot } from './insideRoot.ts';
import { patiently } from './patientFiles.ts';
import { FileInPlace } from './rootFolders.ts';
import { describeDifference, matches, SkipStep } from './stepProblem.ts';
import type { Workplace } from './transferPlace.ts';
import { putBack, targetChanged } from './trashFile.ts';

export interface EvictItem {
  readonly step: number;
  readonly path: string;
  readonly expected: ExpectedFile;
  /** The file of the other root that has the same content. */
  readonly keeper: { readonly path: string; readonly expected: ExpectedFile };
  /** Whether the index still knows both files, and that their content is the same. */
  readonly verified: boolean;
}

/**
 * One file is removed outright, because the other root holds its content: the file there is read, since an index, and the
 * hashes that lie beside a root, can be wrong. Then this one is set aside and the other file looked at again: where two plans each want to remove what the other one relies on, at least one finds it gone, and puts its
 * file back.
 * @throws SkipStep TARGET_CHANGED, NOT_VERIFIED, KEEPER_MISSING, KEEPER_CHANGED, UNSAFE_PATH; ROOT_NOT_MOUNTED; else by errno
 */
export function evictStep(work: Workplace, item: EvictItem, control: TaskContext): StepWork {
  const { files, to } = work;
  const changes = [{ root: 'to', kind: 'remove', path: item.path }] as const;
  const aside = standsAside(work, item) ? work.asidePath(item.path) : undefined;
  const found = aside === undefined ? fileAt(work, item.path) : to.lstat(aside);
  if (found === undefined) {
    // An earlier try may have ended before it removed what this emptied.
    to.removeEmptyAbove(item.path);
    return { status: 'already', bytes: 0, changes };
  }
  if (!matches(found, item.expected, work.place.toStepMs)) {
    throw targetChanged(work, item.path, describeDifference(found, item.expected));
  }
  if (aside === undefined) requireContent(work, item, requireKept(work, item, found), control);
  const waiting = aside ?? setAside(work, item.path);
  try {
    const moved = to.lstat(waiting);
    if (moved === undefined || !matches(moved, item.expected, work.place.toStepMs)) {
      throw targetChanged(work, item.path, 'another file took its place just now');
    }
    requireKept(work, item, moved);
  } catch (error) {
    putBack(work, waiting, item.path);
    throw error;
  }
  patiently(files, () => files.unlink(to.path(waiting)));
  to.mustFlush(waiting);
  to.removeEmptyAbove(item.path);
  return { status: 'done', bytes: 0, changes };
}

/** An earlier run stopped between setting the file aside and removing it. */
function standsAside(work: Workplace, { path, expected }: EvictItem): boolean {
  return (
    work.aside.has(path) &&
    fileAt(work, path) === undefined &&
    matches(work.to.lstat(work.asidePath(path)), expected, work.place.toStepMs)
  );
}

/** Where a folder has come in its place, or above it a file, the file is gone. */
function fileAt({ to }: Workplace, path: string): FileStat | undefined {
  try {
    const stat = to.hasParents(path) ? to.lstat(path) : undefined;
    return stat?.kind === 'folder' ? undefined : stat;
  } catch (error) {
    if (error instanceof FileInPlace) return undefined;
    throw error;
  }
}

/** The native path of the file that keeps the content. */
function requireKept(work: Workplace, { path, keeper, verified }: EvictItem, leaving: FileStat): string {
  const { files, from, place } = work;
  if (!verified) {
    throw new SkipStep(
      'NOT_VERIFIED',
      `${path} is not removed: the index no longer knows that ${place.fromRoot} holds the same. Scan and hash both, and make a new plan.`,
    );
  }
  // An empty mount point must not look like a root that has lost its files.
  from.requirePrivateFolder();
  const kept = insideRoot(files, from, keeper.path);
  if (kept === undefined) {
    throw new SkipStep(
      'KEEPER_MISSING',
      `${path} is not removed: ${keeper.path} is no longer in ${place.fromRoot}. Scan, and make a new plan.`,
    );
  }
  const { stat } = kept;
  if (!matches(stat, keeper.expected, place.fromStepMs)) {
    throw new SkipStep(
      'KEEPER_CHANGED',
      `${path} is not removed: ${keeper.path} in ${place.fromRoot} changed since the plan was made: ${describeDifference(stat, keeper.expected)}. Scan, and make a new plan.`,
    );
  }
  if (stat.id === leaving.id) {
    throw new SkipStep('KEEPER_CHANGED', `${path} is not removed: both roots hold one and the same file.`);
  }
  return kept.path;
}

function requireContent(
  { files, place, pacer }: Workplace,
  { path, expected, keeper }: EvictItem,
  kept: string,
  control: TaskContext,
): void {
  const pace = (bytes: number): void => {
    if (place.network.from) pacer?.take('check', bytes, () => control.aborted());
  };
  // What is read here is no progress of the plan, which counts files.
  const found = hashWholeFile(files, kept, keeper.expected.size, { ...control, report: () => undefined }, pace);
  if (found !== undefined && found.blake3 === expected.blake3) return;
  throw new SkipStep(
    'KEEPER_DAMAGED',
    `${path} is not removed: ${keeper.path} in ${place.fromRoot} does not hold the content that its hash says. Verify that root, and copy the file there again.`,
  );
}
