import { LakesideError } from '../base/errors.ts';
import { rootTitle } from '../base/rootTitle.ts';
import { freshDiff } from '../library/diff.ts';
import { modelInIndex } from '../library/modelsInIndex.ts';
import { selectFiles, type SelectFile, selectItems } from '../library/planSelection.ts';
import type { Selection } from '../protocol/planFile.ts';
import type { DiffItem } from '../protocol/values.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { Core } from './core.ts';

/** What is not equal in two roots, as the index has it, or what of that a selection is about. */
export function diffOf(
  core: Core,
  from: RootRow,
  to: RootRow,
  { content = false, select }: { content?: boolean; select?: Selection | undefined },
): Iterable<DiffItem> {
  const { store } = core;
  const table = freshDiff({ store: store.diffs, from, to, content, revision: core.indexRevision() });
  // In pages, not by a cursor: the same connection writes the plan while it is read.
  const read = (): Iterable<DiffItem> => table.itemsInPages(from.key);
  return select === undefined ? read() : selectItems(read, selectionIn(core, [from, to], select));
}

/**
 * The test of what a selection is about in some roots.
 * @throws PATH_UNKNOWN where none of them holds a folder of it, GLOB_INVALID
 */
export function selectionIn({ store }: Core, roots: readonly RootRow[], select: Selection): SelectFile {
  const known = (path: string): boolean =>
    roots.some(
      ({ key }) =>
        store.files.get(key, path) !== undefined || store.files.page(key, { folder: path, limit: 1 }).length > 0,
    );
  const unknown = select.folders?.find((folder) => !known(folder));
  if (unknown !== undefined) {
    throw new LakesideError(
      'PATH_UNKNOWN',
      'validation',
      `${roots.map(({ name }) => rootTitle(name)).join(' and ')} ${roots.length === 1 ? 'holds' : 'hold'} no ${unknown}, as far as the index knows. Scan, or check the path.`,
      { context: { path: unknown } },
    );
  }
  const rootKeys = roots.map(({ key }) => key);
  return selectFiles(select, modelInIndex(store.files, rootKeys));
}
