import type { LakesideError } from '../base/errors.ts';
import { baseName, joinRelpath, parentFolder } from '../base/relpath.ts';
import type { TaskContext } from '../library/hashFile.ts';
import { isYoung } from '../library/hashTrust.ts';
import type { ExpectedFile } from '../protocol/planFile.ts';
import { checkTarget, commitFile, discardAside, recoverAside } from './commitFile.ts';
import {
  copyFile,
  type CopyRequest,
  hashWholeFile,
  type VerifiedCopy,
  verifyCopy,
  writeCopy,
  type WrittenCopy,
} from './copyFile.ts';
import { type CopyTarget, PlainPartial } from './copyTarget.ts';
import type { FileStat } from './fileLayer.ts';
import { type FileInside, insideRoot } from './insideRoot.ts';
import type { Keeper } from '../store/keeperStore.ts';
import { requireKept } from './keeper.ts';
import { describeDifference, matches, OtherSpelling, SkipStep } from './stepProblem.ts';
import type { IndexChange } from './stepOutcome.ts';
import { ResumablePartial, removeLeftOf } from './resumablePartial.ts';
import { copyKey, partialName, resumablePartial } from './transferPaths.ts';
import { diskFull } from './freeSpace.ts';
import { requireRoots, requireTarget } from './rootSight.ts';
import type { Workplace } from './transferPlace.ts';

export interface CopyItem {
  readonly step: number;
  readonly path: string;
  /** The source's name, where it is another. */
  readonly sourcePath?: string;
  /** The source's state. */
  readonly from: ExpectedFile;
  /** What is replaced, or null. */
  readonly to: ExpectedFile | null;
  /** Trusted hashes of the index for files of just these sizes and times. */
  readonly knownFrom?: string;
  readonly knownTo?: string;
  /** A file whose name is spelled in another way counts as the one that is there: no step of the plan takes it away. */
  readonly anySpelling?: true;
  /** Where what is replaced would be lost: who else keeps its content; null: nobody has to. */
  readonly keepers?: readonly Keeper[] | null | undefined;
}

export interface StepWork {
  readonly status: 'done' | 'already';
  readonly bytes: number;
  readonly changes: readonly IndexChange[];
}

interface StepRequest extends CopyRequest {
  readonly item: CopyItem;
  /** What has the target's place. */
  readonly replaced: FileStat | undefined;
}

/** A copy that is written and not in its place yet. */
export interface BegunCopy {
  readonly request: StepRequest;
  readonly written: WrittenCopy;
}

/**
 * One copy step, from looking at both ends to the file in its place. The folders above the target are there already.
 * @throws SkipStep; LakesideError CANCELED, VERIFY_FAILED, or by errno
 */
export function copyStep(work: Workplace, item: CopyItem, control: TaskContext): StepWork {
  const request = requestCopy(work, item, control);
  if ('status' in request) return request;
  return placeCopy(work, request, copyFile(work.files, request, control), control);
}

/**
 * The first half of a step whose file is small: it ends with a partial that holds all of the source, and that its caller
 * flushes before `endCopy`.
 * @throws as copyStep
 */
export function beginCopy(work: Workplace, item: CopyItem, control: TaskContext): StepWork | BegunCopy {
  const request = requestCopy(work, item, control);
  if ('status' in request) return request;
  const written = writeCopy(work.files, request, control, { flush: false });
  if ('redo' in written) throw written.redo;
  return { request, written };
}

/**
 * The other half.
 * @throws as copyStep; the partial is then gone
 */
export function endCopy(work: Workplace, { request, written }: BegunCopy, control: TaskContext): StepWork {
  return placeCopy(work, request, verifyCopy(work.files, request, written, control), control);
}

/** Looks at both ends: what is to be copied; or what there is to say where the target holds it already. */
function requestCopy(work: Workplace, item: CopyItem, control: TaskContext): StepWork | StepRequest {
  const { files, to } = work;
  const { sourcePath = item.path } = item;
  const source = insideRoot(files, work.from, sourcePath);
  const before = to.lstat(item.path);
  if (before !== undefined && item.anySpelling !== true) requireSpelling(work, item);
  const already = fulfilled(work, item, source, before, control);
  if (already !== undefined) {
    if (work.aside.has(item.path)) discardAside(work, item.path);
    if (isResumable(work, item.from.size)) removeLeftOf(work, item.path);
    return already;
  }
  if (source === undefined) {
    throw new SkipStep(
      'SOURCE_MISSING',
      `${sourcePath} is no longer in ${work.place.fromRoot}. Scan, and make a new plan.`,
    );
  }
  if (!matches(source.stat, item.from, work.place.fromStepMs)) {
    throw new SkipStep(
      'SOURCE_CHANGED',
      `${sourcePath} in ${work.place.fromRoot} changed since the plan was made: ${describeDifference(source.stat, item.from)}. Scan, and make a new plan.`,
    );
  }
  const replaced = before ?? recoverAside(work, item.path, item.to);
  checkTarget(work, item.path, replaced, item.to);
  if (replaced !== undefined) requireKept(work, item.keepers, replaced, item.path, control);

  requireTarget(work);
  work.space.take(item.from.size - leftOf(work, item), item.path);
  return {
    item,
    replaced,
    source: source.path,
    destination: to.path(item.path),
    expected: item.from,
    knownHash: item.knownFrom,
    sourceStepMs: work.place.fromStepMs,
    openTarget: (stat) => openTarget(work, item, stat),
    checkpoint(bytesLeft) {
      requireRoots(work.files, work.place);
      work.space.check(bytesLeft, item.path);
    },
    pace: pacing(work, control),
  };
}

