import { canceledError, fileError, LakesideError } from '../base/errors.ts';
import { loadBlake3 } from '../library/blake3.ts';
import type { TaskContext } from '../library/hashFile.ts';
import type { ExpectedFile } from '../protocol/planFile.ts';
import type { FileLayer, FileStat } from './fileLayer.ts';
import { describeDifference, matches, SkipStep } from './stepProblem.ts';

export interface CopyRequest {
  /** Absolute native paths. The partial must not exist yet. */
  readonly source: string;
  readonly partial: string;
  /** The state in which the source must be found; a hash is checked as well. */
  readonly expected: ExpectedFile;
  readonly sourceStepMs: number;
}

/** A partial that is flushed and has been read back. */
export interface VerifiedCopy {
  readonly size: number;
  /** As the target's file system keeps it. */
  readonly mtimeMs: number;
  /** Hexadecimal. */
  readonly blake3: string;
  /** When the source was hashed. */
  readonly hashedAtMs: number;
}

/** A very large file is flushed as it grows, so that the flush at its end cannot last for minutes, deaf to a cancel. */
const FLUSH_EVERY_BYTES = 64 * 1024 * 1024;

/**
 * Copies a file into a partial, flushes it, reads it back and compares the hashes. On every error, and when aborted,
 * the partial is removed. Runs in a worker thread: it blocks.
 * @throws SkipStep SOURCE_CHANGED; LakesideError CANCELED, VERIFY_FAILED, or by errno
 */
export function copyFile(files: FileLayer, request: CopyRequest, control: TaskContext): VerifiedCopy {
  let copied = 0;
  let created = false;
  try {
    const source = files.openToRead(request.source);
    try {
      checkSource(request, files.stat(source));
      const target = files.create(request.partial);
      created = true;
      let hash: string;
      try {
        hash = copyBlocks(files, source, target, request.expected.size, control, (bytes) => (copied += bytes));
        checkSource(request, files.stat(source));
        checkHash(request, hash);
        files.setTime(target, request.expected.mtimeMs);
        files.flush(target);
      } finally {
        files.close(target);
      }
      const hashedAtMs = files.now();
      return { ...readBack(files, request, hash, control), blake3: hash, hashedAtMs };
    } finally {
      files.close(source);
    }
  } catch (error) {
    if (copied > 0) control.report(-copied);
    if (created) removePartial(files, request.partial);
    throw error instanceof LakesideError ? error : fileError('copy', request.source, error);
  }
}

function copyBlocks(
  files: FileLayer,
  source: number,
  target: number,
  size: number,
  control: TaskContext,
  onCopied: (bytes: number) => void,
): string {
  let sinceFlush = 0;
  let position = 0;
  return hashBlocks(files, source, size, control, (bytes) => {
    for (let rest = bytes; rest.byteLength > 0;) {
      const written = files.write(target, rest, position);
      // Never seen from a sane system, but it would turn into an endless loop.
      if (written <= 0) throw Object.assign(new Error('wrote nothing'), { code: 'EIO' });
      position += written;
      rest = rest.subarray(written);
    }
    onCopied(bytes.byteLength);
    control.report(bytes.byteLength);
    sinceFlush += bytes.byteLength;
    if (sinceFlush >= FLUSH_EVERY_BYTES) {
      files.flush(target);
      sinceFlush = 0;
    }
  });
}

/** Hashes the first `size` bytes of a file; fewer, if it ends before. */
function hashBlocks(
  files: FileLayer,
  file: number,
  size: number,
  control: TaskContext,
  onBlock: (bytes: Uint8Array) => void,
): string {
  const { buffer } = control;
  const hash = loadBlake3().createHash();
  for (let left = size; left > 0;) {
    if (control.aborted()) throw canceledError('The copy');
    const count = files.read(file, left < buffer.length ? buffer.subarray(0, left) : buffer, size - left);
    if (count === 0) break;
    const bytes = buffer.subarray(0, count);
    hash.update(bytes);
    onBlock(bytes);
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
): { readonly blake3: string; readonly stat: FileStat } | undefined {
  const file = files.openToRead(path);
  try {
    const blake3 = hashBlocks(files, file, size, control, () => undefined);
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

function checkHash(request: CopyRequest, hash: string): void {
  if (request.expected.blake3 === undefined || request.expected.blake3 === hash) return;
  throw new SkipStep(
    'SOURCE_CHANGED',
    `The content of ${request.source} is not the one the plan was made for, though its size and time are. Hash it again, and make a new plan.`,
  );
}

function readBack(
  files: FileLayer,
  request: CopyRequest,
  hash: string,
  control: TaskContext,
): { readonly size: number; readonly mtimeMs: number } {
  const { size } = request.expected;
  const back = hashWholeFile(files, request.partial, size, control);
  if (back?.blake3 === hash) return { size, mtimeMs: back.stat.mtimeMs };
  throw new LakesideError(
    'VERIFY_FAILED',
    'infra',
    `The copy of ${request.source} did not read back as it was written. It was removed; check the drive of the target, and apply again.`,
    { context: { path: request.source } },
  );
}

/** Best effort: what stays is covered by the ignore list, and removed by the next apply. */
export function removePartial(files: FileLayer, partial: string): void {
  try {
    files.unlink(partial);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}
