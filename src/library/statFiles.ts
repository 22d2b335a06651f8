import { fileError } from '../base/errors.ts';
import { wholeMilliseconds } from '../base/fileTime.ts';
import type { FileLayer } from './fileLayer.ts';
import { absolutePath } from './pathRules.ts';
import type { ListedBatch, ScanBatch } from './scanMessages.ts';

/** Its arrays own their memory, so that it can move to another thread. */
export type StatBatch = ScanBatch & {
  readonly sizes: Float64Array<ArrayBuffer>;
  readonly mtimes: Float64Array<ArrayBuffer>;
};

export interface StatOptions {
  readonly layer: FileLayer;
  /** Absolute path of the root. */
  readonly rootPath: string;
  /** Whether the sizes and times are wanted as text too. */
  readonly withStates?: boolean;
  /** A file went away since it was listed; a good moment to see whether the whole root did. */
  readonly vanished: (relpath: string) => void;
}

/** Adds sizes (bytes) and times (whole milliseconds since 1970) to files that a walk listed; leaves out those that went. */
export function statFiles(
  listed: ListedBatch,
  { layer, rootPath, vanished, withStates = false }: StatOptions,
): StatBatch {
  const names = listed.relpaths === '' ? [] : listed.relpaths.split('\0');
  const relpaths: string[] = [];
  const sizes = new Float64Array(names.length);
  const mtimes = new Float64Array(names.length);
  const problems = [...listed.problems];
  const kept = [...listed.kept];
  let states = '';
  for (const relpath of names) {
    const path = absolutePath(rootPath, relpath);
    try {
      const stat = layer.stat(path);
      if (stat === undefined) vanished(relpath);
      // Otherwise replaced by a link or a folder since it was listed: as good as gone; the next look sees what it is.
      else if (stat.isFile()) {
        const index = relpaths.push(relpath) - 1;
        const mtimeMs = wholeMilliseconds(stat.mtimeMs);
        sizes[index] = stat.size;
        mtimes[index] = mtimeMs;
        if (withStates) states += index === 0 ? `${stat.size} ${mtimeMs}` : `,${stat.size} ${mtimeMs}`;
      }
    } catch (error) {
      problems.push({ path: relpath, code: 'FILE_UNREADABLE', message: fileError('read', path, error).message });
      kept.push(relpath);
    }
  }
  return {
    relpaths: relpaths.length === names.length ? listed.relpaths : relpaths.join('\0'),
    sizes: sizes.subarray(0, relpaths.length),
    mtimes: mtimes.subarray(0, relpaths.length),
    ...(withStates ? { states } : {}),
    problems,
    kept,
    incomplete: listed.incomplete,
  };
}
