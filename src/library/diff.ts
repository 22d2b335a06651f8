import { LakesideError } from '../base/errors.ts';
import { compareRelpaths } from '../base/relpath.ts';
import type { DiffCounts, DiffItem } from '../protocol/values.ts';
import type { DiffStore } from '../store/diffStore.ts';
import type { DiffTable } from '../store/diffTable.ts';
import type { SingleRow } from '../store/fillDiffTable.ts';
import type { FileChange } from '../store/fileStore.ts';
import type { RootRow } from '../store/rootStore.ts';
import { companionParts, modelParts } from './companions.ts';
import { type MovedPair, pairMoves, type SingleFile } from './diffMoves.ts';
import type { CompareRule } from './diffRules.ts';

export interface DiffRequest {
  readonly store: DiffStore;
  readonly from: RootRow;
  readonly to: RootRow;
  /** Same-path pairs are decided by hash alone; hash `contentCandidates` first. */
  readonly content?: boolean | undefined;
  /** Grows with every change of the index; without it the comparison is always made anew. */
  readonly revision?: number | undefined;
}

/**
 * How *to* differs from *from*, by the index alone: counts are whole, items sorted by path.
 * @throws ROOT_NOT_SCANNED, SAME_ROOT
 */
export function diffRoots(
  request: DiffRequest & {
    /** Lists `equal` items too. */
    readonly all?: boolean | undefined;
    /** At most so many items. */
    readonly limit?: number | undefined;
    /** Only items whose path comes after this one: the last of the page before. */
    readonly after?: string | undefined;
  },
): { counts: DiffCounts; items: DiffItem[] } {
  const table = freshDiff(request);
  const { from, all = false, after, limit = Infinity } = request;
  const items: DiffItem[] = [];
  if (limit > 0) {
    for (const item of diffItems(table, from.key, { all, after })) {
      items.push(item);
      if (items.length >= limit) break;
    }
  }
  return { counts: table.counts(from.key), items };
}

/** What is not equal, with `all` also what is, in path order, as seen from the root of key `fromKey`. */
export function diffItems(
  table: DiffTable,
  fromKey: number,
  { all, after }: { readonly all: boolean; readonly after?: string | undefined },
): Iterable<DiffItem> {
  const items = table.items(fromKey, after === undefined ? undefined : { after });
  return all ? inPathOrder(items, table.equalItems(fromKey, after)) : items;
}

/** The comparison of two roots, made anew when the index changed since it was made and nobody reads it in pages. */
export function freshDiff(request: DiffRequest): DiffTable {
  const { store, from, to, content = false, revision } = request;
  requireComparable(from, to);
  const table = store.table(from, to, content);
  const basis = {
    // NaN equals nothing, so a comparison without a revision is never taken for fresh.
    revision: revision ?? NaN,
    mtimeStepMs: Math.max(from.mtimeStepMs, to.mtimeStepMs),
  };
  if (table.isFresh(basis) || table.isRead) return table;
  const rule: CompareRule = { mtimeStepMs: basis.mtimeStepMs, content };
  table.fill(basis, {
    goesAlone,
    pairMoves(first, second, paired) {
      const [missing, extra] = [movable(first), movable(second)];
      const moved = pairMoves(missing, extra, rule, withCompanions(paired, missing, extra));
      return moved.map((pair) => [pair.path, pair.movedFrom] as const);
    },
  });
  return table;
}

/**
 * What must be hashed before a comparison by content, and only that: files without a hash, of every same-path pair of
 * equal size, and of every missing × extra of equal non-empty size. Pages in path order, per root.
 */
export function contentCandidates(
  store: DiffStore,
  from: RootRow,
  to: RootRow,
): { from: Iterable<FileChange[]>; to: Iterable<FileChange[]> } {
  requireComparable(from, to);
  return { from: store.contentCandidates(from, to), to: store.contentCandidates(to, from) };
}

/** @throws ROOT_NOT_SCANNED, SAME_ROOT */
export function requireComparable(from: RootRow, to: RootRow): void {
  if (from.key === to.key) {
    throw new LakesideError(
      'SAME_ROOT',
      'validation',
      `The root "${from.name}" cannot be compared with itself. Name two different roots.`,
      { context: { root: from.name } },
    );
  }
  for (const root of [from, to]) {
    if (root.scannedAt !== null) continue;
    throw new LakesideError(
      'ROOT_NOT_SCANNED',
      'validation',
      `The root "${root.name}" was never scanned. Scan it first (lakeside scan "${root.name}").`,
      { context: { root: root.name } },
    );
  }
}

/** It is no companion by its name. */
function goesAlone(path: string): boolean {
  return companionParts(path).length === 0;
}

/** Of pairs those of models that some companion may follow; the rest of perhaps a million is not kept. */
function withCompanions(
  paired: Iterable<readonly [string, string]>,
  missing: readonly SingleFile[],
  extra: readonly SingleFile[],
): MovedPair[] {
  const stemsOf = (files: readonly SingleFile[]): Set<string> =>
    new Set(files.flatMap(({ path }) => companionParts(path).map(({ stem }) => stem)));
  const [comes, goes] = [stemsOf(missing), stemsOf(extra)];
  const models: MovedPair[] = [];
  for (const [path, movedFrom] of paired) {
    const [from, to] = [modelParts(path)?.stem, modelParts(movedFrom)?.stem];
    if ((from !== undefined && comes.has(from)) || (to !== undefined && goes.has(to))) models.push({ path, movedFrom });
  }
  return models;
}

/** Only what can have moved is kept: content the other side has too, and what may follow a model. */
function movable(rows: Iterable<SingleRow>): SingleFile[] {
  const files: SingleFile[] = [];
  for (const { path, size, mtimeMs, blake3, shared } of rows) {
    if (shared === 0 && goesAlone(path)) continue;
    files.push(blake3 === null || blake3 === '' ? { path, size, mtimeMs } : { path, size, mtimeMs, blake3 });
  }
  return files;
}

function* inPathOrder(left: Generator<DiffItem>, right: Generator<DiffItem>): Generator<DiffItem> {
  try {
    let [a, b] = [left.next(), right.next()];
    while (a.done !== true || b.done !== true) {
      if (b.done === true || (a.done !== true && compareRelpaths(a.value.path, b.value.path) < 0)) {
        if (a.done !== true) yield a.value;
        a = left.next();
      } else {
        yield b.value;
        b = right.next();
      }
    }
  } finally {
    // A reader left open would keep the connection from writing.
    left.return(undefined);
    right.return(undefined);
  }
}
