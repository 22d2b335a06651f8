import type { Brand, Project, Run, RunImage, WorkItem } from '../../protocol/studioValues.ts';

export interface BrandNode {
  readonly kind: 'brand';
  readonly brand: Brand;
}
export interface ProjectNode {
  readonly kind: 'project';
  readonly project: Project;
}
export interface ItemNode {
  readonly kind: 'item';
  readonly item: WorkItem;
  /** What its runs are doing now; undefined where nothing runs or waits. */
  readonly active: 'running' | 'waiting' | undefined;
}
export interface RunNode {
  readonly kind: 'run';
  readonly run: Run;
}
export interface ImageNode {
  readonly kind: 'image';
  readonly image: RunImage;
}
/** Holds a part of a long level: `count` rows from `offset` on. */
export interface ProjectPartNode {
  readonly kind: 'part';
  readonly of: BrandNode | ProjectNode | RunNode;
  readonly offset: number;
  readonly count: number;
}
/** Stands below the newest runs of a work item and fetches more of them. */
export interface OlderRunsNode {
  readonly kind: 'olderRuns';
  readonly item: WorkItem;
}
/** A row where there is nothing yet; a click begins. */
export interface EmptyNode {
  readonly kind: 'empty';
  readonly of: BrandNode | ProjectNode | ItemNode | RunNode;
}

export type StudioNode =
  BrandNode | ProjectNode | ItemNode | RunNode | ImageNode | ProjectPartNode | OlderRunsNode | EmptyNode;
/** What has a name of its own and can be archived. */
export type NamedNode = BrandNode | ProjectNode | ItemNode;

const made = new WeakSet<object>();

/** Notes a node as ours: a command can be called by anybody with anything. */
export function studioNode<T extends StudioNode>(node: T): T {
  made.add(node);
  return node;
}

export function isStudioNode(value: unknown): value is StudioNode {
  return typeof value === 'object' && value !== null && made.has(value);
}

export function isNamedNode(node: StudioNode): node is NamedNode {
  return node.kind === 'brand' || node.kind === 'project' || node.kind === 'item';
}

/** A brand, project or work item, whichever the node is. */
export function namedThing(node: NamedNode): Brand | Project | WorkItem {
  switch (node.kind) {
    case 'brand':
      return node.brand;
    case 'project':
      return node.project;
    case 'item':
      return node.item;
  }
}

/** The same for the same row before and after a refresh, so that it stays open and selected. */
export function studioNodeId(node: StudioNode): string {
  switch (node.kind) {
    case 'brand':
    case 'project':
    case 'item':
      return `${node.kind}/${namedThing(node).id}`;
    case 'run':
      return `run/${node.run.id}`;
    case 'image':
      return `image/${node.image.id}`;
    case 'part':
      return `${studioNodeId(node.of)}?${node.offset}`;
    case 'olderRuns':
      return `item/${node.item.id}?older`;
    case 'empty':
      return `${studioNodeId(node.of)}?empty`;
  }
}