function placeCopy(
  work: Workplace,
  { item, replaced }: StepRequest,
  copy: VerifiedCopy,
  control: TaskContext,
): StepWork {
  try {
    copy.target.requireHeld();
    // A copy may take hours: who keeps the content of the old file must keep it still.
    if (replaced !== undefined) requireKept(work, item.keepers, replaced, item.path);
    commitFile(work, copy.target.relpath, item.path, item.to);
  } catch (error) {
    control.report(-copy.size);
    copy.target.abandon(!(error instanceof SkipStep));
    throw error;
  }
  copy.target.placed();
  return { status: 'done', bytes: copy.size, changes: indexChanges(item, copy) };
}

/** Small files are sooner copied again than a journal is kept. */
export function isResumable(work: Workplace, size: number): boolean {
  return size > 2 * work.place.chunkBytes;
}

/** Bytes that an earlier attempt has left. */
export function leftOf(work: Workplace, item: CopyItem): number {
  if (!isResumable(work, item.from.size)) return 0;
  const left = work.to.lstat(resumablePartial(item.path, copyKey(item.path, item.from)));
  return Math.min(left?.size ?? 0, item.from.size);
}

/** What is read again costs bandwidth only where it comes over the network, as far as anybody can tell. */
function pacing({ pacer, place }: Workplace, control: TaskContext): CopyRequest['pace'] {
  if (pacer === undefined) return () => undefined;
  return (direction, bytes) => {
    if (direction === 'copy' || place.network.to) pacer.take(direction, bytes, () => control.aborted());
  };
}

function openTarget(work: Workplace, item: CopyItem, source: FileStat): CopyTarget {
  const resumable = isResumable(work, item.from.size)
    ? ResumablePartial.take(work, item.path, item.from, source)
    : undefined;
  if (resumable !== undefined) return resumable;
  const name = partialName(baseName(item.path), work.place.names);
  return new PlainPartial(work, joinRelpath(parentFolder(item.path), name));
}

/**
 * Where the file system folds names, what is found may be a file that the plan takes away under its own spelling: it must
 * not count as the copy, and then be deleted.
 */
function requireSpelling(work: Workplace, { path, to }: CopyItem): void {
  const spelling = work.place.foldsCase && to === null ? work.to.spelling(path) : path;
  if (spelling === path) return;
  throw new OtherSpelling(
    `${spelling} in ${work.place.toRoot} has the name of ${path} in another spelling, and is not overwritten. Scan, and make a new plan.`,
    firstDifference(spelling, path),
  );
}

/** The file or the outermost folder whose name is spelled in another way. */
function firstDifference(spelling: string, path: string): string {
  const [there, wanted] = [spelling.split('/'), path.split('/')];
  const depth = there.findIndex((segment, index) => segment !== wanted[index]);
  return there.slice(0, depth + 1).join('/');
}

/** What there is to say of a step whose target holds the source's state already; undefined where it does not. */
function fulfilled(
  work: Workplace,
  item: CopyItem,
  source: FileInside | undefined,
  target: FileStat | undefined,
  control: TaskContext,
): StepWork | undefined {
  // One step more than an expectation has: the two ends may round the same time to either side.
  const stepMs = Math.max(work.place.fromStepMs, work.place.toStepMs) + 1;
  if (target === undefined || !matches(target, item.from, stepMs)) return undefined;
  if (source === undefined || !matches(source.stat, item.from, work.place.fromStepMs)) return undefined;
  const wanted = item.from.blake3 ?? item.knownFrom ?? hashNow(work, source.path, item, control);
  const found = item.knownTo ?? hashNow(work, work.to.path(item.path), item, control);
  if (wanted === undefined || found !== wanted) return undefined;
  if (found === item.knownTo) return { status: 'already', bytes: 0, changes: [] };
  const put: IndexChange = {
    root: 'to',
    kind: 'put',
    path: item.path,
    size: target.size,
    mtimeMs: target.mtimeMs,
    blake3: trusted(found, target.mtimeMs, work.files.now()),
  };
  return { status: 'already', bytes: 0, changes: [put] };
}

function hashNow(work: Workplace, path: string, item: CopyItem, control: TaskContext): string | undefined {
  return hashWholeFile(work.files, path, item.from.size, control)?.blake3;
}

function indexChanges(item: CopyItem, copy: VerifiedCopy): IndexChange[] {
  const { size, mtimeMs, blake3, hashedAtMs } = copy;
  const put: IndexChange = {
    root: 'to',
    kind: 'put',
    path: item.path,
    size,
    mtimeMs,
    blake3: trusted(blake3, mtimeMs, hashedAtMs),
  };
  if (trusted(blake3, item.from.mtimeMs, hashedAtMs) === null) return [put];
  const path = item.sourcePath ?? item.path;
  return [put, { root: 'from', kind: 'hash', path, size, mtimeMs: item.from.mtimeMs, blake3 }];
}

function trusted(blake3: string, mtimeMs: number, hashedAtMs: number): string | null {
  return isYoung(mtimeMs, hashedAtMs) ? null : blake3;
}

/** What a full disk means for this file, with numbers. */
export function diskFullError(work: Workplace, item: CopyItem, cause: LakesideError): LakesideError {
  let free: number | undefined;
  try {
    free = work.files.freeBytes(work.place.toRoot);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
  return diskFull(work.place.toRoot, item.path, item.from.size, free, cause);
}
