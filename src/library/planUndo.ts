import { compareRelpaths } from '../base/relpath.ts';
import type { ExpectedFile, PlanHeader, PlanItem } from '../protocol/planFile.ts';
import type { FileState, Problem } from '../protocol/values.ts';

/** A step that an apply finished: what the plan had said, and where the disk keeps what it took away. */
export interface FinishedStep {
  readonly item: PlanItem;
  /** The folder in the trash that holds what it deleted or replaced. */
  readonly trashed?: string | undefined;
}

/** What is known of the two roots now. */
export interface UndoWorld {
  file(side: Side, path: string): FileState | undefined;
  trashed(side: Side, folder: string, path: string): FileState | undefined;
  /** Whether two times are the same on the file systems of both roots. */
  sameTime(leftMs: number, rightMs: number): boolean;
}

export type Side = 'from' | 'to';

/** A file that comes (back) to a path: from another path, or from a folder in the trash. */
interface Arrival {
  readonly movedFrom: string;
  readonly trashed?: string;
  readonly state: ExpectedFile;
}

/**
 * The steps that take back what an apply did, by path, and of what cannot be taken back why. Whatever the apply brought to
 * a path goes into the trash; what it took away comes back, out of the trash or from where it was moved. What has changed
 * since is left as it is.
 */
export function undoItems(
  kind: PlanHeader['kind'],
  steps: Iterable<FinishedStep>,
  world: UndoWorld,
): { readonly items: PlanItem[]; readonly problems: Problem[] } {
  const undo = new Undo(kind, world);
  for (const step of steps) undo.add(step);
  return undo.end();
}

class Undo {
  readonly problems: Problem[] = [];
  readonly #kind: PlanHeader['kind'];
  readonly #world: UndoWorld;
  readonly #sides = { from: new SideUndo('from'), to: new SideUndo('to') };
  readonly #copies: PlanItem[] = [];

  constructor(kind: PlanHeader['kind'], world: UndoWorld) {
    this.#kind = kind;
    this.#world = world;
  }

  add({ item, trashed }: FinishedStep): void {
    const side: Side = item.direction === 'reverse' ? 'from' : 'to';
    const [arrived, before] = side === 'to' ? [item.expect.from, item.expect.to] : [item.expect.to, item.expect.from];
    switch (item.op) {
      case 'copy':
        if (arrived !== null) this.#addCopy(side, item.path, arrived, before, trashed);
        return;
      case 'delete':
        if (before === null) return;
        if (this.#kind === 'evict') this.#copyBack(item, before);
        else this.#back(side, item.path, trashed, before);
        return;
      case 'move':
        if (before !== null && item.movedFrom !== undefined) this.#addMove(side, item, before, arrived, trashed);
    }
  }

  /** `moved`: the file that was moved; `gaveWay`: in an undo, what was at its new path before. */
  #addMove(
    side: Side,
    item: PlanItem,
    moved: ExpectedFile,
    gaveWay: ExpectedFile | null,
    trashed: string | undefined,
  ): void {
    const [from, to] = side === 'to' ? [item.movedFrom ?? '', item.path] : [item.path, item.movedFrom ?? ''];
    const now = this.#now(side, to, moved);
    if (now === undefined) return;
    // What came out of the trash goes there again; what was moved goes back.
    if (item.trashed === undefined) this.#sides[side].arrivals.set(from, { movedFrom: to, state: now });
    else this.#sides[side].leaves.set(to, now);
    if (this.#kind === 'undo' && gaveWay !== null) this.#back(side, to, trashed, gaveWay);
  }

  /** What replaced a file stays where that one cannot come back. */
  #addCopy(
    side: Side,
    path: string,
    brought: ExpectedFile,
    replaced: ExpectedFile | null,
    trashed: string | undefined,
  ): void {
    const now = this.#now(side, path, brought);
    if (now === undefined || (replaced !== null && !this.#back(side, path, trashed, replaced))) return;
    this.#sides[side].leaves.set(path, now);
  }

  /** What the apply brought to a path must still be there as it was brought. */
  #now(side: Side, path: string, brought: ExpectedFile): ExpectedFile | undefined {
    const now = this.#world.file(side, path);
    if (now === undefined) {
      this.#problem(path, 'UNDO_FILE_GONE', `${path} is no longer there, so what was done to it cannot be taken back.`);
      return undefined;
    }
    const hashesDiffer = now.blake3 !== undefined && brought.blake3 !== undefined && now.blake3 !== brought.blake3;
    if (now.size !== brought.size || !this.#world.sameTime(now.mtimeMs, brought.mtimeMs) || hashesDiffer) {
      this.#problem(path, 'UNDO_FILE_CHANGED', `${path} changed since, and is left as it is.`);
      return undefined;
    }
    const blake3 = now.blake3 ?? brought.blake3;
    return { size: now.size, mtimeMs: now.mtimeMs, ...(blake3 === undefined ? {} : { blake3 }) };
  }

  /** False where it cannot come out of the trash. */
  #back(side: Side, path: string, folder: string | undefined, state: ExpectedFile): boolean {
    if (folder === undefined) {
      this.#problem(path, 'UNDO_REMOVED_FOR_GOOD', `${path} was removed for good, and cannot come back.`);
      return false;
    }
    const kept = this.#world.trashed(side, folder, path);
    if (kept === undefined) {
      this.#problem(path, 'UNDO_NOT_IN_TRASH', `${path} is no longer in the trash, and cannot come back.`);
      return false;
    }
    const blake3 = kept.blake3 ?? state.blake3;
    const now = { size: kept.size, mtimeMs: kept.mtimeMs, ...(blake3 === undefined ? {} : { blake3 }) };
    this.#sides[side].arrivals.set(path, { movedFrom: path, trashed: folder, state: now });
    return true;
  }

