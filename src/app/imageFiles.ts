import { basename, dirname, extname, isAbsolute, join } from 'node:path';

import { canceledError, LakesideError, toLakesideError } from '../base/errors.ts';
import type { UseCaseOutput } from '../protocol/useCases.ts';
import { EXTENSION_OF } from '../studio/images/imageFormat.ts';
import type { Core } from './core.ts';
import type { Implementations } from './implementations.ts';

type Converted = UseCaseOutput<'images.convert'>['files'][number];

/** Use cases over image files: what is made of them, and what they say. */
export function imageFileUseCases(
  core: Core,
): Pick<Implementations, 'images.thumbnails' | 'images.read' | 'images.convert'> {
  return {
    'images.thumbnails': async ({ images, size }, { signal }) => {
      const rows = new Map(core.store.images.byIds(images).map((image) => [image.id, image]));
      const thumbnails = images.map(async (id) => {
        const image = rows.get(id);
        try {
          if (image === undefined) {
            throw new LakesideError('IMAGE_NOT_FOUND', 'validation', `There is no image "${id}" in the studio.`);
          }
          return { id, path: await core.images.thumbnail(image, size, { signal }) };
        } catch (error) {
          signal.throwIfAborted();
          return { id, error: toLakesideError(error).toShape() };
        }
      });
      return { thumbnails: await Promise.all(thumbnails) };
    },
    'images.read': async ({ path }, { signal }) => {
      requireAbsolute(path);
      return { data: await core.images.read(path, { signal }) };
    },
    'images.convert': async ({ files, to, quality, width, out, strip, force }, { signal }) => {
      for (const path of out === undefined ? files : [...files, out]) requireAbsolute(path);
      const targets = targetsOf(files, (from) =>
        join(out ?? dirname(from), `${basename(from, extname(from))}.${EXTENSION_OF[to]}`),
      );
      const convertOne = async (from: string): Promise<Converted> => {
        const target = targets.get(from);
        if (target === undefined) return sameTarget(from);
        try {
          const { left, ...made } = await core.images.convert(
            { from, target, to, quality, width, strip, force },
            { signal },
          );
          return { from, status: 'done', to: target, ...made, ...(left.length === 0 ? {} : leftOut(left)) };
        } catch (error) {
          const { code, message } = toLakesideError(error);
          if (signal.aborted) throw canceledError('Converting');
          return { from, status: code === 'FILE_EXISTS' ? 'skipped' : 'failed', to: target, code, reason: message };
        }
      };
      return { files: await inOrder(files, core.images.parallel, convertOne) };
    },
  };
}

/** How many texts that were left out a sentence names. */
const NAMED = 8;

function requireAbsolute(path: string): void {
  if (isAbsolute(path)) return;
  throw new LakesideError('PATH_NOT_ABSOLUTE', 'validation', `${path} is not an absolute path.`, { context: { path } });
}

/** Where each file goes; a second one that would go to the same place is left out, by the strictest file system's rules. */
function targetsOf(files: readonly string[], targetOf: (from: string) => string): Map<string, string> {
  const fold = (path: string): string => path.normalize('NFC').toLowerCase();
  const sources = new Set(files.map(fold));
  const taken = new Set<string>();
  const targets = new Map<string, string>();
  for (const from of new Set(files)) {
    const target = targetOf(from);
    const folded = fold(target);
    // Nor in the place of another one that is to be converted itself.
    if (taken.has(folded) || (sources.has(folded) && folded !== fold(from))) continue;
    taken.add(folded);
    targets.set(from, target);
  }
  return targets;
}

function sameTarget(from: string): Converted {
  const reason = `${basename(from)} would become the same file as another one of these. Convert it into another folder.`;
  return { from, status: 'failed', code: 'SAME_TARGET', reason };
}

function leftOut(keys: readonly string[]): { code: string; reason: string } {
  const more = keys.length > NAMED ? ` and ${keys.length - NAMED} more` : '';
  const named = `${keys.slice(0, NAMED).join(', ')}${more}`;
  const reason = `The new format has no room for all that the image says; left out: ${named}. The original has it.`;
  return { code: 'METADATA_LEFT_OUT', reason };
}

/** Results in the order of the items, with so many under way at once. */
async function inOrder<T, R>(items: readonly T[], parallel: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const entries = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of entries) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return results;
}
