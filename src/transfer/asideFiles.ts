import { errnoOf, LakesideError } from '../base/errors.ts';
import type { FileStat } from './fileLayer.ts';
import { FileInPlace } from './rootFolders.ts';
import { ASIDE_FOLDER } from './transferPaths.ts';
import { moveToTrash, putBack } from './trashFile.ts';
import type { IndexChange } from './stepOutcome.ts';
import type { Workplace } from './transferPlace.ts';

/** A run of another plan that has not touched what it set aside for so long does not run any more. */
const ABANDONED_MS = 60 * 60 * 1_000;

/** Relpaths of the files that runs of this plan have set aside and not brought to their end. */
export function listAside(work: Workplace): string[] {
  return filesBelow(work, `${ASIDE_FOLDER}/${work.place.names.tag}`);
}

/** Ends what runs of other plans began and never came back to. */
export function settleAbandoned(work: Workplace): IndexChange[] {
  if (work.to.lstat(ASIDE_FOLDER)?.kind !== 'folder') return [];
  return work.files.list(work.to.path(ASIDE_FOLDER)).flatMap((tag) => {
    if (tag === work.place.names.tag) return [];
    const folder = `${ASIDE_FOLDER}/${tag}`;
    const now = work.files.now();
    return filesBelow(work, folder).flatMap((relpath) => {
      const stat = work.to.lstat(`${folder}/${relpath}`);
      if (stat === undefined || now - stat.changedMs < ABANDONED_MS) return [];
      try {
        return settle(work, folder, relpath);
      } catch (error) {
        // What another plan left must not keep this one from its work: it stays where it is, for the next apply.
        if (!(error instanceof LakesideError) && errnoOf(error) === undefined) throw error;
        return [];
      }
    });
  });
}

/**
 * What this plan's runs set aside and no step used: back into its place, or into the trash where that is taken. A file
 * that another program holds stays aside for the next apply, as long as something stands in its place.
 * @param kept relpaths of lifted files that wait for their new place, and must not go to the trash for it
 * @throws LakesideError PUT_BACK_FAILED, once the others are settled
 */
export function settleAside(work: Workplace, kept: ReadonlySet<string>): IndexChange[] {
  const folder = `${ASIDE_FOLDER}/${work.place.names.tag}`;
  const changes: IndexChange[] = [];
  const missing: LakesideError[] = [];
  for (const relpath of listAside(work)) {
    try {
      if (kept.has(relpath) && standing(work, relpath) !== undefined) continue;
      changes.push(...settle(work, folder, relpath));
    } catch (error) {
      if (error instanceof LakesideError) missing.push(error);
      else if (errnoOf(error) === undefined) throw error;
    }
  }
  removeEmptyBelow(work, folder);
  work.to.removeEmptyAbove(folder);
  const [first] = missing;
  if (first !== undefined) throw first;
  return changes;
}

function settle(work: Workplace, folder: string, relpath: string): IndexChange[] {
  const { to } = work;
  const aside = `${folder}/${relpath}`;
  const stat = to.lstat(aside);
  if (stat === undefined) return [];
  const current = standing(work, relpath);
  if (current === undefined) {
    putBack(work, aside, relpath);
    to.removeEmptyAbove(aside);
    return [{ root: 'to', kind: 'put', path: relpath, size: stat.size, mtimeMs: stat.mtimeMs, blake3: null }];
  }
  if (current !== 'blocked' && current.id === stat.id && stat.links > 1) work.files.unlink(to.path(aside));
  else moveToTrash(work, aside, relpath);
  to.removeEmptyAbove(aside);
  return [];
}

/** What has the place of a file; `blocked`: another file that of a folder above it. */
function standing({ to }: Workplace, relpath: string): FileStat | 'blocked' | undefined {
  try {
    return to.hasParents(relpath) ? to.lstat(relpath) : undefined;
  } catch (error) {
    if (error instanceof FileInPlace) return 'blocked';
    throw error;
  }
}

/** Removes a folder with those below it, as far as they hold no file. */
function removeEmptyBelow(work: Workplace, folder: string): void {
  if (work.to.lstat(folder)?.kind !== 'folder') return;
  for (const name of work.files.list(work.to.path(folder))) removeEmptyBelow(work, `${folder}/${name}`);
  work.to.removeIfEmpty(folder);
}

function filesBelow(work: Workplace, folder: string): string[] {
  const found: string[] = [];
  const walk = (prefix: string): void => {
    const path = `${folder}${prefix}`;
    if (work.to.lstat(path)?.kind !== 'folder') return;
    for (const name of work.files.list(work.to.path(path))) {
      const relpath = `${prefix}/${name}`;
      const kind = work.to.lstat(`${folder}${relpath}`)?.kind;
      if (kind === 'file') found.push(relpath.slice(1));
      else if (kind === 'folder') walk(relpath);
    }
  };
  walk('');
  return found;
}