  /** What was evicted comes back from the root that keeps it. */
  #copyBack(item: PlanItem, evicted: ExpectedFile): void {
    const { path, fromPath, expect } = item;
    const keeper = expect.from;
    const kept = keeper === null ? undefined : this.#world.file('from', fromPath ?? path);
    if (keeper === null || kept?.size !== keeper.size || !this.#world.sameTime(kept.mtimeMs, keeper.mtimeMs)) {
      this.#problem(path, 'UNDO_KEEPER_CHANGED', `The file that kept the content of ${path} changed or went since.`);
      return;
    }
    if (this.#world.file('to', path) !== undefined) {
      this.#problem(path, 'UNDO_PLACE_TAKEN', `Another file has the place of ${path} by now.`);
      return;
    }
    const blake3 = kept.blake3 ?? evicted.blake3;
    this.#copies.push({
      op: 'copy',
      path,
      ...(fromPath === undefined ? {} : { fromPath }),
      expect: {
        from: { size: kept.size, mtimeMs: kept.mtimeMs, ...(blake3 === undefined ? {} : { blake3 }) },
        to: null,
      },
    });
  }

  #problem(path: string, code: string, message: string): void {
    this.problems.push({ path, code, message });
  }

  end(): { readonly items: PlanItem[]; readonly problems: Problem[] } {
    const items = [...this.#copies];
    for (const side of ['to', 'from'] as const) {
      items.push(...this.#sides[side].items(this.#world, (path) => this.#taken(path)));
    }
    items.sort((left, right) => compareRelpaths(left.path, right.path));
    this.problems.sort((left, right) => compareRelpaths(left.path, right.path));
    return { items, problems: this.problems };
  }

  #taken(path: string): void {
    this.#problem(path, 'UNDO_PLACE_TAKEN', `Another file has the place of ${path} by now, and is left as it is.`);
  }
}

/** What has to come and go in one root. */
class SideUndo {
  readonly arrivals = new Map<string, Arrival>();
  readonly leaves = new Map<string, ExpectedFile>();
  readonly #side: Side;

  constructor(side: Side) {
    this.#side = side;
  }

  *items(world: UndoWorld, onTaken: (path: string) => void): Generator<PlanItem> {
    const movedAway = new Set(
      [...this.arrivals.values()].filter(({ trashed }) => trashed === undefined).map(({ movedFrom }) => movedFrom),
    );
    for (const [path, arrival] of this.arrivals) {
      const leaves = this.leaves.get(path) ?? null;
      this.leaves.delete(path);
      if (leaves === null && !movedAway.has(path) && world.file(this.#side, path) !== undefined) onTaken(path);
      else yield this.#arrive(path, arrival, leaves);
    }
    for (const [path, state] of this.leaves) yield this.#delete(path, state);
  }

  #arrive(path: string, { movedFrom, trashed, state }: Arrival, leaves: ExpectedFile | null): PlanItem {
    const fromTrash = trashed === undefined ? {} : { trashed };
    if (this.#side === 'to') return { op: 'move', path, movedFrom, ...fromTrash, expect: { from: leaves, to: state } };
    // The other way a move goes from `path` to `movedFrom`.
    return {
      op: 'move',
      path: movedFrom,
      movedFrom: path,
      direction: 'reverse',
      ...fromTrash,
      expect: { from: state, to: leaves },
    };
  }

  #delete(path: string, state: ExpectedFile): PlanItem {
    if (this.#side === 'to') return { op: 'delete', path, expect: { from: null, to: state } };
    return { op: 'delete', path, direction: 'reverse', expect: { from: state, to: null } };
  }
}
