/** One move within a root: the file at `from` gets the path `to`. */
export interface Move {
  readonly step: number;
  readonly from: string;
  readonly to: string;
}

/**
 * `move`: rename now. `lift`: set the file aside, so that its path is free. `place`: give a lifted file its new path.
 */
export interface MoveAction {
  readonly kind: 'move' | 'lift' | 'place';
  readonly move: Move;
}

export interface MoveOrder {
  readonly actions: readonly MoveAction[];
  /** Moves of which another has the same source or the same target. None of these may run. */
  readonly conflicts: readonly Move[];
}

/**
 * Orders moves so that each finds its target path free: chains from their end, cycles (swaps too) by lifting one of
 * their files, changes of case only by lifting the file. A file stands in the way also of everything below its path, and
 * files below a path stand in the way of a file of that name. Linear, apart from sorting nothing: input order is kept
 * where it does not matter.
 * @param fold gives two paths the same text where the root's file system takes them for one
 */
export function orderMoves(moves: readonly Move[], fold: (relpath: string) => string): MoveOrder {
  const { runnable, conflicts } = splitConflicts(moves, fold);
  return { actions: new Ordering(runnable, fold).run(), conflicts };
}

function splitConflicts(
  moves: readonly Move[],
  fold: (relpath: string) => string,
): { runnable: Move[]; conflicts: Move[] } {
  const sources = countBy(moves.map((move) => fold(move.from)));
  const targets = countBy(moves.map((move) => fold(move.to)));
  const runnable: Move[] = [];
  const conflicts: Move[] = [];
  for (const move of moves) {
    const alone = sources.get(fold(move.from)) === 1 && targets.get(fold(move.to)) === 1;
    (alone ? runnable : conflicts).push(move);
  }
  return { runnable, conflicts };
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

interface Node {
  readonly move: Move;
  readonly from: string;
  readonly to: string;
  /** Moves whose file stands in the way of this one's target. */
  readonly waitsFor: Node[];
  state: 'new' | 'visiting' | 'finished';
  lifted: boolean;
}

class Ordering {
  readonly #nodes: Node[];
  readonly #actions: MoveAction[] = [];

  constructor(moves: readonly Move[], fold: (relpath: string) => string) {
    this.#nodes = moves.map((move) => ({
      move,
      from: fold(move.from),
      to: fold(move.to),
      waitsFor: [],
      state: 'new',
      lifted: false,
    }));
    const bySource = new Map(this.#nodes.map((node) => [node.from, node]));
    const below = groupBelow(this.#nodes);
    for (const node of this.#nodes) {
      for (const path of [...foldersOf(node.to), node.to]) {
        const occupant = bySource.get(path);
        // A file that has to give way to itself: its case changes, or it goes below its own name.
        if (occupant === node) this.#lift(node);
        else if (occupant !== undefined) node.waitsFor.push(occupant);
      }
      for (const occupant of below.get(node.to) ?? []) {
        if (occupant === node) this.#lift(node);
        else node.waitsFor.push(occupant);
      }
    }
  }

  run(): MoveAction[] {
    for (const node of this.#nodes) this.#visit(node);
    return this.#actions;
  }

  /** Depth first, with a stack of its own: a chain may have 100,000 links. */
  #visit(start: Node): void {
    if (start.state !== 'new') return;
    const stack = [{ node: start, next: 0 }];
    start.state = 'visiting';
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const blocker = top.node.waitsFor[top.next++];
      if (blocker === undefined) {
        this.#finish(top.node);
        stack.pop();
      } else if (blocker.state === 'new') {
        blocker.state = 'visiting';
        stack.push({ node: blocker, next: 0 });
      } else if (blocker.state === 'visiting') {
        // A cycle: the file at its beginning makes room and gets its place last.
        this.#lift(blocker);
      }
    }
  }

  #lift(node: Node): void {
    if (node.lifted) return;
    node.lifted = true;
    this.#actions.push({ kind: 'lift', move: node.move });
  }

  #finish(node: Node): void {
    node.state = 'finished';
    this.#actions.push({ kind: node.lifted ? 'place' : 'move', move: node.move });
  }
}

/** For each folder above a source, the moves below it; only folders that are some move's target. */
function groupBelow(nodes: readonly Node[]): Map<string, Node[]> {
  const targets = new Set(nodes.map((node) => node.to));
  const below = new Map<string, Node[]>();
  for (const node of nodes) {
    for (const folder of foldersOf(node.from)) {
      if (!targets.has(folder)) continue;
      const group = below.get(folder);
      if (group === undefined) below.set(folder, [node]);
      else group.push(node);
    }
  }
  return below;
}

function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
    folders.push(path.slice(0, slash));
  return folders;
}
