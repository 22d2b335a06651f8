import { errnoOf, LakesideError } from '../base/errors.ts';
import { formatBytes } from '../base/format.ts';
import type { FileLayer } from './fileLayer.ts';

/** The space on the target's disk during one task: asked for once, then counted down, so that a batch costs one call. */
export class FreeSpace {
  readonly #files: FileLayer;
  readonly #root: string;
  #left: number | undefined;

  /** @param root absolute */
  constructor(files: FileLayer, root: string) {
    this.#files = files;
    this.#root = root;
  }

  /** Before a file is written. Throws DISK_FULL where it does not fit. */
  take(bytes: number, path: string): void {
    this.#left ??= freeBytes(this.#files, this.#root);
    if (bytes > this.#left) throw diskFull(this.#root, path, bytes, this.#left);
    this.#left -= bytes;
  }

  /** In the middle of a file, of which `bytes` are still to come: others may have filled the disk meanwhile. */
  check(bytes: number, path: string): void {
    const free = freeBytes(this.#files, this.#root);
    if (bytes > free) throw diskFull(this.#root, path, bytes, free);
  }
}

/** Where the system does not tell, the writes will. */
function freeBytes(files: FileLayer, root: string): number {
  try {
    return files.freeBytes(root);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return Infinity;
  }
}

/** What a full disk means for a file, with numbers. `free`: undefined where the system does not tell. */
export function diskFull(
  root: string,
  path: string,
  bytes: number,
  free: number | undefined,
  cause?: unknown,
): LakesideError {
  const room = free === undefined || free === Infinity ? '' : `, ${formatBytes(free)} are free`;
  return new LakesideError(
    'DISK_FULL',
    'infra',
    `The disk of ${root} is full: ${path} needs ${formatBytes(bytes)}${room}. Free some space, and apply again.`,
    { context: { path, bytes }, cause },
  );
}
