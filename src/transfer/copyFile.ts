import { canceledError, errnoOf, fileError, LakesideError } from '../base/errors.ts';
import { type Blake3Hash, loadBlake3 } from '../library/blake3.ts';
import type { TaskContext } from '../library/hashFile.ts';
import type { ExpectedFile } from '../protocol/planFile.ts';
import type { Paced } from './pacer.ts';
import type { CopyTarget } from './copyTarget.ts';
import type { FileLayer, FileStat } from './fileLayer.ts';
import { describeDifference, matches, SkipStep } from './stepProblem.ts';

export interface CopyRequest {
  /** Absolute native path. */
  readonly source: string;
  /** Absolute native path of the file it becomes; for errors. */
  readonly destination: string;
  /** The state in which the source must be found; a hash is checked as well. */
  readonly expected: ExpectedFile;
  /** The trusted hash that the index has for just this size and time. */
  readonly knownHash?: string | undefined;
  readonly sourceStepMs: number;
  /** Makes or takes the partial, once the source is seen to be what it should be. */
  readonly openTarget: (source: FileStat) => CopyTarget;
  /** After each flush of a very large file: throws where the copy must not go on. */
  readonly checkpoint: (bytesLeft: number) => void;
  /** Before so many bytes go: waits where the bandwidth is limited. */
  readonly pace: (direction: Paced, bytes: number) => void;
}

/** A partial that holds all of the source, closed. */
export interface WrittenCopy {
  readonly target: CopyTarget;
  /** Hexadecimal. */
  readonly blake3: string;
  /** When the source was hashed. */
  readonly hashedAtMs: number;
  /** Bytes that an earlier attempt had copied. */
  readonly recovered: number;
  /** Bytes reported as copied. */
  readonly reported: number;
}

/** A partial that is flushed and has been read back. */
export interface VerifiedCopy {
  readonly target: CopyTarget;
  readonly size: number;
  /** As the target's file system keeps it. */
  readonly mtimeMs: number;
  /** Hexadecimal. */
  readonly blake3: string;
  readonly hashedAtMs: number;
}

/**
 * A very large file is flushed as it grows, so that the flush at its end cannot last for minutes, deaf to a cancel, and so
 * that its journal grows too: after so many chunks, or at the end of a chunk after so long.
 */
const FLUSH_CHUNKS = 4;
const FLUSH_MS = 2_000;
/** Calls on an open file, whose errors name no path. */
const WRITING = /^(?:write|fsync|fdatasync|ftruncate|futime)/;

/**
 * Copies a file into a partial, flushes it, reads it back and compares the hashes. What an earlier attempt left is gone on
 * with; if that turns out not to be the source's, everything is copied once more. On an error the partial is removed, unless
 * it can be gone on with later. Runs in a worker thread: it blocks.
 * @throws SkipStep SOURCE_CHANGED, SOURCE_ROTTEN; LakesideError CANCELED, VERIFY_FAILED, PARTIAL_TAKEN_OVER, or by errno
 */
export function copyFile(files: FileLayer, request: CopyRequest, control: TaskContext): VerifiedCopy {
  const first = copyOnce(files, request, control);
  if (!('redo' in first)) return first;
  const second = copyOnce(files, request, control);
  if ('redo' in second) throw second.redo;
  return second;
}

/** Names the side that the system refused: where reading is allowed and writing is not, the source must not be blamed. */
function sideError({ source, destination }: CopyRequest, error: unknown): LakesideError {
  const { path, syscall } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  const isSource = path === undefined ? !WRITING.test(syscall ?? '') : path === source;
  return isSource ? fileError('copy', source, error) : fileError('write', destination, error);
}

