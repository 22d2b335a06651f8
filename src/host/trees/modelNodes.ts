import { rootTitle } from '../../base/rootTitle.ts';
import type { FolderEntry } from '../../protocol/contracts/library.ts';
import type { Root } from '../../protocol/values.ts';

/** A root and the one it is compared with, if there is one. */
export interface RootPair {
  readonly root: Root;
  readonly other: Root | undefined;
}

/** How many files below a folder differ, by state. */
export type StateCounts = NonNullable<(FolderEntry & { type: 'folder' })['states']>;

export type RootNode = RootPair & { readonly kind: 'root' };
export type FolderNode = RootPair & { readonly kind: 'folder'; readonly entry: FolderEntry & { type: 'folder' } };
export type FileNode = RootPair & { readonly kind: 'file'; readonly entry: FolderEntry & { type: 'file' } };
/** Holds a part of the entries of a huge folder: `count` of them from `offset` on. */
export type PartNode = RootPair & {
  readonly kind: 'part';
  readonly folder: string;
  readonly offset: number;
  readonly count: number;
};
/** A row that says something about a root. */
export type HintNode = RootPair & { readonly kind: 'hint'; readonly hint: 'notScanned' | 'notMounted' | 'empty' };
/** Sums up how Local differs from the Lake, and leads to the plan. */
export type ComparisonNode = RootPair & {
  readonly kind: 'comparison';
  readonly other: Root;
  readonly states: StateCounts;
};
/** Asks for the one of Local and Lake that is not set yet. */
export interface SetRootNode {
  readonly kind: 'setRoot';
  readonly role: 'local' | 'lake';
}

export type ModelNode = RootNode | FolderNode | FileNode | PartNode | HintNode | ComparisonNode | SetRootNode;
/** A node that stands for files. */
export type EntryNode = FolderNode | FileNode;

const made = new WeakSet<object>();

/** Notes a node as ours: a command can be called by anybody with anything. */
export function modelNode<T extends ModelNode>(node: T): T {
  made.add(node);
  return node;
}

export function isModelNode(value: unknown): value is ModelNode {
  return typeof value === 'object' && value !== null && made.has(value);
}

export function isEntryNode(node: ModelNode): node is EntryNode {
  return node.kind === 'file' || node.kind === 'folder';
}

/** Where the files of a node lie: an absent one lies in the other root. */
export function sourceOf(node: EntryNode): Root {
  return node.entry.absent && node.other !== undefined ? node.other : node.root;
}

/** The same for the same row before and after a refresh, so that it stays open and selected. */
export function nodeId(node: ModelNode): string {
  switch (node.kind) {
    case 'root':
      return node.root.id;
    case 'folder':
    case 'file':
      return `${node.root.id}/${node.entry.path}`;
    case 'part':
      return `${node.root.id}/${node.folder}?${node.offset}`;
    case 'hint':
      return `${node.root.id}?${node.hint}`;
    case 'comparison':
      return `${node.root.id}?comparison`;
    case 'setRoot':
      return `set?${node.role}`;
  }
}

/** Local is compared with the Lake and the Lake with Local; further roots stand for themselves. */
export function pairRoots(roots: readonly Root[]): RootPair[] {
  const withRole = (role: Root['role']): Root | undefined => roots.find((root) => root.role === role);
  const order: readonly Root['role'][] = ['local', 'lake', 'other'];
  return roots
    .toSorted((a, b) => order.indexOf(a.role) - order.indexOf(b.role))
    .map((root) => {
      const other = root.role === 'local' ? withRole('lake') : root.role === 'lake' ? withRole('local') : undefined;
      return { root, other };
    });
}

/** `Local`, `Lake`, or the name the person gave. */
export function rootLabel(root: Pick<Root, 'name'>): string {
  return rootTitle(root.name);
}
