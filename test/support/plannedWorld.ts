import { compareRelpaths } from '../../src/base/relpath.ts';
import { freshDiff } from '../../src/library/diff.ts';
import { planItems } from '../../src/library/plan.ts';
import type { PlanStep } from '../../src/transfer/planSteps.ts';
import { DiffStore } from '../../src/store/diffStore.ts';
import { type LibraryDatabase, openLibraryDatabase, setFiles } from './libraryDatabase.ts';
import { BASE_TIME, blake3Of, type Tree, type TransferWorld, type WorldKind } from './transferWorld.ts';

/** Texts by their place in this list have times so far apart that no file system takes one for the other. */
export const TEXTS = ['', 'x', 'y', 'z', 'longer', 'other!'];
const APART_MS = 10_000;

/** Two roots in memory with a real index, a real comparison and real plans. Close it. */
export class PlannedWorlds {
  readonly #library: LibraryDatabase;
  readonly #diffs: DiffStore;
  #revision = 0;

  constructor(kind: WorldKind) {
    this.#library = openLibraryDatabase({ mtimeStepMs: kind === 'a Windows drive and a NAS' ? 2_000 : 1 });
    this.#diffs = new DiffStore(this.#library.database);
  }

  close(): void {
    this.#library.close();
  }

  /** Brings the index of both roots up to what is on the disk; hashes what `hashed` names. */
  scan(world: TransferWorld, hashed: (relpath: string) => boolean): void {
    this.#revision += 1;
    for (const [place, root] of [
      ['from', this.#library.local],
      ['to', this.#library.lake],
    ] as const) {
      const rows = Object.entries(world.tree(place))
        .sort(([left], [right]) => compareRelpaths(left, right))
        .map(([relpath, text]) => ({
          relpath,
          ...world.state(place, relpath),
          blake3: hashed(relpath) ? Buffer.from(blake3Of(text), 'hex') : null,
        }));
      setFiles(this.#library.database, root, rows);
    }
  }

  /** The steps of a plan by the index. `delete`: a mirror; else an update. */
  plan(options: { readonly delete: boolean; readonly windowsTarget: boolean }): Omit<PlanStep, 'step'>[] {
    const { local, lake } = this.#library;
    const table = freshDiff({ store: this.#diffs, from: local, to: lake, revision: this.#revision });
    return [...planItems([...table.items(local.key)], options)].map(({ op, path, movedFrom, expect }) => ({
      op,
      path,
      ...(movedFrom === undefined ? {} : { movedFrom }),
      expect,
    }));
  }
}

/** Writes a tree whose texts are of `TEXTS`. */
export function fillApart(world: TransferWorld, place: 'from' | 'to', tree: Tree): void {
  for (const [relpath, text] of Object.entries(tree)) writeApart(world, place, relpath, text);
}

export function writeApart(world: TransferWorld, place: 'from' | 'to', relpath: string, text: string): void {
  world.write(place, relpath, text, BASE_TIME + TEXTS.indexOf(text) * APART_MS);
}