/** `redo`: what was wrong with a copy that went on with an earlier attempt; that attempt is gone now. */
function copyOnce(
  files: FileLayer,
  request: CopyRequest,
  control: TaskContext,
): VerifiedCopy | { readonly redo: unknown } {
  const written = writeCopy(files, request, control, { flush: true });
  if ('redo' in written) return written;
  try {
    return verifyCopy(files, request, written, control);
  } catch (error) {
    if (written.recovered > 0 && isContent(error)) return { redo: error };
    throw error;
  }
}

/**
 * Copies a file into a partial. Without `flush` its caller flushes it before `verifyCopy`.
 * @throws as copyFile
 */
export function writeCopy(
  files: FileLayer,
  request: CopyRequest,
  control: TaskContext,
  { flush }: { readonly flush: boolean },
): WrittenCopy | { readonly redo: unknown } {
  try {
    const source = files.openToRead(request.source);
    try {
      const stat = files.stat(source);
      checkSource(request, stat);
      return fillTarget(files, request, source, request.openTarget(stat), control, flush);
    } finally {
      closeRead(files, source);
    }
  } catch (error) {
    throw asCopyError(request, error);
  }
}

/**
 * Reads a flushed partial back and compares the hashes. On an error the partial is removed, unless it can be gone on with.
 * @throws LakesideError CANCELED, VERIFY_FAILED, or by errno
 */
export function verifyCopy(
  files: FileLayer,
  request: CopyRequest,
  { target, blake3, hashedAtMs, reported }: WrittenCopy,
  control: TaskContext,
): VerifiedCopy {
  try {
    return { ...readBack(files, request, target.path, blake3, control), target, blake3, hashedAtMs };
  } catch (error) {
    target.abandon(!(isContent(error) || errnoOf(error) === 'EIO'));
    control.report(-reported);
    throw asCopyError(request, error);
  }
}

