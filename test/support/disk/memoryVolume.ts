import { foldName, relpathProblem } from '../../../src/base/relpath.ts';
import type { VolumeTraits } from './volumeTraits.ts';

export interface FileNode {
  readonly kind: 'file';
  readonly id: number;
  bytes: Buffer;
  size: number;
  mtimeMs: number;
  changedMs: number;
  links: number;
  /** Handles that programs have on it, ours and others'. */
  open: number;
}
export interface FolderNode {
  readonly kind: 'folder';
  readonly id: number;
  changedMs: number;
  /** By the name as this volume folds it. */
  readonly entries: Map<string, { name: string; node: Node }>;
}
export interface LinkNode {
  readonly kind: 'link';
  readonly id: number;
  changedMs: number;
  /** Absolute. */
  readonly target: string;
}
export type Node = FileNode | FolderNode | LinkNode;

/** Where a name is or would be: the folder that holds it, and what stands there now. */
export interface Place {
  readonly folder: FolderNode;
  readonly name: string;
  readonly node: Node | undefined;
}

let volumes = 0;

/** The files of one file system, in memory: nodes by name, and the rules by which names are the same. */
export class MemoryVolume {
  readonly id = ++volumes;
  readonly traits: VolumeTraits;
  readonly root: FolderNode;
  freeBytes = 1_000_000_000;
  #nodes = 0;

  constructor(traits: VolumeTraits) {
    this.traits = traits;
    this.root = this.newFolder(0);
  }

  newFolder(now: number): FolderNode {
    return { kind: 'folder', id: ++this.#nodes, changedMs: now, entries: new Map() };
  }

  newFile(now: number): FileNode {
    const mtimeMs = this.roundTime(now);
    return {
      kind: 'file',
      id: ++this.#nodes,
      bytes: Buffer.alloc(0),
      size: 0,
      mtimeMs,
      changedMs: now,
      links: 1,
      open: 0,
    };
  }

  newLink(target: string, now: number): LinkNode {
    return { kind: 'link', id: ++this.#nodes, changedMs: now, target };
  }

  roundTime(ms: number): number {
    return Math.floor(ms / this.traits.timeStepMs) * this.traits.timeStepMs;
  }

  find(folder: FolderNode, name: string): Node | undefined {
    return folder.entries.get(this.#key(name))?.node;
  }

  /** Puts a node under a name, spelled as given, in the place of what was there. */
  put(folder: FolderNode, name: string, node: Node): void {
    const key = this.#key(name);
    folder.entries.delete(key);
    folder.entries.set(key, { name, node });
  }

  drop(folder: FolderNode, name: string): void {
    folder.entries.delete(this.#key(name));
  }

  isSameName(left: string, right: string): boolean {
    return this.#key(left) === this.#key(right);
  }

  /** Whether this volume can hold a file of that name. */
  canHold(name: string): boolean {
    const problem = relpathProblem(name, { windows: this.traits.windows });
    return problem === undefined || problem === 'private';
  }

  #key(name: string): string {
    return this.traits.foldsNames ? foldName(name) : name;
  }
}
