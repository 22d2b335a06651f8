import { canceledError, errnoOf, isCanceled, toLakesideError } from '../base/errors.ts';
import { parentFolder } from '../base/relpath.ts';
import type { TaskContext } from '../library/hashFile.ts';
import {
  beginCopy,
  type BegunCopy,
  type CopyItem,
  copyStep,
  diskFullError,
  endCopy,
  isResumable,
  type StepWork,
} from './copyStep.ts';
import type { FileLayer } from './fileLayer.ts';
import { isRootGone, requireRoots } from './rootSight.ts';
import type { IndexChange, StepOutcome } from './stepOutcome.ts';
import { OtherSpelling, SkipStep, stepEnd } from './stepProblem.ts';
import type { Workplace } from './transferPlace.ts';
import { takeTrashed, withTrashed } from './trashedChanges.ts';

export interface CopyOutcome extends StepOutcome {
  /** What has the file's place and is no file; the plan may hold the deletes that clear it. */
  readonly blockedAt?: string;
  /** `blockedAt` is the same name in another spelling. */
  readonly isSpelling?: true;
}

/** So many small files are sooner on the device by one flush of all that was written than by one each. */
export const FLUSH_TOGETHER_FROM = 16;
/** In a large batch the roots are looked at again this often. */
const LOOK_EVERY = 32;

/** A copy whose partial waits for the flush that it shares with others. */
interface Halfway extends BegunCopy {
  readonly item: CopyItem;
  /** What the first half did to the trash. */
  readonly trashed: readonly IndexChange[];
}

/**
 * Copies files, one after the other; many small ones in two halves with one flush between them, where the file system has
 * that. Outcomes are in the order of the items.
 * @throws LakesideError ROOT_NOT_MOUNTED: nothing is believed of steps whose root went away
 */
export function copyItems(work: Workplace, items: readonly CopyItem[], control: TaskContext): CopyOutcome[] {
  const { flushesAll, flushTogetherFrom } = work.place;
  const together =
    flushesAll && items.length >= flushTogetherFrom && items.every(({ from }) => !isResumable(work, from.size));
  if (together) return copyTogether(work, items, control);
  return items.map((item) =>
    attempt(work, item, control, () => doneOutcome(work, item, copyStep(work, item, control), [])),
  );
}

function copyTogether(work: Workplace, items: readonly CopyItem[], control: TaskContext): CopyOutcome[] {
  const waiting = new Set<Halfway>();
  try {
    const halves = items.map((item, index) => {
      if (index > 0 && index % LOOK_EVERY === 0) requireRoots(work.files, work.place);
      const half = attempt(work, item, control, () => firstHalf(work, item, control));
      if ('written' in half) waiting.add(half);
      return half;
    });
    const flush = flushTogether(work, waiting, control);
    return halves.map((half, index) => {
      if (!('written' in half)) return half;
      if (index % LOOK_EVERY === 0) requireRoots(work.files, work.place);
      return attempt(work, half.item, control, () => {
        waiting.delete(half);
        flush(half);
        return doneOutcome(work, half.item, endCopy(work, half, control), half.trashed);
      });
    });
  } finally {
    // Canceled, or the task failed as a whole.
    for (const { written } of waiting) written.target.abandon(false);
  }
}

function firstHalf(work: Workplace, item: CopyItem, control: TaskContext): CopyOutcome | Halfway {
  const begun = beginCopy(work, item, control);
  if ('written' in begun) return { ...begun, item, trashed: takeTrashed(work) };
  return doneOutcome(work, item, begun, []);
}

/**
 * Puts all partials on the device. Where that fails as a whole, the function it returns does it file by file, so that each
 * step tells its own error.
 */
function flushTogether(work: Workplace, waiting: ReadonlySet<Halfway>, control: TaskContext): (half: Halfway) => void {
  const { files, place } = work;
  let flushed = true;
  try {
    if (waiting.size > 0) files.flushAll(place.toRoot);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    flushed = false;
  }
  const isElsewhere = onOtherDevice(work);
  return ({ item, written }) => {
    try {
      if (!flushed || isElsewhere(parentFolder(item.path))) flushClosed(files, written.target.path);
    } catch (cause) {
      written.target.abandon(false);
      control.report(-written.reported);
      throw cause;
    }
  };
}

/** Whether a folder of the target lies on another file system than its root, by a mount: the common flush left it out. */
function onOtherDevice({ files, place, to }: Workplace): (folder: string) => boolean {
  let root: string | undefined;
  const known = new Map<string, boolean>();
  return (folder) => {
    root ??= files.lstat(files.realPath(place.toRoot))?.device;
    const isOther = known.get(folder) ?? (folder !== '' && to.lstat(folder)?.device !== root);
    known.set(folder, isOther);
    return isOther;
  };
}

function flushClosed(files: FileLayer, path: string): void {
  const file = files.openToWrite(path);
  try {
    files.flush(file);
  } finally {
    files.close(file);
  }
}

function doneOutcome(
  work: Workplace,
  item: CopyItem,
  { changes, ...done }: StepWork,
  trashed: readonly IndexChange[],
): CopyOutcome {
  return { step: item.step, ...done, ...withTrashed(work, item.path, [...trashed, ...changes]) };
}

/** Does a part of a step; the outcome where it ends badly. */
function attempt<T>(work: Workplace, item: CopyItem, control: TaskContext, act: () => T): T | CopyOutcome {
  try {
    if (control.aborted()) throw canceledError('The copy');
    return act();
  } catch (error) {
    if (isRootGone(error)) throw error;
    const known = toStepError(work, item, error);
    const outcome = {
      step: item.step,
      ...stepEnd(known, 'copy', item.path),
      bytes: 0,
      ...withTrashed(work, item.path, []),
    };
    if (known instanceof OtherSpelling) return { ...outcome, blockedAt: known.blockedAt ?? '', isSpelling: true };
    const blockedAt = known instanceof SkipStep ? known.blockedAt : undefined;
    return blockedAt === undefined ? outcome : { ...outcome, blockedAt };
  }
}

function toStepError(work: Workplace, item: CopyItem, error: unknown): unknown {
  if (error instanceof SkipStep || isCanceled(error)) return error;
  const end = stepEnd(error, 'copy', item.path);
  const isFull = end.code === 'DISK_FULL' && toLakesideError(error).code !== 'DISK_FULL';
  return isFull ? diskFullError(work, item, toLakesideError(error)) : error;
}