/** What was only read is as good where closing it fails; the copy that was made of it must not be given up for that. */
function closeRead(files: FileLayer, file: number): void {
  try {
    files.close(file);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

function asCopyError(request: CopyRequest, error: unknown): unknown {
  return error instanceof LakesideError ? error : sideError(request, error);
}

function fillTarget(
  files: FileLayer,
  request: CopyRequest,
  source: number,
  target: CopyTarget,
  control: TaskContext,
  flush: boolean,
): WrittenCopy | { readonly redo: unknown } {
  let reported = 0;
  const report: TaskContext['report'] = (bytes, when) => {
    reported += bytes;
    control.report(bytes, when);
  };
  let recovered = 0;
  try {
    const start = target.recover(source, { ...control, report });
    recovered = start.position;
    const blake3 = copyBlocks(files, request, source, target, start, { ...control, report });
    checkSource(request, files.stat(source));
    checkHash(request, blake3);
    files.setTime(target.file, request.expected.mtimeMs);
    if (flush) {
      files.flush(target.file);
      target.flushed();
    }
    target.close();
    return { target, blake3, hashedAtMs: files.now(), recovered, reported };
  } catch (error) {
    target.abandon(!isContent(error));
    if (reported > 0) control.report(-reported);
    if (recovered > 0 && isContent(error)) return { redo: error };
    throw error;
  }
}

/** Whether an error says that the partial does not hold what it should: it is of no use to anybody. */
function isContent(error: unknown): boolean {
  return error instanceof SkipStep || (error instanceof LakesideError && error.code === 'VERIFY_FAILED');
}

function copyBlocks(
  files: FileLayer,
  request: CopyRequest,
  source: number,
  target: CopyTarget,
  start: { readonly position: number; readonly hash: Blake3Hash },
  control: TaskContext,
): string {
  const { buffer } = control;
  const { hash } = start;
  const { size } = request.expected;
  const { chunkBytes } = target;
  let unflushed = 0;
  let flushedAt = files.now();
  for (let position = start.position; position < size;) {
    if (control.aborted()) throw canceledError('The copy');
    const most = Math.min(buffer.length, size - position, chunkBytes - (position % chunkBytes));
    const count = files.read(source, most < buffer.length ? buffer.subarray(0, most) : buffer, position);
    if (count === 0) break;
    const bytes = buffer.subarray(0, count);
    hash.update(bytes);
    request.pace('copy', count);
    target.keepHold();
    writeBlock(files, target.file, bytes, position);
    position += count;
    control.report(count);
    if (position % chunkBytes !== 0) continue;
    target.chunkWritten(hash);
    unflushed += 1;
    if (position === size || (unflushed < FLUSH_CHUNKS && files.now() - flushedAt < FLUSH_MS)) continue;
    files.flush(target.file);
    target.flushed();
    request.checkpoint(size - position);
    unflushed = 0;
    flushedAt = files.now();
  }
  return hash.digest().toString('hex');
}

function writeBlock(files: FileLayer, file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.byteLength;) {
    const written = files.write(file, bytes.subarray(done), position + done);
    // Never seen from a sane system, but it would turn into an endless loop.
    if (written <= 0) throw Object.assign(new Error('wrote nothing'), { code: 'EIO' });
    done += written;
  }
}

/** Hashes the first `size` bytes of a file; fewer, if it ends before. */
function hashBlocks(
  files: FileLayer,
  file: number,
  size: number,
  control: TaskContext,
  pace: (bytes: number) => void,
): string {
  const { buffer } = control;
  const hash = loadBlake3().createHash();
  for (let left = size; left > 0;) {
    if (control.aborted()) throw canceledError('The copy');
    const count = files.read(file, left < buffer.length ? buffer.subarray(0, left) : buffer, size - left);
    if (count === 0) break;
    pace(count);
    hash.update(buffer.subarray(0, count));
    left -= count;
  }
  return hash.digest().toString('hex');
}

/** BLAKE3 of a whole file, hexadecimal; undefined where it has no longer the size given. */
export function hashWholeFile(
  files: FileLayer,
  path: string,
  size: number,
  control: TaskContext,
  pace: (bytes: number) => void = () => undefined,
): { readonly blake3: string; readonly stat: FileStat } | undefined {
  const file = files.openToRead(path);
  try {
    const blake3 = hashBlocks(files, file, size, control, pace);
    const stat = files.stat(file);
    return stat.kind === 'file' && stat.size === size ? { blake3, stat } : undefined;
  } finally {
    files.close(file);
  }
}

function checkSource(request: CopyRequest, stat: FileStat): void {
  if (matches(stat, request.expected, request.sourceStepMs)) return;
  throw new SkipStep(
    'SOURCE_CHANGED',
    `${request.source} changed since the plan was made: ${describeDifference(stat, request.expected)}. Scan, and make a new plan.`,
  );
}

function checkHash({ source, expected, knownHash }: CopyRequest, hash: string): void {
  const wanted = expected.blake3 ?? knownHash;
  if (wanted === undefined || wanted === hash) return;
  if (knownHash === undefined || knownHash === hash) {
    throw new SkipStep(
      'SOURCE_CHANGED',
      `The content of ${source} is not the one the plan was made for, though its size and time are. Hash it again, and make a new plan.`,
    );
  }
  throw new SkipStep(
    'SOURCE_ROTTEN',
    `${source} is damaged: its size and time are those it was hashed with, its content is not. It was not copied. Put a good copy in its place; if the content is meant to be so, give the file a new time. Then scan.`,
  );
}

function readBack(
  files: FileLayer,
  request: CopyRequest,
  partial: string,
  hash: string,
  control: TaskContext,
): { readonly size: number; readonly mtimeMs: number } {
  const { size } = request.expected;
  const back = hashWholeFile(files, partial, size, control, (bytes) => request.pace('check', bytes));
  if (back?.blake3 === hash) return { size, mtimeMs: back.stat.mtimeMs };
  throw new LakesideError(
    'VERIFY_FAILED',
    'infra',
    `The copy of ${request.source} did not read back as it was written. It was removed; check the drive of the target, and apply again.`,
    { context: { path: request.source } },
  );
}
