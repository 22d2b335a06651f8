import { errnoOf, LakesideError } from '../base/errors.ts';
import { removePartial } from './copyTarget.ts';
import { SkipStep, type StepEnd, stepEnd } from './stepProblem.ts';
import { parsePartialName } from './transferPaths.ts';
import type { Workplace } from './transferPlace.ts';

export type PreparedFolder =
  | { readonly status: 'ready' }
  /** A file has the name of this folder or of one above it. */
  | { readonly status: 'blocked'; readonly at: string; readonly reason: string }
  | StepEnd;

/** A partial of another plan, untouched for so long, belongs to nobody who still runs. */
const ABANDONED_MS = 60 * 60 * 1_000;

/**
 * Makes a folder of the target root ready for copies: it and those above it are real folders, and the partials that an
 * earlier run left in it are gone. Once a folder and run, before the first copy into it.
 */
export function prepareFolder(work: Workplace, folder: string): PreparedFolder {
  const { to } = work;
  try {
    to.requirePrivateFolder();
    // The parents of any name in the folder are the folder itself and those above it.
    to.makeParents(folder === '' ? '-' : `${folder}/-`);
    removeLeftovers(work, folder);
    return { status: 'ready' };
  } catch (error) {
    if (error instanceof SkipStep && error.blockedAt !== undefined) {
      return { status: 'blocked', at: error.blockedAt, reason: error.message };
    }
    if (error instanceof LakesideError && error.retryable) throw error;
    return stepEnd(error, 'prepare', folder === '' ? to.root : to.path(folder));
  }
}

function removeLeftovers(work: Workplace, folder: string): void {
  const { files, place, to } = work;
  const { tag, run } = place.names;
  for (const name of files.list(folder === '' ? to.root : to.path(folder))) {
    const names = parsePartialName(name);
    if (names === undefined || (names.tag === tag && names.run === run)) continue;
    const partial = to.path(folder === '' ? name : `${folder}/${name}`);
    if (names.tag !== tag && !isAbandoned(work, partial)) continue;
    removePartial(files, partial);
  }
}

function isAbandoned(work: Workplace, partial: string): boolean {
  try {
    const stat = work.files.lstat(partial);
    return stat?.kind === 'file' && work.files.now() - stat.changedMs > ABANDONED_MS;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}
